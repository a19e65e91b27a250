"""The loader: forms, standard input, folders."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from rulefile_folder import KIBANA, TOML, Folder, codes

from eqlx.diagnostics import Severity
from eqlx.rulefile.loader import from_query, load


class TestForms:
    def test_toml(self, folder: Folder):
        loaded = folder.load("a.toml", TOML)
        assert loaded.diagnostics == ()
        [rule] = loaded.rules
        assert (rule.id, rule.name, rule.maturity) == ("id-1", "One", "production")
        assert rule.query.text == "process where true\n"
        assert rule.path == str(folder.path / "a.toml")
        assert rule.query.name == rule.path

    def test_eql(self, folder: Folder):
        [rule] = folder.load("my rule.eql", "process where true // x\n").rules
        assert (rule.id, rule.name) == (None, "my rule")
        assert rule.query.text == "process where true // x\n"
        assert rule.query.outer is None

    def test_ndjson_with_companions_and_summary(self, folder: Folder):
        lines = [
            KIBANA,
            {**KIBANA, "rule_id": "id-2"},
            {"list_id": "x", "type": "detection", "_version": "1"},
            {"attributes": {"actionTypeId": ".email"}, "type": "action", "id": "c"},
            {"exported_count": 4, "missing_rules": []},
        ]
        loaded = folder.load("export.ndjson", "\n".join(map(json.dumps, lines)) + "\n\n")
        assert [rule.id for rule in loaded.rules] == ["id-1", "id-2"]
        assert loaded.diagnostics == ()

    @pytest.mark.parametrize("indent", [None, 2])
    def test_json_object_array_and_wrappings(self, folder: Folder, indent: int | None):
        saved = {"id": "s", "type": "security-rule", "attributes": KIBANA}
        answer = {"page": 1, "total": 1, "data": [KIBANA]}
        for number, value in enumerate((KIBANA, [KIBANA], saved, answer)):
            loaded = folder.load(f"{number}.json", json.dumps(value, indent=indent))
            assert loaded.diagnostics == (), value
            [rule] = loaded.rules
            assert (rule.id, rule.query.text) == ("id-1", "any where true")
            assert rule.query.outer is not None

    def test_pretty_objects_one_after_another(self, folder: Folder):
        text = (
            json.dumps(KIBANA, indent=1) + "\n" + json.dumps({**KIBANA, "rule_id": "b"}, indent=1)
        )
        assert [rule.id for rule in folder.load("x.ndjson", text).rules] == ["id-1", "b"]

    def test_endpoint_form_without_type(self, folder: Folder):
        text = '[rule]\nid = "e"\nname = "E"\nos_list = ["windows"]\nversion = "1.0"\n'
        text += "reference = ['https://example.org']\nquery = 'any where true'\n"
        text += "[[actions]]\naction = 'kill_process'\n[[optional_actions]]\naction = 'rollback'\n"
        text += "[[threat]]\nframework = 'MITRE ATT&CK'\n[threat.tactic]\nid = 'TA0002'\n"
        text += "name = 'Execution'\n[internal]\nmin_endpoint_version = '8.4.0'\n"
        loaded = folder.load("a.toml", text)
        assert codes(loaded) == []
        [rule] = loaded.rules
        assert (rule.id, rule.version, rule.references) == ("e", "1.0", ("https://example.org",))
        assert [threat.tactic_id for threat in rule.threat] == ["TA0002"]

    def test_unknown_suffixes_are_sniffed(self, folder: Folder):
        assert len(folder.load("a.rule", TOML).rules) == 1
        assert len(folder.load("b.rule", json.dumps(KIBANA)).rules) == 1
        assert [rule.name for rule in folder.load("c.txt", "any where true").rules] == ["c"]

    def test_upper_case_suffixes(self, folder: Folder):
        assert len(folder.load("A.TOML", TOML).rules) == 1
        assert len(load([folder.path]).rules) == 1

    def test_byte_order_mark_is_no_part_of_the_text(self, folder: Folder):
        assert len(folder.load("a.toml", b"\xef\xbb\xbf" + TOML.encode()).rules) == 1
        [rule] = folder.load("a.eql", b"\xef\xbb\xbfany where true").rules
        assert rule.query.text == "any where true"

    def test_a_query_alone(self):
        rule = from_query("any where true")
        assert (rule.name, rule.label, rule.query.text) == ("query", "query", "any where true")


class TestStandardInput:
    @pytest.mark.parametrize(
        "text",
        [
            "any where true",
            "  \n// comment\nany where a = 1",
            'sequence by a [any where true] [any where x == "{"]',
            "any where x == 1 or\ny == 2",
            TOML,
            "# a comment\n\n" + TOML,
            "rule.query = 'any where true'",
            json.dumps(KIBANA),
            json.dumps([KIBANA], indent=2),
            "\n" + json.dumps(KIBANA) + "\n" + json.dumps({"exported_count": 1}),
        ],
    )
    def test_every_form(self, text: str):
        loaded = load(["-"], io.StringIO(text))
        assert len(loaded.rules) == 1
        assert loaded.diagnostics == ()
        assert loaded.rules[0].path == "<stdin>"

    def test_the_sniffed_form_is_the_right_one(self):
        assert load(["-"], io.StringIO(TOML)).rules[0].id == "id-1"
        assert load(["-"], io.StringIO(json.dumps(KIBANA))).rules[0].id == "id-1"
        text = "process where name = 'x'"
        assert load(["-"], io.StringIO(text)).rules[0].query.text == text

    def test_nothing(self):
        assert codes(load(["-"], io.StringIO(" \n"))) == ["blank-query"]
        assert codes(load(["-"], None)) == ["rule-file-unreadable"]

    def test_no_text(self):
        broken = io.TextIOWrapper(io.BytesIO(b"any where\n x == \xff"), encoding="utf-8")
        [diagnostic] = load(["-"], broken).diagnostics
        assert diagnostic.code == "rule-file-not-utf8"

    def test_closed(self):
        closed = io.StringIO("x")
        closed.close()
        assert codes(load(["-"], closed)) == ["rule-file-unreadable"]


class TestFolders:
    def test_sorted_to_the_bottom_without_hidden_and_foreign_files(self, folder: Folder):
        for name in ("b/2.eql", "b/1.eql", "a/z.eql", "c.eql", ".git/x.eql", "b/.x.eql", "n.md"):
            folder.write(name, "any where true")
        loaded = load([folder.path])
        names = [Path(rule.path or "").relative_to(folder.path).as_posix() for rule in loaded.rules]
        assert names == ["c.eql", "a/z.eql", "b/1.eql", "b/2.eql"]

    def test_a_file_is_read_once(self, folder: Folder):
        path = folder.write("a.toml", TOML)
        loaded = load([path, folder.path, path, folder.path / "." / "a.toml"])
        assert len(loaded.rules) == 1
        assert loaded.diagnostics == ()

    def test_one_bad_file_does_not_stop_the_others(self, folder: Folder):
        folder.write("1.toml", "x = ")
        folder.write("2.json", "{")
        folder.write("3.eql", b"\xff")
        folder.write("4.toml", TOML)
        folder.write("5.eql", "")
        folder.write("6.json", '{"name": "package"}')
        loaded = load([folder.path])
        assert [rule.id for rule in loaded.rules] == ["id-1"]
        assert codes(loaded) == [
            *("broken-toml", "broken-json", "rule-file-not-utf8"),
            *("blank-query", "file-without-rule"),
        ]
        sources = [d.source.name for d in loaded.diagnostics if d.source]
        assert [Path(name).name for name in sources] == ["1.toml", "2.json", "5.eql", "6.json"]

    def test_an_empty_folder_is_said(self, folder: Folder):
        folder.write("x.md", "")
        [diagnostic] = load([folder.path]).diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("no-rule-files", Severity.WARNING)

    @pytest.mark.skipif(os.name == "nt", reason="symbolic links")
    def test_a_loop_of_links_ends(self, folder: Folder):
        folder.write("a/x.eql", "any where true")
        (folder.path / "a" / "loop").symlink_to(folder.path)
        assert len(load([folder.path]).rules) == 1
