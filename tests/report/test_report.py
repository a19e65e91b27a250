"""The fidelity report: its totals, its three forms, and that texts of rules stay texts."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eqlx.capability import Grade
from eqlx.cli.main import program
from eqlx.driver.batch import Roles
from eqlx.driver.convert import convert_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.registry import load_target
from eqlx.report.build import Evidence, Subject, build
from eqlx.report.markdown import escaped, markdown
from eqlx.report.model import FidelityReport
from eqlx.report.page import attack_url, page
from eqlx.report.records import as_json
from eqlx.rule import Rule, Technique, Threat
from eqlx.rulefile.loader import load
from eqlx.source import Source

RULES = Path(__file__).parents[2] / "rules"
TARGETS = ("sql", "elasticsearch", "sigma")


def subject() -> Subject:
    targets = {name: load_target(name) for name in TARGETS}
    return Subject(
        TARGETS, lambda rule, name: convert_rule(rule, targets[name]), CATALOGUE, Roles().model
    )


def reported(*rules: Rule) -> FidelityReport:
    return build(rules, subject(), Evidence(), version="1.2.3")


@cache
def shipped() -> FidelityReport:
    return reported(*load([RULES]).rules)


def hostile() -> Rule:
    text = "</pre><script>alert(1)</script>\u202e{{ 7 * 7 }}{% raw %}```"
    evil = f"<img src=x onerror=alert(1)>[a](javascript:alert(1)) {text}"
    return Rule(
        query=Source(
            evil, f'process where process.name : "{"</pre><script>alert(2)</script>"}" // {text}'
        ),
        id=f'"><b>{text}',
        name=evil,
        path=evil,
        description=evil,
        severity=evil,
        threat=(Threat(evil, evil, evil, (Technique('T1003"><b>', evil, "javascript:alert(1)"),)),),
    )


class _Elements(HTMLParser):
    """Every element with its attributes; the texts of `pre`."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(html)
    return parser.elements


def test_totals_add_up():
    report = shipped()
    assert len(report.rules) == len(load([RULES]).rules)
    for target in TARGETS:
        grades = report.grades(target)
        assert sum(grades.values()) == len(report.rules)
        refused = {r.name for r in report.rules if not r.conversion(target).is_converted}
        assert grades[Grade.REFUSED] == len(refused)
        causes = [one for one in report.refusals if one.target == target]
        assert {rule.name for one in causes for rule in one.rules} == refused


def test_every_grade_has_its_reasons():
    for rule in shipped().rules:
        for one in rule.conversions:
            match one.grade:
                case Grade.EXACT:
                    assert (one.losses, one.assumptions, one.refusals) == ((), (), ())
                case Grade.EQUIVALENT:
                    assert one.assumptions
                case Grade.APPROXIMATE:
                    assert all(loss.drift in {"widens", "narrows", "shifts"} for loss in one.losses)
                    assert one.losses
                case Grade.REFUSED:
                    assert one.refusals
                    assert one.text == ""


def test_fields_are_the_querys():
    rule = next(r for r in shipped().rules if r.path.endswith("made_executable_and_run.toml"))
    known = {(f.name, f.type, f.optional, f.multivalued) for f in rule.fields}
    assert ("container.id", "keyword", True, False) in known
    assert ("process.args", "keyword", False, True) in known


def test_techniques_are_covered_partly_or_lost():
    report = shipped()
    rows = {row.attack.id: row for row in report.coverage}
    assert all(row.state("elasticsearch") == "covered" for row in rows.values())
    by_id = {id_: [r for r in report.rules if id_ in {a.id for a in r.attack}] for id_ in rows}
    for id_, row in rows.items():
        kept = [r.conversion("sigma").is_converted for r in by_id[id_]]
        expected = "covered" if all(kept) else "partly" if any(kept) else "lost"
        assert row.state("sigma") == expected
    assert {row.state("sigma") for row in rows.values()} == {"covered", "partly", "lost"}


def test_json_holds_everything():
    record = json.loads(as_json(shipped()))
    assert record["format"] == 1
    assert record["totals"]["rules"] == len(record["rules"])
    first = record["rules"][0]
    assert set(first["targets"]) == set(TARGETS)
    assert first["targets"]["elasticsearch"]["text"].startswith("{")


def test_the_page_loads_nothing_and_runs_nothing():
    html = page(shipped())
    found = elements(html)
    assert not {tag for tag, _ in found} & {"script", "link", "img", "iframe", "object", "form"}
    for tag, attributes in found:
        assert not any(name.startswith("on") for name in attributes)
        assert "src" not in attributes
        href = attributes.get("href")
        assert href is None or href.startswith(("#", "https://attack.mitre.org/techniques/T"))
        assert tag == "a" or href is None
    assert "default-src 'none'" in html
    assert not re.search(r"url\(|@import", html)


