"""The way back: IR to the surface tree, for printing (spec §1).

Holds for every query that has been through the passes: printing what comes back here, parsing it and
running the passes gives the same IR.
"""

from __future__ import annotations

import math
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.ir.nodes import Case, Comparison, Where
from eqlx.meaning.dates import spelled_instant
from eqlx.syntax import tree as surface

_FUNCTIONS = {Where.START: "startsWith", Where.END: "endsWith", Where.ANYWHERE: "stringContains"}
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


def to_surface(query: ir.Query) -> surface.Statement:
    """The statement that says what `query` means. Keys that all stages share go to the front."""
    match query:
        case ir.EventQuery():
            pipes = tuple(_pipe(limit) for limit in query.limits)
            return surface.Statement(_filter(query.filter), pipes, span=query.span)
        case ir.Sequence():
            stages = query.stages if query.until is None else (*query.stages, query.until)
            keys, own = _split_keys(stages)
            terms = [_term(stage, rest) for stage, rest in zip(stages, own, strict=True)]
            until = None if query.until is None else terms.pop()
            maxspan = None if query.maxspan is None else _maxspan(query.maxspan)
            sequence = surface.SequenceQuery(keys, maxspan, tuple(terms), until, span=query.span)
            pipes = tuple(_pipe(limit) for limit in query.limits)
            return surface.Statement(sequence, pipes, span=query.span)
        case ir.Sample():
            keys, own = _split_keys(query.stages)
            terms = [_term(stage, rest) for stage, rest in zip(query.stages, own, strict=True)]
            sample = surface.SampleQuery(keys, tuple(terms), span=query.span)
            return surface.Statement(sample, span=query.span)
        case _:
            assert_never(query)


def to_expression(condition: ir.Condition) -> surface.Expression:
    """The expression that says what one condition means."""
    return _condition(condition)


def value_to_expression(value: ir.Value) -> surface.Expression:
    """The expression of one value."""
    return _value(value)


_Keys = tuple[surface.FieldName, ...]


def _split_keys(stages: tuple[ir.Stage, ...]) -> tuple[_Keys, list[_Keys]]:
    """The longest common beginning of all stages' keys, and what each has beyond it."""
    keys = [tuple(surface.FieldName(k.name, k.optional) for k in stage.keys) for stage in stages]
    common = 0
    for column in zip(*keys, strict=False):
        if any(key != column[0] for key in column):
            break
        common += 1
    return keys[0][:common], [own[common:] for own in keys]


def _term(stage: ir.Stage, keys: _Keys) -> surface.Term:
    runs = None if stage.runs == 1 else stage.runs
    return surface.Term(_filter(stage.filter), keys, runs, stage.missing, span=stage.span)


def _filter(node: ir.Filter) -> surface.EventFilter:
    return surface.EventFilter(node.category, _condition(node.condition), span=node.span)


