"""What a request is put into: watches, monitors, Kibana's rules."""

from __future__ import annotations

import json

import pytest

from eqlx.rule import Rule, Technique, Threat
from eqlx.rulefile import loader
from eqlx.source import Source

EQL = 'process where process.name == "x" and process.pid > 5'
SEQUENCE = "sequence by host.id [any where true] [any where true]"
RULE = {
    "id": "one",
    "name": "A rule",
    "index": ("logs-*",),
    "from_": "now-9m",
    "interval": "5m",
    "severity": "high",
    "risk_score": 73,
    "max_signals": 50,
}
THREAT = Threat(
    "TA0002",
    "Execution",
    "https://attack/TA0002",
    (Technique("T1059", "Interpreter", "https://attack/T1059", (Technique("T1059.001", "PS"),)),),
)


def refusals(request):
    return [d for d in request.report if d.severity.value == "error"]


def test_a_watch_searches_on_schedule_and_logs(convert):
    watch = convert(EQL, rule=RULE, envelope="watch")
    assert watch["trigger"] == {"schedule": {"interval": "5m"}}
    search = watch["input"]["search"]["request"]
    assert search["indices"] == ["logs-*"]
    assert search["body"]["size"] == 50
    assert {"range": {"@timestamp": {"gte": "now-9m"}}} in search["body"]["query"]["bool"]["filter"]
    assert watch["condition"] == {"compare": {"ctx.payload.hits.total": {"gt": 0}}}
    assert watch["actions"]["log"]["logging"]["text"] == "A rule: {{ctx.payload.hits.total}} hits"


def test_a_monitor_is_off_until_somebody_turns_it_on(convert):
    monitor = convert(EQL, rule=RULE, envelope="monitor")
    assert monitor["monitor_type"] == "query_level_monitor"
    assert monitor["enabled"] is False
    assert monitor["schedule"] == {"period": {"interval": 5, "unit": "MINUTES"}}
    (search,) = monitor["inputs"]
    assert search["search"]["indices"] == ["logs-*"]
    (trigger,) = monitor["triggers"]
    assert trigger["query_level_trigger"]["severity"] == "2"


@pytest.mark.parametrize(
    ("interval", "period"),
    [
        ("90s", {"interval": 2, "unit": "MINUTES"}),
        ("1h", {"interval": 1, "unit": "HOURS"}),
        ("2d", {"interval": 2, "unit": "DAYS"}),
        (None, {"interval": 5, "unit": "MINUTES"}),
    ],
)
def test_intervals_of_a_monitor(convert, interval, period):
    monitor = convert(EQL, rule={**RULE, "interval": interval}, envelope="monitor")
    assert monitor["schedule"]["period"] == period


@pytest.mark.parametrize("envelope", ["watch", "monitor"])
def test_a_rule_without_a_window_gets_one(convert, envelope):
    found = convert(EQL, rule={"index": ("a",)}, envelope=envelope)
    assert '{"gte": "now-6m"}' in json.dumps(found)
    assert '"size": 100' in json.dumps(found)


@pytest.mark.parametrize("envelope", ["watch", "monitor"])
@pytest.mark.parametrize(
    ("eql", "rule"),
    [
        ('process where process.name == "{{ctx.vars.x}}"', RULE),
        ("process where length(`a{{b}}`) > 3", RULE),
        (EQL, {**RULE, "index": ("logs-{{x}}",)}),
        (EQL, {**RULE, "name": "{{#x}}"}),
        (EQL, {"id": "{{=<% %>=}}", "index": ("logs-*",)}),
        (EQL, {**RULE, "from_": "now-{{x}}"}),
        (EQL, {**RULE, "timestamp_override": "{{x}}"}),
        (EQL, {**RULE, "from_": None, "timestamp_override": "{{x}}"}),
        ('any where process.name like~ ("a", "*{{x}}*")', RULE),
    ],
)
def test_text_that_a_server_would_take_for_a_template_is_refused(convert, envelope, eql, rule):
    (error,) = refusals(convert(eql, rule=rule, envelope=envelope))
    assert error.code == "inexpressible"
    assert "{{" in error.message
    assert error.span is not None


