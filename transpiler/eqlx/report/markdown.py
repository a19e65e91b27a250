"""A report as Markdown, for repositories and pull requests.

Texts of rules are escaped: a rule's name cannot make a heading, a link or HTML, and code stands in
fences longer than any run of backticks in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eqlx.capability import Grade
from eqlx.render.cells import shown, shown_lines
from eqlx.render.summary import counted
from eqlx.report.model import Cause, Conversion, FidelityReport, Reason, RuleReport

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~&])")
_LANGUAGES = {"sql": "sql", "elasticsearch": "json", "sigma": "yaml"}
_MARKS = {"covered": "yes", "partly": "partly", "lost": "**lost**"}


def markdown(report: FidelityReport) -> str:
    """The report, ending in a line feed."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: FidelityReport) -> Iterator[str]:
    yield f"# {report.title}"
    yield ""
    yield f"{counted(len(report.rules), 'rule')}, made by eqlx {report.version}."
    yield ""
    yield f"| target | {' | '.join(grade.value for grade in Grade)} |"
    yield f"|---|{'---:|' * len(Grade)}"
    for target in report.targets:
        grades = report.grades(target)
        yield f"| {target} | {' | '.join(str(grades[grade]) for grade in Grade)} |"
    yield from _causes("Refusals by reason", report.refusals)
    yield from _causes("Losses by reason", report.losses)
    yield from _attack(report)
    yield ""
    yield "## Rules"
    for rule in report.rules:
        yield from _rule(rule)


def _causes(title: str, causes: Sequence[Cause]) -> Iterator[str]:
    if not causes:
        return
    yield from ("", f"## {title}", "", "| target | rules | reason |", "|---|---:|---|")
    for one in causes:
        drift = f"{one.drift}: " if one.drift else ""
        about = escaped("; ".join(one.whats))
        said = ": ".join(filter(None, (escaped(one.why), about)))
        reason = f"{drift}{said} `{one.slug}`"
        yield f"| {one.target} | {len(one.rules)} | {reason} |"


def _attack(report: FidelityReport) -> Iterator[str]:
    if not report.coverage:
        return
    yield from ("", "## ATT&CK techniques", "")
    yield f"| technique | rules | {' | '.join(report.targets)} |"
    yield f"|---|---:|{'---|' * len(report.targets)}"
    for row in report.coverage:
        states = " | ".join(_MARKS[row.state(target)] for target in report.targets)
        yield f"| {escaped(row.attack.id)} {escaped(row.attack.name)} | {len(row.rules)} | {states} |"


def _rule(rule: RuleReport) -> Iterator[str]:
    yield from ("", f"### {escaped(rule.name)}", "")
    if rule.description:
        yield from (escaped(rule.description), "")
    yield f"- rule: {escaped(rule.path or rule.id)}"
    if rule.severity:
        yield f"- severity: {escaped(rule.severity)}"
    if rule.attack:
        yield f"- ATT&CK: {', '.join(dict.fromkeys(escaped(a.id) for a in rule.attack))}"
    if rule.fields:
        yield f"- fields: {', '.join(f'{escaped(f.name)} ({f.type})' for f in rule.fields)}"
    if rule.tested is not None:
        passed = f"{rule.tested.passed} of {rule.tested.runs} passed"
        yield f"- tests: {counted(rule.tested.tests, 'test')} on {', '.join(rule.tested.engines)}, {passed}"
    if rule.verification is not None:
        found = rule.verification
        lanes = ", ".join(f"{lane.name} {lane.verdict.value}" for lane in found.lanes)
        declared = f" (`{'`, `'.join(rule.declared)}`)" if rule.declared else ""
        yield f"- verified over {counted(found.events, 'event')}: {lanes}{declared}"
        yield from (f"- **{escaped(fault)}**" for fault in rule.faults)
    yield from ("", *_fenced(rule.eql, "eql"))
    for one in rule.conversions:
        yield from _conversion(one)


def _conversion(one: Conversion) -> Iterator[str]:
    yield from ("", f"**{one.target}**: {one.grade.value}", "")
    for reason in (*one.refusals, *one.losses):
        yield f"- {_reason(reason)}"
    for assumption in one.assumptions:
        yield f"- assuming {escaped(assumption)}"
    if one.refusals or one.losses or one.assumptions:
        yield ""
    if one.text:
        yield from _fenced(one.text, _LANGUAGES.get(one.target, ""))


def _reason(reason: Reason) -> str:
    drift = f"{reason.drift}: " if reason.drift else ""
    line = f" (line {reason.line})" if reason.line else ""
    convention = ", by convention" if reason.by_convention else ""
    return f"{drift}{escaped(reason.text)}{line}{convention}"


def _fenced(text: str, language: str) -> Iterator[str]:
    lines = shown_lines(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", *lines, fence)


def escaped(text: str) -> str:
    """A text on one line of Markdown that means nothing but itself."""
    return _SPECIAL.sub(r"\\\1", shown(" ".join(text.split())))
