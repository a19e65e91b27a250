"""`--changed-since REV`: the rules that differ from a revision, by git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cli_harness import call

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="NO GIT")

TEST = (
    'tests: [{{name: a, events: [{{"event": {{"category": "process"}}, "n": {n}}}], matches: 1}}]'
)


def git(*command: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *identity, *command], check=True, capture_output=True)


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with four rules, below a folder; one is changed, one gone, one new, one's test changed."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    folder = Path("content/my rules")
    folder.mkdir(parents=True)
    for name in ("same", "changed", "gone", "tested"):
        (folder / f"{name}.eql").write_text("process where n == 1")
        (folder / f"{name}.test.yml").write_text(TEST.format(n=1))
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (folder / "changed.eql").write_text("process where n == 1 and true")
    (folder / "gone.eql").unlink()
    (folder / "gone.test.yml").unlink()
    (folder / "new é.eql").write_text("process where n == 2")
    (folder / "new é.test.yml").write_text(TEST.format(n=2))
    (folder / "tested.test.yml").write_text(TEST.format(n=1) + "\n")
    return folder


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("paths", [("content",), (".",), ("content/my rules",)])
def test_check_takes_the_changed_and_the_new(paths: tuple[str, ...]) -> None:
    result = call("check", *paths, "--changed-since", "HEAD")
    assert "2 rules checked, 2 clean" in result.stderr, result.stderr


def test_a_file_that_is_named_is_left_out_where_it_did_not_change(rules: Path) -> None:
    result = call("check", rules / "same.eql", rules / "changed.eql", "--changed-since", "HEAD")
    assert "1 rule checked" in result.stderr


def test_verify_takes_them_too(rules: Path) -> None:
    result = call("verify", rules, "--changed-since", "HEAD", "--engines", "duckdb")
    assert "2 rules" in result.stdout + result.stderr
    assert "same" not in result.stdout


def test_test_runs_rules_whose_tests_changed(rules: Path) -> None:
    result = call("test", rules, "--changed-since", "HEAD", "--verbose", "--engine", "reference")
    assert result.exit_code == 0, result.stderr
    named = {name for name in ("same", "changed", "new", "tested") if f"{name}" in result.stdout}
    assert {"changed", "tested"} <= named
    assert "same.test.yml" not in result.stdout


@pytest.mark.parametrize("command", ["check", "verify", "test"])
def test_nothing_changed_is_no_error(rules: Path, command: str) -> None:
    git("add", ".")
    git("commit", "-q", "-m", "second")
    result = call(command, rules, "--changed-since", "HEAD")
    assert (result.exit_code, result.stderr) == (0, "no rule changed since `HEAD`\n")


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=x"])
def test_what_is_no_revision_is_said(rules: Path, revision: str) -> None:
    result = call("check", rules, f"--changed-since={revision}")
    assert result.exit_code == 3
    assert "error[usage]" in result.stderr
    assert revision in result.stderr
    assert not Path("x").exists()


def test_a_path_that_is_not_there_is_an_error(rules: Path) -> None:
    result = call("check", rules / "nosuch", "--changed-since", "HEAD")
    assert result.exit_code == 3
    assert "rule-file-not-found" in result.stderr


def test_the_document_is_written_where_nothing_changed(rules: Path) -> None:
    git("add", ".")
    git("commit", "-q", "-m", "second")
    result = call("check", rules, "--changed-since", "HEAD", "--format", "gitlab")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
