"""`eqlx diff`: files, folders and git revisions."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_harness import call

OLD, NEW = 'process where process.name : "a*"', 'process where process.name : ("a*", "b*")'


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    for side, text in (("old", OLD), ("new", NEW)):
        folder = tmp_path / side
        folder.mkdir()
        (folder / "rule.eql").write_text(text, "utf-8")
        (folder / "same.eql").write_text("any where true", "utf-8")
    (tmp_path / "new" / "added.eql").write_text("any where true", "utf-8")
    return tmp_path / "old", tmp_path / "new"


def test_folders(sides: tuple[Path, Path]):
    result = call("diff", *sides)
    assert result.exit_code == 1
    assert "meaning changed: rule" in result.stdout
    assert "newly matches (confirmed by DuckDB" in result.stdout
    assert "no longer matches" not in result.stdout
    assert "3 rules: 1 same meaning, 1 meaning changed, 1 added" in result.stdout
    assert call("diff", *sides, "--allow-changed").exit_code == 0
    assert call("diff", sides[0], sides[0]).exit_code == 0


def test_json_and_markdown(sides: tuple[Path, Path]):
    found = json.loads(call("diff", *sides, "--format", "json").stdout)
    assert {each["rule"]: each["change"] for each in found} == {
        "rule.eql": "changed",
        "same.eql": "same",
        "added.eql": "added",
    }
    shown = call("diff", *sides, "--format", "markdown").stdout
    assert "### rule: meaning changed" in shown
    assert "It **newly matches** these events (confirmed by DuckDB):" in shown


def test_a_rule_cannot_write_markdown(tmp_path: Path):
    evil = "<img src=x> ![](http://x) `a`"
    for side, text in (("old.toml", OLD), ("new.toml", NEW)):
        (tmp_path / side).write_text(
            f"[rule]\nname = '{evil}'\nrule_id = 'x'\ntype = 'eql'\nlanguage = 'eql'\n"
            f"query = '''{text}'''\n",
            "utf-8",
        )
    shown = call(
        "diff", tmp_path / "old.toml", tmp_path / "new.toml", "--format", "markdown"
    ).stdout
    assert "<img" not in shown.replace("\\<", "")
    assert "![" not in shown.replace("\\!", "")


@pytest.mark.skipif(shutil.which("git") is None, reason="NO GIT: revisions are not compared")
def test_revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    rules = tmp_path / "rules"
    rules.mkdir()

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    git("init", "-q", ".")
    (rules / "rule.eql").write_text(OLD, "utf-8")
    git("add", "-A")
    git("commit", "-qm", "one")
    (rules / "rule.eql").write_text(NEW, "utf-8")
    working = call("diff", "HEAD..", "rules")
    assert working.exit_code == 1
    assert "newly matches" in working.stdout
    git("commit", "-qam", "two")
    assert "newly matches" in call("diff", "HEAD~1..HEAD", "rules").stdout
    assert "no longer matches" in call("diff", "HEAD..HEAD~1", "rules").stdout
    assert "1 same meaning" in call("diff", "HEAD..", "rules").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere..", "rules"], "no rules at `nowhere`"),
        (["--", "-x..", "rules"], "is no revision"),
        (["one"], "two versions are compared"),
        (["gone", "gone"], "error["),
    ],
)
def test_what_cannot_be_compared(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    result = call("diff", *arguments)
    assert result.exit_code == 3
    assert said in result.stderr
