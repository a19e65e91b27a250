"""A rule in the names of Sigma's taxonomy: one document for each log source that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from eqlx.capability import Drift, Losses, Polarity
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.source import Span
from eqlx.target import Request
from eqlx_targets.sigma.conditions import NOT_EMPTY, with_values, without_needless_nulls
from eqlx_targets.sigma.correlation import correlated_sample, correlated_sequence
from eqlx_targets.sigma.keys import Keys, guarded
from eqlx_targets.sigma.logsource import located
from eqlx_targets.sigma.metadata import Variant, footer
from eqlx_targets.sigma.options import KEEP_ECS
from eqlx_targets.sigma.taxonomy import PRODUCTS, Place, taxonomy
from eqlx_targets.sigma.translate import Translator
from eqlx_targets.sigma.tree import (
    Detection,
    DetectionRule,
    Document,
    Footer,
    Header,
    LogSource,
)
from eqlx_targets.sigma.unmapped import Unsaid

LowerCondition = Callable[[ir.Condition, Span, Request], Detection]

MOST_COMBINATIONS = 12
"""Of the log sources of a join's stages, how many combinations become correlations."""

_SHOWN = {"macos": "MacOS", "m365": "M365", "gcp": "GCP", "aws": "AWS", "github": "GitHub"}


@dataclass(frozen=True)
class Said:
    """A condition in the fields of a log source."""

    place: Place
    condition: ir.Condition


def taxonomy_files(
    request: Request, lower_condition: LowerCondition
) -> tuple[tuple[Document, ...], ...]:
    """The documents of each file. What cannot be said is reported, and gives none."""
    writer = _Writer(request, lower_condition)
    if isinstance(request.query, ir.EventQuery):
        return tuple(writer.event_rules(request.query.filter))
    return tuple(writer.correlations(request.query))


