"""The loader: metadata of rules, and what is said beside them."""

from __future__ import annotations

import json

import pytest
from rulefile_folder import KIBANA, TOML, Folder, codes, marked

from eqlx.capability import Drift
from eqlx.diagnostics import Severity
from eqlx.driver import convert_rule
from eqlx.rule import Technique, Threat
from eqlx.rulefile.loader import load
from eqlx_targets.eql.target import TARGET


class TestWhatIsSaid:
    def test_duplicate_ids_name_the_other_place(self, folder: Folder):
        folder.write("a.toml", TOML)
        folder.write("b.toml", TOML)
        loaded = load([folder.path])
        assert len(loaded.rules) == 2
        [diagnostic] = loaded.diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("duplicate-rule-id", Severity.WARNING)
        assert "a.toml" in diagnostic.message
        assert marked(diagnostic) == (6, '"id-1"')

    def test_duplicate_ids_in_one_file_say_the_line(self, folder: Folder):
        loaded = folder.load("a.ndjson", "\n".join([json.dumps(KIBANA)] * 2))
        [diagnostic] = loaded.diagnostics
        assert "a.ndjson:1" in diagnostic.message
        assert marked(diagnostic)[0] == 2

    def test_rules_without_id_are_no_duplicates(self, folder: Folder):
        text = "[rule]\nquery = 'any where true'"
        folder.write("a.toml", text)
        folder.write("b.toml", text)
        assert load([folder.path]).diagnostics == ()

    def test_unknown_keys_are_one_note_and_kept(self, folder: Folder):
        text = TOML.replace("maturity", "maturty") + "intervall = '5m'\nx = 1\n[extra]\ny = 2\n"
        loaded = folder.load("a.toml", text)
        [diagnostic] = loaded.diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("unknown-rule-keys", Severity.NOTE)
        assert diagnostic.parameters["keys"] == ["intervall", "x", "metadata.maturty", "extra"]
        assert marked(diagnostic) == (12, "intervall")
        extra = loaded.rules[0].extra
        assert (extra["intervall"], extra["x"]) == ("5m", 1)
        assert (extra["metadata.maturty"], extra["extra"]) == ("production", {"y": 2})

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("filters", [{"query": {"match_phrase": {"a": "b"}}}]),
            ("exceptions_list", [{"id": "x", "list_id": "y", "type": "detection"}]),
            ("alert_suppression", {"group_by": ["host.id"]}),
        ],
    )
    def test_what_limits_a_rule_outside_of_its_query(self, folder: Folder, key: str, value: object):
        loaded = folder.load("a.json", json.dumps({**KIBANA, key: value}))
        [diagnostic] = loaded.diagnostics
        assert diagnostic.code == "rule-parts-not-converted"
        assert diagnostic.severity is Severity.WARNING
        assert key in diagnostic.message
        assert loaded.rules[0].extra[key] == value
        assert folder.load("b.json", json.dumps({**KIBANA, key: type(value)()})).diagnostics == ()

    def test_tables_are_pointed_at_by_their_headers(self, folder: Folder):
        text = TOML + "[rule.alert_suppression]\ngroup_by = ['x']\n[rule.strange]\ny = 1\n"
        unknown, limiting = folder.load("a.toml", text).diagnostics
        assert marked(unknown) == (14, "strange")
        assert marked(limiting) == (12, "rule.alert_suppression")

    def test_filters_beside_the_query_refuse_the_rule_until_they_may_widen(self, folder: Folder):
        [rule] = folder.load("a.json", json.dumps({**KIBANA, "filters": [{"x": 1}]})).rules
        refused = convert_rule(rule, TARGET)
        assert refused.artifact is None
        assert [d.code for d in refused.diagnostics] == ["loss-refused"]
        allowed = convert_rule(rule, TARGET, allow=frozenset({Drift.WIDENS}))
        assert allowed.artifact is not None
        [loss] = allowed.artifact.fidelity.losses
        assert (loss.slug, loss.drift) == ("rule-parts-not-converted", Drift.WIDENS)
        [rule] = folder.load("b.json", json.dumps({**KIBANA, "filters": []})).rules
        assert convert_rule(rule, TARGET).artifact is not None

    def test_other_languages_are_skipped_and_counted_in_one_note(self, folder: Folder):
        rules = [
            {"rule_id": "1", "name": "K", "type": "query", "language": "kuery", "query": "a: b"},
            {"rule_id": "2", "name": "L", "type": "query", "language": "lucene", "query": "a:b"},
            {"rule_id": "3", "name": "E", "type": "esql", "language": "esql", "query": "FROM x"},
            {"rule_id": "4", "name": "M", "type": "machine_learning", "anomaly_threshold": 50},
            {"rule_id": "5", "name": "T", "type": "threshold", "query": "a: b"},
            {"rule_id": "6", "name": "E2", "type": "esql", "query": "FROM x"},
            KIBANA,
        ]
        loaded = folder.load("a.ndjson", "\n".join(map(json.dumps, rules)))
        assert [rule.id for rule in loaded.rules] == ["id-1"]
        assert [(skipped.name, skipped.language) for skipped in loaded.skipped] == [
            ("1", "kuery"),
            ("2", "lucene"),
            ("3", "esql"),
            ("4", "machine learning"),
            ("5", "kuery"),
            ("6", "esql"),
        ]
        [diagnostic] = loaded.diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("rules-in-other-languages", Severity.NOTE)
        expected = (
            "skipped 6 rules in other languages (2 esql, 2 kuery, 1 lucene, 1 machine learning)"
        )
        assert diagnostic.message == expected

    def test_a_skipped_rule_is_not_checked(self, folder: Folder):
        text = "[rule]\ntype = 'esql'\nname = 'x'\nindex = 5\nquery = 7\n"
        assert codes(folder.load("a.toml", text)) == ["rules-in-other-languages"]


