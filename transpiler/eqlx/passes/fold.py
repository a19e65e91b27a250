"""The pass `fold`: constants and nulls, as Elasticsearch folds them before it searches (spec §5 A).

    process where process.pid == 2 * 2 and ?unmapped != "x" and not (1 > 2)
    process where process.pid == 4

    process where startsWith(process.name, "a") == false
    process where not startsWith(process.name, "a")

    process where process.name == null + 1
    process where process.name == null

- Constant expressions fold first, and only where every operand is a constant. Then `e == null` asks
  whether `e` is null; then `condition == true` and `== false` go (spec §5, §13.8, §13.12).
- `x and null` is null, `x or null` is `x`, a constant `false` beats null (spec §5, §13.12).
- A filter that is null is false; a sequence or sample with one empty term is empty (spec §13.8).
- A literal on the left changes sides.
- What a leaf with a null operand or an infinite constant is for every event is decided last
  (`decided`): that is false or true, and no longer null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.constants import constant_fails
from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Compare,
    Comparison,
    Condition,
    Constant,
    Field,
    Filter,
    IsNull,
    Like,
    Membership,
    Negation,
    NetworkMatch,
    Not,
    Null,
    Or,
    Query,
    RegexMatch,
    Sample,
    Sequence,
    Stage,
    TextMatch,
    Truth,
    Value,
)
from eqlx.ir.walk import LITERALS, Node, children, map_children, map_query_conditions, walk
from eqlx.meaning.arithmetic import calculate, negate
from eqlx.meaning.comparison import compare
from eqlx.meaning.functions import call
from eqlx.meaning.leaves import matches, text_match
from eqlx.meaning.values import Failed, Operand, value_of
from eqlx.passes.context import Context
from eqlx.passes.decided import decided
from eqlx.passes.literals import literal_of
from eqlx.passes.patterns import as_leaf

_ATOMS = (Field, *LITERALS)
_SWAPPED = {
    Comparison.EQUAL: Comparison.EQUAL,
    Comparison.LESS: Comparison.GREATER,
    Comparison.LESS_OR_EQUAL: Comparison.GREATER_OR_EQUAL,
    Comparison.GREATER: Comparison.LESS,
    Comparison.GREATER_OR_EQUAL: Comparison.LESS_OR_EQUAL,
}


def fold(query: Query, context: Context) -> Query:
    """`query` with every constant part folded; afterwards a constant stands alone in its filter."""
    folder = _Folder(context.report)

    def constant(condition: Condition) -> Condition:
        return _whole(folder.condition(condition))

    def whole(condition: Condition) -> Condition:
        return _whole(folder.decided(condition))

    folded = _empty(map_query_conditions(query, constant))
    return _keep_missing(folded, map_query_conditions(folded, whole))


def _whole(condition: Condition) -> Condition:
    """A filter's condition: null is false there."""
    if isinstance(condition, Constant) and condition.value is None:
        return Constant(value=False, span=condition.span)
    return condition


def fold_condition(condition: Condition, report: Report) -> Condition:
    """`condition` folded on its own; it may come back as a null constant."""
    return _Folder(report).filter(condition)


def fold_value(value: Value, report: Report) -> Value:
    """`value` folded on its own: a literal where it has no field."""
    if isinstance(value, LITERALS):
        return value
    return _Folder(report).value(value)


def _empty(query: Query) -> Query:
    """A query of several terms, one of which nothing matches, matches nothing."""
    if not isinstance(query, Sequence | Sample) or not any(map(_is_empty, query.stages)):
        return query

    def emptied(node: Node) -> Node:
        if not isinstance(node, Stage) or _is_empty(node):
            return node
        false = Constant(value=False, span=node.filter.condition.span)
        nothing = Filter(node.filter.category, false, span=node.filter.span)
        return Stage(nothing, node.keys, node.runs, node.missing, span=node.span)

    stages = tuple(cast("Stage", emptied(stage)) for stage in query.stages)
    if isinstance(query, Sample):
        return Sample(stages, span=query.span)
    return Sequence(stages, query.maxspan, query.until, query.limits, span=query.span)


def _keep_missing(folded: Query, decided_: Query) -> Query:
    """`decided_`, where no missing event came to nothing in the last step. What holds for no event, though
    it has a field, is no constant: such a missing event never comes, and empties nothing (spec §13.8,
    §13.12). It keeps a condition over a field."""
    if not isinstance(folded, Sequence) or not isinstance(decided_, Sequence):
        return decided_

    def kept(before: Stage, after: Stage) -> Stage:
        if not before.missing or not _is_empty(after) or _is_empty(before):
            return after
        condition = before.filter.condition
        field = next(node for node, _, _ in walk(condition) if isinstance(node, Field))
        absent = IsNull(field, span=condition.span)
        never = And((absent, Not(absent, span=condition.span)), span=condition.span)
        return replace(after, filter=replace(after.filter, condition=never))

    stages = tuple(map(kept, folded.stages, decided_.stages))
    return decided_ if stages == decided_.stages else replace(decided_, stages=stages)


def _is_empty(stage: Stage) -> bool:
    condition = stage.filter.condition
    return isinstance(condition, Constant) and condition.value is False


