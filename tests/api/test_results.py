"""`eqlx.run`, `check`, `explain`, `verify`, `diff`: what they give, and how they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import eqlx
from eqlx.driver.diff import Change
from eqlx.execution import MatchKind

RULES = Path(__file__).parents[2] / "rules"
EVENTS = Path(__file__).parents[2] / "golden" / "runs" / "seed-rules" / "events.ndjson"
QUERY = 'process where process.name : ("cmd.exe", "powershell.exe")'


def event(name, second=0, **more):
    return {
        "@timestamp": f"2026-12-01T09:00:{second:02}.000Z",
        "event": {"category": "process"},
        "process": {"name": name, **more},
        "host": {"id": "a"},
    }


def slugs(error):
    return [diagnostic.code for diagnostic in error.value.diagnostics]


# --- run ------------------------------------------------------------------------------------------


def test_matches_come_with_their_rules():
    found = eqlx.run(QUERY, [event("CMD.EXE"), event("sh"), event("powershell.exe")])
    assert [(rule.label, match.events[0].row) for rule, match in found] == [
        ("query", 1),
        ("query", 3),
    ]
    assert len(found) == 2
    assert found.failed == ()
    assert [record["kind"] for record in found.records()] == ["event", "event"]


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_engines_agree_over_files(engine):
    rules = eqlx.load_rules(RULES)
    found = eqlx.run(rules, EVENTS, engine=engine, roles=eqlx.Roles(id="event.id"))
    assert [run.rule for run in found.runs] == list(rules)
    expected = eqlx.run([RULES], [str(EVENTS)], engine="duckdb", roles=eqlx.Roles(id="event.id"))
    assert len(found) > 0
    assert [match for _, match in found] == [match for _, match in expected]


def test_a_rule_that_fails_does_not_stop_the_others():
    found = eqlx.run([QUERY, "process where"], [event("cmd.exe")])
    assert len(found) == 1
    (failed,) = found.failed
    assert failed.rule.label == "query-2"
    assert [d.code for d in failed.diagnostics] == ["unexpected-end"]


def test_a_rule_file_that_fails_does_not_stop_the_others(tmp_path):
    (tmp_path / "a.eql").write_text(QUERY)
    (tmp_path / "b.toml").write_text("[rule\n")
    found = eqlx.run(tmp_path, [event("cmd.exe")])
    assert len(found) == 1
    assert [d.severity for d in found.diagnostics] == [eqlx.Severity.ERROR]
    assert str(found.diagnostics[0].place).startswith(str(tmp_path / "b.toml"))


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"events": "no-such-file.ndjson"}, "events-unreadable"),
        ({"engine": "duckdbb"}, "unknown-executor"),
        ({"engine": "duckdb", "url": "https://host"}, "engine-settings"),
        ({"pack": "no-such-pack"}, "pack-unknown"),
        ({"schema": "no-such-file.txt"}, "cannot-read"),
        ({"rules": Path("no-such-rule.toml")}, "rule-file-not-found"),
        ({"rules": []}, "no-rules"),
    ],
)
def test_run_raises_for_wrong_requests(arguments, slug):
    with pytest.raises(eqlx.EqlxError) as error:
        eqlx.run(**{"rules": QUERY, "events": [event("cmd.exe")], **arguments})
    assert slugs(error) == [slug]


def test_a_broken_line_of_events_has_a_place(tmp_path):
    file = tmp_path / "e.ndjson"
    file.write_text(json.dumps(event("cmd.exe")) + "\n{no\n")
    with pytest.raises(eqlx.EqlxError) as error:
        eqlx.run(QUERY, file)
    assert str(error.value.diagnostics[0].place).startswith(f"{file}:2:")
    found = eqlx.run(QUERY, file, skip_broken=True)
    assert len(found) == 1
    assert [d.code for d in found.diagnostics] == ["broken-events-skipped"]


def test_paths_and_dictionaries_exclude_each_other():
    with pytest.raises(TypeError, match="never both"):
        eqlx.run(QUERY, [str(EVENTS), event("cmd.exe")])


# --- tables ---------------------------------------------------------------------------------------

SEQUENCE = """
sequence by host.id with maxspan=1m
  [process where process.name == "a"]
  ![process where process.name == "b"]
  [process where process.name == "c"]