def test_links_within_the_page_lead_somewhere():
    found = elements(page(shipped()))
    ids = {attributes["id"] for _, attributes in found if "id" in attributes}
    links = {a["href"] for _, a in found if (a.get("href") or "").startswith("#")}
    assert links <= {f"#{name}" for name in ids}
    assert links >= {f"#{name}" for name in ids if (name or "").startswith("rule-")}
    assert links >= {"#totals", "#refusals", "#losses", "#attack", "#rules"}


def test_reasons_are_counted_by_what_rules_share():
    report = shipped()
    for one in (*report.refusals, *report.losses):
        assert one.why or one.whats
        assert len({rule.number for rule in one.rules}) == len(one.rules) > 0
    keys = [(one.target, one.slug, one.drift, one.why) for one in report.refusals]
    assert len(keys) == len(set(keys))
    signed = next(one for one in report.refusals if "signature of a process" in one.why)
    assert len(signed.rules) > 1
    assert "the field `process.code_signature.trusted`" in signed.whats
    assert len(signed.whats) > 1
    assert not [one for one in report.losses if one.target == "sql"]
    assert ("letter-case", "widens") in {
        (one.slug, one.drift) for one in report.losses if one.target == "sigma"
    }


def test_rules_of_one_name_are_two():
    rule = Rule(query=Source("x", "any where a + b == 1"), name="twin")
    (cause,) = [c for c in reported(rule, rule).refusals if c.target == "sigma"][:1]
    assert [one.number for one in cause.rules] == [1, 2]


def test_hostile_texts_stay_texts():
    plain = {tag for tag, _ in elements(page(shipped()))}
    html = page(reported(hostile()))
    assert {tag for tag, _ in elements(html)} <= plain
    assert "<script" not in html
    assert "javascript:" not in "".join(a.get("href") or "" for _, a in elements(html))
    assert "{{ 7 * 7 }}" in html
    assert "\u202e" not in html
    assert html.encode()


def test_hostile_texts_stay_texts_in_markdown():
    text = markdown(reported(hostile()))
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert "<script" not in re.sub(r"\\<", "", outside)
    assert "](" not in re.sub(r"\\\]", "", outside)
    assert "\u202e" not in text
    assert "````eql" in text, "the fence is longer than any run of backticks"


@pytest.mark.parametrize("text", ["# a", "- a", "a|b", "[a](b)", "<b>", "`a`", "*a*", "a\n# b"])
def test_markdown_is_escaped(text):
    assert re.sub(r"\\.", "", escaped(text)).strip(" ab") == ""
    assert "\n" not in escaped(text)


def test_half_of_a_surrogate_pair_is_no_crash():
    rule = Rule(query=Source("x", 'any where a == "b"'), name="\ud800", description="\udfff")
    for form in (page, markdown, as_json):
        assert form(reported(rule)).encode()


def test_links_are_of_techniques_only():
    assert attack_url("T1003.001") == "https://attack.mitre.org/techniques/T1003/001/"
    assert attack_url("T1003/../x") == ""
    assert attack_url("javascript:alert(1)") == ""


# --- the command ----------------------------------------------------------------------------------

RULE = RULES / "initial_access" / "root_sign_in_without_second_factor.toml"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, ["report", *map(str, arguments)])


@pytest.mark.parametrize(
    ("name", "start"), [("r.html", "<!doctype html>"), ("r.md", "# Fidelity"), ("r.json", "{")]
)
def test_the_form_follows_the_suffix(tmp_path: Path, name: str, start: str):
    result = call(RULE, "-o", tmp_path / name, "--no-verify")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_with_all_its_evidence():
    record = json.loads(call(RULE, "--format", "json", "--to", "sql").stdout)
    (rule,) = record["rules"]
    assert rule["tests"]["passed"] == rule["tests"]["runs"] == 6
    assert rule["verification"]["verdict"] == "agrees"
    assert rule["verification"]["engines"] == {
        f"duckdb/{layout}": "agrees" for layout in ("nested", "flat", "json")
    }


def test_an_unknown_suffix(tmp_path: Path):
    result = call(RULE, "-o", tmp_path / "r.pdf")
    assert result.exit_code == 3
    assert "tells no form of a report" in result.stderr


def test_an_unknown_target():
    assert call(RULE, "--to", "sqll").exit_code == 3


def test_an_invalid_rule_is_in_the_report_and_in_the_exit_code():
    result = call("-q", "any where (", "--no-verify", "--no-tests")
    assert result.exit_code == 2
    assert "**sql**: refused" in result.stdout
