"""The JSON report of a batch: what became of each rule, how faithfully, and the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version

from eqlx.capability import Grade, Loss
from eqlx.diagnostics import Diagnostic, Severity
from eqlx.driver.convert import Outcome, Status
from eqlx.rule import Rule
from eqlx.source import Source, Span

FORMAT = 1
"""Raised with every change that a reader of the report would not survive."""


def entry(
    outcome: Outcome, target: str, dialect: str, files: Sequence[str] = ()
) -> dict[str, object]:
    """The report on one rule; `files` are those that were written, if any."""
    rule = outcome.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "path": rule.path,
        "target": target,
        "dialect": dialect,
        "file": files[0] if files else None,
        "files": list(files),
        **_hashes(outcome),
        "status": outcome.status.value,
        "grade": outcome.fidelity.grade.value,
        "losses": [_loss(loss, rule.query) for loss in outcome.fidelity.losses],
        "assumptions": list(outcome.fidelity.assumptions),
        "applicability": None
        if outcome.applied is None
        else {
            "grade": outcome.applied.grade.value,
            "absent": list(outcome.applied.absent),
            "void": list(outcome.applied.void),
            "lost": list(outcome.applied.lost),
        },
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in outcome.diagnostics],
    }


def _hashes(outcome: Outcome) -> dict[str, object]:
    """SHA-256 of what was made: `query_sha256` of the compiled rule (its IR, so that layout and
    comments do not count), `artifacts_sha256` of each text, in the order of `files`."""
    from eqlx.ir.dump import dump

    artifact = outcome.artifact
    texts = []
    if artifact is not None:
        texts = [file.text for file in artifact.files] or [artifact.text]
    return {
        "query_sha256": None if outcome.query is None else _sha256(dump(outcome.query)),
        "artifacts_sha256": [_sha256(text) for text in texts],
    }


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def manifest(
    outcomes: Sequence[Outcome],
    entries: Sequence[dict[str, object]],
    skipped: Sequence[tuple[str, str]],
    load_errors: Sequence[Diagnostic] = (),
    unfinished: Sequence[Rule] = (),
) -> dict[str, object]:
    """The whole report. `skipped` are (path, language) of rules in other languages; `load_errors`
    are diagnostics of files that gave no rule. `unfinished` are rules that the run did not come to,
    because it was interrupted."""
    return {
        "format": FORMAT,
        "eqlx": version("eqlx"),
        "rules": list(entries),
        "skipped": [{"path": path, "language": language} for path, language in skipped],
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in load_errors],
        "complete": not unfinished,
        "unfinished": [
            {"id": rule.id, "name": rule.name, "path": rule.path} for rule in unfinished
        ],
        "totals": {
            "rules": len(outcomes),
            "skipped": len(skipped),
            "status": _count(Status, [outcome.status for outcome in outcomes]),
            "grade": _count(Grade, [outcome.fidelity.grade for outcome in outcomes]),
            "refusals": refusals(outcomes),
        },
    }


def refusals(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many rules each error stopped, by slug, the most frequent first."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.status is not Status.CONVERTED:
            counted.update(
                dict.fromkeys(
                    (d.code for d in outcome.diagnostics if d.severity is Severity.ERROR), 1
                )
            )
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _count(kinds: type[Status | Grade], found: Sequence[Status | Grade]) -> dict[str, int]:
    counted = Counter(kind.value for kind in found)
    return {kind.value: counted[kind.value] for kind in kinds}


def _loss(loss: Loss, query: Source) -> dict[str, object]:
    return {
        "slug": loss.slug,
        "drift": loss.drift.value,
        "reason": loss.reason,
        "by_convention": loss.by_convention,
        "span": _span(query, loss.span),
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    known = diagnostic.source is not None and diagnostic.span is not None
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "span": _span(diagnostic.source, diagnostic.span) if known else None,
    }


def _span(source: Source | None, span: Span | None) -> dict[str, int] | None:
    if source is None or span is None:
        return None
    outer, there = source.outermost(span)
    start, end = outer.position(there.start), outer.position(there.end)
    return {
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }
