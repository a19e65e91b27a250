"""The layer for the ATT&CK Navigator: format 4.5, coverage by target, and strings of rules stay strings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from eqlx.cli.main import program
from eqlx.driver.batch import Roles
from eqlx.driver.convert import convert_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.registry import load_target
from eqlx.report.build import Evidence, Subject, build
from eqlx.report.navigator import layer, navigator
from eqlx.rule import Rule, Technique, Threat
from eqlx.source import Source

RULES = Path(__file__).parents[2] / "rules"

TEXT = {"type": "string"}
COLOR = {"type": "string", "pattern": "^#[0-9a-f]{6}$"}
NAMED = {
    "type": "object",
    "properties": {"name": TEXT, "value": TEXT},
    "required": ["name", "value"],
    "additionalProperties": False,
}
# From the Navigator's "ATT&CK Navigator Layer File Format", version 4.5.
SCHEMA = {
    "type": "object",
    "required": ["name", "versions", "domain"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "versions": {
            "type": "object",
            "properties": {"attack": TEXT, "navigator": TEXT, "layer": {"const": "4.5"}},
            "required": ["navigator", "layer"],
            "additionalProperties": False,
        },
        "domain": {"enum": ["enterprise-attack", "mobile-attack", "ics-attack"]},
        "description": TEXT,
        "sorting": {"enum": [0, 1, 2, 3]},
        "hideDisabled": {"type": "boolean"},
        "techniques": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["techniqueID"],
                "additionalProperties": False,
                "properties": {
                    "techniqueID": {"type": "string", "pattern": r"^T\d{4}(\.\d{3})?$"},
                    "tactic": TEXT,
                    "comment": TEXT,
                    "score": {"type": "number", "minimum": 0, "maximum": 100},
                    "color": COLOR,
                    "enabled": {"type": "boolean"},
                    "metadata": {"type": "array", "items": NAMED},
                    "links": {"type": "array"},
                    "showSubtechniques": {"type": "boolean"},
                },
            },
        },
        "gradient": {
            "type": "object",
            "required": ["colors", "minValue", "maxValue"],
            "additionalProperties": False,
            "properties": {
                "colors": {"type": "array", "minItems": 2, "items": COLOR},
                "minValue": {"type": "number"},
                "maxValue": {"type": "number"},
            },
        },
        "legendItems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"label": TEXT, "color": COLOR},
                "required": ["label", "color"],
                "additionalProperties": False,
            },
        },
        "metadata": {"type": "array", "items": NAMED},
        "showTacticRowBackground": {"type": "boolean"},
        "selectTechniquesAcrossTactics": {"type": "boolean"},
        "selectSubtechniquesWithParent": {"type": "boolean"},
    },
}


def rule(name, query, *ids):
    techniques = tuple(Technique(each, f"technique {each}") for each in ids)
    return Rule(
        query=Source(name, query),
        id=name,
        name=name,
        threat=(Threat("TA0002", "Execution", techniques=techniques),),
    )


def reported(*rules, targets=("sql", "sigma")):
    loaded = {name: load_target(name) for name in targets}
    subject = Subject(
        targets, lambda r, name: convert_rule(r, loaded[name]), CATALOGUE, Roles().model
    )
    return build(rules, subject, Evidence(), version="1.2.3")


PLAIN = 'process where process.name : "cmd.exe"'
NEEDS_MORE = "sequence with maxspan=1m [any where true] ![any where true]"


def test_the_score_is_the_share_of_rules_that_targets_keep():
    made = layer(
        reported(rule("a", PLAIN, "T1059", "T1105"), rule("b", NEEDS_MORE, "T1059.003", "T1105"))
    )
    found = {each["techniqueID"]: each for each in made["techniques"]}
    assert {name: each["score"] for name, each in found.items()} == {
        "T1059": 100,
        "T1059.003": 50,
        "T1105": 75,
    }
    assert found["T1105"]["comment"] == "a\nb: refused for sigma"
    assert found["T1105"]["metadata"] == [
        {"name": "sql", "value": "2 of 2 rules"},
        {"name": "sigma", "value": "1 of 2 rules, 1 of them approximate"},
    ]
    assert found["T1059.003"]["showSubtechniques"]
    Draft202012Validator(SCHEMA).validate(made)


def test_ids_of_other_frameworks_are_left_out():
    made = layer(reported(rule("a", PLAIN, "AML.T0051", "T1059\n", "<b>", "T1059")))
    assert [each["techniqueID"] for each in made["techniques"]] == ["T1059"]


def test_many_rules_are_counted():
    rules = [rule(f"r{n}", PLAIN, "T1059") for n in range(25)]
    (found,) = layer(reported(*rules))["techniques"]
    assert found["comment"].endswith("r19\nand 5 more")


def test_strings_of_rules_stay_strings():
    text = navigator(reported(rule("a\n\u202e</script>\x00", PLAIN, "T1059")))
    assert text.isascii()
    assert json.loads(text)["techniques"][0]["comment"] == "a </script>"


@pytest.mark.parametrize("more", [(), ("--to", "sigma")])
def test_the_command_writes_a_layer(tmp_path, more):
    out = tmp_path / "layer.json"
    arguments = ["report", str(RULES), "--format", "navigator", "-o", str(out), *more]
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == 0, result.stderr
    made = json.loads(out.read_text("utf-8"))
    Draft202012Validator(SCHEMA).validate(made)
    assert len(made["techniques"]) > 10
