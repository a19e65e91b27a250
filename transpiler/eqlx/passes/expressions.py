"""Lowering of expressions: the surface tree's to conditions and values of the IR (spec §1, §5, §7).

What is said twice in EQL becomes one thing in the IR: `a != b` is `not a == b`, a bare boolean field
is `field == true`, `add(a, b)` is `a + b`.
"""

from __future__ import annotations

from typing import assert_never

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue import typing as say
from eqlx.diagnostics.catalogue.constants import (
    invalid_network,
    literal_in_wildcard_function,
)
from eqlx.diagnostics.catalogue.lint import hyphenated_name
from eqlx.diagnostics.catalogue.mistakes import letter_case
from eqlx.fields.schema import Schema
from eqlx.ir import functions
from eqlx.ir import nodes as ir
from eqlx.ir.functions import Kind, Signature
from eqlx.ir.kinds import describe
from eqlx.ir.nodes import Case, Comparison, Condition, Function, Literal, Operator, Value, Where
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS
from eqlx.passes.fold import fold_value
from eqlx.passes.patterns import parse_regex
from eqlx.patterns.folding import Folding
from eqlx.patterns.network import Network, NetworkError
from eqlx.patterns.regex import RegexDialect
from eqlx.patterns.wildcard import Wildcard
from eqlx.source import Span
from eqlx.syntax import tree as surface

_COMPARISONS = {
    "==": Comparison.EQUAL,
    "!=": Comparison.EQUAL,
    "<": Comparison.LESS,
    "<=": Comparison.LESS_OR_EQUAL,
    ">": Comparison.GREATER,
    ">=": Comparison.GREATER_OR_EQUAL,
}
_OPERATORS = {operator.value: operator for operator in Operator}
_LONGS = 1 << 63
_TRAP = frozenset("*?\\")


