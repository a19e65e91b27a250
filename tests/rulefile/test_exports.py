"""What a Kibana export holds beside a rule: saved objects, filters, exception lists and their items.

Exceptions are judged by execution: events that meet an item are not found (spec §13.22).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from rulefile_folder import KIBANA, Folder

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule
from eqlx.driver.run import Runner
from eqlx.execution import Dataset
from eqlx.registry import load_executor, load_target
from eqlx.rule import Rule

LIST = {"id": "1", "list_id": "known-good", "type": "detection", "namespace_type": "single"}
NAMED = {**KIBANA, "exceptions_list": [LIST]}
ITEM = {
    "list_id": "known-good",
    "item_id": "i",
    "name": "backup",
    "namespace_type": "single",
    "type": "simple",
}


def export(*objects: Mapping[str, object]) -> str:
    return "\n".join(map(json.dumps, objects))


def entry(name: str, kind: str, value: object = None, operator: str = "included"):
    return {"field": name, "type": kind, "operator": operator, "value": value}


def rule_with(folder: Folder, query: str, *items: list[dict[str, object]]) -> Rule:
    rows = [{**ITEM, "item_id": str(n), "entries": entries} for n, entries in enumerate(items)]
    [rule] = folder.load("a.ndjson", export({**NAMED, "query": query}, LIST, *rows)).rules
    return rule


def found(folder: Folder, rule: Rule, engine: str, events: list[dict[str, object]]) -> list[object]:
    """The ids of matching events, sequence by sequence."""
    path = folder.write("e.ndjson", export(*events))
    executor = load_executor(engine)
    target = None if executor.target is None else load_target(executor.target)
    from eqlx.driver.plan import Roles

    with Runner(executor, target, Dataset((path,)), roles=Roles(None, None, None, "id")) as runner:
        run = runner.run(rule)
    assert not run.failed, run.diagnostics
    assert run.outcome.query is not None, run.diagnostics
    return [event.id for match in run.matches for event in match.events]


EVENTS: list[dict[str, object]] = [
    {
        "id": str(n),
        "@timestamp": f"2026-01-01T00:00:0{n}Z",
        "event": {"category": "process"},
        "process": {"name": name, **({} if pid is None else {"pid": pid})},
        **({} if user is None else {"user": {"name": user}}),
    }
    for n, (name, pid, user) in enumerate(
        [
            ("a.exe", 4, "svc"),
            ("A.exe", 4, "svc"),
            ("b.exe", 8, "svc"),
            ("b.exe", None, None),
            (r"C:\x\c.exe", 12, "Eve"),
        ]
    )
]


@pytest.mark.parametrize("engine", ["reference", "duckdb"])
class TestItemsOfTheSameExport:
    @pytest.mark.parametrize(
        ("entries", "left"),
        [
            ([entry("process.name", "match", "a.exe")], "1234"),
            ([entry("process.name", "match_any", ["a.exe", "b.exe"])], "14"),
            ([entry("user.name", "exists")], "3"),
            ([entry("user.name", "exists", operator="excluded")], "0124"),
            ([entry("process.name", "wildcard", "?.exe")], "4"),
            ([entry("process.name", "wildcard", r"C:\\x\\*")], "0123"),
            ([entry("process.pid", "match", "4")], "234"),
            ([entry("process.pid", "match", "-4")], "01234"),
            ([entry("process.pid", "match", "four")], "01234"),
            (
                [
                    entry("process.pid", "match_any", ["4", "8"]),
                    entry("process.name", "match", "a.exe"),
                ],
                "1234",
            ),
            (
                [
                    entry("user.name", "match", "svc"),
                    entry("process.name", "match", "a.exe", "excluded"),
                ],
                "034",
            ),
            ([entry("gone.entirely", "match", "x")], "01234"),
        ],
    )
    def test_of_an_event_query(self, folder: Folder, engine: str, entries: list, left: str):
        rule = rule_with(folder, "process where true", entries)
        assert found(folder, rule, engine, EVENTS) == list(left)

    def test_several_items(self, folder: Folder, engine: str):
        items = [[entry("process.name", "match", name)] for name in ("a.exe", "b.exe")]
        rule = rule_with(folder, "process where true or false", *items)
        assert found(folder, rule, engine, EVENTS) == ["1", "4"]

    def test_every_stage_of_a_sequence(self, folder: Folder, engine: str):
        query = "sequence [process where true] [process where true] until [process where true]"
        query = query.partition(" until")[0]
        rule = rule_with(folder, query, [entry("process.name", "wildcard", "?.exe")])
        assert found(folder, rule, engine, EVENTS) == []
        rule = rule_with(folder, query, [entry("user.name", "match", "svc")])
        assert found(folder, rule, engine, EVENTS) == ["3", "4"]


class TestListsThatStayOutside:
    @pytest.mark.parametrize(
        "item",
        [
            {**ITEM, "entries": [entry("process.name", "list", {"id": "x", "type": "keyword"})]},
            {**ITEM, "entries": [{"field": "a", "type": "nested", "entries": []}]},
            {**ITEM, "entries": [entry("process.name", "wildcard", r"a\*")]},
            {**ITEM, "entries": [entry("a", "match", "b")], "os_types": ["windows"]},
            {**ITEM, "entries": [entry("a", "match", "b")], "expire_time": "2027-01-01"},
            {**ITEM, "entries": []},
            {**ITEM, "namespace_type": "agnostic", "list_id": "other", "entries": [], "x": 1},
        ],
    )
    def test_widen(self, folder: Folder, item: dict[str, object]):
        objects = [NAMED, item] if item["list_id"] == "other" else [NAMED, LIST, item]
        loaded = folder.load("a.ndjson", export(*objects))
        assert [d.code for d in loaded.diagnostics] == ["rule-parts-not-converted"]
        target = load_target("sql")
        assert convert_rule(loaded.rules[0], target).artifact is None
        outcome = convert_rule(loaded.rules[0], target, allow=frozenset({Drift.WIDENS}))
        [loss] = outcome.fidelity.losses
        assert (loss.slug, loss.drift) == ("rule-parts-not-converted", Drift.WIDENS)

    def test_a_list_without_items_does_not_exist(self, folder: Folder):
        loaded = folder.load("a.ndjson", export(NAMED, LIST))
        assert loaded.diagnostics == ()
        outcome = convert_rule(loaded.rules[0], load_target("sql"))
        assert outcome.artifact is not None
        assert outcome.fidelity.losses == ()

    def test_a_disabled_filter_does_not_exist(self, folder: Folder):
        off = {"meta": {"disabled": True}, "query": {"match_all": {}}}
        on = {"meta": {"disabled": False}, "query": {"match_all": {}}}
        assert folder.load("a.json", json.dumps({**KIBANA, "filters": [off]})).diagnostics == ()
        for filters in ([on], [off, on], [{"query": {}}], ["x"]):
            loaded = folder.load("b.json", json.dumps({**KIBANA, "filters": filters}))
            assert [d.code for d in loaded.diagnostics] == ["rule-parts-not-converted"]


def test_a_saved_object_of_type_alert(folder: Folder):
    parameters = {
        "ruleId": "r",
        "type": "eql",
        "language": "eql",
        "query": 'process where process.name == "\\u0061"',
        "index": ["logs-*"],
        "riskScore": 21,
        "timestampOverride": "event.ingested",
        "timestampOverrideFallbackDisabled": True,
        "exceptionsList": [],
        "from": "now-9m",
        "maxSignals": 50,
        "falsePositives": ["x"],
    }
    attributes = {
        "name": "N",
        "tags": ["T"],
        "enabled": True,
        "alertTypeId": "siem.eqlRule",
        "schedule": {"interval": "5m"},
        "params": parameters,
    }
    text = json.dumps({"type": "alert", "id": "s", "attributes": attributes})
    loaded = folder.load("a.ndjson", text)
    assert loaded.diagnostics == ()
    [rule] = loaded.rules
    assert (rule.id, rule.name, rule.tags, rule.enabled) == ("r", "N", ("T",), True)
    assert (rule.interval, rule.from_, rule.max_signals) == ("5m", "now-9m", 50)
    assert (rule.index, rule.risk_score) == (("logs-*",), 21)
    assert (rule.timestamp_override, rule.has_window_fallback) == ("event.ingested", False)
    assert rule.query.outer is not None
