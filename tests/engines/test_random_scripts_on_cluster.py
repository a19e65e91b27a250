"""Random leaves as scripts over random events: the cluster against the reference interpreter.

A sample by default; EQLX_LONG=1 runs some thousand leaves.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from cluster_engine import Refused, needs_scripts, searched
from random_scripts import SCHEMA, ScriptWriter, random_events

from eqlx.diagnostics import Report
from eqlx.driver.agreement import disagreement
from eqlx.execution import ExecutionError
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_harness.data import LONG

pytestmark = [pytest.mark.node, needs_scripts]

LEAVES = 400
ROUNDS = 20 if LONG else 1
MODEL = EventModel()


def verdicts(seed: int) -> Iterator[tuple[str, str]]:
    """For each leaf what it came to, and what there is to say of it."""
    rng = random.Random(seed)
    events = random_events(rng, 60)
    writer = ScriptWriter(rng)
    with searched(events, MODEL, SCHEMA) as engine:
        for text in (f"any where {writer.leaf()}" for _ in range(LEAVES)):
            query = compile_source(Source("query", text), Context(SCHEMA, Report(), MODEL))
            if query is None:
                yield "invalid", text
                continue
            expected = evaluate(query, events, MODEL)
            try:
                artifact = engine.artifact(query).text
                found = list(engine.run(query))
            except Refused as refusal:
                yield "refused", f"{text}: {refusal}"
                continue
            except ExecutionError as error:
                yield "failed", f"{text}\n{error}\n{artifact}"
                continue
            difference = disagreement(query, expected, found, events, MODEL)
            if difference is not None:
                rows = {match.events[0].row for match in (*expected, *found)}
                shown = "\n".join(f"{row}: {events[row - 1]}" for row in sorted(filter(None, rows)))
                yield "different", f"{text}\n{difference}\n{artifact}\n{shown}"
            elif '"source"' not in artifact:
                yield "clauses", text
            else:
                yield "some match" if 0 < len(found) < len(events) else "all or none", text


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_scripts_mean_what_the_interpreter_does(seed: int) -> None:
    tally: Counter[str] = Counter()
    for kind, said in verdicts(seed):
        assert kind not in ("failed", "different"), f"seed {seed}\n{said}"
        tally[kind] += 1
    print(tally)  # noqa: T201 a measure
    assert tally["some match"] > LEAVES / 4, tally
