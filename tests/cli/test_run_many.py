"""Many rules over data of one kind: what concerns one rule alone does not bury the matches."""

from __future__ import annotations

import json

from cli_harness import call

ONE = 'any where user.name == "a" and file.name == "b"'
OTHER = 'any where process.name == "a"'


def events(folder):
    path = folder / "events.ndjson"
    path.write_text('{"@timestamp": "2026-01-01T00:00:00Z", "host": {"name": "x"}}\n')
    return ["--events", path]


def rules(folder):
    for name, query in {"one": ONE, "other": OTHER}.items():
        (folder / f"{name}.eql").write_text(query)
    return folder


def test_a_rule_alone_names_each_field_that_the_data_lacks(tmp_path):
    result = call("run", "-q", ONE, *events(tmp_path))
    assert result.stderr.count("note[column-missing]") == 2


def test_of_many_rules_the_fields_are_counted(tmp_path):
    result = call("run", rules(tmp_path), *events(tmp_path))
    assert "column-missing" not in result.stderr
    assert "3 fields of the rules in no event, read as null" in result.stderr


def test_quiet_is_quiet(tmp_path):
    result = call("run", rules(tmp_path), *events(tmp_path), "--quiet")
    assert "in no event" not in result.stderr


def test_for_programs_nothing_is_gathered(tmp_path):
    result = call("run", rules(tmp_path), *events(tmp_path), "--diagnostics-format", "jsonl")
    codes = [json.loads(line)["code"] for line in result.stderr.splitlines()]
    assert codes.count("column-missing") == 3