class _Folder:
    """Folds bottom-up; one step a node, so that the result is the fixpoint."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def filter(self, node: Condition) -> Condition:
        """A filter's whole condition: folded, and what is the same for every event decided."""
        return self.decided(self.condition(node))

    def decided(self, folded: Condition) -> Condition:
        """A folded condition in which what is the same for every event is decided."""
        new = decided(folded)
        return folded if new is folded else self.condition(new)

    # --- conditions ---------------------------------------------------------------------------

    def condition(self, node: Condition) -> Condition:
        match node:
            case And() | Or():
                return self._junction(node)
            case Not():
                return self._not(node)
            case Constant():
                return node
            case _:
                return self._leaf(node)

    def _junction(self, node: And | Or) -> Condition:
        absorbing = isinstance(node, Or)
        kept: list[Condition] = []
        changed = False
        null: Constant | None = None
        for condition in node.conditions:
            folded = self.condition(condition)
            changed = changed or folded is not condition
            if not isinstance(folded, Constant):
                kept.append(folded)
            elif folded.value is absorbing:
                # Later operands are not folded: nothing that they say matters any more.
                return Constant(absorbing, span=node.span)
            elif folded.value is None:
                null = folded
            changed = changed or isinstance(folded, Constant)
        if null is not None and (isinstance(node, And) or not kept):
            return Constant(None, span=node.span)
        if not changed:
            return node
        if len(kept) == 1:
            return kept[0]
        if not kept:
            return Constant(not absorbing, span=node.span)
        return type(node)(tuple(kept), span=node.span)

    def _not(self, node: Not) -> Condition:
        inner = self.condition(node.condition)
        if isinstance(inner, Constant):
            return Constant(None if inner.value is None else not inner.value, span=node.span)
        if isinstance(inner, Not):
            return inner.condition
        return node if inner is node.condition else Not(inner, span=node.span)

    def _leaf(self, node: Condition) -> Condition:
        node = cast("Condition", map_children(node, self._child))
        match node:
            case Compare():
                return self._compare(node)
            case Membership():
                return self._membership(node)
            case IsNull():
                if isinstance(node.value, LITERALS):
                    return Constant(isinstance(node.value, Null), span=node.span)
                return node
            case Like() | RegexMatch() | NetworkMatch() if isinstance(node.value, LITERALS):
                value = value_of(node.value)
                return self._constant(node, lambda: matches(node, value))
            case TextMatch(where, value, text, case):
                if not (isinstance(value, LITERALS) and isinstance(text, LITERALS)):
                    return node
                sides = value_of(value), value_of(text)
                return self._constant(node, lambda: text_match(where, *sides, case))
            case _:
                return node

    def _constant(self, node: Condition, compute: Callable[[], bool | None]) -> Constant:
        """A leaf of constants, as the room of meaning has it."""
        try:
            return Constant(compute(), span=node.span)
        except Failed as failure:
            self._report.add(constant_fails(str(failure), span=node.span))
            return Constant(None, span=node.span)

    def _child(self, node: Node) -> Node:
        return node if isinstance(node, _ATOMS) else self.value(cast("Value", node))

    def _compare(self, node: Compare) -> Condition:
        left, right = node.left, node.right
        if isinstance(left, LITERALS) and not isinstance(right, LITERALS):
            left, right = right, left
            node = Compare(_SWAPPED[node.operator], left, right, node.case, span=node.span)
        if node.operator is Comparison.EQUAL and _is_null(left, right):
            rest = left if isinstance(right, Null) else right
            if isinstance(rest, LITERALS):
                return Constant(isinstance(rest, Null), span=node.span)
            return IsNull(rest, span=node.span)
        equal = node.operator is Comparison.EQUAL
        if equal and isinstance(left, Truth) and isinstance(right, Boolean):
            condition = as_leaf(left.condition, self._report)
            return condition if right.value else self._not(Not(condition, span=node.span))
        if isinstance(left, LITERALS) and isinstance(right, LITERALS):
            sides = value_of(left), value_of(right)
            return self._constant(node, lambda: compare(node.operator, *sides, node.case))
        return node

    def _membership(self, node: Membership) -> Condition:
        value = node.value
        if isinstance(value, Null):
            return Constant(None, span=node.span)
        choices = node.choices
        if any(isinstance(choice, Null) for choice in choices):
            choices = tuple(choice for choice in choices if not isinstance(choice, Null))
        if not choices:
            return Constant(None, span=node.span)
        if choices is not node.choices:
            node = Membership(value, choices, node.case, span=node.span)
        if isinstance(value, LITERALS):
            return self._constant(node, lambda: matches(node, value_of(value)))
        return node

    # --- values -------------------------------------------------------------------------------

    def value(self, node: Value) -> Value:
        if isinstance(node, Truth):
            return self._truth(node)
        node = cast("Value", map_children(node, self._child))
        operands = _operands(*cast("tuple[Value, ...]", children(node)))
        if operands is None:
            return node
        try:
            match node:
                case Arithmetic(operator):
                    value = calculate(operator, *operands)
                case Negation():
                    value = negate(*operands)
                case Call(function, _, case):
                    value = call(function, operands, case)
                case _:
                    return node
        except Failed as failure:
            self._report.add(constant_fails(str(failure), span=node.span))
            return Null(span=node.span)
        return literal_of(value, node.span)

    def _truth(self, node: Truth) -> Value:
        condition = self.condition(node.condition)
        if isinstance(condition, Constant):
            if condition.value is None:
                return Null(span=node.span)
            return Boolean(condition.value, span=node.span)
        return node if condition is node.condition else Truth(condition, span=node.span)


def _operands(*values: Value) -> tuple[Operand, ...] | None:
    """What the values are worth, if all of them are constants."""
    literals = [value for value in values if isinstance(value, LITERALS)]
    return tuple(map(value_of, literals)) if len(literals) == len(values) else None


def _is_null(left: Value, right: Value) -> bool:
    return isinstance(left, Null) or isinstance(right, Null)
