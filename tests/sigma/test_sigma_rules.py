"""The shape of emitted rules: blocks, modifiers, values, metadata, refusals."""

from __future__ import annotations

import json

import jsonschema
import pytest

from eqlx.capability import Drift, Grade
from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_targets.sigma.target import TARGET

SELECTIONS = [
    ('process.name : "a"', {"process.name": "a"}),
    ('process.name in~ ("a", "b")', {"process.name": ["a", "b"]}),
    ('process.name in~ ("a", "A")', {"process.name": "a"}),
    ('process.name : ("a", "b") or process.name : "c"', {"process.name": ["a", "b", "c"]}),
    ("process.pid == 5", {"process.pid": 5}),
    ("process.pid in (4, 5)", {"process.pid": [4, 5]}),
    ("process.pid >= 5 and process.pid < 9", {"process.pid|gte": 5, "process.pid|lt": 9}),
    ('user.id == "0"', {"user.id": "0"}),
    ('process.name : "a*"', {"process.name|startswith": "a"}),
    ('process.name : "*a"', {"process.name|endswith": "a"}),
    ('process.name : "*a*"', {"process.name|contains": "a"}),
    ('process.name : "a*b?"', {"process.name": "a*b?"}),
    (
        'process.name : ("a*", "*b", "c", "d*")',
        [
            {"process.name|startswith": ["a", "d"]},
            {"process.name|endswith": "b"},
            {"process.name": "c"},
        ],
    ),
    ('startsWith~(process.name, "a*")', {"process.name|startswith": "a\\*"}),
    ('process.executable : "?:\\\\windows\\\\*"', {"process.executable|startswith": None}),
    (
        'cidrMatch(source.ip, "10.1.1.1/8", "::1", "::/0")',
        [{"source.ip|cidr": ["10.0.0.0/8", "::/0", "0.0.0.0/0"]}, {"source.ip": "::1"}],
    ),
    ('process.name regex "a[0-9]."', {"process.name|re": "^(?:a[0-9][\\s\\S])$"}),
    ('process.name regex~ "a[0-9]+"', {"process.name|re": "^(?:[Aa][0-9]+)$"}),
    ('process.name regex~ "a[b-d]+"', {"process.name|re": "^(?:[Aa][b-d]+)$"}),
    ("length(process.name) >= 5", {"process.name|re": "^(?:[\\s\\S]{5,})$"}),
    ("process.name == null", {"process.name": None}),
    ("process.pid == 1 or user.id == null", [{"process.pid": 1}, {"user.id": None}]),
]


@pytest.mark.parametrize(("eql", "selection"), SELECTIONS, ids=[eql for eql, _ in SELECTIONS])
def test_selection(detection, eql, selection):
    if "windows" in eql:  # `?` stays a wildcard
        selection = {"process.executable": "?:\\windows\\\\*"}
    assert detection(f"any where {eql}") == {"selection": selection, "condition": "selection"}


CONDITIONS = [
    (
        'process where process.pid == 1 and user.id != "0"',
        {
            "selection": {"event.category": "process", "process.pid": 1},
            "filter_main_1": {"user.id": "0"},
            "condition": "selection and not filter_main_1",
        },
    ),
    (
        'any where process.pid == 1 and not (user.id == "0" and host.id == "h") and user.id != null',
        {
            "selection": {"process.pid": 1},
            "filter_main_1": {"user.id": "0", "host.id": "h"},
            "filter_main_2": {"user.id": None},
            "condition": "selection and not 1 of filter_main_*",
        },
    ),
    (
        "any where process.pid == 1 and (user.id == null or host.id == null)",
        {
            "selection_1": {"process.pid": 1},
            "selection_2": [{"user.id": None}, {"host.id": None}],
            "condition": "all of selection_*",
        },
    ),
    (
        "any where process.pid != 1",
        {"filter_main_1": {"process.pid": 1}, "condition": "not filter_main_1"},
    ),
    (
        "any where process.pid == 1 and process.pid == 2",
        {
            "selection_1": {"process.pid": 1},
            "selection_2": {"process.pid": 2},
            "condition": "all of selection_*",
        },
    ),
    (
        "any where process.pid == 1 or (user.id == null and host.id != null) or process.pid == 3",
        {
            "branch_1": {"process.pid": [1, 3]},
            "branch_2": {"user.id": None},
            "branch_3": {"host.id": None},
            "condition": "branch_1 or (branch_2 and not branch_3)",
        },
    ),
]


@pytest.mark.parametrize(("eql", "wanted"), CONDITIONS, ids=[eql for eql, _ in CONDITIONS])
def test_condition(detection, eql, wanted):
    found = detection(eql)
    if "branch_1" in wanted:
        names = sorted(key for key in found if key != "condition")
        assert names == ["branch_1", "branch_2", "branch_3"]
        assert {json.dumps(found[n]) for n in names} == {json.dumps(wanted[n]) for n in names}
        assert found["condition"].count(" or ") == 1
        return
    assert found == wanted


def test_negations_can_name_missing_fields(detection):
    eql = 'any where process.pid == 1 and not (user.id == "0" or process.pid == 7)'
    assert detection(eql, missing="explicit") == {
        "selection": {"process.pid": 1},
        "filter_main_1": {"user.id": "0"},
        "filter_main_2": {"process.pid": 7},
        "missing_1": {"user.id": None},
        "missing_2": {"process.pid": None},
        "condition": "selection and (not filter_main_1 or missing_1)"
        " and (not filter_main_2 or missing_2)",
    }


def losses(found):
    return {(loss.slug, loss.drift, loss.by_convention) for loss in found.fidelity.losses}