"""


def test_an_arrow_table_has_a_row_for_each_event():
    found = eqlx.run(
        [QUERY, SEQUENCE],
        [event("cmd.exe"), event("a", 1), event("c", 2, args=["x", "y"], pid=7)],
    )
    table = found.arrow("process.name", "process.args", "process.pid")
    rows = table.to_pylist()
    assert [row["kind"] for row in rows] == ["event", "sequence", "sequence", "sequence"]
    assert [row["stage"] for row in rows] == [0, 0, 1, 2]
    assert [row["row"] for row in rows] == [1, 2, None, 3]
    assert [row["missing"] for row in rows] == [False, False, True, False]
    assert [row["join_keys"] for row in rows] == [[], ["a"], ["a"], ["a"]]
    assert [row["process.name"] for row in rows] == ["cmd.exe", "a", None, "c"]
    assert [row["process.args"] for row in rows] == [None, None, None, ["x", "y"]]
    assert [row["process.pid"] for row in rows] == [None, None, None, 7]
    assert json.loads(rows[0]["event"]) == event("cmd.exe")
    assert rows[2]["event"] is None
    assert MatchKind(rows[1]["kind"]) is MatchKind.SEQUENCE


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1, "a"], ["1", "a"]),
        ([True, 1.5], ["true", "1.5"]),
        ([2**70, "b"], [str(2**70), "b"]),
        ([[1, "a"], 2], [["1", "a"], ["2"]]),
        ([1, 2], [1, 2]),
    ],
)
def test_a_field_of_several_types_is_a_column_of_strings(values, shown):
    events = [event("cmd.exe", labels=value) for value in values]
    found = eqlx.run(QUERY, events, engine="reference")
    assert found.arrow("process.labels").column("process.labels").to_pylist() == shown


def test_a_field_that_no_event_has_can_be_compared():
    found = eqlx.run("process where true", [{"event": {"category": "process"}}])
    assert found.relation("not.there").filter("\"not.there\" = 'x'").fetchall() == []
    assert str(found.arrow("not.there").schema.field("not.there").type) == "string"


def test_an_empty_table_has_all_columns():
    table = eqlx.run(QUERY, [event("sh")]).arrow("process.name")
    assert table.num_rows == 0
    assert table.column_names[0] == "rule"
    assert table.column_names[-1] == "process.name"


def test_a_field_does_not_replace_a_column():
    with pytest.raises(ValueError, match="`row` is a column"):
        eqlx.run(QUERY, [event("cmd.exe")]).arrow("row")


def test_a_relation_is_one_of_the_callers_connection():
    import duckdb

    connection = duckdb.connect()
    found = eqlx.run(QUERY, [event("cmd.exe"), event("powershell.exe")])
    relation = found.relation("process.name", connection=connection)
    assert relation.project('"process.name"').order('"process.name"').fetchall() == [
        ("cmd.exe",),
        ("powershell.exe",),
    ]
    assert found.relation().count("*").fetchall() == [(2,)]


def test_without_pyarrow_the_error_says_what_to_install(monkeypatch):
    import sys

    found = eqlx.run(QUERY, [event("cmd.exe")])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'eqlx\[arrow\]'"):
        found.arrow()


# --- check, explain, verify, diff -----------------------------------------------------------------


def test_check_gives_places_and_strings():
    found = eqlx.check(['process where process.nmae == "x"', QUERY])
    assert [check.is_valid for check in found.rules] == [True, True]
    assert not found.is_clean
    (said,) = [d for d in found.diagnostics if d.code == "misspelt-field"]
    assert (said.place, said.excerpt) == ("query-1:1:15", "process.nmae")
    assert eqlx.check(QUERY).is_clean


def test_explain_shows_the_clauses():
    found = eqlx.explain(QUERY, [event("CMD.EXE"), event("sh")])
    assert str(found).startswith("1 of 2 events match")
    assert found.record()["events"]
    with pytest.raises(eqlx.EqlxError) as error:
        eqlx.explain("process where", [event("sh")])
    assert slugs(error) == ["unexpected-end"]


def test_verify_says_whether_a_rule_is_sound():
    found = eqlx.verify(QUERY, targets=["sigma"])
    assert found.is_sound
    assert [lane.name for lane in found.rules[0].lanes][-1] == "sigma"
    assert "agrees" in str(found)
    assert not eqlx.verify("process where").is_sound


def test_diff_shows_what_a_change_does():
    found = eqlx.diff(QUERY, 'process where process.name : "cmd.exe"')
    (changed,) = found.changed
    assert changed.losses is not None
    assert changed.losses.confirmed
    assert "no longer matches" in str(found)
    assert found.markdown()
    (same,) = eqlx.diff(QUERY, QUERY)
    assert same.change is Change.SAME


# --- errors and names -----------------------------------------------------------------------------


def test_an_error_carries_place_and_string():
    with pytest.raises(eqlx.EqlxError) as error:
        eqlx.convert('process where process.name = "x"')
    assert str(error.value).endswith("(query:1:28)")
    diagnostic = error.value.diagnostics[0]
    assert (diagnostic.place, diagnostic.excerpt) == ("query:1:28", "=")
    assert "--> query:1:28" in eqlx.render_diagnostics(error.value.diagnostics)


def test_a_place_is_that_of_the_file(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text("[rule]\nname = 'x'\nlanguage = 'eql'\nquery = '''\nprocess where a = 1\n'''\n")
    (rule,) = eqlx.load_rules(file)
    with pytest.raises(eqlx.EqlxError) as error:
        eqlx.convert(rule)
    assert error.value.diagnostics[0].place == f"{file}:5:17"


@pytest.mark.parametrize("name", eqlx.__all__)
def test_every_public_name_is_there(name):
    assert getattr(eqlx, name) is not None
    assert name in dir(eqlx)
