"""The pass `fold`: constants and nulls, as Elasticsearch folds them before it searches (spec §5 A).

    process where process.pid == 2 * 2 and ?unmapped != "x" and not (1 > 2)
    process where process.pid == 4

    process where startsWith(process.name, "a") == false
    process where not startsWith(process.name, "a")

    process where process.name == null + 1
    process where process.name == null

- `e == null` asks whether `e` is null; null anywhere else gives null (spec §5, §13.8).
- `x and null` is null, `x or null` is `x`, a constant `false` beats null (spec §5, §13.12).
- A filter that is null is false; a sequence or sample with one empty term is empty (spec §13.8).
- A literal on the left changes sides.
"""

from __future__ import annotations

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
    Function,
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
    Text,
    TextMatch,
    Truth,
    Value,
)
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.passes import constants
from eqlx.passes.constants import ConstantError
from eqlx.passes.context import Context
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

    def whole(condition: Condition) -> Condition:
        folded = folder.condition(condition)
        if isinstance(folded, Constant) and folded.value is None:
            return Constant(value=False, span=folded.span)
        return folded

    return _empty(map_query_conditions(query, whole))


def fold_condition(condition: Condition, report: Report) -> Condition:
    """`condition` folded on its own; it may come back as a null constant."""
    return _Folder(report).condition(condition)


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


def _is_empty(stage: Stage) -> bool:
    condition = stage.filter.condition
    return isinstance(condition, Constant) and condition.value is False


class _Folder:
    """Folds bottom-up; one step a node, so that the result is the fixpoint."""

    def __init__(self, report: Report) -> None:
        self._report = report

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
            case Like() | RegexMatch() | NetworkMatch():
                if isinstance(node.value, Null):
                    return Constant(None, span=node.span)
                if isinstance(node, Like) and isinstance(node.value, Text):
                    return Constant(constants.like(node, node.value.value), span=node.span)
                return node
            case TextMatch():
                return self._text_match(node)
            case _:
                return node

    def _child(self, node: Node) -> Node:
        return node if isinstance(node, _ATOMS) else self.value(cast("Value", node))

    def _compare(self, node: Compare) -> Condition:
        left, right = node.left, node.right
        if isinstance(left, LITERALS) and not isinstance(right, LITERALS):
            left, right = right, left
            node = Compare(_SWAPPED[node.operator], left, right, node.case, span=node.span)
        if isinstance(left, Null) or isinstance(right, Null):
            if node.operator is not Comparison.EQUAL:
                return Constant(None, span=node.span)
            rest = left if isinstance(right, Null) else right
            if isinstance(rest, LITERALS):
                return Constant(isinstance(rest, Null), span=node.span)
            return IsNull(rest, span=node.span)
        equal = node.operator is Comparison.EQUAL
        if equal and isinstance(left, Truth) and isinstance(right, Boolean):
            condition = as_leaf(left.condition, self._report)
            return condition if right.value else self._not(Not(condition, span=node.span))
        if isinstance(left, LITERALS) and isinstance(right, LITERALS):
            return Constant(constants.compare(node, left, right), span=node.span)
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
        if isinstance(value, LITERALS):
            return Constant(constants.among(value, choices, node.case), span=node.span)
        if choices is node.choices:
            return node
        return Membership(value, choices, node.case, span=node.span)

    def _text_match(self, node: TextMatch) -> Condition:
        if isinstance(node.value, Null) or isinstance(node.text, Null):
            return Constant(None, span=node.span)
        if isinstance(node.value, Text) and isinstance(node.text, Text):
            return Constant(constants.text_match(node, node.value, node.text), span=node.span)
        return node

    # --- values -------------------------------------------------------------------------------

    def value(self, node: Value) -> Value:
        if isinstance(node, Truth):
            return self._truth(node)
        node = cast("Value", map_children(node, self._child))
        try:
            match node:
                case Arithmetic():
                    return _arithmetic(node)
                case Negation():
                    if isinstance(node.value, LITERALS):
                        return constants.negate(node.value, node.span)
                    return node
                case Call():
                    return _call(node)
                case _:
                    return node
        except ConstantError as error:
            self._report.add(constant_fails(str(error), span=node.span))
            return Null(span=node.span)

    def _truth(self, node: Truth) -> Value:
        condition = self.condition(node.condition)
        if isinstance(condition, Constant):
            if condition.value is None:
                return Null(span=node.span)
            return Boolean(condition.value, span=node.span)
        return node if condition is node.condition else Truth(condition, span=node.span)


def _arithmetic(node: Arithmetic) -> Value:
    if isinstance(node.left, Null) or isinstance(node.right, Null):
        return Null(span=node.span)
    if isinstance(node.left, LITERALS) and isinstance(node.right, LITERALS):
        return constants.calculate(node.operator, node.left, node.right, node.span)
    return node


def _call(node: Call) -> Value:
    from eqlx.functions import of
    from eqlx.passes.constant_functions import call

    signature = of(node.function)
    for index, argument in enumerate(node.arguments):
        if isinstance(argument, Null) and signature.parameter(index).null_gives_null:
            return Null(span=node.span)
    literals = [argument for argument in node.arguments if isinstance(argument, LITERALS)]
    if len(literals) < len(node.arguments):
        return node
    if node.function is Function.STRING and isinstance(literals[0], Text):
        return literals[0]
    return call(node.function, literals, node.case, node.span)
