"""The small inputs of `data/cases` that were once wrong: each gives what its `expected.txt` asks for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_harness import call

from eqlx_harness.data import need


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_01_an_absence_at_the_end(engine: str) -> None:
    folder = need("cases", "01")
    result = call(
        "run", folder / "rule.eql", "--events", folder / "events.ndjson", "--engine", engine,
        "--format", "ndjson", "--id-field", "id",
    )  # fmt: skip
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert [event and event["id"] for event in json.loads(line)["events"]] == ["1", None]


def test_09_a_loss_is_said_where_a_person_looks() -> None:
    result = call("convert", need("cases", "09") / "rule.toml", "--to", "sql")
    (grade,) = re.findall(r"^-- fidelity: (\w+)", result.stdout, re.MULTILINE) or ["exact"]
    # Letter case either is exact, or the artifact and stderr say in which direction it is not.
    assert (grade == "approximate") == ("note[changes-meaning]: the result widens" in result.stderr)


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_08_a_name_with_a_hyphen(engine: str) -> None:
    folder = need("cases", "08")
    events = folder / "events.ndjson"
    result = call("run", folder / "rule.eql", "--events", events, "--engine", engine)
    assert result.exit_code == 2
    assert "warning[hyphenated-name]" in result.stderr
    assert "= help: a name with `-` stands in backticks: `` `my-field` ``" in result.stderr
    assert "there is a field `my-field`" in result.stderr
    assert "write a number" not in result.stderr
    right = call("run", "-q", 'any where `my-field` == "y"', "--events", events, "--engine", engine)
    assert right.exit_code == 0
    assert "my-field" in right.stdout


@pytest.mark.parametrize(
    ("file", "slug"),
    [("ms1", None), ("ms2", "maxspan-beyond-window"), ("ms3", "absence-not-yet-known")],
)
def test_10_a_sequence_and_the_window_of_its_rule(file: str, slug: str | None) -> None:
    path = need("cases", "10") / f"{file}.toml"
    result, strict = call("check", path), call("check", path, "--strict")
    if slug is None:
        assert (result.exit_code, strict.exit_code) == (0, 0)
    else:
        assert f"warning[{slug}]" in result.stderr
        assert f"error[{slug}]" in strict.stderr
        assert (result.exit_code, strict.exit_code) == (1, 2)


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize("file", ["events.ndjson", "hits.json"])
def test_07_documents_as_a_search_answers_with_them(engine: str, file: str) -> None:
    folder = need("cases", "07")
    result = call(
        "run", folder / "rule.eql", "--events", folder / file, "--engine", engine,
        "--format", "ndjson",
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    assert [event["id"] for event in json.loads(line)["events"]] == [1]


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize("answer", [False, True])
def test_a_hit_keeps_its_id(tmp_path: Path, engine: str, answer: bool) -> None:
    hits: list[object] = [
        {"_id": name, "_index": "logs", "_source": {"event": {"category": "process"}, "n": number}}
        for number, name in enumerate(["first", "second"])
    ]
    events = tmp_path / "events.ndjson"
    lines = [{"hits": {"hits": hits}}] if answer else hits
    events.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = call(
        "run", "-q", "process where n == 1", "--events", events, "--engine", engine,
        "--format", "ndjson", "--id-field", "_id",
    )  # fmt: skip
    assert "id-field-missing" not in result.stderr
    (line,) = result.stdout.splitlines()
    assert [event["id"] for event in json.loads(line)["events"]] == ["second"]


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize(("folding", "matches"), [("unicode", 1), ("ascii", 0)])
def test_09_the_kelvin_sign_is_a_letter_k_where_letters_fold_as_in_unicode(
    engine: str, folding: str, matches: int
) -> None:
    result = call(
        "run", "-q", 'process where process.name : "K*"', "--engine", engine, "--format", "ndjson",
        "--events", need("cases", "09") / "events.ndjson", "--folding", folding,
    )  # fmt: skip
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == matches
    assert "changes-meaning" not in result.stderr
