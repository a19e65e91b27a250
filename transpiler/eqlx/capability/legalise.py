"""Judging a query by a target's table: what is refused, lost, or exact under an assumption."""

from __future__ import annotations

from dataclasses import dataclass

from eqlx.capability.model import Drift, Exact, Loss, Losses, Lossy, Table, Unsupported
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
    judge = _Judge(table, losses, allow, report, target_name)
    for feature, span, polarity in dict.fromkeys(features(query)):
        judge(feature, span, polarity)


@dataclass(frozen=True)
class _Judge:
    table: Table
    losses: Losses
    allow: frozenset[Drift]
    report: Report
    target: str

    def __call__(self, feature: Feature, span: Span, polarity: Polarity) -> None:
        match self.table.get(feature, NOT_NAMED):
            case Exact(assuming=assumption):
                if assumption:
                    self.losses.assume(assumption)
            case Lossy() as lossy:
                self._lose(feature, lossy, span, polarity)
            case Unsupported(deferred=True):
                pass
            case Unsupported(why=why):
                if feature is Feature.MISSING_EVENT:
                    self.report.add(say.missing_event(self.target, why, span=span))
                else:
                    refusal = say.unsupported_by_target(feature.value, self.target, why, span=span)
                    self.report.add(refusal)

    def _lose(self, feature: Feature, lossy: Lossy, span: Span, polarity: Polarity) -> None:
        drift = lossy.drift.under(polarity)
        slug = feature.value
        self.losses.record(slug, drift, lossy.why, span, by_convention=lossy.by_convention)
        loss = Loss(slug, drift, lossy.why, span, lossy.by_convention)
        if not loss.is_allowed(self.allow):
            self.report.add(say.loss_refused(slug, self.target, drift.value, lossy.why, span))
