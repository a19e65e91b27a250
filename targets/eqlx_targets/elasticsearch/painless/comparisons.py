"""Equality, order and lists: one value, which is not null, against constants (spec §2, §7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.patterns.network import Network
from eqlx.source import Span
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.painless.code import (
    FALSE,
    TRUE,
    Code,
    any_of,
    binary,
    call,
    method,
    negated,
)
from eqlx_targets.elasticsearch.painless.patterns import network
from eqlx_targets.elasticsearch.painless.program import Program
from eqlx_targets.elasticsearch.painless.value import LONG, Kind, Value
from eqlx_targets.elasticsearch.painless.values import as_case, double, folded

_ZERO = Code("0")
_UPWARD = (ir.Comparison.GREATER, ir.Comparison.GREATER_OR_EQUAL)
_OTHER_SIDE = {
    ir.Comparison.GREATER: ir.Comparison.LESS_OR_EQUAL,
    ir.Comparison.GREATER_OR_EQUAL: ir.Comparison.LESS,
}


@dataclass
class Comparisons:
    """Tests of values, each an expression that is true or false."""

    program: Program
    refuse: Callable[[str, Span], None]

    def comparison(self, node: ir.Compare, left: Value) -> Code | None:
        """The comparison of values that are not null; None where it makes no sense."""
        operator = node.operator
        match node.right:
            case ir.Text(text) if left.kind is Kind.TEXT:
                return self.text_test(operator, left, text, node.case)
            case ir.Text(text) if left.kind is Kind.ADDRESS:
                return self.address_test(operator, left, text)
            case ir.Integer() | ir.Decimal() if left.kind.is_number:
                return self.number_test(operator, left, node.right)
            case ir.Boolean(flag) if left.kind is Kind.BOOLEAN:
                if operator is not ir.Comparison.EQUAL:
                    self.refuse("an order of booleans", node.span)
                return left.code if flag else negated(left.code)
            case ir.Instant() if left.kind is Kind.DATE:
                return self.date_test(operator, left, node.right)
            case ir.Text() | ir.Integer() | ir.Decimal() | ir.Boolean() | ir.Instant():
                return None
            case _:
                self.refuse("a comparison with a value that is no constant", node.span)
                return FALSE

    def text_test(self, operator: ir.Comparison, left: Value, text: str, case: ir.Case) -> Code:
        if operator is ir.Comparison.EQUAL:
            wanted = self.program.param("value", as_case(text, case))
            return binary("==", folded(self.program, left, case), wanted)
        return self.ordered(operator, left.as_text, self.program.param("value", text))

    def ordered(self, operator: ir.Comparison, left: Code, right: Code) -> Code:
        return _signed(operator, method(left, "compareTo", right))

    def address_test(self, operator: ir.Comparison, left: Value, text: str) -> Code:
        wanted = Network.parse(text)
        if operator is ir.Comparison.EQUAL:
            return self.within(left, (wanted,))
        first = self.program.param("value", f"{wanted.first:032x}")
        return self.ordered(operator, self.program.function("hex", left.code), first)

    def within(self, value: Value, networks: tuple[Network, ...]) -> Code:
        listed = self.program.param("networks", [network(each) for each in networks])
        return self.program.function("network", value.code, listed)

    def date_test(self, operator: ir.Comparison, left: Value, literal: ir.Instant) -> Code:
        seconds, rest = divmod(literal.nanoseconds, 1_000_000_000)
        since: dict[str, Json] = {"seconds": seconds, "nanoseconds": rest}
        moment = self.program.param("instant", since)
        parts = (Code(f"{moment.text}.seconds"), Code(f"{moment.text}.nanoseconds"))
        instant = call("Instant.ofEpochSecond", *parts)
        return self.ordered(operator, method(left.code, "toInstant"), instant)

    def number_test(
        self, operator: ir.Comparison, left: Value, literal: ir.Integer | ir.Decimal
    ) -> Code:
        if math.isnan(literal.value):
            return self.against_nan(operator, left)
        big = isinstance(literal, ir.Integer) and not LONG[0] <= literal.value <= LONG[1]
        if left.kind is Kind.LONG and big:
            return FALSE if operator in (ir.Comparison.EQUAL, *_UPWARD) else TRUE
        if left.kind is Kind.ANY or (left.kind is Kind.NUMBER and big):
            right = self.number(literal)
            return _signed(operator, self.program.function("compare", left.code, right))
        if left.kind is Kind.DOUBLE or isinstance(literal, ir.Decimal):
            right = double(self.program, literal, "value")
        else:
            right = self.program.param("value", literal.value)
        if left.nan and operator in _UPWARD:  # NaN is above all numbers
            return negated(binary(_OTHER_SIDE[operator].value, left.code, right))
        return binary(operator.value, left.code, right, total=not left.nan)

    def against_nan(self, operator: ir.Comparison, left: Value) -> Code:
        """NaN equals itself and is above all numbers (spec §7); in Java it is not equal to itself."""
        match operator:
            case ir.Comparison.EQUAL | ir.Comparison.GREATER_OR_EQUAL:
                return binary("!=", left.code, left.code) if left.nan else FALSE
            case ir.Comparison.LESS:
                return binary("==", left.code, left.code, total=not left.nan) if left.nan else TRUE
            case ir.Comparison.LESS_OR_EQUAL:
                return TRUE
            case ir.Comparison.GREATER:
                return FALSE
            case _:
                assert_never(operator)

    def number(self, literal: ir.Integer | ir.Decimal) -> Code:
        if isinstance(literal, ir.Decimal):
            return double(self.program, literal, "value")
        return self.program.param("value", literal.value)

    # --- lists --------------------------------------------------------------------------------

    def membership(self, node: ir.Membership, value: Value) -> Code:
        choices = [choice for choice in node.choices if not isinstance(choice, ir.Null)]
        match value.kind:
            case Kind.TEXT:
                return self.texts(node, value, choices)
            case Kind.LONG | Kind.DOUBLE | Kind.NUMBER | Kind.ANY:
                return self.numbers(node, value, choices)
            case Kind.BOOLEAN | Kind.DATE | Kind.ADDRESS:
                return self.others(node, value, choices)
            case _:
                assert_never(value.kind)

    def mixed(self, node: ir.Membership) -> Code:
        self.refuse("a list of other types than the value's", node.span)
        return FALSE

    def texts(self, node: ir.Membership, value: Value, choices: Sequence[ir.Literal]) -> Code:
        texts = [choice.value for choice in choices if isinstance(choice, ir.Text)]
        if len(texts) < len(choices):
            return self.mixed(node)
        listed = self.program.param("values", [as_case(text, node.case) for text in texts])
        return method(listed, "contains", folded(self.program, value, node.case))

    def numbers(self, node: ir.Membership, value: Value, choices: Sequence[ir.Literal]) -> Code:
        numbers = [each.value for each in choices if isinstance(each, ir.Integer | ir.Decimal)]
        if len(numbers) < len(choices) or not all(map(math.isfinite, numbers)):
            return self.mixed(node)
        if value.kind is Kind.DOUBLE:
            numbers = [float(number) for number in numbers]
        known = all(isinstance(n, float) or LONG[0] <= n <= LONG[1] for n in numbers)
        function = "listed" if known and value.kind is not Kind.ANY else "listedAny"
        listed: list[Json] = list(numbers)
        return self.program.function(function, self.program.param("values", listed), value.code)

    def others(self, node: ir.Membership, value: Value, choices: Sequence[ir.Literal]) -> Code:
        tests: list[Code] = []
        for choice in choices:
            equal = ir.Compare(ir.Comparison.EQUAL, node.value, choice, span=node.span)
            test = self.comparison(equal, value)
            tests.append(self.mixed(node) if test is None else test)
        if value.kind is Kind.BOOLEAN and len(set(tests)) == 2:
            return TRUE
        return any_of(*tests)


def _signed(operator: ir.Comparison, order: Code) -> Code:
    return binary(operator.value, order, _ZERO, total=True)