class Expressions:
    """Lowers expressions of one query. What is wrong goes to the report, and something of the right
    class comes back all the same, so that one run finds every fault."""

    def __init__(self, schema: Schema, report: Report, folding: Folding) -> None:
        self._schema = schema
        self._report = report
        self._folding = folding
        self._hyphenated: set[int] = set()

    def _case(self, *, insensitive: bool) -> Case:
        return Case.ignoring(self._folding) if insensitive else Case.SENSITIVE

    def condition(self, node: surface.Expression, *, inside: bool = False) -> Condition:
        """`node` as a condition. `inside`: it is part of a value, as in `(a like "x") == null`,
        where patterns are those of computed values (spec §4)."""
        match node:
            case surface.Logical():
                kind = ir.And if node.operator == "and" else ir.Or
                parts = [self.condition(operand, inside=inside) for operand in node.operands]
                return kind(tuple(parts), span=node.span)
            case surface.NotExpression():
                return ir.Not(self.condition(node.operand, inside=inside), span=node.span)
            case surface.Comparison():
                return self._comparison(node, inside=inside)
            case surface.InList():
                return self._in_list(node)
            case surface.PatternMatch():
                return self._pattern_match(node, inside=inside)
            case surface.FunctionCall():
                return self._boolean_call(node)
            case surface.FieldName() if self._is_null(node):
                return ir.Constant(None, span=node.span)
            case surface.FieldName():
                yes = ir.Boolean(value=True, span=node.span)
                return ir.Compare(Comparison.EQUAL, self._field(node), yes, span=node.span)
            case surface.BooleanValue():
                return ir.Constant(node.value, span=node.span)
            case surface.NullValue():
                return ir.Constant(None, span=node.span)
            case _:
                found = describe(self.value(node))
                self._report.add(say.not_a_condition(found, _meant(node), span=node.span))
                return ir.Constant(None, span=node.span)

    def value(self, node: surface.Expression) -> Value:
        """`node` as a value; a condition becomes a `Truth`."""
        match node:
            case surface.FieldName():
                return self._field(node)
            case surface.StringValue():
                return ir.Text(node.value, span=node.span)
            case surface.NumberValue():
                return self._number(node)
            case surface.BooleanValue():
                return ir.Boolean(node.value, span=node.span)
            case surface.NullValue():
                return ir.Null(span=node.span)
            case surface.Sign(operand=surface.NumberValue(value=number)) if number == _LONGS:
                # The least long has no opposite: it is a literal with its sign.
                return ir.Integer(-_LONGS, span=node.span)
            case surface.Sign():
                return ir.Negation(self.value(node.operand), span=node.span)
            case surface.Arithmetic():
                self._note_hyphens(node)
                left, right = self.value(node.left), self.value(node.right)
                return ir.Arithmetic(_OPERATORS[node.operator], left, right, span=node.span)
            case surface.FunctionCall():
                return self._call(node)
            case (
                surface.Comparison()
                | surface.InList()
                | surface.PatternMatch()
                | surface.NotExpression()
                | surface.Logical()
            ):
                return ir.Truth(self.condition(node, inside=True), span=node.span)
            case _:
                assert_never(node)

    # --- leaves -------------------------------------------------------------------------------

    def _is_null(self, node: surface.FieldName) -> bool:
        """Whether a bare field is the constant null: optional and not mapped (spec §13.24)."""
        return node.optional and self._schema.closed and self._schema.lookup(node.name) is None

    def _field(self, node: surface.FieldName) -> ir.Field:
        return ir.Field(node.name, node.optional, span=node.span)

    def _number(self, node: surface.NumberValue) -> Literal:
        if isinstance(node.value, int):
            return ir.Integer(node.value, span=node.span)
        return ir.Decimal(node.value, span=node.span)

    def _comparison(self, node: surface.Comparison, *, inside: bool) -> Condition:
        operator = _COMPARISONS[node.operator]
        if operator is not Comparison.EQUAL:
            return ir.Compare(
                operator, self.value(node.left), self.value(node.right), span=node.span
            )
        left, right = self._sides(node, inside=inside)
        condition = ir.Compare(operator, left, right, span=node.span)
        return ir.Not(condition, span=node.span) if node.operator == "!=" else condition

    def _sides(self, node: surface.Comparison, *, inside: bool) -> tuple[Value, Value]:
        """Both sides of an equality. Of `condition == true` and `condition == false` the condition
        is what remains (spec §13.12), so that its patterns are those of a leaf of its own."""
        left, right = node.left, node.right
        if isinstance(right, surface.BooleanValue) and _is_condition(left):
            return self._truth(left, inside=inside), self.value(right)
        if isinstance(left, surface.BooleanValue) and _is_condition(right):
            return self.value(left), self._truth(right, inside=inside)
        return self.value(left), self.value(right)

    def _truth(self, node: surface.Expression, *, inside: bool) -> ir.Truth:
        return ir.Truth(self.condition(node, inside=inside), span=node.span)

    def _in_list(self, node: surface.InList) -> Condition:
        choices = tuple(self._choice(choice) for choice in node.choices)
        case = self._case(insensitive=node.insensitive)
        leaf = ir.Membership(self.value(node.operand), choices, case, span=node.span)
        return ir.Not(leaf, span=node.span) if node.negated else leaf

    def _choice(self, node: surface.Expression) -> Literal:
        if isinstance(node, surface.StringValue):
            return ir.Text(node.value, span=node.span)
        return self.constant(node, "an element of a list")

    def constant(self, node: surface.Expression, what: str) -> Literal:
        """`node` as a literal; `what` names it in the diagnostic if it does not fold to one."""
        value = fold_value(self.value(node), self._report)
        if isinstance(value, LITERALS):
            return value
        self._report.add(say.not_a_constant(what, span=node.span))
        return ir.Null(span=node.span)

    # --- patterns -----------------------------------------------------------------------------

    def _pattern_match(self, node: surface.PatternMatch, *, inside: bool) -> Condition:
        word = node.operator.removesuffix("~")
        sensitive = node.operator in {"like", "regex"}
        case = self._case(insensitive=not sensitive)
        value = self.value(node.operand)
        plain = not inside and self._is_plain(value)
        texts = self._pattern_texts(node)
        if not texts:
            return ir.Constant(value=False, span=node.span)
        if word == "regex":
            dialect = RegexDialect.LUCENE if plain else RegexDialect.JAVA
            read = [parse_regex(text, dialect, span, self._report) for text, span in texts]
            regexes = tuple(regex for regex in read if regex is not None)
            return ir.RegexMatch(value, regexes, case, span=node.span)
        wildcards = tuple([Wildcard.parse(text) for text, _ in texts])
        return ir.Like(value, wildcards, case, plain, span=node.span)

    def _pattern_texts(self, node: surface.PatternMatch) -> list[tuple[str, Span]]:
        texts: list[tuple[str, Span]] = []
        for pattern in node.patterns:
            if isinstance(pattern, surface.StringValue):
                texts.append((pattern.value, pattern.span))
            else:
                found = describe(self.value(pattern))
                self._report.add(say.pattern_not_text(node.operator, found, span=pattern.span))
        return texts

    def _is_plain(self, value: Value) -> bool:
        """Whether patterns on `value` are those of a field: `string(f)` on a keyword is one too
        (spec §13.14)."""
        if isinstance(value, ir.Field):
            return True
        if not (isinstance(value, ir.Call) and value.function is Function.STRING):
            return False
        inner = value.arguments[0] if value.arguments else None
        if not isinstance(inner, ir.Field):
            return False
        info = self._schema.lookup(inner.name)
        return info is None or info.type is FieldType.KEYWORD

    # --- functions ----------------------------------------------------------------------------

    def _boolean_call(self, node: surface.FunctionCall) -> Condition:
        signature = self._signature(node)
        if signature is None:
            return ir.Constant(None, span=node.span)
        if signature.result is not Kind.BOOLEAN:
            found = f"{signature.result.value} from `{signature.name}`"
            self._report.add(say.not_a_condition(found, span=node.span))
            return ir.Constant(None, span=node.span)
        arguments = tuple(self.value(argument) for argument in node.arguments)
        if isinstance(signature.meaning, Where):
            case = self._case(insensitive=node.insensitive)
            source, text = arguments
            self._note_trap(signature, source, text)
            return ir.TextMatch(signature.meaning, source, text, case, span=node.span)
        return self._network_match(node, arguments)

    def _note_trap(self, signature: Signature, source: Value, text: Value) -> None:
        """Spec §13.1: some versions read the constant of `endsWith(field, …)` as a pattern."""
        if signature.meaning is Where.START or not isinstance(source, ir.Field):
            return
        if isinstance(text, ir.Text) and not _TRAP.isdisjoint(text.value):
            self._report.add(literal_in_wildcard_function(signature.name, span=text.span))

    def _note_hyphens(self, node: surface.Arithmetic) -> None:
        """`my-field` is a difference, which nobody means who writes it so of fields that are not there."""
        if node.span.start in self._hyphenated or not (parts := _hyphenated(node)):
            return
        self._hyphenated.add(node.span.start)
        unknown = tuple(part for part in parts if self._schema.lookup(part) is None)
        if unknown:
            name = "-".join(parts)
            known = self._schema.lookup(name) is not None
            self._report.add(hyphenated_name(name, unknown, known=known, span=node.span))

    def _network_match(self, node: surface.FunctionCall, arguments: tuple[Value, ...]) -> Condition:
        networks: list[Network] = []
        for argument in arguments[1:]:
            constant = fold_value(argument, self._report)
            if not isinstance(constant, ir.Text):
                found = describe(constant)
                expected = Kind.NETWORK.value
                self._report.add(
                    say.argument_type("cidrMatch", "network", expected, found, span=argument.span)
                )
                continue
            try:
                networks.append(Network.parse(constant.value))
            except NetworkError as error:
                self._report.add(invalid_network(constant.value, str(error), span=argument.span))
        return ir.NetworkMatch(arguments[0], tuple(networks), span=node.span)

    def _call(self, node: surface.FunctionCall) -> Value:
        signature = self._signature(node)
        if signature is None:
            return ir.Null(span=node.span)
        if signature.result is Kind.BOOLEAN:
            return ir.Truth(self._boolean_call(node), span=node.span)
        arguments = tuple(self.value(argument) for argument in node.arguments)
        if isinstance(signature.meaning, Operator):
            return ir.Arithmetic(signature.meaning, arguments[0], arguments[1], span=node.span)
        case = self._case(insensitive=node.insensitive)
        return ir.Call(Function(signature.name), arguments, case, span=node.span)

    def _signature(self, node: surface.FunctionCall) -> Signature | None:
        """The function that is called, if it exists and takes that many arguments."""
        signature = functions.find(node.name)
        if signature is None:
            self._report.add(_unknown_function(node))
            return None
        if node.insensitive and not signature.has_case:
            self._report.add(say.function_has_no_case(signature.name, span=node.name_span))
        found, maximum = len(node.arguments), signature.maximum
        if found < signature.minimum or (maximum is not None and found > maximum):
            expected = _count(signature.minimum, maximum)
            self._report.add(
                say.argument_count(signature.name, signature.usage, found, expected, span=node.span)
            )
            return None
        return signature


