"""Rules and their outcomes put together into a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from eqlx.capability import Loss
from eqlx.diagnostics import Diagnostic, Severity
from eqlx.driver.convert import Outcome, compile_rule
from eqlx.driver.verdict import Verification
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Field
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.report.model import (
    Attack,
    Conversion,
    FidelityReport,
    FieldUse,
    Reason,
    RuleReport,
    Tested,
)
from eqlx.rule import Rule, Technique
from eqlx.ruletest.model import Result, Verdict
from eqlx.source import Source, Span
from eqlx.target import EventModel

_QUOTE = 120
"""So many characters of the EQL are quoted beside a reason."""


@dataclass(frozen=True)
class Evidence:
    """What else is known of the rules, by their place in the list."""

    verifications: Mapping[int, Verification] = field(default_factory=dict)
    results: Mapping[int, Sequence[Result]] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What the rules are converted for: columns by name, and how each rule is converted for one."""

    targets: tuple[str, ...]
    convert: Callable[[Rule, str], Outcome]
    schema: Schema
    model: Callable[[Rule], EventModel]


def build(
    rules: Sequence[Rule], subject: Subject, evidence: Evidence, *, version: str, skipped: int = 0
) -> FidelityReport:
    """The report of `rules`, in their order."""
    reports = tuple(_rule(number, rule, subject, evidence) for number, rule in enumerate(rules))
    title = "Fidelity of detection rules"
    return FidelityReport(title, version, subject.targets, reports, skipped)


def _rule(number: int, rule: Rule, subject: Subject, evidence: Evidence) -> RuleReport:
    results = evidence.results.get(number)
    return RuleReport(
        number=number + 1,
        name=rule.name or rule.label,
        id=rule.id or f"{rule.label}#{number}",
        path=rule.path or "",
        severity=rule.severity or "",
        description=" ".join(rule.description.split()),
        eql=rule.query.text.strip("\n"),
        conversions=tuple(_conversion(rule, name, subject) for name in subject.targets),
        fields=_fields(rule, subject),
        attack=tuple(_attack(rule)),
        tested=None if results is None else _tested(results),
        verification=evidence.verifications.get(number),
    )


def _conversion(rule: Rule, target: str, subject: Subject) -> Conversion:
    outcome = subject.convert(rule, target)
    artifact = outcome.artifact
    if artifact is not None:
        losses = tuple(_loss(rule.query, loss) for loss in outcome.fidelity.losses)
        return Conversion(
            target,
            artifact.dialect,
            outcome.status,
            outcome.fidelity.grade,
            artifact.text.rstrip("\n"),
            losses,
            outcome.fidelity.assumptions,
        )
    errors = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
    refusals = tuple(dict.fromkeys(_refusal(diagnostic) for diagnostic in errors))
    return Conversion(target, "", outcome.status, outcome.fidelity.grade, "", refusals=refusals)


def _loss(source: Source, loss: Loss) -> Reason:
    line, quote = _place(source, loss.span)
    drift = loss.drift.value
    return Reason(loss.slug, loss.reason, "", loss.reason, drift, loss.by_convention, line, quote)


def _refusal(diagnostic: Diagnostic) -> Reason:
    line, quote = None, ""
    if diagnostic.source is not None and diagnostic.span is not None:
        line, quote = _place(diagnostic.source, diagnostic.span)
    given = diagnostic.parameters
    why = given.get("why", given.get("reason", diagnostic.message))
    what, drift = given.get("what", given.get("meaning", "")), given.get("drift")
    return Reason(
        diagnostic.code,
        diagnostic.message,
        str(why),
        str(what),
        None if drift is None else str(drift),
        line=line,
        quote=quote,
    )


def _place(source: Source, span: Span) -> tuple[int | None, str]:
    if span.start == span.end:
        return None, ""
    outer, there = source.outermost(span)
    quote = " ".join(source.text[span.start : span.end].split())
    if len(quote) > _QUOTE:
        quote = f"{quote[: _QUOTE - 1]}…"
    return outer.position(there.start).line, quote


def _fields(rule: Rule, subject: Subject) -> tuple[FieldUse, ...]:
    query = compile_rule(rule, schema=subject.schema, model=subject.model(rule)).query
    if query is None:
        return ()
    found: dict[str, FieldUse] = {}
    for node, _, _ in walk(query):
        if isinstance(node, Field):
            kind = "" if node.type is FieldType.UNRESOLVED else node.type.value
            known = found.get(node.name)
            optional = node.optional or (known is not None and known.optional)
            found[node.name] = FieldUse(node.name, kind, optional, node.multivalued)
    return tuple(found[name] for name in sorted(found))


def _attack(rule: Rule) -> Iterator[Attack]:
    for threat in rule.threat:
        for technique in threat.techniques:
            for one in (technique, *technique.subtechniques):
                yield Attack(one.id, _full_name(technique, one), threat.tactic_name)


def _full_name(technique: Technique, one: Technique) -> str:
    return one.name if one is technique else f"{technique.name}: {one.name}"


def _tested(results: Sequence[Result]) -> Tested:
    engines = tuple(dict.fromkeys(result.engine for result in results))
    passed = sum(result.verdict is Verdict.PASSED for result in results)
    tests = len({result.test.name for result in results})
    return Tested(tests, passed, len(results), engines)