def _maxspan(milliseconds: int) -> surface.Maxspan:
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return surface.Maxspan(milliseconds // size, unit)
    return surface.Maxspan(milliseconds, "ms")


def _pipe(limit: ir.Limit) -> surface.Pipe:
    return surface.Pipe(limit.end.value, _number(limit.count), span=limit.span)


# --- conditions -------------------------------------------------------------------------------


def _condition(node: ir.Condition) -> surface.Expression:
    match node:
        case ir.And() | ir.Or():
            operands = tuple([_condition(condition) for condition in node.conditions])
            operator = "and" if isinstance(node, ir.And) else "or"
            return surface.Logical(operator, operands, span=node.span)
        case ir.Not():
            return _negated(node)
        case ir.Constant():
            if node.value is None:
                return surface.NullValue(span=node.span)
            return surface.BooleanValue(node.value, span=node.span)
        case _:
            return _leaf(node)


def _negated(node: ir.Not) -> surface.Expression:
    """`!=` and `not in`, where EQL has such a form."""
    inner = node.condition
    match inner:
        case ir.Compare(operator=Comparison.EQUAL, case=Case.SENSITIVE):
            return _comparison("!=", inner)
        case ir.IsNull():
            return surface.Comparison(
                "!=", _value(inner.value), surface.NullValue(), span=node.span
            )
        case ir.Membership():
            return _membership(inner, negated=True)
        case ir.NetworkMatch() if addresses := _addresses(inner):
            return _one_of(addresses, inner, negated=True)
        case _:
            return surface.NotExpression(_condition(inner), span=node.span)


def _leaf(node: ir.Leaf) -> surface.Expression:
    match node:
        case ir.Compare():
            if node.case is not Case.SENSITIVE:
                return _insensitive(node)
            return _comparison(node.operator.value, node)
        case ir.Membership():
            return _membership(node, negated=False)
        case ir.Like():
            operator = "like" if node.case is Case.SENSITIVE else ":"
            return _patterns(operator, node, [pattern.text for pattern in node.patterns])
        case ir.RegexMatch():
            operator = "regex" if node.case is Case.SENSITIVE else "regex~"
            return _patterns(operator, node, [pattern.text for pattern in node.patterns])
        case ir.NetworkMatch() if addresses := _addresses(node):
            return _one_of(addresses, node, negated=False)
        case ir.NetworkMatch():
            texts = tuple(surface.StringValue(n.text or n.canonical) for n in node.networks)
            arguments = (_value(node.value), *texts)
            return surface.FunctionCall("cidrMatch", arguments, span=node.span)
        case ir.TextMatch():
            arguments = (_value(node.value), _value(node.text))
            insensitive = node.case is not Case.SENSITIVE
            name = _FUNCTIONS[node.where]
            return surface.FunctionCall(name, arguments, insensitive, span=node.span)
        case ir.IsNull():
            null = surface.NullValue()
            return surface.Comparison("==", _value(node.value), null, span=node.span)
        case _:
            assert_never(node)


def _addresses(node: ir.NetworkMatch) -> tuple[surface.StringValue, ...]:
    """The networks where each is one address and they were written with `==` or `in`. Not for
    `cidrMatch`, which also says that the field holds addresses."""
    texts = [network.text or network.canonical for network in node.networks]
    if not node.compared or any("/" in text for text in texts):
        return ()
    return tuple([surface.StringValue(text) for text in texts])


def _one_of(
    addresses: tuple[surface.StringValue, ...], node: ir.NetworkMatch, *, negated: bool
) -> surface.Expression:
    value = _value(node.value)
    match addresses:
        case (address,):
            operator = "!=" if negated else "=="
            return surface.Comparison(operator, value, address, span=node.span)
        case _:
            return surface.InList(value, addresses, negated=negated, span=node.span)


def _comparison(operator: str, node: ir.Compare) -> surface.Expression:
    return surface.Comparison(operator, _value(node.left), _value(node.right), span=node.span)


def _insensitive(node: ir.Compare) -> surface.Expression:
    """`:` where the text has no wildcard; else `in~`, which expands none."""
    left, right = _value(node.left), _value(node.right)
    text = right.value if isinstance(right, surface.StringValue) else ""
    if "*" in text or "?" in text:
        return surface.InList(left, (right,), insensitive=True, span=node.span)
    return surface.PatternMatch(":", left, (right,), span=node.span)


def _membership(node: ir.Membership, *, negated: bool) -> surface.Expression:
    choices = tuple([_value(choice) for choice in node.choices])
    insensitive = node.case is not Case.SENSITIVE
    return surface.InList(_value(node.value), choices, insensitive, negated, span=node.span)


def _patterns(operator: str, node: ir.Like | ir.RegexMatch, texts: list[str]) -> surface.Expression:
    patterns = tuple([surface.StringValue(text) for text in texts])
    listed = len(patterns) != 1
    return surface.PatternMatch(operator, _value(node.value), patterns, listed, span=node.span)


# --- values -----------------------------------------------------------------------------------


def _value(node: ir.Value) -> surface.Expression:
    match node:
        case ir.Field():
            return surface.FieldName(node.name, node.optional, span=node.span)
        case ir.Text():
            return surface.StringValue(node.value, span=node.span)
        case ir.Integer() | ir.Decimal():
            return _number(node.value)
        case ir.Boolean():
            return surface.BooleanValue(node.value, span=node.span)
        case ir.Null():
            return surface.NullValue(span=node.span)
        case ir.Instant():
            return surface.StringValue(node.text or spelled_instant(node.nanoseconds))
        case ir.Call():
            arguments = tuple(_value(argument) for argument in node.arguments)
            insensitive = node.case is not Case.SENSITIVE
            return surface.FunctionCall(node.function.value, arguments, insensitive, span=node.span)
        case ir.Arithmetic():
            left, right = _value(node.left), _value(node.right)
            return surface.Arithmetic(node.operator.value, left, right, span=node.span)
        case ir.Negation():
            return surface.Sign(_value(node.value), span=node.span)
        case ir.Truth():
            return _condition(node.condition)
        case _:
            assert_never(node)


def _number(value: float) -> surface.Expression:
    if not math.isfinite(value):  # which EQL can only compute
        one = 0.0 if math.isnan(value) else math.copysign(1.0, value)
        return surface.Arithmetic("/", _number(one), surface.NumberValue(0.0))
    if value < 0 or (isinstance(value, float) and str(value).startswith("-")):
        return surface.Sign(surface.NumberValue(-value))
    return surface.NumberValue(value)
