"""Every shipped rule has a test file with hits and misses, which holds on both engines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from eqlx.driver.batch import Roles
from eqlx.registry import load_executor, load_target
from eqlx.rule import Rule
from eqlx.rulefile.loader import load
from eqlx.ruletest.discover import below, pair
from eqlx.ruletest.model import TestFile, Verdict
from eqlx.ruletest.runner import Engine, Plan

RULES = Path(__file__).parents[2] / "rules"


def engine(name: str) -> Engine:
    executor = load_executor(name)
    return Engine(executor, None if executor.target is None else load_target(executor.target))


@cache
def plan() -> Plan:
    return Plan(engine)


@cache
def pairs() -> tuple[tuple[Rule, TestFile], ...]:
    found = pair(load([RULES]).rules, list(below([RULES])), Roles())
    assert found.diagnostics == ()
    return found.pairs


def stem(one: object) -> str:
    return Path(one.path or "").name if isinstance(one, Rule | TestFile) else ""


def test_every_rule_has_a_test_file() -> None:
    assert len(pairs()) == len(load([RULES]).rules)


@pytest.mark.parametrize(("rule", "file"), pairs(), ids=stem)
def test_it_holds(rule: Rule, file: TestFile) -> None:
    assert {"reference", "duckdb"} <= set(file.engines)
    failed = [r for r in plan().run(rule, file) if r.verdict is not Verdict.PASSED]
    assert [f"{r.test.name} [{r.engine}]: {r.message}" for r in failed] == []


@pytest.mark.parametrize("file", [file for _, file in pairs()], ids=stem)
def test_it_has_hits_and_misses(file: TestFile) -> None:
    counts = [test.expected.count for test in file.tests]
    assert sum(count > 0 for count in counts) >= 1
    assert sum(count == 0 for count in counts) >= 1
    assert len(counts) >= 3