@pytest.mark.parametrize("envelope", ["watch", "monitor"])
def test_what_is_no_template_stays_text(convert, envelope):
    """Braces of other languages, and quotes around them."""
    text = '${jndi:x} #{y} }}} "{" <%= z %> $[w]'
    literal = text.replace('"', '\\"')
    rule = {**RULE, "name": text, "index": (text,)}
    found = convert(f'any where process.name == "{literal}"', rule=rule, envelope=envelope)
    written = json.dumps(found, ensure_ascii=False)
    assert written.count("{{") == (1 if envelope == "watch" else 0)  # the number of hits, ours
    assert json.dumps({"process.name": text}, ensure_ascii=False) in written
    assert json.dumps([text], ensure_ascii=False) in written


@pytest.mark.parametrize(
    "every", ["soon", "5", "0m", "5m; x", "-5m", "\u0665m", "5m\n", "{{x}}", "1w"]
)
@pytest.mark.parametrize("envelope", ["watch", "monitor"])
def test_an_interval_is_a_number_and_a_unit(convert, envelope, every):
    refused = convert(EQL, rule={**RULE, "interval": every}, envelope=envelope)
    assert any("interval" in error.message for error in refusals(refused))


@pytest.mark.parametrize("envelope", ["query", "watch", "monitor"])
@pytest.mark.parametrize("form", ["eql", "stages"])
def test_one_search_holds_no_join(convert, envelope, form):
    (error,) = refusals(convert(SEQUENCE, rule=RULE, envelope=envelope, form=form))
    assert error.code == "inexpressible"


@pytest.mark.parametrize("eql", [EQL, SEQUENCE, "any where number(process.name) == 5"])
def test_a_kibana_rule_reads_back_as_the_same_rule(convert, eql):
    rule = {**RULE, "description": "Says \u2028 what", "threat": (THREAT,), "tags": ("a", "b")}
    found = convert(eql, rule=rule, envelope="kibana")
    text = json.dumps(found)
    (again,) = loader.load(["-"], stdin=_text(text)).rules
    assert (again.id, again.name, again.severity, again.risk_score) == ("one", "A rule", "high", 73)
    assert again.threat == (THREAT,)
    assert again.query.text.split() == eql.split()
    assert (found["type"], found["language"]) == ("eql", "eql")


def _text(text):
    from io import StringIO

    return StringIO(text)


def test_a_kibana_rule_states_what_the_import_demands(convert):
    found = convert(EQL, envelope="kibana")
    assert (found["severity"], found["risk_score"]) == ("low", 21)
    assert found["name"] == found["description"]


def test_kibana_parts_that_eqlx_does_not_read_are_passed_on(convert):
    extra = {"alert_suppression": {"group_by": ["host.id"]}, "immutable": True}
    found = convert(EQL, rule={"extra": extra}, envelope="kibana")
    assert found["alert_suppression"] == {"group_by": ["host.id"]}
    assert "immutable" not in found


HOSTILE = '"}]} \\\\ \' "; doc["x"] // \u2028 </script> ${jndi:x} .. / \n'


@pytest.mark.parametrize("form", ["eql", "stages"])
@pytest.mark.parametrize("dialect", ["elasticsearch", "opensearch"])
def test_metadata_is_only_ever_text(convert, form, dialect):
    del dialect  # the fixture has one; both print by the same functions
    rule = {"id": HOSTILE, "name": HOSTILE, "description": HOSTILE, "index": (HOSTILE,)}
    for eql in (EQL, SEQUENCE):
        found = convert(eql, rule=rule, form=form)
        assert found["index"] == [HOSTILE]
        assert found["meta"]["name"] == HOSTILE


def test_a_rule_is_never_script_source(convert):
    literal = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    plain = convert('any where length(a) + indexOf(a, "b") > 1', envelope="query")
    query = f'any where length(`{HOSTILE.strip()}`) + indexOf(`{HOSTILE.strip()}`, "{literal}") > 1'
    hostile = convert(query.replace("\u2028", " "), envelope="query")
    sources = [_script(found)["source"] for found in (plain, hostile)]
    assert sources[0] == sources[1]
    assert _script(hostile)["params"]["field"].startswith('"}]}')


def _script(query):
    (clause,) = query["bool"]["filter"]
    return clause["script"]["script"]


def test_a_rule_object_is_not_changed(convert):
    rule = Rule(Source("query", EQL), **RULE)
    before = repr(rule)
    convert(EQL, rule=RULE, envelope="monitor")
    assert repr(Rule(Source("query", EQL), **RULE)) == before
