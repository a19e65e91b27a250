"""The pass `check_types`: what Elasticsearch's verifier refuses (spec §2, §7); the query stays as it is.

    process where process.pid : 4                      `:` compares text, found the long field …
    process where length(process.pid) > 5              `string` of `length` takes a string, found …
    process where process.pid in (4, "5")              found the string "5" in a list for an integer
    sequence [a where true] by process.pid [b where true] by user.name        join key of type …

`==` and `<` are not checked for types, as in Elasticsearch; `coerce_literals` reads their constants.
"""

from __future__ import annotations

from eqlx.diagnostics.catalogue import typing as say
from eqlx.diagnostics.catalogue.constants import (
    network_of_no_address,
)
from eqlx.ir import nodes as ir
from eqlx.ir.functions import Kind, Signature, of
from eqlx.ir.kinds import describe, type_of, word
from eqlx.ir.nodes import Case, Comparison, Query, Value
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.passes.context import Context

_TEXT = frozenset({FieldType.KEYWORD, FieldType.TEXT})
_INTEGER = frozenset({FieldType.LONG, FieldType.UNSIGNED_LONG})
_NUMBER = _INTEGER | {FieldType.DOUBLE}
_DATE = frozenset({FieldType.DATE, FieldType.DATE_NANOS})
_ACCEPTED = {
    Kind.STRING: _TEXT,
    Kind.INTEGER: _INTEGER,
    Kind.NUMBER: _NUMBER,
    Kind.BOOLEAN: frozenset({FieldType.BOOLEAN}),
}
_WRITTEN_AS_TEXT = frozenset({FieldType.IP, FieldType.VERSION}) | _DATE
"""Types whose constants are strings."""
_UNKNOWN = frozenset({FieldType.UNSUPPORTED, FieldType.UNRESOLVED})
"""Types of which something was said before."""


def check_types(query: Query, context: Context) -> Query:
    """`query` itself; faults are in `context.report`."""
    checker = _Checker(context)
    for node, _, _ in walk(query):
        match node:
            case ir.Compare():
                checker.compare(node)
            case ir.Membership():
                checker.membership(node)
            case ir.Like() | ir.RegexMatch():
                checker.pattern(node)
            case ir.NetworkMatch():
                checker.network(node)
            case ir.TextMatch():
                checker.arguments(of(node.where), (node.value, node.text))
            case ir.Call():
                checker.arguments(of(node.function), node.arguments)
            case ir.Arithmetic():
                checker.numbers(node.operator.value, node.left, node.right)
            case ir.Negation():
                checker.numbers("-", node.value)
            case ir.Sequence():
                until = () if node.until is None else (node.until,)
                checker.keys((*node.stages, *until))
            case ir.Sample():
                checker.keys(node.stages)
            case _:
                pass
    return query


class _Checker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._report = context.report

    def compare(self, node: ir.Compare) -> None:
        left, right = node.left, node.right
        bare = (
            isinstance(left, ir.Field) and isinstance(right, ir.Boolean) and left.span == right.span
        )
        if bare and not _is(left, frozenset({FieldType.BOOLEAN})):
            self._report.add(say.not_a_condition(describe(left), span=node.span))
        if node.operator is not Comparison.EQUAL:
            ordered = [side for side in (left, right) if type_of(side) is FieldType.BOOLEAN]
            if ordered:  # one mistake, even where both sides are booleans
                span = ordered[0].span
                self._report.add(say.order_of_booleans(node.operator.value, span=span))

    def membership(self, node: ir.Membership) -> None:
        kind = type_of(node.value)
        if all(isinstance(choice, ir.Null) for choice in node.choices):
            self._report.add(say.list_of_nulls(span=node.span))
        if node.case is not Case.SENSITIVE:
            self._text("in~", node.value)
        elif kind is None or kind in _UNKNOWN:
            return
        expected = FieldType.KEYWORD if node.case is not Case.SENSITIVE or kind is None else kind
        for choice in node.choices:
            if not _is_choice(choice, expected):
                self._report.add(
                    say.list_element_type(
                        word(expected), describe(choice), span=choice.span, of=node.value.span
                    )
                )

    def pattern(self, node: ir.Like | ir.RegexMatch) -> None:
        if isinstance(node, ir.RegexMatch):
            operator = "regex" if node.case is Case.SENSITIVE else "regex~"
        else:
            operator = "like" if node.case is Case.SENSITIVE else ":"
        self._text(operator, node.value)

    def _text(self, operator: str, value: Value) -> None:
        if _is(value, _TEXT):
            return
        tip = "use `==` or `in`"
        if _is(value, frozenset({FieldType.IP})):
            tip = "use `==`, or `cidrMatch` for networks"
        elif _is(value, _NUMBER):
            tip = "use `==`, `in`, `<` or `>`, or compare `string(…)`"
        self._report.add(say.operand_not_text(operator, describe(value), tip, span=value.span))

    def network(self, node: ir.NetworkMatch) -> None:
        value = node.value
        address = isinstance(value, ir.Field) and value.type in _UNKNOWN | {FieldType.IP}
        if not address and not isinstance(value, ir.Null):
            self._report.add(network_of_no_address(describe(value), span=value.span))

    def arguments(self, signature: Signature, arguments: tuple[Value, ...]) -> None:
        for index, argument in enumerate(arguments):
            parameter = signature.parameter(index)
            accepted = _ACCEPTED.get(parameter.kind)
            if accepted is not None and not _is(argument, accepted):
                expected, found = parameter.kind.value, describe(argument)
                self._report.add(
                    say.argument_type(
                        signature.name, parameter.name, expected, found, span=argument.span
                    )
                )

    def numbers(self, operator: str, *operands: Value) -> None:
        for operand in operands:
            if not _is(operand, _NUMBER):
                found = describe(operand)
                self._report.add(say.operand_not_number(operator, found, span=operand.span))

    def keys(self, stages: tuple[ir.Stage, ...]) -> None:
        """Keys at one place must be able to be equal; a key that no schema knows may be anything."""
        known = self._context.schema.lookup
        for column in zip(*(stage.keys for stage in stages), strict=False):
            typed = [key for key in column if known(key.name) is not None]
            for key in typed[1:]:
                if _family(key.type) != _family(typed[0].type):
                    self._report.add(
                        say.join_key_types_differ(
                            typed[0].type.value, key.type.value, span=key.span, other=typed[0].span
                        )
                    )


def _is(value: Value, accepted: frozenset[FieldType]) -> bool:
    """Whether a value is of one of the types; null is of every type (spec §2)."""
    kind = type_of(value)
    return kind is None or kind in accepted or kind in _UNKNOWN


def _is_choice(choice: ir.Literal, expected: FieldType) -> bool:
    if expected in _WRITTEN_AS_TEXT and isinstance(choice, ir.Text | ir.Instant):
        return True
    if expected in _DATE and isinstance(choice, ir.Integer):
        return True
    kind = type_of(choice)
    return kind is None or _family(kind) == _family(expected)


def _family(kind: FieldType) -> frozenset[FieldType]:
    for family in (_TEXT, _NUMBER, _DATE):
        if kind in family:
            return family
    return frozenset({kind})
