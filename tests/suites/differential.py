"""Puts generated queries to the reference interpreter and to DuckDB, and shrinks what differs.

As a script it surveys: `python tests/suites/differential.py FIRST_SEED ROUNDS [LAYOUT] [unicode]`
prints every difference, its events cut down to those that show it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from agreement import disagreement
from generate import MODEL, SCHEMA, Round, make_round

from eqlx.diagnostics import Severity
from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Event, ExecutionError, Job, Session
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import Layered
from eqlx.reference import evaluate
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query
from eqlx_targets.sql.duckdb import DuckDBExecutor

LAYOUTS = (LayoutKind.FLAT, LayoutKind.NESTED, LayoutKind.JSON)
BOUNDS = Bounds(seconds=60)


class Refused(Exception):  # noqa: N818  a verdict, not a fault
    """The query is no legal EQL, or the target refuses it with a diagnostic."""


def judged(text: str, session: Session, events: Sequence[Event]) -> str | None:
    """None where both engines agree, else the difference, with all that shows it again.

    Raises:
        Refused: there is nothing to compare.
    """
    outcome = convert_rule(
        from_query(text),
        load_target("sql"),
        dialect="duckdb",
        options=session.options,
        schema=Layered((SCHEMA, session.schema)),
        layout=session.layout,
        model=MODEL,
    )
    if outcome.artifact is None:
        errors = [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]
        raise Refused(", ".join(errors))
    query = outcome.artifact.query
    expected = evaluate(query, events, MODEL)
    try:
        found = session.run(Job(query, outcome.artifact))
    except ExecutionError as error:
        return f"{text}\nfailed: {error}\n{outcome.artifact.text}"
    difference = disagreement(query, expected, found, events, MODEL)
    if difference is None:
        return None
    shown = "\n".join(map(str, enumerate(events, start=1)))
    return f"{text}\n{difference}\n{shown}\n{outcome.artifact.text}"


def run_round(round_: Round, layout: LayoutKind) -> Iterator[str]:
    """For each query what it came to: `agreed`, `refused: slug`, or the difference."""
    executor = DuckDBExecutor(layout=layout)
    with executor.open(Dataset(events=round_.events), MODEL, BOUNDS) as session:
        for text in round_.queries:
            try:
                yield judged(text, session, round_.events) or "agreed"
            except Refused as refusal:
                yield f"refused: {refusal}"


def shrunk(text: str, events: Sequence[Event], layout: LayoutKind) -> str | None:
    """The difference on as few events as still show one; None where one query alone shows none."""

    def difference(kept: Sequence[Event]) -> str | None:
        dataset = Dataset(events=tuple(kept))
        with DuckDBExecutor(layout=layout).open(dataset, MODEL, BOUNDS) as session:
            try:
                return judged(text, session, kept)
            except Refused:
                return None

    kept = list(events)
    shown = difference(kept)
    for event in list(events):
        fewer = [other for other in kept if other is not event]
        if len(fewer) < len(kept) and (less := difference(fewer)) is not None:
            kept, shown = fewer, less
    return shown


def survey(seeds: range, layout: LayoutKind, *, unicode: bool) -> Counter[str]:
    """Print each difference; the tally of verdicts."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        round_ = make_round(seed, unicode=unicode)
        for text, verdict in zip(round_.queries, run_round(round_, layout), strict=True):
            if verdict == "agreed" or verdict.startswith("refused"):
                tally[verdict] += 1
                continue
            tally["different"] += 1
            shown = shrunk(text, round_.events, layout) or verdict
            print(f"--- seed {seed}, {layout.value}\n{shown}")  # noqa: T201  a script's output
    return tally


def main(arguments: Sequence[str]) -> None:
    first, rounds = int(arguments[0]), int(arguments[1])
    layout = LayoutKind(arguments[2]) if len(arguments) > 2 else LayoutKind.FLAT
    tally = survey(range(first, first + rounds), layout, unicode="unicode" in arguments)
    print(tally)  # noqa: T201  a script's output


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
