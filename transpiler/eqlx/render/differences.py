"""Changed rules as text, as Markdown for a pull request, and as JSON-able records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from eqlx.driver.diff import Change, RuleDiff, TargetChange, Witness
from eqlx.execution import Event
from eqlx.render.cells import shown
from eqlx.render.summary import counted

_QUIET = (Change.SAME,)
_WORDS = {"gains": "newly matches", "losses": "no longer matches"}


def text(found: Sequence[tuple[str, RuleDiff]], *, everything: bool) -> Iterator[str]:
    """Lines for a terminal; rules of the same meaning only where `everything` is asked for."""
    for _, each in found:
        if each.change in _QUIET and not each.targets and not everything:
            continue
        yield f"{each.change.value}: {_name(each)}"
        yield from (f"  {line}" for line in _body(each))
    yield summary(found)


def markdown(found: Sequence[tuple[str, RuleDiff]]) -> Iterator[str]:
    """Sections for a comment on a pull request."""
    yield "## Rules whose meaning changed"
    yield ""
    yield summary(found)
    for _, each in found:
        if each.change in _QUIET and not each.targets:
            continue
        yield ""
        yield f"### {_escaped(_name(each))}: {each.change.value}"
        for kind, witness in (("gains", each.gains), ("losses", each.losses)):
            if witness is not None:
                yield ""
                yield f"It **{_WORDS[kind]}** these events ({_confirmation(witness)}):"
                yield ""
                yield "```json"
                yield from (_one_line(event) for event in witness.events)
                yield "```"
        for change in each.targets:
            yield ""
            yield from (f"- {_escaped(line)}" for line in _target(change))
        if each.change is Change.NOT_SEEN:
            yield ""
            yield f"No event of {each.tried} shows a difference. That proves nothing: read the change."
        for diagnostic in each.diagnostics:
            yield ""
            yield f"- {_escaped(diagnostic.message)}"


def record(key: str, each: RuleDiff) -> dict[str, object]:
    """One rule, JSON-able."""
    return {
        "rule": key,
        "name": _name(each),
        "old": None if each.old is None else each.old.path,
        "new": None if each.new is None else each.new.path,
        "change": each.change.name.lower(),
        "newly_matches": _witness(each.gains),
        "no_longer_matches": _witness(each.losses),
        "events_tried": each.tried,
        "targets": [
            {
                "target": change.target,
                "old": change.old,
                "new": change.new,
                "losses_gone": list(change.losses_gone),
                "losses_new": list(change.losses_new),
            }
            for change in each.targets
        ],
        "diagnostics": [diagnostic.message for diagnostic in each.diagnostics],
    }


def summary(found: Sequence[tuple[str, RuleDiff]]) -> str:
    """How many rules became what."""
    changes = Counter(each.change for _, each in found)
    parts = (f"{changes[change]} {change.value}" for change in Change if changes[change])
    return f"{counted(len(found), 'rule')}: {', '.join(parts)}"


def _name(each: RuleDiff) -> str:
    return shown(each.rule.name or each.rule.label)


def _body(each: RuleDiff) -> Iterator[str]:
    for kind, witness in (("gains", each.gains), ("losses", each.losses)):
        if witness is None:
            continue
        yield f"{_WORDS[kind]} ({_confirmation(witness)}; {shown(witness.name)}):"
        yield from (f"  {shown(_one_line(event))}" for event in witness.events)
    if each.change is Change.NOT_SEEN:
        yield f"no event of {each.tried} shows a difference, which proves nothing: read the change"
    for change in each.targets:
        yield from _target(change)
    for diagnostic in each.diagnostics:
        yield shown(diagnostic.message)


def _confirmation(witness: Witness) -> str:
    match witness.confirmed:
        case True:
            return "confirmed by DuckDB"
        case False:
            return "DuckDB DISAGREES: this is a bug of eqlx"
        case None:
            return "by the reference interpreter alone"


def _target(change: TargetChange) -> Iterator[str]:
    if change.old != change.new:
        yield f"{change.target}: {change.old} -> {change.new}"
    for loss in change.losses_new:
        yield f"{change.target}: new: {shown(loss)}"
    for loss in change.losses_gone:
        yield f"{change.target}: gone: {shown(loss)}"


def _witness(witness: Witness | None) -> dict[str, object] | None:
    if witness is None:
        return None
    return {
        "events": [dict(event) for event in witness.events],
        "old_matches": [list(rows) for rows in witness.old],
        "new_matches": [list(rows) for rows in witness.new],
        "case": witness.name,
        "confirmed_by_duckdb": witness.confirmed,
    }


def _one_line(event: Event) -> str:
    return json.dumps(event, ensure_ascii=True, default=str)


def _escaped(text: str) -> str:
    """Text of a rule as Markdown shows it, and no more."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in text)
