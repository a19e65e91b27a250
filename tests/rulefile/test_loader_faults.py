"""The loader: one diagnostic a fault, at its place."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import fields
from pathlib import Path

import pytest
from rulefile_folder import KIBANA, TOML, Folder, codes, marked

from eqlx import inputs
from eqlx.diagnostics import Severity
from eqlx.fields.user import load_schema
from eqlx.rule import Rule
from eqlx.rulefile.loader import load


class TestFilesThatCannotBeRead:
    def test_missing(self, folder: Folder):
        [diagnostic] = load([folder.path / "none.toml"]).diagnostics
        assert diagnostic.code == "rule-file-not-found"
        assert "none.toml" in diagnostic.message

    @pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5000 + ".toml"])
    def test_impossible_names(self, name: str):
        loaded = load([name])
        assert len(loaded.diagnostics) == 1
        assert loaded.diagnostics[0].severity is Severity.ERROR

    def test_no_permission(self, folder: Folder, monkeypatch: pytest.MonkeyPatch):
        path = folder.write("a.toml", TOML)

        def refuse(_: Path, _mode: str) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        [diagnostic] = load([path]).diagnostics
        assert diagnostic.code == "rule-file-unreadable"
        assert diagnostic.message.endswith("permission denied")

    def test_not_utf8_says_the_line(self, folder: Folder):
        diagnostic = folder.fault("a.toml", b"# ok\nx = '\xe4'\n")
        assert diagnostic.code == "rule-file-not-utf8"
        assert "line 2" in diagnostic.message
        assert "byte 10" in diagnostic.message

    def test_utf16(self, folder: Folder):
        assert folder.fault("a.eql", "any where true".encode("utf-16")).code == "rule-file-not-utf8"


class TestUnsuitableFiles:
    """Only regular files are read; each other one is a diagnostic, and the others are read."""

    @pytest.fixture(params=["circle", "broken", "pipe", "device", "socket", "large"])
    def unsuitable(self, request: pytest.FixtureRequest, folder: Folder, monkeypatch) -> str:
        path = folder.path / "b.toml"
        match request.param:
            case "circle":
                path.symlink_to(folder.path / "c.toml")
                (folder.path / "c.toml").symlink_to(path)
            case "broken":
                path.symlink_to(folder.path / "nowhere.toml")
            case "pipe":
                os.mkfifo(path)
            case "device":
                path.symlink_to("/dev/zero")
            case "socket":
                monkeypatch.chdir(folder.path)
                with socket.socket(socket.AF_UNIX) as opened:
                    opened.bind("b.toml")
            case "large":
                monkeypatch.setattr(inputs.read_bytes, "__defaults__", (1024 * 1024,))
                path.write_bytes(b"#" * (1024 * 1024 + 1))
        return {
            "circle": "its symbolic links go in a circle",
            "broken": "no such file or directory",
            "pipe": "it is a named pipe, expected a regular file",
            "device": "it is a device, expected a regular file",
            "socket": "it is a socket, expected a regular file",
            "large": "it is larger than 1 MiB",
        }[request.param]

    def test_in_a_folder(self, folder: Folder, unsuitable: str):
        folder.write("a.toml", TOML)
        folder.write("z.eql", "any where true")
        loaded = load([folder.path])
        assert [rule.path for rule in loaded.rules] == [
            str(folder.path / "a.toml"),
            str(folder.path / "z.eql"),
        ]
        assert {d.code for d in loaded.diagnostics} == {"rule-file-unreadable"}
        assert any(d.message.endswith(unsuitable) for d in loaded.diagnostics)

    def test_named(self, folder: Folder, unsuitable: str):
        [diagnostic] = load([folder.path / "b.toml"]).diagnostics
        assert diagnostic.code == "rule-file-unreadable"
        assert diagnostic.message.endswith(unsuitable)

    def test_as_a_field_list(self, folder: Folder, unsuitable: str):
        with pytest.raises(OSError, match=f"(?i){unsuitable}"):
            load_schema(folder.path / "b.toml")

    @pytest.mark.parametrize(
        ("start", "kind"),
        [
            (b"PAR1", "a Parquet file"),
            (b"\x1f\x8b\x08", "a gzip archive"),
            (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
            (b"PK\x03\x04", "a zip archive"),
            (b"ElfFile\0", "a Windows event log (EVTX)"),
        ],
    )
    @pytest.mark.parametrize("rest", [b"\xff\x00", b"plain text"])
    def test_a_binary_file_is_named_for_what_it_is(
        self, folder: Folder, start: bytes, kind: str, rest: bytes
    ):
        diagnostic = folder.fault("a.eql", start + rest)
        assert diagnostic.code == "rule-file-is-binary"
        assert kind in diagnostic.message
        assert "--events" in (diagnostic.help or "")


class TestBrokenToml:
    @pytest.mark.parametrize(
        ("text", "line", "mark"),
        [
            ("[rule]\nname = x\n", 2, "x"),
            ('[rule]\nname = "a\\q"\n', 2, "\\q"),
            ("[rule]\nname = 'a'\nname = 'b'\n", 3, ""),
            ("[rule\nname = 'a'\n", 1, ""),
            ("[rule]\r\n\r\nname == 'a'\r\n", 3, "="),
            ("[rule]\nquery = '''\nany where true\n", 3, ""),
        ],
    )
    def test_says_where(self, folder: Folder, text: str, line: int, mark: str):
        diagnostic = folder.fault("a.toml", text)
        assert diagnostic.code == "broken-toml"
        found_line, found = marked(diagnostic)
        assert found_line == line
        if mark:
            assert found == mark
        assert "(at " not in diagnostic.message

    def test_nested_too_deeply(self, folder: Folder):
        assert folder.fault("a.toml", "x = " + "[" * 100_000).code == "broken-toml"


class TestBrokenJson:
    @pytest.mark.parametrize(
        ("text", "line", "mark"),
        [
            ('{"rule_id": "a",\n "query": }', 2, "}"),
            ('{"rule_id": "a",\n}', 2, "}"),
            ('{"rule_id": "a"\n "name": 1}', 2, '"'),
            ('{"rule_id" "a"}', 1, '"'),
            ("{rule_id: 1}", 1, "r"),
            ('[{"rule_id": "a"},\n]', 2, "]"),
            ('{"rule_id": "a', 1, ""),
            ('{"rule_id": "a"', 1, ""),
            ('{"query": "a\nb"}', 1, ""),
        ],
    )
    def test_says_where(self, folder: Folder, text: str, line: int, mark: str):
        diagnostic = folder.fault("a.json", text)
        assert diagnostic.code == "broken-json"
        found_line, found = marked(diagnostic)
        assert found_line == line
        if mark:
            assert found == mark

    def test_a_broken_line_of_an_export_leaves_the_others_alone(self, folder: Folder):
        good = json.dumps(KIBANA)
        other = json.dumps({**KIBANA, "rule_id": "b"})
        loaded = folder.load("x.ndjson", f'{good}\n{{"rule_id": "x", \n{other}\nnonsense\n')
        assert [rule.id for rule in loaded.rules] == ["id-1", "b"]
        assert codes(loaded) == ["broken-json", "broken-json"]
        assert [marked(d)[0] for d in loaded.diagnostics] == [2, 4]

    def test_a_broken_object_over_many_lines_is_said_once(self, folder: Folder):
        assert (
            folder.fault("x.ndjson", '{\n "rule_id": 1,\n "name" 2,\n "x": 3\n}').code
            == "broken-json"
        )

    @pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
    def test_nested_too_deeply(self, folder: Folder, text: str):
        assert "nested too deeply" in folder.fault("a.json", text).message

    def test_a_number_of_a_million_digits(self, folder: Folder):
        diagnostic = folder.fault("a.json", '{"rule_id": "a", "version": ' + "1" * 1_000_000 + "}")
        assert diagnostic.code == "broken-json"

    def test_half_of_a_surrogate_pair(self, folder: Folder):
        diagnostic = folder.fault(
            "a.json", '{"rule_id": "a", "query": "any where x == \\"\\ud83d\\""}'
        )
        assert "surrogate" in diagnostic.message
        pair = '{"rule_id": "a", "query": "any where x == \\"\\ud83d\\ude00\\""}'
        [rule] = folder.load("b.json", pair).rules
        assert rule.query.text == 'any where x == "😀"'


class TestNoRule:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.toml", "[project]\nname = 'x'"),
            ("a.toml", "rule = 'x'"),
            ("a.toml", ""),
            ("a.json", "{}"),
            ("a.json", "[]"),
            ("a.json", "[1, 2]"),
            ("a.json", "true"),
            ("a.json", ""),
            ("a.json", '{"query": {"match_all": {}}}'),
            ("a.ndjson", '{"@timestamp": 1}\n{"@timestamp": 2}\n'),
            ("a.ndjson", '{"exported_count": 0}'),
        ],
    )
    def test_an_error_by_its_own_path_a_note_in_a_folder(
        self, folder: Folder, name: str, text: str
    ):
        diagnostic = folder.fault(name, text)
        assert (diagnostic.code, diagnostic.severity) == ("not-a-rule", Severity.ERROR)
        [diagnostic] = load([folder.path]).diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("file-without-rule", Severity.NOTE)
        assert diagnostic.source is not None

    def test_a_stranger_among_rules_is_marked(self, folder: Folder):
        text = json.dumps(KIBANA) + '\n{"x": 1}\n17\n'
        loaded = folder.load("a.ndjson", text)
        assert len(loaded.rules) == 1
        assert [marked(d) for d in loaded.diagnostics] == [(2, '{"x": 1}'), (3, "17")]


class TestRulesThatCannotBeUsed:
    def test_missing_query(self, folder: Folder):
        for text in ("[rule]\nname = 'x'\ntype = 'eql'", "[rule]\nlanguage = 'eql'"):
            assert folder.fault("a.toml", text).code == "missing-query"
        diagnostic = folder.fault("a.json", '{"rule_id": "a", "type": "eql", "query": null}')
        assert diagnostic.code == "missing-query"
        assert diagnostic.rule == "a"

    @pytest.mark.parametrize("query", ["''", "'''\n  \n'''", '"\\n"'])
    def test_empty_query(self, folder: Folder, query: str):
        diagnostic = folder.fault("a.toml", f"[rule]\nname = 'x'\nquery = {query}\n")
        assert diagnostic.code == "blank-query"
        assert marked(diagnostic)[1] == query

    @pytest.mark.parametrize(
        ("line", "key", "found"),
        [
            ("index = 'logs-*'", "index", "a string"),
            ("index = ['a', 1]", "index", "a list with a string"),
            ("interval = 5", "interval", "an integer"),
            ("from = 2026-01-01", "from", "a date"),
            ("timestamp_override = ['x']", "timestamp_override", "a list with a string"),
            ("language = 1", "language", "an integer"),
            ("type = ['eql']", "type", "a list with a string"),
        ],
    )
    def test_wrong_types(self, folder: Folder, line: str, key: str, found: str):
        text = f"[rule]\nrule_id = 'r'\nquery = 'any where true'\n{line}\n"
        diagnostic = folder.fault("a.toml", text)
        assert diagnostic.code == "wrong-key-type"
        assert diagnostic.parameters["key"] == key
        assert diagnostic.parameters["found"] == found
        assert marked(diagnostic) == (4, line.partition(" = ")[2])
        assert diagnostic.rule == "r"

    @pytest.mark.parametrize(
        ("line", "key", "found"),
        [
            ("risk_score = '21'", "risk_score", "a string"),
            ("risk_score = 21.5", "risk_score", "a number"),
            ("risk_score = true", "risk_score", "a boolean"),
            ("name = 5", "name", "an integer"),
            ("tags = 'x'", "tags", "a string"),
            ("enabled = 'yes'", "enabled", "a string"),
            ("threat = 'TA0001'", "threat", "a string"),
            ("threat = [{ framework = 'x' }]", "threat", "a list with a table"),
            ("threat = [{ tactic = { id = 1 } }]", "threat", "a list with a table"),
            ("version = [1]", "version", "a list with an integer"),
        ],
    )
    def test_what_only_describes_a_rule_does_not_keep_it_out(
        self, folder: Folder, line: str, key: str, found: str
    ):
        text = f"[rule]\nrule_id = 'r'\nquery = 'any where true'\n{line}\n"
        loaded = folder.load("a.toml", text)
        [diagnostic] = loaded.diagnostics
        assert (diagnostic.code, diagnostic.severity) == ("rule-key-left-out", Severity.WARNING)
        assert (diagnostic.parameters["key"], diagnostic.parameters["found"]) == (key, found)
        assert marked(diagnostic) == (4, line.partition(" = ")[2])
        [rule] = loaded.rules
        default = next(field.default for field in fields(Rule) if field.name == key)
        assert getattr(rule, key) == default

    def test_a_query_that_is_no_string(self, folder: Folder):
        diagnostic = folder.fault("a.toml", "[rule]\nname = 'x'\nquery = ['a']\n")
        assert diagnostic.code == "wrong-key-type"
        assert marked(diagnostic) == (3, "['a']")

    def test_metadata_that_is_no_table(self, folder: Folder):
        loaded = folder.load("a.toml", "metadata = 1\n[rule]\nquery = 'any where true'")
        [diagnostic] = loaded.diagnostics
        assert (diagnostic.code, marked(diagnostic)) == ("rule-key-left-out", (1, "1"))
        assert len(loaded.rules) == 1

    def test_all_wrong_keys_are_said_at_once(self, folder: Folder):
        text = "[rule]\nquery = 'any where true'\nto = 1\ninterval = 2\nindex = 3\n"
        assert codes(folder.load("a.toml", text)) == ["wrong-key-type"] * 3

    def test_null_in_json_is_nothing(self, folder: Folder):
        loaded = folder.load("a.json", json.dumps({**KIBANA, "note": None, "index": None}))
        assert loaded.diagnostics == ()
        assert (loaded.rules[0].note, loaded.rules[0].index) == (None, ())
