"""Judging a query by a target's table: what is refused, lost, or exact under an assumption."""

from __future__ import annotations

from eqlx.capability.model import Drift, Exact, Losses, Lossy, Table, Unsupported
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import target as say
from eqlx.ir.feature_walk import features
from eqlx.ir.features import Feature, Polarity
from eqlx.ir.nodes import Query
from eqlx.source import Span

NOT_NAMED = Unsupported("the target does not know this meaning")


def legalise(
    query: Query,
    table: Table,
    losses: Losses,
    allow: frozenset[Drift],
    report: Report,
    target_name: str,
) -> None:
    """Judge every feature of `query`, at its polarity.

    Unsupported is an error. A loss is recorded with the direction that it has for the whole rule,
    and is an error unless it is the target's convention or its direction is in `allow`. What is
    exact under an assumption puts that on record.
    """
    judged: set[tuple[Feature, Span, Polarity]] = set()
    for occurrence in features(query):
        if occurrence in judged:
            continue
        judged.add(occurrence)
        feature, span, polarity = occurrence
        match table.get(feature, NOT_NAMED):
            case Exact(assuming=assumption):
                if assumption:
                    losses.assume(assumption)
            case Lossy() as lossy:
                _lose(feature, lossy, span, polarity, losses, allow, report, target_name)
            case Unsupported(why=why):
                if feature is Feature.MISSING_EVENT:
                    report.add(say.missing_event(target_name, why, span=span))
                else:
                    report.add(
                        say.unsupported_by_target(feature.value, target_name, why, span=span)
                    )


def _lose(  # noqa: PLR0913 private, and each is needed
    feature: Feature,
    lossy: Lossy,
    span: Span,
    polarity: Polarity,
    losses: Losses,
    allow: frozenset[Drift],
    report: Report,
    target_name: str,
) -> None:
    drift = lossy.drift.under(polarity)
    losses.record(feature.value, drift, lossy.why, span, by_convention=lossy.by_convention)
    allowed = drift in allow or {Drift.WIDENS, Drift.NARROWS} <= allow
    if not lossy.by_convention and not allowed:
        report.add(say.loss_refused(feature.value, target_name, drift.value, lossy.why, span))