class _Writer:
    """Writes the documents of one rule."""

    def __init__(self, request: Request, lower_condition: LowerCondition) -> None:
        self.request = request
        self.lower_condition = lower_condition

    def event_rules(self, event_filter: ir.Filter) -> Iterator[tuple[Document, ...]]:
        """A document a log source, each in a file of its own, as SigmaHQ keeps them."""
        found = self.said(event_filter)
        for part in found:
            many = len(found) > 1
            suffix = f" - {_shown(part.place)}" if many else ""
            part_id = part.place.path if many else ""
            variant = Variant(self.request, part_id, suffix, part.place.product)
            foot = footer(self.request.rule)
            yield (self.rule(part, event_filter.span, variant.header(), foot),)

    def correlations(self, query: ir.Sequence | ir.Sample) -> Iterator[tuple[Document, ...]]:
        """A correlation for each combination of log sources of the stages: the join completes if one
        of them does, and no correlation joins alternatives of a stage."""
        written = query.stages
        if isinstance(query, ir.Sequence) and query.until is not None:
            written = (*written, query.until)
        stages = [self.said(stage.filter) for stage in written]
        if not all(stages):
            return
        combinations = [parts for parts in product(*stages) if _of_one_system(parts)]
        if not combinations:
            why = "its stages stand in the logs of different systems"
            self.refuse("this join", why, query.span)
        if len(combinations) > MOST_COMBINATIONS:
            why = f"its stages stand in {len(combinations)} combinations of log sources"
            self.refuse("this join", why, query.span)
            return
        joinable = self.joinable(written, combinations)
        for parts, named in joinable:
            own = _told_apart(parts, [combination for combination, _ in joinable])
            yield self.correlation(query, parts, named, own)

    def joinable(
        self, written: tuple[ir.Stage, ...], combinations: Sequence[tuple[Said, ...]]
    ) -> list[tuple[tuple[Said, ...], list[ir.Stage]]]:
        """The combinations of log sources whose keys can be said, with the stages under those keys.
        With `unmapped=auto` the others are left out where there is one."""
        request = self.request
        found: list[tuple[tuple[Said, ...], list[ir.Stage]]] = []
        failed: list[tuple[tuple[Said, ...], Report]] = []
        for parts in combinations:
            report = Report()
            any_order = request.options["order"] == "any"
            keys = Keys(request.options["unmapped"], report, request.losses, any_order)
            named = keys.named(written, [part.place for part in parts])
            if named is None:
                failed.append((parts, report))
                continue
            stages = [
                replace(stage, filter=ir.Filter(None, p.condition, span=stage.filter.span), keys=k)
                for stage, p, k in zip(written, parts, named, strict=True)
            ]
            found.append((parts, stages))
        for parts, report in failed:
            if found and request.options["unmapped"] == "auto":
                names = " and ".join(part.place.shown for part in parts)
                reason = f"the join of {names} is left out: its keys have no counterpart"
                self.request.losses.record(
                    "unmapped-log-source",
                    Drift.NARROWS,
                    reason,
                    request.query.span,
                    by_convention=True,
                )
                continue
            for diagnostic in report.diagnostics:
                request.report.add(diagnostic)
        return found

    def correlation(
        self,
        query: ir.Sequence | ir.Sample,
        parts: tuple[Said, ...],
        stages: Sequence[ir.Stage],
        own: tuple[str, str],
    ) -> tuple[Document, ...]:
        by_stage = {id(stage): part for stage, part in zip(stages, parts, strict=True)}

        def rule_of(stage: ir.Stage, head: Header, foot: Footer) -> DetectionRule:
            part = by_stage[id(stage)]
            keys = stage.keys
            if part.condition != ir.Constant(value=True):  # a rule asks for something
                keys = tuple(key for key in keys if not self.is_always(key, part.place))
            condition = guarded(part.condition, keys, stage.filter.span, self.request.losses)
            return self.rule(Said(part.place, condition), stage.filter.span, head, foot)

        variant = Variant(self.request, *own, parts[0].place.product)
        if isinstance(query, ir.Sequence):
            until = None if query.until is None else stages[-1]
            kept = tuple(stages if query.until is None else stages[:-1])
            return correlated_sequence(replace(query, stages=kept, until=until), variant, rule_of)
        return correlated_sample(replace(query, stages=tuple(stages)), variant, rule_of)

    def is_always(self, key: ir.Field, place: Place) -> bool:
        """Whether every event of the log source has a key, which is then not asked for."""
        if not taxonomy().is_always(key.name, place):
            return False
        self.request.losses.assume(f"events of {place.shown} have a `{key.name}`")
        return True

    def said(self, event_filter: ir.Filter) -> tuple[Said, ...]:
        """The filter in the fields of each log source that can hold a match. With `unmapped=auto` a log
        source in which it cannot be said is left out where there is another."""
        request, options = self.request, self.request.options
        auto = options["unmapped"] == "auto"
        places = located(
            event_filter, request.rule.index, request.report, request.losses, lenient=auto
        )
        found: list[tuple[Said, Losses]] = []
        unsaid: list[tuple[Place, Unsaid, Translator]] = []
        for part in places:
            losses = Losses()
            translator = Translator(part.place, options["unmapped"], request.report, losses)
            condition = translator.condition(part.condition, Polarity.POSITIVE)
            if isinstance(condition, Unsaid):
                unsaid.append((part.place, condition, translator))
            elif condition != ir.Constant(value=False):
                whole = ir.Constant(value=True) if condition is None else condition
                found.append((Said(part.place, whole), losses))
        for place, parts, translator in unsaid:
            if found:
                self.left_out(place, parts, event_filter.span)
            else:
                translator.refuse(parts)
        if places and not found and not unsaid:
            why = "nothing that the rule asks for can be in such events"
            self.refuse("this kind of event", why, event_filter.span)
        for _, losses in found:
            _adopt(request.losses, losses)
        return tuple(part for part, _ in found)

    def left_out(self, place: Place, unsaid: Unsaid, span: Span) -> None:
        for test in unsaid.tests:
            reason = f"the log source {place.shown} is left out: {test.what}: {test.why}"
            self.request.losses.record(
                "unmapped-log-source", Drift.NARROWS, reason, span, by_convention=True
            )

    def rule(self, part: Said, span: Span, head: Header, foot: Footer) -> DetectionRule:
        place = part.place
        asked = without_needless_nulls(part.condition)
        condition = with_values(asked)
        if condition != asked:
            self.request.losses.assume(NOT_EMPTY)
        return DetectionRule(
            header=head,
            logsource=LogSource(place.category, place.product or None, place.service),
            detection=self.lower_condition(condition, span, self.request),
            footer=foot,
        )

    def refuse(self, what: str, why: str, span: Span) -> None:
        self.request.report.add(inexpressible("sigma", what, why, span, KEEP_ECS))


def _adopt(losses: Losses, own: Losses) -> None:
    """Take over what was recorded for a log source that is written."""
    for loss in own.losses:
        losses.record(
            loss.slug, loss.drift, loss.reason, loss.span, by_convention=loss.by_convention
        )
    for assumption in own.fidelity().assumptions:
        losses.assume(assumption)


def _of_one_system(parts: Sequence[Said]) -> bool:
    """Whether log sources can be joined: those of endpoints stand for one operating system."""
    return len({part.place.product for part in parts if part.place.product in PRODUCTS}) < 2


def _told_apart(parts: Sequence[Said], combinations: Sequence[Sequence[Said]]) -> tuple[str, str]:
    """What tells one combination of log sources from the others, for its ids and its titles."""
    if len(combinations) == 1:
        return "", ""
    products = [tuple(part.place.product for part in c) for c in combinations]
    if len(set(products)) == len(combinations):
        (system, *_) = dict.fromkeys(part.place.product for part in parts)
        return system, f" - {_system(system)}"
    differing = [
        part.place
        for position, part in enumerate(parts)
        if len({c[position].place for c in combinations}) > 1
    ]
    shown = " and ".join(dict.fromkeys(map(_shown, differing)))
    return " ".join(place.path for place in differing), f" - {shown}"


def _shown(place: Place) -> str:
    """A log source in a title."""
    words = (place.category or place.service or "").replace("_", " ").title()
    return f"{_system(place.product)} {words}"


def _system(product: str) -> str:
    return _SHOWN.get(product, product.title())
