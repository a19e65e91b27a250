"""The invariants of the IR, raw (as lowered) and final (after all passes); for tests and debugging."""

from __future__ import annotations

from typing import assert_never

from eqlx.ir.dump import dump
from eqlx.ir.nodes import (
    And,
    Call,
    Case,
    Compare,
    Comparison,
    Constant,
    EventQuery,
    Field,
    Filter,
    Integer,
    Like,
    Limit,
    Membership,
    NetworkMatch,
    Not,
    Null,
    Or,
    Query,
    RegexMatch,
    Sample,
    Sequence,
    Stage,
    Truth,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, children, walk

MAX_RUNS = 100
MAX_STAGES = 256


class InvariantError(AssertionError):
    """A query breaks a rule of `ir.nodes`; a bug of the pass that made it."""


def verify(query: Query, *, final: bool = True) -> None:
    """Check `query`; `final` also checks what holds only after all passes.

    Raises:
        InvariantError: naming the rule and the node.
    """
    for node, _, _ in walk(query):
        _raw(node)
        if final:
            _final(node)
    if final:
        _constants(query)


def _require(condition: bool, rule: str, node: Node) -> None:  # noqa: FBT001 the thing that is required
    if not condition:
        message = f"{rule}: {dump(node)}"
        raise InvariantError(message)


def _raw(node: Node) -> None:
    match node:
        case And() | Or():
            _require(len(node.conditions) >= 1, "a connective has operands", node)
        case Membership():
            _require(len(node.choices) >= 1, "a list has choices", node)
            _require(
                all(isinstance(c, LITERALS) for c in node.choices), "choices are literals", node
            )
        case Like() | RegexMatch():
            _require(len(node.patterns) >= 1, "a match has patterns", node)
        case NetworkMatch():
            _require(len(node.networks) >= 1, "a match has networks", node)
        case Call():
            _require(len(node.arguments) >= 1, "a call has arguments", node)
        case Integer():
            _require(-(1 << 63) <= node.value < 1 << 64, "an integer fits 64 bits", node)
        case Stage():
            _require(1 <= node.runs <= MAX_RUNS, "runs from 1 to 100", node)
        case Limit():
            _require(node.count >= 0, "a limit counts from 0", node)
        case Sequence() | Sample():
            _stages(node)
        case _:
            pass


def _stages(node: Sequence | Sample) -> None:
    stages = node.stages
    every = (*stages, node.until) if isinstance(node, Sequence) and node.until else stages
    _require(len({len(stage.keys) for stage in every}) == 1, "as many keys everywhere", node)
    _require(sum(stage.runs for stage in stages) <= MAX_STAGES, "at most 256 stages", node)
    _require(not all(stage.missing for stage in stages), "one positive stage", node)
    if isinstance(node, Sequence) and any(stage.missing for stage in stages):
        _require(node.maxspan is not None, "a missing event needs maxspan", node)


def _final(node: Node) -> None:
    match node:
        case And() | Or():
            _require(len(node.conditions) >= 2, "a connective has two operands or more", node)
            flat = not any(isinstance(c, type(node)) for c in node.conditions)
            _require(flat, "connectives are flat", node)
        case Not():
            _require(not isinstance(node.condition, Not), "no double negation", node)
        case Field():
            _require(node.type is not FieldType.UNRESOLVED, "fields are resolved", node)
        case Compare():
            _require(isinstance(node.right, LITERALS), "a literal stands on the right", node)
            _require(not isinstance(node.left, LITERALS), "no comparison of constants", node)
            _require(not isinstance(node.right, Null), "no comparison with null", node)
            equal = node.operator is Comparison.EQUAL
            _require(equal or node.case is Case.SENSITIVE, "case matters to order", node)
        case Membership():
            _require(not any(isinstance(c, Null) for c in node.choices), "no null choices", node)
        case _:
            pass


def _constants(query: Query) -> None:
    """After folding a constant is never null and stands only alone, as a filter's condition."""
    for node, _, _ in walk(query):
        if isinstance(node, Filter) and isinstance(node.condition, Constant):
            _require(node.condition.value is not None, "no filter is null", node)
        elif not isinstance(node, Filter):
            alone = not any(isinstance(child, Constant) for child in children(node))
            _require(alone, "constants stand alone", node)
        if isinstance(node, Truth):
            _require(not isinstance(node.condition, Constant), "a constant is no truth", node)
    match query:
        case EventQuery():
            return
        case Sequence() | Sample():
            empty = [s.filter.condition == Constant(value=False) for s in query.stages]
            _require(all(empty) or not any(empty), "an empty term empties all", query)
        case _:
            assert_never(query)
