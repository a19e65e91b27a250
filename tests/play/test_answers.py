"""What the page shows, computed without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eqlx.play.answers import EVENTS_LIMIT, QUERY_LIMIT, BadRequestError, answer
from eqlx.play.make_examples import STATIC, text

ROOT = Path(__file__).parents[2]
QUERY = 'process where process.name : "wget*" and process.parent.name != "bash"'


def ask(name: str, **request: object) -> dict[str, object]:
    found = json.loads(answer(name, json.dumps(request)))
    assert isinstance(found, dict)
    return found


def test_every_target_answers_with_its_fidelity():
    found = ask("compile", query=QUERY)
    assert found["diagnostics"] == []
    targets = found["targets"]
    assert {tab: each["grade"] for tab, each in targets.items()} == {
        "sql": "exact",
        "dsl": "exact",
        "sigma": "approximate",
        "eql": "exact",
    }
    assert "NOT COALESCE" in targets["sql"]["text"]
    assert {loss["drift"] for loss in targets["sigma"]["losses"]} <= {"widens", "narrows"}
    assert found["ir"].startswith("EventQuery")


def test_a_mistake_has_its_place_and_the_text_that_the_terminal_shows():
    found = ask("compile", query="process where\n  process.name = 1")
    (said,) = [each for each in found["diagnostics"] if each["severity"] == "error"]
    assert (said["line"], found["targets"]) == (2, {})
    assert said["text"].startswith(f"error[{said['code']}]: ")


def test_a_dialect_and_a_level_of_letter_case_are_chosen():
    query = 'process where process.name : "task*"'
    dialects = {"dsl": "opensearch"}
    unicode, ascii_ = (
        ask("compile", query=query, folding=level, dialects=dialects)["targets"]
        for level in ("unicode", "ascii")
    )
    assert unicode["dsl"]["dialect"] == "opensearch"
    assert unicode["sql"]["text"] != ascii_["sql"]["text"]


def test_made_events_are_what_they_are_called():
    cases = ask("cases", query=QUERY)["cases"]
    assert {case["hit"] for case in cases} == {True, False}
    for case in cases[:8]:
        found = ask("search", query=QUERY, events=case["events"])
        assert (found["explanation"]["matches"] > 0) is case["hit"], case["name"]


def test_events_that_cannot_be_read_are_a_diagnostic():
    found = ask("search", query=QUERY, events='{"a": 1}\n{"a":')
    assert found["explanation"] is None
    assert " --> events:2:" in found["diagnostics"][0]["text"]


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("nothing", "{}", "no question"),
        ("compile", "{", "not JSON"),
        ("compile", "[" * 100_000, "not JSON"),
        ("compile", "[]", "not a JSON object"),
        ("compile", "{}", "must be a string"),
        ("compile", json.dumps({"query": "x" * (QUERY_LIMIT + 1)}), "more than"),
        ("compile", json.dumps({"query": "any where true", "folding": "x"}), "no folding level"),
        ("search", json.dumps({"query": "x", "events": "1" * (EVENTS_LIMIT + 1)}), "more than"),
    ],
)
def test_what_is_no_question_is_refused(name: str, body: str, why: str):
    with pytest.raises(BadRequestError, match=why):
        answer(name, body)


def test_half_of_a_surrogate_pair_does_not_break_an_answer():
    found = answer("compile", '{"query": "process where process.name == \\"\\ud800\\""}')
    (said,) = json.loads(found)["targets"]["sql"]["diagnostics"]
    assert said["code"] == "text-not-encodable"


def test_the_examples_are_the_shipped_rules():
    assert (STATIC / "examples.json").read_text("utf-8") == text(ROOT / "rules")
