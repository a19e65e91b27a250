"""Rules of sequences and samples that no grammar states (spec §1), checked on the finished tree."""

from __future__ import annotations

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import structure as say
from eqlx.syntax.tree import (
    EventFilter,
    FieldName,
    SampleQuery,
    SequenceQuery,
    Statement,
    Term,
)

MAXIMUM_STEPS = 256
"""Of a sequence, `runs` unfolded."""


def check_structure(statement: Statement, report: Report) -> None:
    """Report every fault of the statement's structure."""
    match statement.query:
        case SequenceQuery() as sequence:
            _check_sequence(sequence, report)
        case SampleQuery() as sample:
            _check_sample(sample, report)
            for pipe in statement.pipes:
                report.add(
                    say.not_in_sample(f"| {pipe.name}", span=pipe.span, sample=sample.head_span)
                )
        case EventFilter():
            pass


def _check_sequence(sequence: SequenceQuery, report: Report) -> None:
    steps = sum(term.runs or 1 for term in sequence.terms)
    if steps < 2:
        report.add(say.sequence_too_short(span=sequence.terms[0].span))
    elif steps > MAXIMUM_STEPS:
        report.add(
            say.sequence_too_long(steps, span=sequence.terms[0].span.to(sequence.terms[-1].span))
        )
    missing = [term for term in sequence.terms if term.missing]
    if missing and sequence.maxspan is None:
        report.add(say.missing_without_maxspan(span=missing[0].span, head=sequence.head_span))
    if len(missing) == len(sequence.terms):
        report.add(say.missing_only(span=missing[0].span.to(missing[-1].span)))
    until = sequence.until
    if until is not None and until.missing:
        report.add(say.not_in_until("a missing event", span=until.span))
    if until is not None and until.runs is not None:
        report.add(say.not_in_until("`with runs`", span=until.runs_span))
    _check_keys(sequence.terms if until is None else (*sequence.terms, until), report)


def _check_sample(sample: SampleQuery, report: Report) -> None:
    count = len(sample.terms)
    if not 2 <= count <= 5:
        report.add(say.sample_size(count, span=sample.terms[min(count, 6) - 1].span))
    for term in sample.terms:
        if term.missing:
            report.add(say.not_in_sample("![…]", span=term.span, sample=sample.head_span))
        if term.runs is not None:
            report.add(say.not_in_sample("runs", span=term.runs_span, sample=sample.head_span))
        _check_duplicates((*sample.keys, *term.keys), report)
    if not sample.keys and not sample.terms[0].keys:
        report.add(say.sample_without_key(span=sample.head_span))
    _check_keys(sample.terms, report)


def _check_keys(terms: tuple[Term, ...], report: Report) -> None:
    """All terms have as many keys of their own as the first."""
    expected = len(terms[0].keys)
    for term in terms[1:]:
        if len(term.keys) != expected:
            report.add(say.key_count(len(term.keys), expected, span=term.span, first=terms[0].span))
            return


def _check_duplicates(keys: tuple[FieldName, ...], report: Report) -> None:
    seen: dict[str, FieldName] = {}
    for key in keys:
        if key.name in seen:
            report.add(say.duplicate_key(key.name, span=key.span, first=seen[key.name].span))
            return
        seen[key.name] = key
