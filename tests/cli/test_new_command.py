"""`eqlx new`: what it writes is valid, and passes its own tests."""

from __future__ import annotations

import tomllib

import pytest
from cli_harness import call


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def passes(path):
    checked = call("check", path)
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.stderr
    tested = call("test", path)
    assert tested.exit_code == 0, tested.stdout
    for target in ("sql", "elasticsearch", "eql"):
        assert call("convert", path, "--to", target).exit_code == 0


@pytest.mark.parametrize("more", [(), ("--sequence",)])
def test_a_first_rule_passes_its_tests(folder, more):
    result = call("new", "rules/download_by_certutil.toml", *more)
    assert result.exit_code == 0, result.stderr
    assert "download_by_certutil.test.yml" in result.stderr
    passes("rules/download_by_certutil.toml")
    rule = tomllib.loads((folder / "rules/download_by_certutil.toml").read_text())["rule"]
    assert rule["name"] == "Download by certutil"


def test_a_first_rule_has_an_id_of_its_own(folder):
    call("new", "a.toml")
    call("new", "b.toml")
    ids = {tomllib.loads((folder / f"{n}.toml").read_text())["rule"]["rule_id"] for n in "ab"}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "query",
    [
        'process where process.name : "cmd.exe"',
        'sequence by host.id [process where process.name == "a"] [file where file.size > 3] | tail 2',
        'process where process.command_line : """C:\\x\\*"""',
        'any where user.name == "é🙂" // a remark',
    ],
)
def test_a_rule_from_a_query(folder, query):
    result = call("new", "q.toml", "-q", query, "--name", 'A "name" \\ é')
    assert result.exit_code == 0, result.stderr
    passes("q.toml")
    rule = tomllib.loads((folder / "q.toml").read_text("utf-8"))["rule"]
    assert rule["query"] == f"{query}\n"
    assert rule["name"] == 'A "name" \\ é'


def test_files_are_not_written_over(folder):
    (folder / "a.test.yml").write_text("mine")
    result = call("new", "a.toml")
    assert result.exit_code == 3
    assert "a.test.yml" in result.stderr
    assert not (folder / "a.toml").exists()
    assert call("new", "a.toml", "--force").exit_code == 0
    passes("a.toml")


def test_an_invalid_query_writes_nothing(folder):
    result = call("new", "a.toml", "-q", "process where process.name = 1")
    assert result.exit_code == 2
    assert "single-equals" in result.stderr
    assert list(folder.iterdir()) == []


def test_a_query_that_toml_cannot_hold(folder):
    result = call("new", "a.toml", "-q", "process where process.name == \"a'''b\"")
    assert result.exit_code == 3
    assert "write the rule file by hand" in result.stderr
    assert list(folder.iterdir()) == []
