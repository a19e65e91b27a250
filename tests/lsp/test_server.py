"""The language server through a client of another process: what an editor sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsp_client import Editor, applied, place
from lsprotocol import types as lsp

RULE = '''[rule]
name = "Ü 🙂"
type = "eql"
language = "eql"
query = """
process where event.type == "start" and process.name : "cmd.exe" and
  process.command_line : "*🙂*" and process.nmae == "x"
"""
'''
SEQUENCE = """sequence by host.id with maxspan=1m
  [process where process.name == "a"]
  ![file where true]
  [network where destination.port == 443]
until [process where event.type == "end"]
"""


@pytest.fixture(scope="module")
def editor():
    with Editor() as started:
        yield started


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rule.eql"


def start(diagnostic):
    return diagnostic.range.start.line, diagnostic.range.start.character


# --- diagnostics ----------------------------------------------------------------------------------


def test_diagnostics_come_while_typing_and_go(editor, file):
    (said,) = editor.open(file, 'process where process.name = "x"')
    assert said.code == "single-equals"
    assert said.severity is lsp.DiagnosticSeverity.Error
    assert (start(said), said.range.end.character) == ((0, 27), 28)
    assert "help: write" in said.message
    assert editor.change(file, 'process where process.name == "x"') == []
    (said,) = editor.change(file, 'process where process.nmae == "x"')
    assert said.severity is lsp.DiagnosticSeverity.Warning
    assert editor.close(file) == []


def test_a_place_in_a_rule_file_is_the_files_own(editor, tmp_path):
    path = tmp_path / "rule.toml"
    (said,) = editor.open(path, RULE)
    assert said.code == "misspelt-field"
    # Columns are UTF-16 units: the face before it takes two.
    assert start(said) == (6, RULE.split("\n")[6].index("process.nmae") + 1)


def test_broken_toml_is_said_and_other_toml_is_left_alone(editor, tmp_path):
    (said,) = editor.open(tmp_path / "broken.toml", "[rule\n")
    assert said.code == "broken-toml"
    assert editor.open(tmp_path / "pyproject.toml", '[project]\nname = "x"\n') == []


@pytest.mark.parametrize(
    "text", ["", "\n", '"', '"""', "/*", "[", "`", "process where \x00", "\ud7ff🙂", "a.", "~"]
)
def test_every_text_is_answered(editor, file, text):
    editor.open(file, text)
    position = lsp.Position(0, len(text))
    editor.ask("hover", file, position)
    editor.ask("completion", file, position)
    editor.ask("semantic_tokens_full", file)
    editor.ask("document_symbol", file)
    editor.ask("formatting", file, lsp.FormattingOptions(2, insert_spaces=True))
    whole = lsp.Range(lsp.Position(0, 0), position)
    editor.ask("code_action", file, whole, lsp.CodeActionContext([]))


def test_a_position_beyond_the_text_is_its_end(editor, file):
    editor.open(file, "process where true")
    assert editor.ask("hover", file, lsp.Position(9, 9)) is None
    found = editor.ask("completion", file, lsp.Position(0, 999))
    assert [item.label for item in found.items] == ["true"]


# --- hover ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("process where process.|pid == 1", ["**process.pid**: long", "Process id."]),
        ('process where process.ar|gs : "x"', ["keyword; may hold several values"]),
        ('process where endsWi|th~(process.name, "x")', ["endsWith(source, substring)", "Gives a boolean", "is null, the result is null"]),
        ('process where ind|exOf(process.name, "x") > 1', ["If `start` is null, as if the argument were absent"]),
        ('process where process.name |: "x"', ["ignoring letter case"]),
        ('process where process.name !|= "x"', ["An event without the field matches"]),
        ('process where process.name li|ke~ "x"', ["pattern"]),
        ("process where no.such|_field == 1", ["no field of the catalogue"]),
        ('process where `process`.|name == "x"', ["**process.name**"]),
        ("sequence with maxsp|an=1m [any where true] [any where true]", ["longest time"]),
        ('process where process.name == "a|b"', None),
        ("process where true // process.na|me", None),
    ],
)  # fmt: skip
def test_hover(editor, file, text, shown):
    text, position = place(text)
    editor.open(file, text)
    found = editor.ask("hover", file, position)
    if shown is None:
        assert found is None
        return
    for part in shown:
        assert part in found.contents.value


def test_hover_in_a_rule_file_has_the_files_range(editor, tmp_path):
    text, position = place(RULE.replace("process.nmae", "process.na|me"))
    editor.open(tmp_path / "rule.toml", text)
    found = editor.ask("hover", tmp_path / "rule.toml", position)
    assert "**process.name**" in found.contents.value
    assert found.range.start.line == 6
    assert editor.ask("hover", tmp_path / "rule.toml", lsp.Position(2, 3)) is None


# --- completion -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "never"),
    [
        ("|", ["api"], ["process.name"]),
        ("proc|", ["process"], ["file"]),
        ("seq|", ["sequence"], []),
        ("sequence by host.id [fi|", ["file"], ["sequence"]),
        ("process where process.na|", ["process.name"], ["and"]),
        ("file where file.ext|", ["file.extension"], []),
        ("registry where |", ["registry.hive"], []),
        ("process where start|", ["startsWith"], []),
        ('process where event.type == "|', ["access", "change", "end", "info", "start"], ["process.name"]),
        ('process where event.type : ("start", "e|', ["end"], []),
        ("process where event.outcome in (|", ["failure", "success", "unknown"], []),
        ("process where process.name |", ["and"], ["process.name"]),
        ("sequence by ho|", [], ["startsWith"]),
        ("any where true | |", [], []),
        ('process where process.name == "ab|', [], ["and"]),
        ("process where true // proc|", [], ["process"]),
    ],
)  # fmt: skip
def test_completion(editor, file, text, first, never):
    before, _, after = text.rpartition("|")
    editor.open(file, before + after)
    found = editor.ask("completion", file, lsp.Position(0, len(before)))
    labels = [item.label for item in found.items]
    assert labels[: len(first)] == first
    assert not set(never) & set(labels)