WIDENS = ("letter-case", Drift.WIDENS, True)
NARROWS = ("letter-case", Drift.NARROWS, True)


@pytest.mark.parametrize(
    ("eql", "wanted"),
    [
        ('any where process.name == "a"', {WIDENS}),
        ('any where process.name != "a"', {NARROWS}),
        ('any where not (process.pid == 1 and process.name != "a")', {WIDENS}),
        ('any where process.name like "a*" or process.name != "b"', {WIDENS, NARROWS}),
        ('any where process.name : "a"', set()),
        ('any where process.name == "123"', set()),
        ('any where event.action == "start" and network.direction == "egress"', set()),
        ('any where process.name regex "a."', set()),
    ],
)
def test_letter_case_is_a_drift_with_a_direction(outcome, eql, wanted):
    found = outcome(eql)
    assert losses(found) == wanted
    assert (found.fidelity.grade is Grade.APPROXIMATE) == bool(wanted)
    assert ("letter-case" in found.artifact.text) == bool(wanted)
    assert losses(outcome(eql, case="strict")) == set()


def test_strict_case_is_a_modifier(detection):
    found = detection('any where process.name in ("a", "1") and user.name like "x*"', case="strict")
    assert found["selection_1"] == {"user.name|startswith|cased": "x"}
    assert found["selection_2"] == [{"process.name|cased": "a"}, {"process.name": "1"}]


@pytest.mark.parametrize(
    ("eql", "code"),
    [
        ("any where length(process.name) / 2 == 5", "unsupported-by-target"),
        ("any where length(process.name) > 1000", "inexpressible"),
        ('any where process.start > "2026-01-01"', "unsupported-by-target"),
        ('any where source.ip < "10.0.0.1"', "unsupported-by-target"),
        ('any where process.name > "a"', "unsupported-by-target"),
        ("any where true", "inexpressible"),
        ("any where false", "unsupported-by-target"),
        ("any where `a|b` == 1", "inexpressible"),
    ],
)
def test_what_sigma_cannot_say_is_refused_with_a_place(outcome, eql, code):
    found = outcome(eql)
    assert found.artifact is None
    errors = [d for d in found.diagnostics if d.severity.value == "error"]
    assert code in {d.code for d in errors}
    assert all(d.span is not None for d in errors)


RULE = {
    "id": "0f1e2d3c-0000-4000-8000-000000000001",
    "name": "It's a\n# 'rule': yes",
    "description": "one\ntwo",
    "author": ("Elastic", "A: B"),
    "license": "Elastic License v2",
    "severity": "high",
    "references": (
        "https://attack.mitre.org/techniques/T1/",
        "https://a.example",
        "https://a.example",
    ),
    "creation_date": "2026/01/02",
    "updated_date": "2026/03/04",
    "false_positives": ("admins do this",),
    "index": ("logs-*",),
}


def test_metadata(outcome, read):
    found = outcome("process where process.pid == 1", rule=RULE)
    (document,) = read(found.artifact.text)
    assert document["title"] == "It's a # 'Rule': Yes"
    assert document["description"] == "one two"
    assert document["author"] == "Elastic, A: B"
    assert document["license"] == "Elastic-2.0"
    assert document["references"] == ["https://a.example"]
    assert (document["date"], document["modified"]) == ("2026-01-02", "2026-03-04")
    assert document["related"] == [{"id": RULE["id"], "type": "derived"}]
    assert document["falsepositives"] == ["Admins do this"]
    assert document["level"] == "high"
    assert document["status"] == "experimental"
    assert document["taxonomy"] == "ecs"


def test_ids_are_stable_and_differ_by_option(outcome, read):
    def identity(**options):
        found = outcome("process where process.pid == 1", rule=RULE, **options)
        return read(found.artifact.text)[0]["id"]

    assert identity() == identity()
    assert identity() != identity(case="strict")


def test_a_hostile_name_does_not_leave_the_comment(outcome, read):
    found = outcome(
        "process where process.pid == 1", rule={"name": "x\ntitle: 'y'\n---\n\u2028a: b"}
    )
    (document,) = read(found.artifact.text)
    assert document["title"] == "X Title: 'Y' --- A: B"


EVERY = [
    ({}, 1, 0.9),
    ({"case": "strict"}, 5, 0.9),
    ({"missing": "explicit"}, 5, 0.9),
    ({"style": "sigma"}, 1, 0.6),
]
"""Options, of how many rules one, and the least share that converts. `sigma check` loads them in the
older pySigma."""


@pytest.mark.parametrize(("options", "step", "least"), EVERY, ids=[str(o) for o, *_ in EVERY])
def test_real_rules_validate_and_load(read, pysigma, data, options, step, least):
    """Every rule of the corpus: converted or refused with a reason; what is converted is valid."""
    validators = {
        kind: jsonschema.Draft202012Validator(
            json.loads((data / "sigma" / f"sigma-{name}-schema.json").read_text())
        )
        for kind, name in (("detection", "detection-rule"), ("correlation", "correlation-rules"))
    }
    rules = loader.load([data / "corpus" / "rules"]).rules
    assert len(rules) > 500
    converted = 0
    for rule in rules[::step]:
        found = convert_rule(rule, TARGET, options={"style": "ecs", **options})
        if found.artifact is None:
            assert any(d.severity.value == "error" for d in found.diagnostics), rule.path
            assert "internal-error" not in {d.code for d in found.diagnostics}, rule.path
            continue
        converted += 1
        for document in read(found.artifact.text):
            validators["detection" if "detection" in document else "correlation"].validate(document)
        assert pysigma("load", text=found.artifact.text) == [], rule.path
    assert converted >= least * len(rules) / step
