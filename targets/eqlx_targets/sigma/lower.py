"""IR to a Sigma file: log source, detection and metadata of a rule."""

from __future__ import annotations

from typing import assert_never

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx.target import Request
from eqlx_targets.sigma.correlation import correlated_sample, correlated_sequence
from eqlx_targets.sigma.detection import detection
from eqlx_targets.sigma.leaves import Scope, search_maps
from eqlx_targets.sigma.metadata import footer, header
from eqlx_targets.sigma.tree import (
    DetectionRule,
    Footer,
    Header,
    LogSource,
    SearchMap,
    SigmaFile,
)

_PRODUCTS = ("linux", "macos", "windows")


def lower_file(request: Request) -> SigmaFile:
    """The documents for a rule: one for an event query, a correlation and its stages for a join."""
    match request.query:
        case ir.EventQuery(event_filter):
            return SigmaFile(
                (lower_rule(event_filter, request, header(request), footer(request.rule)),)
            )
        case ir.Sequence() as sequence:
            return correlated_sequence(sequence, request, lower_rule)
        case ir.Sample() as sample:
            return correlated_sample(sample, request, lower_rule)
        case _:
            assert_never(request.query)


def lower_rule(
    event_filter: ir.Filter, request: Request, head: Header, foot: Footer
) -> DetectionRule:
    """One detection rule for an event filter."""
    scope = _scope(request)
    known: dict[tuple[ir.Leaf, Span, Polarity], tuple[SearchMap, ...]] = {}

    def leaf_maps(leaf: ir.Leaf, polarity: Polarity) -> tuple[SearchMap, ...]:
        """Once a leaf, however often it is asked for, so that nothing is reported twice."""
        place = (leaf, leaf.span, polarity)
        if place not in known:
            known[place] = search_maps(leaf, polarity, scope)
        return known[place]

    condition = _with_category(event_filter, request.model.category)
    if isinstance(condition, ir.Constant):
        scope.refuse("every event", "a Sigma rule needs a condition on a field", event_filter.span)
    explicit = request.options["missing"] == "explicit"
    return DetectionRule(
        header=head,
        logsource=_log_source(event_filter, request),
        detection=detection(condition, leaf_maps, explicit=explicit),
        footer=foot,
    )


def _scope(request: Request) -> Scope:
    return Scope(request.options["case"] == "strict", request.report, request.losses)


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


def _log_source(event_filter: ir.Filter, request: Request) -> LogSource:
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
    indices = ", ".join(request.rule.index)
    return LogSource(
        category=event_filter.category or ("any" if not products else None),
        product=products[0] if products else None,
        definition=f"Elasticsearch indices {indices}" if indices else None,
    )


def _conjuncts(condition: ir.Condition) -> tuple[ir.Condition, ...]:
    return condition.conditions if isinstance(condition, ir.And) else (condition,)