def test_completion_replaces_what_is_typed(editor, file):
    text, position = place("process where process.comma|")
    editor.open(file, text)
    found = editor.ask("completion", file, position)
    item = next(item for item in found.items if item.label == "process.command_line")
    assert applied(text, [item.text_edit]) == "process where process.command_line"
    assert item.detail == "keyword"
    assert item.documentation.startswith("Full command line")


def test_many_fields_come_when_more_is_typed(editor, file):
    text, position = place("process where p|")
    editor.open(file, text)
    found = editor.ask("completion", file, position)
    assert found.is_incomplete
    assert len(found.items) < 250


# --- formatting, corrections, outline, colours ----------------------------------------------------


def test_formatting_gives_what_fmt_writes(editor, file):
    text = 'process   where process.name:"a" // why\n'
    editor.open(file, text)
    edits = editor.ask("formatting", file, lsp.FormattingOptions(2, insert_spaces=True))
    assert applied(text, edits) == 'process where process.name : "a" // why\n'
    editor.change(file, applied(text, edits))
    assert not editor.ask("formatting", file, lsp.FormattingOptions(2, insert_spaces=True))


def test_formatting_a_rule_file_leaves_the_rest(editor, tmp_path):
    text = RULE.replace('"start" and', '"start"   and')
    editor.open(tmp_path / "rule.toml", text)
    edits = editor.ask(
        "formatting", tmp_path / "rule.toml", lsp.FormattingOptions(2, insert_spaces=True)
    )
    made = applied(text, edits)
    assert 'name = "Ü 🙂"' in made
    assert '"start" and' in made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ('process where process.name = "x"', 'process where process.name == "x"'),
        ('process where process.nmae == "x"', 'process where process.name == "x"'),
        ("process where process.name == 'x'", 'process where process.name == "x"'),
        ('process where process.name : "x" AND true', 'process where process.name : "x" and true'),
        ('process where event.type == "strat"', 'process where event.type == "start"'),
    ],
)
def test_corrections_of_what_is_said(editor, file, text, made):
    said = editor.open(file, text)
    assert said
    found = editor.ask("code_action", file, said[0].range, lsp.CodeActionContext(said))
    results = [applied(text, next(iter(each.edit.changes.values()))) for each in found]
    assert made in results
    assert all(each.kind == lsp.CodeActionKind.QuickFix for each in found)


def test_no_correction_where_nothing_is_wrong(editor, file):
    editor.open(file, 'process where process.name = "x" and process.pid == 4')
    there = lsp.Range(lsp.Position(0, 45), lsp.Position(0, 46))
    assert not editor.ask("code_action", file, there, lsp.CodeActionContext([]))


def test_the_outline_has_the_stages(editor, file):
    editor.open(file, SEQUENCE)
    (query,) = editor.ask("document_symbol", file)
    assert query.detail == "sequence by host.id with maxspan=1m"
    assert [child.name for child in query.children] == [
        "1: process",
        "2: no file",
        "3: network",
        "until: process",
    ]
    assert query.children[2].range.start.line == 3
    assert query.children[2].detail == "destination.port == 443"


def test_colours_are_the_words(editor, file):
    editor.open(file, "process where /* é\n🙂 */ length(process.name) > 2")
    legend = editor.initialized.capabilities.semantic_tokens_provider.legend.token_types
    data = editor.ask("semantic_tokens_full", file).data
    found, line, column = [], 0, 0
    for down, right, length, kind, _ in zip(*[iter(data)] * 5, strict=True):
        line, column = line + down, right if down else column + right
        found.append((line, column, length, legend[kind]))
    assert found == [
        (0, 0, 7, "enumMember"),
        (0, 8, 5, "keyword"),
        (0, 14, 4, "comment"),
        (1, 0, 5, "comment"),
        (1, 6, 6, "function"),
        (1, 13, 12, "property"),
        (1, 27, 1, "operator"),
        (1, 29, 1, "number"),
    ]


# --- settings -------------------------------------------------------------------------------------


def test_a_field_list_of_the_client(tmp_path):
    schema = tmp_path / "fields.txt"
    schema.write_text("my.own  long\n")
    with Editor({"schema": str(schema), "folding": "ascii"}) as editor:
        file = tmp_path / "r.eql"
        editor.open(file, "any where my.own == 1")
        found = editor.ask("hover", file, lsp.Position(0, 12))
        assert "**my.own**: long" in found.contents.value


def test_wrong_settings_are_said(tmp_path):
    with Editor({"schema": str(tmp_path / "none.txt")}) as editor:
        assert editor.open(tmp_path / "r.eql", "any where true") == []
        assert "`schema`" in editor.messages[0]


RULES = sorted((Path(__file__).parents[2] / "rules").rglob("*.toml"))


def test_our_own_rules_have_no_errors(editor):
    assert RULES
    for path in RULES:
        said = editor.open(path, path.read_text("utf-8"))
        assert all(each.severity is not lsp.DiagnosticSeverity.Error for each in said), path
