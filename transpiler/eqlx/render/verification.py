"""Verifications as a table of rules and engines with the disagreements below, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from eqlx.driver.verdict import Disagreement, Lane, Rows, Verdict, Verification
from eqlx.printable import escaped_json
from eqlx.render.cells import shown
from eqlx.render.summary import counted

_NAME = 46


def table(found: Sequence[Verification]) -> Iterator[str]:
    """Lines: rules by engines, then the reasons of refusals and failures, and each undeclared
    difference with its events and clause."""
    lanes = list(dict.fromkeys(lane.name for v in found for lane in v.lanes))
    rows = [["rule", "events", "hits", "clauses", *lanes]]
    rows += [_row(v, lanes) for v in found]
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = (cell + " " * (w - cell_len(cell)) for cell, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    for verification in found:
        yield from _details(verification)
    yield ""
    yield summary(found)


def _row(verification: Verification, lanes: Sequence[str]) -> list[str]:
    name = shown(verification.rule.name or verification.rule.label)
    verdicts = {lane.name: lane.verdict.value for lane in verification.lanes}
    return [
        name if cell_len(name) <= _NAME else f"{name[: _NAME - 1]}…",
        str(verification.events),
        str(verification.hits),
        f"{verification.decisive}/{verification.leaves}",
        *(verdicts.get(lane, "") for lane in lanes),
    ]


def _details(verification: Verification) -> Iterator[str]:
    name = shown(verification.rule.name or verification.rule.label)
    if verification.cases and not verification.hits:
        yield f"\n{name}: no event was found that the rule matches"
    for lane in verification.lanes:
        if lane.verdict in (Verdict.REFUSED, Verdict.FAILED):
            yield f"\n{name}: {lane.name}: {lane.verdict.value}: {shown(lane.reason)}"
        undeclared = [d for d in lane.disagreements if d.declared_by is None]
        if undeclared:
            yield f"\n{name}: {lane.name} differs in {counted(lane.differing, 'case')}"
            yield from _difference(undeclared[0])


def _difference(difference: Disagreement) -> Iterator[str]:
    yield f"  case      {shown(difference.case)}"
    if difference.clause:
        yield f"  decides   {shown(difference.clause)}"
    if difference.missing:
        yield f"  expected  {_matches(difference.missing)}, and the engine does not give it"
    if difference.extra:
        yield f"  found     {_matches(difference.extra)}, which is not expected"
    for number, event in enumerate(difference.events, start=1):
        yield f"  event {number}   {shown(json.dumps(event, ensure_ascii=False, default=str))}"


def _matches(rows: Sequence[Rows]) -> str:
    each = (
        " → ".join("(missing)" if row is None else f"event {row}" for row in match)
        for match in rows
    )
    return "; ".join(each)


def summary(found: Sequence[Verification]) -> str:
    """Totals in one line."""
    verdicts = Counter(lane.verdict for v in found for lane in v.lanes)
    parts = [f"{count} {verdict.value}" for verdict in Verdict if (count := verdicts[verdict])]
    events = sum(v.events for v in found)
    decisive, leaves = sum(v.decisive for v in found), sum(v.leaves for v in found)
    reached = sum(bool(v.hits) for v in found)
    return (
        f"{counted(len(found), 'rule')}, {counted(events, 'event')}: {', '.join(parts)}; "
        f"{reached} reach a match; {decisive} of {leaves} clauses alone decisive"
    )


def as_json(found: Sequence[Verification]) -> str:
    """Everything, for programs."""
    records = [_record(v) for v in found]
    return escaped_json(json.dumps(records, ensure_ascii=False, indent=2, default=str))


def _record(verification: Verification) -> dict[str, object]:
    return {
        "rule": verification.rule.label,
        "name": verification.rule.name,
        "path": verification.rule.path,
        "verdict": verification.verdict.value,
        "cases": verification.cases,
        "events": verification.events,
        "hits": verification.hits,
        "clauses": verification.leaves,
        "decisive": verification.decisive,
        "undecided": list(verification.unreached),
        "engines": [_lane(lane) for lane in verification.lanes],
    }


def _lane(lane: Lane) -> dict[str, object]:
    return {
        "engine": lane.name,
        "verdict": lane.verdict.value,
        "grade": None if lane.grade is None else lane.grade.value,
        "reason": lane.reason,
        "differing": lane.differing,
        "differences": [
            {
                "case": d.case,
                "clause": d.clause,
                "extra": d.extra,
                "missing": d.missing,
                "declared_by": d.declared_by,
                "events": d.events,
            }
            for d in lane.disagreements
        ],
    }
