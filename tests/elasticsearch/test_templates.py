"""Index templates: the fields of one rule, and one template for a set of rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eqlx.driver import Outcome, Status, collect, convert_rule, is_collected, resolve_options
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import OutputFile
from eqlx_targets.elasticsearch.mapping import flat, nested
from eqlx_targets.elasticsearch.target import TARGET
from eqlx_targets.elasticsearch.templates import TOTAL_FIELDS


def rule(eql: str, *index: str, **known: Any) -> Rule:
    return Rule(Source("query", eql), index=index, **known)


def converted(*rules: Rule, dialect: str = "elasticsearch", **options: str) -> list[Outcome]:
    return [
        convert_rule(each, TARGET, dialect=dialect, options={"envelope": "template", **options})
        for each in rules
    ]


def template(file: OutputFile | None) -> Any:
    assert file is not None
    return json.loads(file.text)


def fields(document: Any) -> dict[str, Any]:
    return {n: one["type"] for n, one in flat(document["template"]["mappings"]["properties"])}


def errors(outcome: Outcome) -> list[str]:
    return [d.message for d in outcome.diagnostics if d.severity.value == "error"]


def test_one_rule_is_an_index_template_of_its_own() -> None:
    (outcome,) = converted(
        rule("sequence by source.ip [a where x.y == 1] [b where true]", "logs-*")
    )
    assert outcome.artifact is not None
    document = json.loads(outcome.artifact.text)
    assert document.keys() == {"index_patterns", "template"}
    assert document["index_patterns"] == ["logs-*"]
    assert fields(document) == {
        "@timestamp": "date",
        "event.category": "keyword",
        "source.ip": "ip",
        "x.y": "long",
    }


def test_a_set_of_rules_has_one_template_whatever_their_order() -> None:
    rules = [
        rule("process where process.pid > 1", "logs-*", "winlogbeat-*"),
        rule('network where cidrMatch(source.ip, "10.0.0.0/8")', "logs-*"),
        rule("file where file.path != null", "auditbeat-*"),
    ]
    file, outcomes = collect(TARGET, converted(*rules))
    again, _ = collect(TARGET, converted(*reversed(rules)))
    assert file == again
    document = template(file)
    assert document["index_patterns"] == ["auditbeat-*", "logs-*", "winlogbeat-*"]
    assert fields(document)["process.pid"] == "long"
    assert fields(document)["source.ip"] == "ip"
    assert fields(document)["file.path"] == "keyword"
    assert all(outcome.status is Status.CONVERTED for outcome in outcomes)


def test_the_template_of_one_rule_is_what_is_collected_of_it() -> None:
    (outcome,) = converted(rule("process where process.pid > 1", "logs-*"))
    file, _ = collect(TARGET, [outcome])
    assert outcome.artifact is not None
    assert file is not None
    assert file.text == outcome.artifact.text


def test_a_text_field_has_its_keyword_and_a_window_its_field() -> None:
    found = rule('any where message : "a*"', "logs-*", timestamp_override="event.ingested")
    (outcome,) = converted(found)
    assert outcome.artifact is not None
    properties = json.loads(outcome.artifact.text)["template"]["mappings"]["properties"]
    assert properties["event"]["properties"]["ingested"] == {"type": "date"}
    assert properties["message"]["fields"]["keyword"]["type"] == "keyword"


def test_fields_that_differ_between_rules_refuse_the_later_rule() -> None:
    rules = [
        rule("any where mine.a == 1", "logs-*", id="first"),
        rule('any where mine.a == "one"', "other-*", id="second"),
        rule("any where mine.a.b == 1", "other-*", id="third"),
        rule("any where mine.c == 1", "logs-*", id="fourth"),
    ]
    file, outcomes = collect(TARGET, converted(*rules))
    converted_, refused = Status.CONVERTED, Status.REFUSED
    assert [o.status for o in outcomes] == [converted_, refused, refused, converted_]
    assert "`mine.a` as `keyword` beside `long`" in errors(outcomes[1])[0]
    assert "both `mine.a` and `mine.a.b`" in errors(outcomes[2])[0]
    assert [d.rule for d in outcomes[1].diagnostics if d.code == "inexpressible"] == ["second"]
    assert outcomes[1].artifact is None
    document = template(file)
    assert document["index_patterns"] == ["logs-*"]
    assert fields(document)["mine.a"] == "long"
    assert fields(document)["mine.c"] == "long"


def test_a_field_below_a_field_is_refused_in_one_rule() -> None:
    (outcome,) = converted(rule('any where a == "1" and a.b == "1"', "logs-*"))
    assert outcome.status is Status.REFUSED
    assert "`a` and `a.b`" in errors(outcome)[0]


def test_rules_that_were_refused_have_no_part() -> None:
    rules = [rule("any where", "logs-*"), rule("any where a == 1", "logs-*")]
    file, outcomes = collect(TARGET, converted(*rules))
    assert [o.status for o in outcomes] == [Status.INVALID, Status.CONVERTED]
    assert fields(template(file))["a"] == "long"
    assert collect(TARGET, converted(rules[0])) == (None, (outcomes[0],))
    assert collect(TARGET, []) == (None, ())


def test_a_rule_without_an_index_needs_a_pattern() -> None:
    lone = rule("any where a == 1")
    (outcome,) = converted(lone)
    assert "index-patterns" in errors(outcome)[0]
    (outcome,) = converted(lone, **{"index-patterns": "mine-*, other-*"})
    assert outcome.artifact is not None
    assert json.loads(outcome.artifact.text)["index_patterns"] == ["mine-*", "other-*"]


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "_all",
        "-logs-*",
        "+a",
        "remote:logs-*",
        "Logs-*",
        "a b",
        "a\nb",
        'a"b',
        "a/b",
        "a#",
        "..",
    ],
)
def test_a_pattern_that_no_template_can_have(pattern: str) -> None:
    """The rule's own is left out and said; one that was asked for is refused."""
    (outcome,) = converted(rule("any where a == 1", pattern, "logs-*"))
    assert outcome.artifact is not None
    assert json.loads(outcome.artifact.text)["index_patterns"] == ["logs-*"]
    assert any(f"`{pattern}`" in said for said in outcome.fidelity.assumptions)
    asked = {"index-patterns": f"logs-*,{pattern}"}
    (outcome,) = converted(rule("any where a == 1", "logs-*"), **asked)
    assert outcome.status is Status.REFUSED
    (outcome,) = converted(rule("any where a == 1", pattern))
    assert outcome.status is Status.REFUSED


