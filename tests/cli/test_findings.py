"""`eqlx check --format`: documents that other programs read, with readers that are not ours."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from cli_harness import call
from junitparser import JUnitXml
from sarif_pydantic import Sarif

RULE = """
[rule]
name = "{name}"
type = "eql"
language = "eql"
query = '''
process where process.nmae == "x" and
  process.nmae != "\t" and event.type == "strat"
'''
"""
CODES = ["misspelt-field", "misspelt-event-value"]


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rule that has findings, a clean one, and a file that is no rule."""
    monkeypatch.chdir(tmp_path)
    folder = Path("my rules")
    folder.mkdir()
    (folder / "bad é.toml").write_text(RULE.format(name="bad \\u001b"))
    (folder / "good.eql").write_text('process where process.name == "x"')
    (folder / "broken.toml").write_text("[rule")
    return folder


def test_sarif_has_each_finding_at_its_place(rules: Path) -> None:
    result = call("check", rules, "--format", "sarif", "-o", "out/eqlx.sarif")
    assert result.exit_code == 2
    assert result.stdout == ""
    log = Sarif.model_validate_json(Path("out/eqlx.sarif").read_text())
    (run,) = log.runs
    assert (log.version, run.tool.driver.name) == ("2.1.0", "eqlx")
    found = [each for each in run.results or () if each.rule_id in CODES]
    assert {each.rule_id for each in found} == set(CODES)
    assert len({json.dumps(each.partial_fingerprints) for each in found}) == len(found)
    defined = {rule.id for rule in run.tool.driver.rules or ()}
    for each in run.results or ():
        assert each.rule_id in defined
        assert (run.tool.driver.rules or [])[each.rule_index or 0].id == each.rule_id
    value = next(each for each in found if each.rule_id == "misspelt-event-value")
    (place,) = value.locations or ()
    assert place.physical_location is not None
    location, region = place.physical_location.artifact_location, place.physical_location.region
    assert location is not None
    assert region is not None
    assert unquote(location.uri or "") == "my rules/bad é.toml"
    line = (rules / "bad é.toml").read_text().splitlines()[(region.start_line or 0) - 1]
    assert line[(region.start_column or 0) - 1 : (region.end_column or 0) - 1] == '"strat"'


def test_a_fingerprint_outlives_a_new_line(rules: Path) -> None:
    def fingerprints() -> list[str]:
        document = json.loads(call("check", rules, "--format", "sarif").stdout)
        return [each["partialFingerprints"]["eqlx/v1"] for each in document["runs"][0]["results"]]

    before = fingerprints()
    file = rules / "bad é.toml"
    file.write_text("# a comment\n" + file.read_text())
    assert fingerprints() == before


def test_junit_has_a_case_for_each_rule(rules: Path) -> None:
    result = call("check", rules, "--format", "junit")
    report = JUnitXml.fromstring(result.stdout.encode())
    assert (report.tests, report.failures) == (3, 2)
    cases = {case.name: case for suite in report for case in suite}
    assert cases["query" if "query" in cases else "good"].is_passed
    bad = next(case for name, case in cases.items() if name.startswith("bad"))
    (failure,) = bad.result
    assert set(failure.type.split()) == set(CODES)
    assert "help: did you mean `start`?" in failure.text


def test_gitlab_has_a_line_for_each_finding(rules: Path) -> None:
    found = json.loads(call("check", rules, "--format", "gitlab").stdout)
    assert set(CODES) < {each["check_name"] for each in found}
    assert len({each["fingerprint"] for each in found}) == len(found)
    for each in found:
        assert each["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert each["location"]["lines"]["begin"] >= 1
        assert Path(each["location"]["path"]).exists()


def test_a_baseline_holds_for_the_document_too(rules: Path) -> None:
    (rules / "broken.toml").unlink()
    call("check", rules, "--write-baseline", "known.json")
    result = call("check", rules, "--baseline", "known.json", "--format", "gitlab")
    assert json.loads(result.stdout) == []


def test_a_file_without_a_form_is_refused(rules: Path) -> None:
    result = call("check", rules, "-o", "x")
    assert result.exit_code == 3
    assert "`-o` needs `--format`" in result.stderr
