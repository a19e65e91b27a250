"""Real rules over events made for them: ClickHouse against the reference, in three layouts.

A sample by default; EQLX_SQL_ENGINES=1 takes every fourth rule, EQLX_LONG=1 every one.
"""

from __future__ import annotations

import os
from collections import Counter

from eqlx.driver.verify import Loaders, Verifier, VerifyPlan
from eqlx.fields.layout import LayoutKind
from eqlx.registry import load_executor, load_target
from eqlx.rulefile import loader
from eqlx_harness.data import LONG, need

STEP = 1 if LONG else 4 if os.environ.get("EQLX_SQL_ENGINES") else 40


def test_clickhouse_agrees_with_the_reference() -> None:
    rules = list(loader.load([need("corpus", "rules")]).rules[::STEP])
    plan = VerifyPlan(engines=("clickhouse",), minimise=False)
    verifier = Verifier(plan, Loaders(load_executor, load_target))
    tally: Counter[str] = Counter()
    found = []
    for rule in rules:
        verification = verifier.verify(rule)
        tally["with a hit"] += bool(verification.hits)
        for lane in verification.lanes:
            tally[lane.verdict.value] += 1
            if lane.verdict.value != "agrees":
                found.append(f"{rule.path} {lane.name} {lane.verdict.value} {lane.reason}")
    print(tally)  # noqa: T201 a measure
    assert not found
    assert tally["with a hit"] == len(rules)
    assert tally["agrees"] == len(rules) * len(LayoutKind)
