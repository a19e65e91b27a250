"""Random queries over random events: the reference interpreter against DuckDB, in three layouts.

A fast sample by default; EQLX_LONG=1 runs at least 100,000 pairs of query and events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from agreement import disagreement
from eqlx_harness.data import LONG
from generate import MODEL, SCHEMA, Round, make_round

from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Event, Job, Session
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import Layered
from eqlx.reference import evaluate
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query
from eqlx_targets.sql.duckdb import DuckDBExecutor

QUERIES = 30
ROUNDS = 1200 if LONG else 8
"""A round, layout: LONG makes 3 x 1200 x 30 = 108,000 pairs."""

LAYOUTS = (LayoutKind.FLAT, LayoutKind.NESTED, LayoutKind.JSON)


class Refused(Exception):  # noqa: N818  a verdict, not a fault
    """The query is no legal EQL, or the target refuses it with a diagnostic."""


def judged(text: str, session: Session, events: tuple[Event, ...]) -> str | None:
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
        raise Refused(outcome.diagnostics[0].code)
    query = outcome.artifact.query
    expected = evaluate(query, events, MODEL)
    found = session.run(Job(query, outcome.artifact))
    difference = disagreement(query, expected, found, events, MODEL)
    if difference is None:
        return None
    shown = "\n".join(map(str, enumerate(events, start=1)))
    return f"{text}\n{difference}\n{shown}\n{outcome.artifact.text}"


def run_round(round_: Round, layout: LayoutKind) -> Iterator[str]:
    """For each query what it came to: `agreed`, `refused: slug`, or the difference."""
    executor = DuckDBExecutor(layout=layout)
    with executor.open(Dataset(events=round_.events), MODEL, Bounds(seconds=60)) as session:
        for text in round_.queries:
            try:
                yield judged(text, session, round_.events) or "agreed"
            except Refused as refusal:
                yield f"refused: {refusal}"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.value)
def test_reference_and_duckdb_agree(layout: LayoutKind) -> None:
    tally: Counter[str] = Counter()
    for seed in range(ROUNDS):
        for verdict in run_round(make_round(seed, QUERIES), layout):
            short = verdict if verdict.startswith("refused") else verdict.partition("\n")[0]
            assert verdict == "agreed" or verdict.startswith("refused"), f"seed {seed}\n{verdict}"
            tally[short] += 1
    assert tally["agreed"] > 0.9 * tally.total(), tally