class TestMetadata:
    def test_attack(self, folder: Folder):
        text = TOML + (
            '[[rule.threat]]\nframework = "MITRE ATT&CK"\n'
            '[[rule.threat.technique]]\nid = "T1"\nname = "N"\nreference = "r"\n'
            '[[rule.threat.technique.subtechnique]]\nid = "T1.001"\nname = "S"\nreference = "s"\n'
            '[rule.threat.tactic]\nid = "TA1"\nname = "T"\nreference = "t"\n'
            '[[rule.threat]]\nframework = "MITRE ATT&CK"\n[rule.threat.tactic]\nid = "TA2"\nname = "U"\n'
        )
        [rule] = folder.load("a.toml", text).rules
        sub = Technique("T1.001", "S", "s")
        assert rule.threat == (
            Threat("TA1", "T", "t", (Technique("T1", "N", "r", (sub,)),)),
            Threat("TA2", "U"),
        )

    def test_keys_of_the_query(self, folder: Folder):
        keys = {
            "event_category_override": "event.type",
            "timestamp_override": "event.ingested",
            "timestamp_field": "ts",
            "tiebreaker_field": "event.sequence",
            "building_block_type": "default",
            "max_signals": 7,
            "interval": "10m",
            "from": "now-1h",
            "to": "now",
            "enabled": False,
            "version": 3,
        }
        [rule] = folder.load("a.json", json.dumps({**KIBANA, **keys})).rules
        for key, value in keys.items():
            assert getattr(rule, "from_" if key == "from" else key) == value

    def test_the_id_of_kibana_where_there_is_no_rule_id(self, folder: Folder):
        value = {"id": "k", "type": "eql", "query": "any where true"}
        assert folder.load("a.json", json.dumps(value)).rules[0].id == "k"
        assert folder.load("b.json", json.dumps({**KIBANA, "id": "k"})).rules[0].id == "id-1"

    def test_deprecated_and_minimum_version(self, folder: Folder):
        text = TOML.replace('"production"', '"deprecated"\nmin_stack_version = "8.18.0"')
        loaded = folder.load("a.toml", text)
        assert loaded.diagnostics == ()
        assert (loaded.rules[0].maturity, loaded.rules[0].min_stack_version) == (
            *("deprecated", "8.18.0"),
        )


def test_every_diagnostic_of_the_loader_has_a_page():
    from eqlx.diagnostics.catalogue import rulefile  # noqa: F401 - registers its entries
    from eqlx.diagnostics.catalogue.entry import ENTRIES

    mine = [e for e in ENTRIES.values() if e.build.__module__.endswith("catalogue.rulefile")]
    assert len(mine) >= 14
    for each in mine:
        assert each.page.count("\n") >= 2, each.slug
