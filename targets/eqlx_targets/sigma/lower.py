"""IR to a Sigma file: log source, detection and metadata of a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx.target import Request
from eqlx_targets.sigma.correlation import correlated_sample, correlated_sequence
from eqlx_targets.sigma.detection import detection
from eqlx_targets.sigma.keys import guarded
from eqlx_targets.sigma.leaves import Scope, search_maps
from eqlx_targets.sigma.lower_taxonomy import taxonomy_files
from eqlx_targets.sigma.metadata import Variant, footer
from eqlx_targets.sigma.tree import (
    Detection,
    DetectionRule,
    Document,
    Footer,
    Header,
    LogSource,
    SearchMap,
    SigmaFile,
)

_PRODUCTS = ("linux", "macos", "windows")


def lower_file(request: Request) -> SigmaFile:
    """The documents for a rule: one for an event query, a correlation and its stages for a join;
    with the taxonomy's names, that many for each operating system and log source."""
    if request.options["style"] == "sigma":
        return SigmaFile(taxonomy_files(request, lower_condition))
    variant = Variant(request, product=_product(request.query))

    def rule_of(stage: ir.Stage, head: Header, foot: Footer) -> DetectionRule:
        asked = guarded(stage.filter.condition, stage.keys, stage.filter.span, request.losses)
        return lower_rule(replace(stage.filter, condition=asked), request, head, foot)

    match request.query:
        case ir.EventQuery(event_filter):
            documents: tuple[Document, ...] = (
                lower_rule(event_filter, request, variant.header(), footer(request.rule)),
            )
        case ir.Sequence() as sequence:
            documents = correlated_sequence(sequence, variant, rule_of)
        case ir.Sample() as sample:
            documents = correlated_sample(sample, variant, rule_of)
        case _:
            assert_never(request.query)
    return SigmaFile((documents,))


def lower_rule(
    event_filter: ir.Filter, request: Request, head: Header, foot: Footer
) -> DetectionRule:
    """One detection rule for an event filter, with ECS names."""
    condition = _with_category(event_filter, request.model.category)
    return DetectionRule(
        header=head,
        logsource=_log_source(event_filter),
        detection=lower_condition(condition, event_filter.span, request),
        footer=foot,
    )


def lower_condition(condition: ir.Condition, span: Span, request: Request) -> Detection:
    """A condition whose fields have the names that are written."""
    scope = Scope(
        request.options["case"] == "strict",
        request.options["booleans"] == "text",
        request.report,
        request.losses,
    )
    known: dict[tuple[ir.Leaf, Span, Polarity], tuple[SearchMap, ...]] = {}

    def leaf_maps(leaf: ir.Leaf, polarity: Polarity) -> tuple[SearchMap, ...]:
        """Once a leaf, however often it is asked for, so that nothing is reported twice."""
        place = (leaf, leaf.span, polarity)
        if place not in known:
            known[place] = search_maps(leaf, polarity, scope)
        return known[place]

    if isinstance(condition, ir.Constant) and not request.report.has_errors:
        scope.refuse("every event", "a Sigma rule needs a condition on a field", span)
    return detection(
        condition,
        leaf_maps,
        explicit=request.options["missing"] == "explicit",
        by_content=request.options["style"] == "sigma",
    )


def _with_category(event_filter: ir.Filter, field: str) -> ir.Condition:
    """The category as a first conjunct: no pipeline makes a predicate of a log source."""
    condition = event_filter.condition
    if event_filter.category is None:
        return condition
    category = ir.Compare(
        ir.Comparison.EQUAL,
        ir.Field(field, type=FieldType.KEYWORD),
        ir.Text(event_filter.category),
        span=event_filter.span,
    )
    match condition:
        case ir.Constant(True):
            return category
        case ir.And(conditions):
            return ir.And((category, *conditions), span=event_filter.span)
        case _:
            return ir.And((category, condition), span=event_filter.span)


def _log_source(event_filter: ir.Filter) -> LogSource:
    """With ECS names: the event category, and the operating system where the rule fixes one."""
    products = [
        right.value
        for conjunct in _conjuncts(event_filter.condition)
        if isinstance(conjunct, ir.Compare)
        and conjunct.operator is ir.Comparison.EQUAL
        and isinstance(conjunct.left, ir.Field)
        and conjunct.left.name == "host.os.type"
        and isinstance(right := conjunct.right, ir.Text)
        and right.value in _PRODUCTS
    ]
    return LogSource(
        category=event_filter.category or ("any" if not products else None),
        product=products[0] if products else None,
    )


def _conjuncts(condition: ir.Condition) -> tuple[ir.Condition, ...]:
    return condition.conditions if isinstance(condition, ir.And) else (condition,)


def _product(query: ir.Query) -> str | None:
    """The operating system that a query names first."""
    filters = (
        (query.filter,)
        if isinstance(query, ir.EventQuery)
        else tuple(stage.filter for stage in query.stages)
    )
    found = (_log_source(event_filter).product for event_filter in filters)
    return next((product for product in found if product is not None), None)
