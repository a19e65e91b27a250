"""The corpus of real rules: converted within a cluster's default limits, or refused with a reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_targets.elasticsearch.clauses import count
from eqlx_targets.elasticsearch.condition import CLAUSE_LIMIT
from eqlx_targets.elasticsearch.leaves import MAX_REGEX_LENGTH
from eqlx_targets.elasticsearch.target import TARGET

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data")) / "corpus" / "rules"
KINDS = {"bool", "term", "terms", "range", "wildcard", "prefix", "regexp", "exists", "script"}


def leaves(clause):
    ((kind, body),) = clause.items()
    if kind != "bool":
        yield kind, body
        return
    for occurrence in ("filter", "must_not", "should"):
        for child in body.get(occurrence, []):
            yield from leaves(child)


def test_every_rule_is_answered():
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is missing (EQLX_DATA names the folder of test data)")
    rules = loader.load([CORPUS]).rules
    assert len(rules) > 500
    converted = 0
    for rule in rules:
        found = convert_rule(rule, TARGET)
        if found.artifact is None:
            errors = [d for d in found.diagnostics if d.severity.value == "error"]
            assert {d.code for d in errors} == {"unsupported-by-target"}, rule.path
            assert all(d.span is not None for d in errors), rule.path
            continue
        converted += 1
        request = json.loads(found.artifact.text)
        assert request["index"] == list(rule.index)
        if request["api"] == "_eql/search":
            continue
        query = request["body"]["query"]
        assert count(query) <= CLAUSE_LIMIT, rule.path
        for kind, body in leaves(query):
            assert kind in KINDS
            if kind == "regexp":
                (value,) = body.values()
                pattern = value["value"] if isinstance(value, dict) else value
                assert len(pattern) <= MAX_REGEX_LENGTH, rule.path
    assert converted >= 0.98 * len(rules)