def test_more_fields_than_an_index_allows_raise_its_limit() -> None:
    conditions = " or ".join(f"f{n}.x == 1" for n in range(TOTAL_FIELDS // 2))
    (outcome,) = converted(rule(f"any where {conditions}", "logs-*"))
    assert outcome.artifact is not None
    settings = json.loads(outcome.artifact.text)["template"]["settings"]
    assert settings == {"index.mapping.total_fields.limit": TOTAL_FIELDS + 3}


def test_hostile_field_names_are_names() -> None:
    name = '"}, \\ {{x}} ${y} \u2028 type'
    (outcome,) = converted(rule(f"any where `{name}` == 1 and `properties.type` == 1", "logs-*"))
    assert outcome.artifact is not None
    found = fields(json.loads(outcome.artifact.text))
    assert found[name] == "long"
    assert found["properties.type"] == "long"


def test_options_say_whether_rules_are_collected() -> None:
    _, options = resolve_options(TARGET, None, {"envelope": "template"})
    assert is_collected(TARGET, options)
    assert not is_collected(TARGET, {**options, "envelope": "request"})


def test_nested_and_flat_undo_each_other() -> None:
    leaves = {"a.b": {"type": "ip"}, "a.properties.type": {"type": "long"}, "type": {"type": "x"}}
    assert dict(flat(nested(leaves))) == leaves
