"""`eqlx check --write-baseline` and `--baseline`: known findings are left out, each as often as it was found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_harness import call

from eqlx.driver.check import check_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.render.github import render
from eqlx.rulefile.loader import from_query
from eqlx_harness.data import need

WRONG = 'process where event.type == "strat"\n'
RULE = "[rule]\nname = \"N\"\nrule_id = \"{id}\"\ntype = \"eql\"\nquery = '''\n{query}'''\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.toml").write_text(RULE.format(id="id-a", query=WRONG))
    (folder / "b.toml").write_text(RULE.format(id="id-b", query="any where a ===\n"))
    return folder


def test_green_after_the_baseline_and_red_for_what_is_new(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert call("check", rules).exit_code == 2
    assert call("check", rules, "--write-baseline", file).exit_code == 0
    first = file.read_text()
    assert {(f["rule"], f["code"]) for f in json.loads(first)["findings"]} == {
        ("id-a", "misspelt-event-value"),
        ("id-b", "foreign-sign"),
    }
    for strict in ((), ("--strict",)):
        result = call("check", rules, "--baseline", file, *strict)
        assert (result.exit_code, "2 known findings left out" in result.stderr) == (0, True)
    # Another file, other lines and another order: the same findings.
    (rules / "z.toml").write_text("\n\n" + (rules / "a.toml").read_text())
    (rules / "a.toml").unlink()
    assert call("check", rules, "--baseline", file).exit_code == 0
    # The same fault a second time in the same rule is new.
    twice = WRONG.strip() + ' or event.type == "strat"\n'
    (rules / "z.toml").write_text(RULE.format(id="id-a", query=twice))
    result = call("check", rules, "--baseline", file, "--diagnostics-format", "concise")
    assert result.exit_code == 1
    assert result.stderr.count("warning[misspelt-event-value]") == 1
    # A new rule's fault is new.
    (rules / "c.toml").write_text(RULE.format(id="id-c", query="any where\n"))
    assert call("check", rules, "--baseline", file).exit_code == 2


def test_findings_that_are_gone_are_said(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    call("check", rules, "--write-baseline", file)
    (rules / "b.toml").write_text(RULE.format(id="id-b", query="any where a == 1\n"))
    result = call("check", rules, "--baseline", file)
    assert result.exit_code == 0
    assert (
        "note[stale-baseline]: the baseline lists 1 finding that no rule has any more"
        in result.stderr
    )
    call("check", rules, "--write-baseline", file)
    assert "stale-baseline" not in call("check", rules, "--baseline", file).stderr


def test_a_file_that_cannot_be_read_is_never_known(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    (rules / "bad.toml").write_text("[rule\n")
    assert call("check", rules, "--write-baseline", file).exit_code == 2
    assert call("check", rules, "--baseline", file).exit_code == 2


def test_real_rules_are_gated_in_two_commands(tmp_path: Path) -> None:
    folder, file = need("corpus", "rules"), tmp_path / "baseline.json"
    assert call("check", folder, "--quiet").exit_code == 1
    assert call("check", folder, "--write-baseline", file, "--quiet").exit_code == 0
    result = call("check", folder, "--baseline", file, "--quiet")
    assert result.exit_code == 0
    assert "0 errors, 0 warnings" in result.stderr


def test_an_annotation_names_file_place_and_slug() -> None:
    rule = from_query('process where a == "100%" and\n event.type == "strat"', "a,b:c.eql")
    found = [render(d) for d in check_rule(rule, CATALOGUE)]
    (line,) = [line for line in found if "misspelt" in line]
    assert line.startswith(
        "::warning file=a%2Cb%3Ac.eql,line=2,col=16,endLine=2,endColumn=23,title=misspelt-event-value::"
    )
    assert "\n" not in line
