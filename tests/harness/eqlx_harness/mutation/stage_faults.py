"""Faults that a lowering makes when it reads stages, keys, `until`, missing events and pipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.ir.walk import Node
from eqlx_harness.mutation.faults import in_query

_NEVER = ir.Compare(
    ir.Comparison.EQUAL, ir.Field("event.kind", type=FieldType.KEYWORD), ir.Text("never")
)


@in_query("stages")
def swap_stages(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Sequence):
        for at in range(len(node.stages) - 1):
            one, other = node.stages[at : at + 2]
            if one.missing == other.missing and one.runs == other.runs and one != other:
                stages = (*node.stages[:at], other, one, *node.stages[at + 2 :])
                yield replace(node, stages=stages)


@in_query("stages")
def a_stage_for_another(node: Node, _: ir.Query) -> Iterator[Node]:
    """A stage has the filter of the one before it."""
    if isinstance(node, ir.Sequence | ir.Sample):
        for at in range(1, len(node.stages)):
            before, own = node.stages[at - 1 : at + 1]
            if before.filter != own.filter:
                changed = replace(own, filter=before.filter)
                stages = (*node.stages[:at], changed, *node.stages[at + 1 :])
                yield replace(node, stages=stages)


@in_query("stages")
def a_stage_takes_all(node: Node, _: ir.Query) -> Iterator[Node]:
    """A stage asks for its category alone."""
    if isinstance(node, ir.Stage) and not isinstance(node.filter.condition, ir.Constant):
        yield replace(node, filter=replace(node.filter, condition=ir.Constant(value=True)))


@in_query("maxspan")
def span_off(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Sequence) and node.maxspan is not None:
        yield replace(node, maxspan=node.maxspan + 1)
        yield replace(node, maxspan=node.maxspan - 1)


@in_query("maxspan")
def span_ignored(node: Node, _: ir.Query) -> Iterator[Node]:
    if not isinstance(node, ir.Sequence) or node.maxspan is None:
        return
    if not any(stage.missing for stage in node.stages):
        yield replace(node, maxspan=None)


@in_query("maxspan")
def span_in_another_unit(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Sequence) and node.maxspan is not None:
        yield replace(node, maxspan=node.maxspan * 60)


@in_query("keys")
def drop_key(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Sequence | ir.Sample):
        for place in range(len(node.stages[0].keys) if len(node.stages[0].keys) > 1 else 0):
            yield _without_key(node, place)


def _without_key(node: ir.Sequence | ir.Sample, place: int) -> Node:
    def less(stage: ir.Stage) -> ir.Stage:
        return replace(stage, keys=(*stage.keys[:place], *stage.keys[place + 1 :]))

    changed = replace(node, stages=tuple(less(stage) for stage in node.stages))
    if isinstance(changed, ir.Sequence) and changed.until is not None:
        changed = replace(changed, until=less(changed.until))
    return changed


@in_query("null keys")
def null_keys(node: Node, _: ir.Query) -> Iterator[Node]:
    """Null keys join where they must not, or do not where they must."""
    if isinstance(node, ir.Sequence | ir.Sample):
        for place in range(len(node.stages[0].keys)):
            stages = tuple(_turned(stage, place) for stage in node.stages)
            yield replace(node, stages=stages)


@in_query("null keys")
def null_keys_of_a_stage(node: Node, _: ir.Query) -> Iterator[Node]:
    """Only one stage's null keys are let through (an optional key), or kept out."""
    if isinstance(node, ir.Stage) and not node.missing:
        for place, key in enumerate(node.keys):
            if key.optional:
                yield _turned(node, place)


def _turned(stage: ir.Stage, place: int) -> ir.Stage:
    key = replace(stage.keys[place], optional=not stage.keys[place].optional)
    return replace(stage, keys=(*stage.keys[:place], key, *stage.keys[place + 1 :]))


@in_query("runs")
def runs_off(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Stage) and node.runs > 1:
        yield replace(node, runs=node.runs - 1)
        yield replace(node, runs=node.runs + 1)


@in_query("runs")
def runs_forgotten(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Stage) and node.runs > 2:
        yield replace(node, runs=1)


@in_query("until")
def until_ignored(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Sequence) and node.until is not None:
        yield replace(node, until=None)


@in_query("until")
def until_takes_all(node: Node, _: ir.Query) -> Iterator[Node]:
    """`until` ends at every event of its category, or of any."""
    if isinstance(node, ir.Sequence) and node.until is not None:
        until = node.until
        if not isinstance(until.filter.condition, ir.Constant):
            every = replace(until.filter, condition=ir.Constant(value=True))
            yield replace(node, until=replace(until, filter=every))
        if until.filter.category is not None:
            yield replace(node, until=replace(until, filter=replace(until.filter, category=None)))


@in_query("missing events")
def missing_ignored(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Stage) and node.missing:
        yield replace(node, filter=ir.Filter(None, _NEVER))


@in_query("missing events")
def missing_takes_all(node: Node, _: ir.Query) -> Iterator[Node]:
    if not isinstance(node, ir.Stage) or not node.missing:
        return
    if not isinstance(node.filter.condition, ir.Constant):
        yield replace(node, filter=replace(node.filter, condition=ir.Constant(value=True)))


@in_query("pipes")
def other_end(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Limit):
        yield replace(node, end=ir.End.HEAD if node.end is ir.End.TAIL else ir.End.TAIL)


@in_query("pipes")
def limit_off(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Limit):
        yield replace(node, count=node.count + 1)
        yield replace(node, count=max(0, node.count - 1))


@in_query("pipes")
def pipe_lost(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.EventQuery | ir.Sequence):
        for at in range(len(node.limits)):
            yield replace(node, limits=(*node.limits[:at], *node.limits[at + 1 :]))


@in_query("pipes")
def pipes_swapped(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.EventQuery | ir.Sequence) and len(node.limits) > 1:
        yield replace(node, limits=node.limits[::-1])
