"""A report as JSON."""

from __future__ import annotations

import json

from eqlx.report.model import Cause, Conversion, FidelityReport, Reason, RuleReport

FORMAT = 1
"""Raised when a key changes its meaning."""


def as_json(report: FidelityReport) -> str:
    """The report as one JSON object, ending in a line feed. Escaped to ASCII: any text is safe."""
    return f"{json.dumps(record(report), indent=2)}\n"


def record(report: FidelityReport) -> dict[str, object]:
    """The report as JSON-able data."""
    return {
        "format": FORMAT,
        "eqlx": report.version,
        "targets": list(report.targets),
        "totals": {
            "rules": len(report.rules),
            "skipped": report.skipped,
            "grades": {
                target: {grade.value: count for grade, count in report.grades(target).items()}
                for target in report.targets
            },
        },
        "refusals": [_cause(cause) for cause in report.refusals],
        "losses": [_cause(cause) for cause in report.losses],
        "attack": [
            {
                "id": row.attack.id,
                "name": row.attack.name,
                "tactic": row.attack.tactic,
                "rules": [rule.id for rule in row.rules],
                "targets": {target: row.state(target) for target in report.targets},
            }
            for row in report.coverage
        ],
        "rules": [_rule(rule) for rule in report.rules],
    }


def _rule(rule: RuleReport) -> dict[str, object]:
    verification, tested = rule.verification, rule.tested
    return {
        "name": rule.name,
        "id": rule.id,
        "path": rule.path,
        "severity": rule.severity,
        "eql": rule.eql,
        "fields": [
            {
                "name": one.name,
                "type": one.type,
                "optional": one.optional,
                "multivalued": one.multivalued,
            }
            for one in rule.fields
        ],
        "attack": [{"id": a.id, "name": a.name, "tactic": a.tactic} for a in rule.attack],
        "targets": {one.target: _conversion(one) for one in rule.conversions},
        "tests": None
        if tested is None
        else {
            "tests": tested.tests,
            "runs": tested.runs,
            "passed": tested.passed,
            "engines": list(tested.engines),
        },
        "verification": None
        if verification is None
        else {
            "verdict": verification.verdict.value,
            "events": verification.events,
            "hits": verification.hits,
            "clauses": verification.leaves,
            "decisive": verification.decisive,
            "engines": {lane.name: lane.verdict.value for lane in verification.lanes},
            "declared": list(rule.declared),
            "faults": list(rule.faults),
        },
    }


def _cause(cause: Cause) -> dict[str, object]:
    return {
        "target": cause.target,
        "slug": cause.slug,
        "drift": cause.drift,
        "reason": cause.why,
        "about": list(cause.whats),
        "rules": [rule.id for rule in cause.rules],
    }


def _conversion(one: Conversion) -> dict[str, object]:
    return {
        "dialect": one.dialect,
        "status": one.status.value,
        "grade": one.grade.value,
        "text": one.text,
        "losses": [_reason(reason) for reason in one.losses],
        "assumptions": list(one.assumptions),
        "refusals": [_reason(reason) for reason in one.refusals],
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "slug": reason.slug,
        "reason": reason.text,
        "drift": reason.drift,
        "by_convention": reason.by_convention,
        "line": reason.line,
        "eql": reason.quote,
    }
