"""IR values to Painless: fields as loops, constants as parameters, functions of texts (spec §7)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, assert_never

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx_targets.elasticsearch.painless.code import (
    FALSE,
    TRUE,
    Code,
    any_of,
    binary,
    cast,
    choice,
    concatenated,
    method,
)
from eqlx_targets.elasticsearch.painless.code import NULL as NULL_CODE
from eqlx_targets.elasticsearch.painless.numbers import calculated, negative
from eqlx_targets.elasticsearch.painless.patterns import FUNCTIONS, as_folded
from eqlx_targets.elasticsearch.painless.program import Program
from eqlx_targets.elasticsearch.painless.value import LONG, STORED, Kind, Value

_PLACE: Final = 2**31 - 1
"""Positions in a text are ints."""
_END: Final = Code("Integer.MAX_VALUE")
_START: Final = Code("0")


class ConditionAsValue(Protocol):
    """Lowers a condition that stands as a value."""

    def __call__(self, condition: ir.Condition, *, strict: bool) -> Value: ...


@dataclass
class Values:
    """Lowers the values of one leaf, in order of evaluation.

    `strict`: a null makes it impossible for the leaf to be true, so that no null is tried.
    `truth` lowers a condition that stands as a value; `name` gives the doc values' name of a field.
    """

    program: Program
    name: Callable[[ir.Field], str]
    refuse: Callable[[str, Span], None]
    truth: ConditionAsValue

    def value(self, value: ir.Value, role: str, *, strict: bool) -> Value:
        """A value; `role` names the parameter of a constant."""
        match value:
            case ir.Field():
                return self.field(value, strict=strict)
            case ir.Text() | ir.Integer() | ir.Decimal() | ir.Boolean() | ir.Null() | ir.Instant():
                return self.literal(value, role)
            case ir.Call():
                return self.call(value, strict=strict)
            case ir.Arithmetic(operator, left, right):
                a = self.value(left, "value", strict=strict)
                b = self.value(right, "value", strict=strict)
                return calculated(self.program, operator, a, b)
            case ir.Negation(inner):
                return negative(self.program, self.value(inner, "value", strict=strict))
            case ir.Truth(condition):
                return self.truth(condition, strict=strict)
            case _:
                assert_never(value)

    def field(self, occurrence: ir.Field, *, strict: bool) -> Value:
        """Every occurrence of a field chooses its value on its own (spec §6)."""
        stored = STORED.get(occurrence.type)
        if stored is None:
            what = f"a field of type `{occurrence.type.value}` in a computed value"
            self.refuse(what, occurrence.span)
            stored = STORED[FieldType.KEYWORD]
        path = self.name(occurrence)
        strict = strict or self.program.must_exist(path)
        java = stored.java if strict else stored.boxed
        variable = self.program.loop(java, stored.name, path, nullable=not strict)
        nulls = () if strict else (binary("==", variable, NULL_CODE),)
        code = variable
        if occurrence.type is FieldType.UNSIGNED_LONG:
            code = self.program.function("unsigned", variable)
        elif java != stored.java:
            code, java = cast(stored.java, variable), stored.java
        return Value(stored.kind, code, java, nulls)

    def literal(self, literal: ir.Literal, role: str) -> Value:
        match literal:
            case ir.Null():
                return Value(Kind.TEXT, NULL_CODE, "def", (TRUE,))
            case ir.Text(text):
                return Value(Kind.TEXT, self.program.param(role, text), "def")
            case ir.Boolean(flag):
                return Value(Kind.BOOLEAN, TRUE if flag else FALSE, "boolean")
            case ir.Integer(number):
                code = self.program.param(role, number)
                if not LONG[0] <= number <= LONG[1]:
                    return Value(Kind.ANY, code, "def", zero=False)
                return Value(Kind.LONG, code, "def", (), number, number, zero=number == 0)
            case ir.Decimal(number):
                code = double(self.program, literal, role)
                finite = math.isfinite(number)
                return Value(Kind.DOUBLE, code, "def", finite=finite, zero=number == 0)
            case ir.Instant():
                self.refuse("a date as a value", literal.span)
                return Value(Kind.DATE, NULL_CODE, "def")
            case _:
                assert_never(literal)

    # --- functions ----------------------------------------------------------------------------

    def call(self, node: ir.Call, *, strict: bool) -> Value:
        match node.function:
            case ir.Function.BETWEEN:
                return self.between(node, strict=strict)
            case ir.Function.CONCAT:
                return self.concat(node, strict=strict)
            case ir.Function.INDEX_OF:
                return self.index_of(node, strict=strict)
            case ir.Function.LENGTH:
                text = self.value(node.arguments[0], "text", strict=strict)
                return Value(Kind.LONG, method(text.code, "length"), "int", text.nulls, 0, _PLACE)
            case ir.Function.NUMBER:
                return self.number(node, strict=strict)
            case ir.Function.STRING:
                value = self.value(node.arguments[0], "value", strict=strict)
                return Value(Kind.TEXT, self.text_of(value), "String", value.nulls)
            case ir.Function.SUBSTRING:
                return self.substring(node, strict=strict)
            case _:
                assert_never(node.function)

    def text_of(self, value: Value) -> Code:
        if value.kind is Kind.DATE:
            return self.program.function("iso", value.code)
        return value.as_text

    def text(self, value: ir.Value, role: str, case: ir.Case, *, strict: bool) -> Value:
        """A text to look for: a constant is folded here, all else in the script."""
        if isinstance(value, ir.Text):
            return self.literal(ir.Text(as_case(value.value, case)), role)
        found = self.value(value, role, strict=strict)
        return replace(found, code=folded(self.program, found, case))

    def between(self, node: ir.Call, *, strict: bool) -> Value:
        """A border that is null fails, unless the source is null as well."""
        source = self.value(node.arguments[0], "text", strict=strict)
        left = self.text(node.arguments[1], "left", node.case, strict=strict)
        right = self.text(node.arguments[2], "right", node.case, strict=strict)
        greedy = Value(Kind.BOOLEAN, FALSE, "boolean")
        if len(node.arguments) > 3:
            greedy = self.value(node.arguments[3], "greedy", strict=strict)
        self.program.guard(any_of(*left.nulls, *right.nulls, *greedy.nulls), source.nulls)
        searched = folded(self.program, source, node.case)
        parts = (source.code, searched, left.code, right.code, greedy.code)
        code = self.program.function("between", *parts)
        if greedy.code != FALSE:
            code = self.program.attempt("part", code, source.nulls)
            code = cast("String", code)
        return Value(Kind.TEXT, code, "String", source.nulls)

    def concat(self, node: ir.Call, *, strict: bool) -> Value:
        parts = [self.value(argument, "text", strict=strict) for argument in node.arguments]
        codes = [p.code if p.kind is not Kind.DATE else self.text_of(p) for p in parts]
        codes[0] = self.text_of(parts[0])
        nulls = tuple(dict.fromkeys(null for part in parts for null in part.nulls))
        return Value(Kind.TEXT, concatenated(tuple(codes)), "String", nulls)

    def index_of(self, node: ir.Call, *, strict: bool) -> Value:
        source = self.value(node.arguments[0], "text", strict=strict)
        wanted = self.text(node.arguments[1], "wanted", node.case, strict=strict)
        given = self.place(node.arguments[2:3], "start", least=0)
        start = choice(given.is_null, _START, given.code)
        searched = folded(self.program, source, node.case)
        filled = isinstance(node.arguments[1], ir.Text) and node.arguments[1].value != ""
        if start == _START:
            code = method(searched, "indexOf", wanted.code)
        elif filled:
            code = method(searched, "indexOf", wanted.code, start)
        else:  # Java finds an empty text beyond the end
            code = self.program.function("indexOf", searched, wanted.code, start)
        missing = any_of(*source.nulls, *wanted.nulls)
        place = self.program.local("int", "place", choice(missing, Code("-1"), code))
        nulls = (binary("<", place, Code("0"), total=True),)
        return Value(Kind.LONG, place, "int", nulls, 0, _PLACE, absent=-1)

    def substring(self, node: ir.Call, *, strict: bool) -> Value:
        """The whole text where the start is null."""
        source = self.value(node.arguments[0], "text", strict=strict)
        start = self.place(node.arguments[1:2], "start")
        end = self.place(node.arguments[2:3], "end")
        to = choice(end.is_null, _END, end.code)
        cut = self.program.function("substring", source.code, start.code, to)
        code = choice(start.is_null, source.code, cut)
        return Value(Kind.TEXT, code, "String", source.nulls)

    def place(self, arguments: tuple[ir.Value, ...], role: str, *, least: int = -_PLACE) -> Value:
        """An optional argument that is a place in a text, as an int; null where it is not given."""
        match arguments:
            case () | (ir.Null(),):
                return Value(Kind.LONG, _START, "int", (TRUE,))
            case (ir.Integer(number),):
                number = max(least, min(_PLACE, number))
                code = _START if number == 0 else self.program.param(role, number)
                return Value(Kind.LONG, code, "int")
            case _:
                value = self.value(arguments[0], role, strict=False)
                code = value.code
                if value.java != "int":
                    code = self.program.function("clamp", code)
                return Value(Kind.LONG, code, "int", value.nulls)

    def number(self, node: ir.Call, *, strict: bool) -> Value:
        source = self.value(node.arguments[0], "text", strict=strict)
        found = self.program.function("number", source.code)
        match node.arguments[1:]:
            case () | (ir.Null(),):
                pass
            case (ir.Integer(base),):
                radix = self.program.param("base", max(-_PLACE, min(_PLACE, base)))
                found = self.program.function("parse", source.code, radix)
            case arguments:
                value = self.value(arguments[0], "base", strict=False)
                radix = self.program.function("clamp", value.code)
                parsed = self.program.function("parse", source.code, radix)
                found = choice(value.is_null, found, parsed)
        code = self.program.attempt("parsed", found, source.nulls)
        return Value(Kind.NUMBER, code, "def", source.nulls, finite=False, nan=True)


def double(program: Program, literal: ir.Integer | ir.Decimal, role: str) -> Code:
    """A constant as a double."""
    value = float(literal.value)
    if math.isnan(value):
        return Code("Double.NaN")
    if math.isinf(value):
        return Code("Double.POSITIVE_INFINITY" if value > 0 else "Double.NEGATIVE_INFINITY")
    return program.param(role, value)


def folded(program: Program, value: Value, case: ir.Case) -> Code:
    """A text, its letters folded where `case` says so."""
    if case.folding is None:
        return value.code
    return program.function(FUNCTIONS[case.folding], value.code)


def as_case(text: str, case: ir.Case) -> str:
    """A constant as `folded` has values."""
    return text if case.folding is None else as_folded(text, case.folding)
