"""The loader: forms, folders, standard input, metadata, and one diagnostic a fault."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, Severity
from eqlx.driver import convert_rule
from eqlx.rule import Technique, Threat
from eqlx.rulefile.loader import Loaded, from_query, load
from eqlx_targets.eql.target import TARGET

TOML = """[metadata]
maturity = "production"

[rule]
name = "One"
rule_id = "id-1"
type = "eql"
language = "eql"
query = '''
process where true
'''
"""
KIBANA = {
    "rule_id": "id-1",
    "name": "One",
    "type": "eql",
    "language": "eql",
    "query": "any where true",
}


class Folder:
    """Files to load from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, name: str, content: str | bytes) -> Loaded:
        return load([self.write(name, content)])

    def fault(self, name: str, content: str | bytes) -> Diagnostic:
        """The one diagnostic of a file that gives no rule."""
        loaded = self.load(name, content)
        assert loaded.rules == ()
        [diagnostic] = loaded.diagnostics
        return diagnostic


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def marked(diagnostic: Diagnostic) -> tuple[int, str]:
    """The line of the primary label, and the text below it."""
    assert diagnostic.source is not None
    assert diagnostic.span is not None
    line = diagnostic.source.position(diagnostic.span.start).line
    return line, diagnostic.source.text[diagnostic.span.start : diagnostic.span.end]


def codes(loaded: Loaded) -> list[str]:
    return [diagnostic.code for diagnostic in loaded.diagnostics]


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
        loaded = folder.load("a.toml", text + "query = 'any where true'")
        assert codes(loaded) == ["wrong-key-type"]
        loaded = folder.load("b.toml", text.replace('"1.0"', "1") + "query = 'any where true'")
        assert [rule.id for rule in loaded.rules] == ["e"]
        assert codes(loaded) == ["unknown-rule-keys"]

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

        def refuse(_: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
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
            ("risk_score = '21'", "risk_score", "a string"),
            ("risk_score = 21.5", "risk_score", "a number"),
            ("risk_score = true", "risk_score", "a boolean"),
            ("name = 5", "name", "an integer"),
            ("interval = 5", "interval", "an integer"),
            ("tags = 'x'", "tags", "a string"),
            ("enabled = 'yes'", "enabled", "a string"),
            ("from = 2026-01-01", "from", "a date"),
            ("timestamp_override = ['x']", "timestamp_override", "a list with a string"),
            ("threat = 'TA0001'", "threat", "a string"),
            ("threat = [{ framework = 'x' }]", "threat", "a list with a table"),
            ("threat = [{ tactic = { id = 1 } }]", "threat", "a list with a table"),
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

    def test_a_query_that_is_no_string(self, folder: Folder):
        diagnostic = folder.fault("a.toml", "[rule]\nname = 'x'\nquery = ['a']\n")
        assert diagnostic.code == "wrong-key-type"
        assert marked(diagnostic) == (3, "['a']")

    def test_metadata_that_is_no_table(self, folder: Folder):
        diagnostic = folder.fault("a.toml", "metadata = 1\n[rule]\nquery = 'any where true'")
        assert (diagnostic.code, marked(diagnostic)) == ("wrong-key-type", (1, "1"))

    def test_all_wrong_keys_are_said_at_once(self, folder: Folder):
        text = "[rule]\nquery = 'any where true'\nname = 1\ntags = 2\nindex = 3\n"
        assert codes(folder.load("a.toml", text)) == ["wrong-key-type"] * 3

    def test_null_in_json_is_nothing(self, folder: Folder):
        loaded = folder.load("a.json", json.dumps({**KIBANA, "note": None, "index": None}))
        assert loaded.diagnostics == ()
        assert (loaded.rules[0].note, loaded.rules[0].index) == (None, ())


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
