"""Random queries over random events: the cluster against the reference interpreter.

A sample by default; EQLX_LONG=1 runs 30,000 pairs of query and events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from cluster_engine import NO_SCRIPTS, Refused, searched
from generate import Round, make_round
from pools import MODEL, SCHEMA

from eqlx.diagnostics import Report
from eqlx.driver.agreement import disagreement
from eqlx.execution import Event, ExecutionError
from eqlx.fields.schema import FieldList
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.source import Source
from eqlx_harness.data import LONG
from eqlx_targets.engines.cluster.events import schema_of

pytestmark = pytest.mark.node

QUERIES = 30
ROUNDS = 1000 if LONG else 20


def verdicts(round_: Round) -> Iterator[str]:
    """For each query what it came to: `agreed`, `refused`, `invalid`, or the difference."""
    schema = _schema(round_.events)
    with searched(round_.events, MODEL, schema) as engine:
        for text in round_.queries:
            query = compile_source(Source("query", text), Context(schema, Report(), MODEL))
            if query is None:
                yield "invalid"
                continue
            expected = evaluate(query, round_.events, MODEL)
            try:
                found = list(engine.run(query))
            except Refused as refusal:
                yield f"refused: {refusal}"
                continue
            except ExecutionError as error:
                yield f"{text}\nfailed: {error}\n{engine.artifact(query).text}"
                continue
            difference = disagreement(query, expected, found, round_.events, MODEL)
            shown = "\n".join(map(str, enumerate(round_.events, start=1)))
            yield "agreed" if difference is None else f"{text}\n{difference}\n{shown}"


def _schema(events: tuple[Event, ...]) -> FieldList:
    found = schema_of(events).fields
    return FieldList({**found, **{n: i for n, i in SCHEMA.fields.items() if n in found}})


@pytest.mark.parametrize("start", range(0, ROUNDS, 10))
def test_cluster_and_reference_agree(start: int) -> None:
    tally: Counter[str] = Counter()
    for seed in range(start, start + 10):
        for verdict in verdicts(make_round(seed, QUERIES)):
            kind = "no scripts" if NO_SCRIPTS in verdict else verdict.partition(":")[0]
            assert kind in ("agreed", "refused", "invalid", "no scripts"), f"seed {seed}\n{verdict}"
            tally[kind] += 1
    del tally["no scripts"]
    assert tally["agreed"] > 0.85 * tally.total(), tally
