"""A rule file without `from` looks back as Kibana lets it, on every target alike; a bare query has no window."""

from __future__ import annotations

import json

import pytest

from eqlx.driver.convert import convert_rule
from eqlx.registry import load_target
from eqlx.rule import KIBANA_FROM, Rule
from eqlx.rulefile.loader import from_query, load

RULE = """[rule]
name = "r"
rule_id = "5a2f6e0e-6a55-4a2f-9d9f-0d7b8f5d3c11"
type = "eql"
language = "eql"
index = ["logs-*"]
interval = "10m"
query = '''process where process.name == "a"'''
"""


@pytest.fixture
def rule(tmp_path) -> Rule:
    file = tmp_path / "r.toml"
    file.write_text(RULE, "utf-8")
    (found,) = load([file]).rules
    return found


def converted(rule: Rule, target: str, **options: str):
    outcome = convert_rule(rule, load_target(target), options=options)
    assert outcome.artifact is not None, outcome.diagnostics
    return outcome.artifact


@pytest.mark.parametrize("envelope", ["request", "body", "watch", "monitor"])
def test_query_dsl(rule: Rule, envelope: str):
    dialect = {"monitor": "opensearch"}.get(envelope, "elasticsearch")
    target = load_target("elasticsearch")
    made = convert_rule(rule, target, dialect=dialect, options={"envelope": envelope}).artifact
    assert made is not None
    assert made.text.count(KIBANA_FROM) >= 1
    assert json.loads(made.text)
    assert rule.window_assumption in made.fidelity.assumptions


def test_sql_says_the_same(rule: Rule):
    made = converted(rule, "sql", window="rule")
    assert "INTERVAL '6' MINUTE" in made.text
    assert rule.window_assumption in made.fidelity.assumptions


def test_a_bare_query_and_no_window_have_none(rule: Rule):
    bare = converted(from_query('process where process.name == "a"'), "elasticsearch")
    without = converted(rule, "elasticsearch", window="none")
    for made in (bare, without):
        assert KIBANA_FROM not in made.text
        assert made.fidelity.assumptions == ()
