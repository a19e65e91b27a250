"""A rule in the names of Sigma's taxonomy: one document for each log source that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from eqlx.capability import Polarity
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.source import Span
from eqlx.target import Request
from eqlx_targets.sigma.correlation import correlated_sample, correlated_sequence
from eqlx_targets.sigma.logsource import located
from eqlx_targets.sigma.metadata import Variant, footer
from eqlx_targets.sigma.options import KEEP_ECS
from eqlx_targets.sigma.records import Located
from eqlx_targets.sigma.taxonomy import Grade, Place, taxonomy
from eqlx_targets.sigma.translate import Translator
from eqlx_targets.sigma.tree import (
    Detection,
    DetectionRule,
    Document,
    Footer,
    Header,
    LogSource,
)

LowerCondition = Callable[[ir.Condition, Span, Request], Detection]

_SHOWN = {"macos": "MacOS"}


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
        self.refused: set[tuple[str, Span]] = set()

    def event_rules(self, event_filter: ir.Filter) -> Iterator[tuple[Document, ...]]:
        """A document a log source, each in a file of its own, as SigmaHQ keeps them."""
        places = self.places(event_filter)
        for part in places:
            shown = _shown(part.place)
            variant = Variant(
                self.request,
                part.place.path if len(places) > 1 else "",
                f" - {shown}" if len(places) > 1 else "",
            )
            rule = self.rule(part, event_filter.span, variant.header(), footer(self.request.rule))
            yield (rule,)

    def correlations(self, query: ir.Sequence | ir.Sample) -> Iterator[tuple[Document, ...]]:
        """A correlation a product. Every stage needs one log source: no correlation joins
        alternatives of a stage."""
        written = query.stages
        if isinstance(query, ir.Sequence) and query.until is not None:
            written = (*written, query.until)
        stages = [self.places(stage.filter) for stage in written]
        if not all(stages):
            return
        products = [
            product
            for product in dict.fromkeys(part.place.product for part in stages[0])
            if all(any(p.place.product == product for p in stage) for stage in stages)
        ]
        if not products:
            why = "its stages stand in the logs of different systems"
            self.refuse("this join", why, query.span)
        for product in products:
            variant = Variant(
                self.request,
                product if len(products) > 1 else "",
                f" - {_system(product)}" if len(products) > 1 else "",
            )
            own = [[p for p in stage if p.place.product == product] for stage in stages]
            if all(len(stage) == 1 for stage in own):
                yield self.correlation(query, written, [stage[0] for stage in own], variant)
                continue
            for stage, parts in zip(written, own, strict=True):
                if len(parts) > 1:
                    names = " and ".join(part.place.path for part in parts)
                    why = f"its events stand in more than one log source ({names})"
                    self.refuse("this stage", why, stage.filter.span)

    def correlation(
        self,
        query: ir.Sequence | ir.Sample,
        written: tuple[ir.Stage, ...],
        parts: list[Located],
        variant: Variant,
    ) -> tuple[Document, ...]:
        stages = tuple(
            replace(
                stage,
                filter=ir.Filter(None, part.condition, span=stage.filter.span),
                keys=tuple(self.key(key, part.place) for key in stage.keys),
            )
            for stage, part in zip(written, parts, strict=True)
        )
        by_filter = {id(s.filter): part for s, part in zip(stages, parts, strict=True)}

        def rule_of(event_filter: ir.Filter, head: Header, foot: Footer) -> DetectionRule:
            return self.rule(by_filter[id(event_filter)], event_filter.span, head, foot)

        if isinstance(query, ir.Sequence):
            own = stages if query.until is None else stages[:-1]
            until = None if query.until is None else stages[-1]
            renamed = replace(query, stages=own, until=until)
            return correlated_sequence(renamed, variant, rule_of)
        return correlated_sample(replace(query, stages=stages), variant, rule_of)

    def key(self, key: ir.Field, place: Place) -> ir.Field:
        """A join key by its name in the log source."""
        row = taxonomy().row(key.name, place)
        if row is None or row.grade in (Grade.NONE, Grade.ABSENT) or row.sigma == "-":
            if self.request.options["unmapped"] == "keep":
                reason = (
                    f"the join key `{key.name}` keeps its name, which other systems do not know"
                )
                self.request.losses.assume(reason)
                return key
            why = f"Sigma's taxonomy has no counterpart for it in {place.path}"
            self.refuse(f"the join key `{key.name}`", why, key.span)
            return key
        if row.rewrite != "same" or row.grade is Grade.KEY:
            name = row.name(key.name)
            self.request.losses.assume(f"`{name}` tells apart what `{key.name}` does")
        return replace(key, name=row.name(key.name))

    def places(self, event_filter: ir.Filter) -> tuple[Located, ...]:
        request = self.request
        return located(event_filter, request.rule.index, request.report, request.losses)

    def rule(self, part: Located, span: Span, head: Header, foot: Footer) -> DetectionRule:
        options = self.request.options
        translator = Translator(
            part.place, options["unmapped"], self.request.report, self.request.losses, self.refused
        )
        condition = translator.condition(part.condition, Polarity.POSITIVE)
        found = condition if condition is not None else ir.Constant(value=True, span=span)
        place = part.place
        indices = ", ".join(self.request.rule.index)
        return DetectionRule(
            header=head,
            logsource=LogSource(
                place.category,
                place.product,
                place.service,
                f"Elasticsearch indices {indices}" if indices else None,
            ),
            detection=self.lower_condition(found, span, self.request),
            footer=foot,
        )

    def refuse(self, what: str, why: str, span: Span) -> None:
        if (what, span) not in self.refused:
            self.refused.add((what, span))
            self.request.report.add(inexpressible("sigma", what, why, span, KEEP_ECS))


def _shown(place: Place) -> str:
    """A log source in a title."""
    words = (place.category or place.service or "").replace("_", " ").title()
    return f"{_system(place.product)} {words}"


def _system(product: str) -> str:
    return _SHOWN.get(product, product.title())
