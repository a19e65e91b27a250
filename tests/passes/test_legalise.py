"""What a target's table makes of a query: refusals, losses with their direction, assumptions."""

from __future__ import annotations

import pytest

from eqlx.capability import Capability, Drift, Exact, Feature, Losses, Lossy, Unsupported
from eqlx.capability.legalise import legalise
from eqlx.diagnostics import Report
from eqlx.fields.catalogue import CATALOGUE
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.source import Source

WIDER = Lossy(Drift.WIDENS, "it matches more")


def legalised(
    text: str, changes: dict[Feature, Capability], allow: frozenset[Drift] = frozenset()
) -> tuple[Report, Losses]:
    source = Source("query", text)
    report = Report(source)
    query = compile_source(source, Context(CATALOGUE, report))
    assert query is not None
    report, losses = Report(source), Losses()
    legalise(query, dict.fromkeys(Feature, Exact()) | changes, losses, allow, report, "made-up")
    return report, losses


def test_exact_says_nothing() -> None:
    report, losses = legalised('any where process.name : "a*"', {})
    assert not len(report)
    assert losses.fidelity().grade.value == "exact"


def test_an_assumption_is_kept_once() -> None:
    text = 'any where process.name : "a*" or process.title : "b*"'
    _, losses = legalised(text, {Feature.WILDCARD_IGNORE_CASE: Exact("letters are ASCII")})
    assert losses.fidelity().assumptions == ("letters are ASCII",)


def test_unsupported_points_at_each_place() -> None:
    text = 'any where process.name regex "a.+" or process.title regex "b.+"'
    report, _ = legalised(text, {Feature.REGEX: Unsupported("no regular expressions")})
    spans = [d.span for d in report]
    marked = [text[span.start : span.end] for span in spans if span is not None]
    assert marked == ['process.name regex "a.+"', 'process.title regex "b.+"']
    assert {d.code for d in report} == {"unsupported-by-target"}


def test_a_missing_feature_is_unsupported() -> None:
    source = Source("query", 'any where process.name == "a"')
    query = compile_source(source, Context(CATALOGUE, Report(source)))
    assert query is not None
    report = Report(source)
    legalise(query, {}, Losses(), frozenset(Drift), report, "old")
    assert {d.code for d in report} == {"unsupported-by-target"}


def test_a_missing_event_has_its_own_words() -> None:
    text = "sequence by host.id with maxspan=30s [any where true] ![file where true]"
    report, _ = legalised(text, {Feature.MISSING_EVENT: Unsupported("no absence")})
    assert [d.code for d in report] == ["missing-event"]
    span = report.diagnostics[0].span
    assert span is not None
    assert text[span.start : span.end] == "![file where true]"


@pytest.mark.parametrize(
    ("text", "drifts"),
    [
        ('any where process.name : "a*"', {Drift.WIDENS}),
        ('any where not process.name : "a*"', {Drift.NARROWS}),
        ('any where not (process.pid == 1 or not process.name : "a*")', {Drift.WIDENS}),
        (
            (
                'sequence with maxspan=1m [any where true] ![any where process.name : "a*"]'
                " [any where true]"
            ),
            {Drift.NARROWS},
        ),
        (
            'sequence [any where true] [any where true] until [any where process.name : "a*"]',
            {Drift.NARROWS},
        ),
        (
            'sequence [any where true] [any where true] until [any where not process.name : "a*"]',
            {Drift.WIDENS},
        ),
        ('any where (process.name : "a*") == null', {Drift.WIDENS, Drift.NARROWS}),
    ],
)
def test_drift_follows_polarity(text: str, drifts: set[Drift]) -> None:
    lossy: dict[Feature, Capability] = {Feature.WILDCARD_IGNORE_CASE: WIDER}
    report, losses = legalised(text, lossy)
    assert {loss.drift for loss in losses.losses} == drifts
    assert {d.code for d in report} == {"loss-refused"}
    allowed, losses = legalised(text, lossy, frozenset(drifts))
    assert not len(allowed)
    assert losses.fidelity().grade.value == "approximate"
    others = frozenset({Drift.WIDENS, Drift.NARROWS} - drifts)
    refused, _ = legalised(text, lossy, others)
    assert refused.has_errors


def test_an_unknown_direction_takes_both_permissions() -> None:
    text = 'any where process.name : "a*"'
    lossy: dict[Feature, Capability] = {
        Feature.WILDCARD_IGNORE_CASE: Lossy(Drift.SHIFTS, "it matches others")
    }
    assert legalised(text, lossy, frozenset({Drift.WIDENS}))[0].has_errors
    both = frozenset({Drift.WIDENS, Drift.NARROWS})
    assert not legalised(text, lossy, both)[0].has_errors


def test_a_convention_is_recorded_and_not_refused() -> None:
    lossy = Lossy(Drift.WIDENS, "letter case", by_convention=True)
    report, losses = legalised('any where process.name == "a"', {Feature.EQUAL_TEXT: lossy})
    assert not len(report)
    assert [loss.by_convention for loss in losses.losses] == [True]