def _unknown_function(node: surface.FunctionCall) -> Diagnostic:
    word = node.name.lower()
    if word in functions.WORDS:
        return letter_case(node.name, word, span=node.name_span)
    instead = functions.FOREIGN.get(word)
    nearest = None if instead is not None else functions.suggest(node.name)
    return say.unknown_function(node.name, instead, nearest, span=node.name_span)


def _count(minimum: int, maximum: int | None) -> str:
    if maximum is None:
        return f"{minimum} or more"
    return str(minimum) if minimum == maximum else f"{minimum} or {maximum}"


def _meant(node: surface.Expression) -> str | None:
    """What a value in the place of a condition was probably meant for."""
    match node:
        case surface.StringValue():
            return 'for a list write `field : ("…", "…")`: `or` joins conditions, not values'
        case surface.Arithmetic(operator="-", right=surface.Sign()):
            return "if `--` begins a comment, write `//`"
        case surface.Arithmetic(operator="-", left=surface.FieldName() as left):
            name = f"{left.name}-…"
            return f"`-` is minus; a name with it stands in backticks, as in `` `{name}` ``"
        case _:
            return None


def _hyphenated(node: surface.Expression) -> tuple[str, ...]:
    """The parts of a difference of fields that is written without blanks; none if it is none."""
    match node:
        case surface.FieldName():
            return (node.name,)
        case surface.Arithmetic(operator="-", left=left, right=surface.FieldName() as right):
            before = _hyphenated(left)
            if before and left.span.end + 1 == right.span.start and not right.optional:
                return (*before, right.name)
        case _:
            pass
    return ()


def _is_condition(node: surface.Expression) -> bool:
    match node:
        case surface.FunctionCall():
            signature = functions.find(node.name)
            return signature is not None and signature.result is Kind.BOOLEAN
        case (
            surface.Comparison()
            | surface.InList()
            | surface.PatternMatch()
            | surface.NotExpression()
            | surface.Logical()
        ):
            return True
        case _:
            return False
