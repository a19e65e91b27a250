"""What holds for everything in `rules/`: valid, complete, and together every feature of the language."""

from __future__ import annotations

import re
import uuid
from functools import cache
from pathlib import Path

import pytest

from eqlx.diagnostics import Severity
from eqlx.driver.check import check_rule
from eqlx.driver.convert import compile_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir.feature_walk import features
from eqlx.ir.features import Feature
from eqlx.ir.functions import SIGNATURES
from eqlx.ir.nodes import Sequence
from eqlx.ir.types import FieldType
from eqlx.rule import Rule
from eqlx.rulefile.loader import load

RULES = Path(__file__).parents[2] / "rules"
SEEDS = {
    "non_standard_port_http_https_connection",
    "simple_http_web_server_connection",
    "uncommon_destination_port_connection_by_web_server",
}
LEFT_OUT = {
    Feature.MATCH_NONE: "a rule that matches nothing is no detection",
    Feature.EQUAL_VERSION: "the field catalogue has no field of type `version`",
    Feature.ORDER_VERSION: "the field catalogue has no field of type `version`",
}


@cache
def shipped() -> tuple[Rule, ...]:
    loaded = load([RULES])
    assert loaded.diagnostics == ()
    return loaded.rules


def stem(rule: Rule) -> str:
    return Path(rule.path or "").stem


def own() -> list[Rule]:
    return [rule for rule in shipped() if stem(rule) not in SEEDS]


def test_there_are_at_least_25_of_our_own() -> None:
    assert len(own()) >= 25


KNOWN = {"Host Falls Silent after Its Logging Was Stopped": ("absence-not-yet-known",)}
"""Warnings that a rule lives with, and its `false_positives` say so."""


@pytest.mark.parametrize("rule", shipped(), ids=stem)
def test_no_warning_and_no_error(rule: Rule) -> None:
    found = [d for d in check_rule(rule, CATALOGUE) if d.severity is not Severity.NOTE]
    known = KNOWN.get(rule.name or "", ())
    assert [f"{d.code}: {d.message}" for d in found if d.code not in known] == []
    assert {d.code for d in found} >= {*known}


@pytest.mark.parametrize("rule", own(), ids=stem)
def test_metadata_is_complete(rule: Rule) -> None:
    assert rule.license == "Apache-2.0"
    assert rule.author == ("The eqlx authors",)
    assert rule.name
    assert str(uuid.UUID(rule.id)) == rule.id
    assert len(rule.description) > 80
    assert rule.false_positives
    assert rule.note
    assert rule.index
    assert (rule.severity, rule.risk_score) in {
        ("low", 21), ("medium", 47), ("high", 73), ("critical", 99)
    }  # fmt: skip
    folder = Path(rule.path or "").parent.name
    assert rule.threat[0].tactic_name.lower().replace(" ", "_") == folder
    for threat in rule.threat:
        assert re.fullmatch(r"TA00\d\d", threat.tactic_id)
        assert threat.techniques
        for technique in threat.techniques:
            assert re.fullmatch(r"T1\d{3}", technique.id)
            assert technique.name
            for sub in technique.subtechniques:
                assert re.fullmatch(rf"{technique.id}\.\d{{3}}", sub.id)
                assert sub.reference.endswith(f"{sub.id.replace('.', '/')}/")


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@pytest.mark.parametrize("rule", own(), ids=stem)
def test_the_window_holds_a_whole_sequence(rule: Rule) -> None:
    """A rule that looks back less than `maxspan` and its interval misses sequences between runs."""
    query = compile_rule(rule).query
    if not isinstance(query, Sequence) or query.maxspan is None:
        return
    window = re.fullmatch(r"now-(\d+)([smhd])", rule.from_ or "")
    interval = re.fullmatch(r"(\d+)([smhd])", rule.interval or "")
    assert window
    assert interval
    seconds, every = (int(m[1]) * _UNITS[m[2]] for m in (window, interval))
    assert seconds >= query.maxspan / 1000 + every


def test_ids_and_names_are_unique() -> None:
    assert len({rule.id for rule in shipped()}) == len(shipped())
    assert len({rule.name for rule in shipped()}) == len(shipped())


def test_together_they_use_every_feature() -> None:
    used: set[Feature] = set()
    for rule in shipped():
        query = compile_rule(rule).query
        assert query is not None
        used |= {feature for feature, _, _ in features(query)}
    assert set(Feature) - used == set(LEFT_OUT)


def test_versions_are_left_out_as_no_field_has_that_type() -> None:
    kinds = {info.type for name in CATALOGUE.names() if (info := CATALOGUE.lookup(name))}
    assert FieldType.VERSION not in kinds


def test_together_they_call_every_function_that_has_no_sign() -> None:
    text = "\n".join(rule.query.text.lower() for rule in shipped())
    operators = {"add", "subtract", "multiply", "modulo"}
    called = {s.name for s in SIGNATURES if re.search(rf"\b{s.name.lower()}~?\(", text)}
    assert {s.name for s in SIGNATURES} - called == operators
    assert all(sign in text for sign in (" - ", " * ", " % "))
