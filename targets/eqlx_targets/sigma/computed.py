"""Tests of computed texts that are tests of the texts themselves: exact, whatever is missing.

`indexOf(f, "a") != null` asks whether `f` contains `a`, `substring(f, -4) : ".exe"` how it ends, and
`concat(f, ">", g) == "a>b"` for `f` and `g`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx_targets.sigma.conditions import texts_of_choices


def as_text_test(leaf: ir.Leaf) -> ir.Condition | None:
    """The same test without a computed value; None where there is no such."""
    match leaf:
        case ir.IsNull(
            ir.Call(ir.Function.INDEX_OF, (ir.Field() as field, ir.Text() as text), case)
        ):
            return ir.Not(_within(field, text, case, leaf), span=leaf.span)
        case ir.IsNull(
            ir.Call(ir.Function.INDEX_OF, (ir.Field() as field, ir.Field() as other), case)
        ):
            within = ir.TextMatch(ir.Where.ANYWHERE, field, other, case, span=leaf.span)
            return ir.Not(within, span=leaf.span)
        case ir.Compare(
            operator,
            ir.Call(ir.Function.INDEX_OF, (ir.Field() as field, ir.Text() as text), case),
            ir.Integer(least),
        ):
            return _placed(operator, least, (field, text), case, leaf)
        case _:
            pass
    value = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
    if not isinstance(value, ir.Call) or (found := texts_of_choices(leaf)) is None:
        return None
    choices, case = found
    match value:
        case ir.Call(ir.Function.SUBSTRING, (ir.Field() as field, ir.Integer(start))) if start < 0:
            if all(len(choice) == -start for choice in choices):
                return _any(
                    [
                        ir.TextMatch(ir.Where.END, field, ir.Text(c), case, span=leaf.span)
                        for c in choices
                    ],
                    leaf,
                )
        case ir.Call(
            ir.Function.CONCAT, (ir.Field() as first, ir.Text(between), ir.Field() as second)
        ) if between:
            parts = [
                part for c in choices for part in _split(c, between, (first, second), case, leaf)
            ]
            return _any(parts, leaf) if parts else None
        case _:
            pass
    return None


def as_number_texts(leaf: ir.Leaf) -> ir.Membership | None:
    """`number(field)` equal to whole numbers, as the usual texts of those: `23` and `0x17`. A number may
    be written in other ways (`023`, `2.3e1`), so that this narrows."""
    value = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
    match value:
        case ir.Call(ir.Function.NUMBER, (ir.Field() as field, *base)):
            pass
        case _:
            return None
    numbers = _whole_numbers(leaf)
    if not numbers or base not in ([], [ir.Integer(10)], [ir.Integer(16)]):
        return None
    decimal = [] if base == [ir.Integer(16)] else [str(number) for number in numbers]
    bare = [f"{number:x}" for number in numbers] if base == [ir.Integer(16)] else []
    prefixed = [] if base == [ir.Integer(10)] else [f"0x{number:x}" for number in numbers]
    texts = tuple(map(ir.Text, (*prefixed, *bare, *decimal)))
    text_field = replace(field, type=FieldType.KEYWORD)
    return ir.Membership(text_field, texts, ir.Case.INSENSITIVE, span=leaf.span)


def _whole_numbers(leaf: ir.Leaf) -> tuple[int, ...]:
    match leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Integer(number)) if number >= 0:
            return (number,)
        case ir.Membership(_, choices):
            found = [c.value for c in choices if isinstance(c, ir.Integer) and c.value >= 0]
            return tuple(found) if len(found) == len(choices) else ()
        case _:
            return ()


def _within(field: ir.Field, text: ir.Text, case: ir.Case, leaf: ir.Leaf) -> ir.Leaf:
    return ir.TextMatch(ir.Where.ANYWHERE, field, text, case, span=leaf.span)


def _placed(
    operator: ir.Comparison, least: int, of: tuple[ir.Field, ir.Text], case: ir.Case, leaf: ir.Leaf
) -> ir.Condition | None:
    """The place of a text in a field, from the start or from the second character on."""
    field, text = of
    if operator is ir.Comparison.GREATER:
        operator, least = ir.Comparison.GREATER_OR_EQUAL, least + 1
    if operator is not ir.Comparison.GREATER_OR_EQUAL or least not in (0, 1) or not text.value:
        return None
    within = _within(field, text, case, leaf)
    if least == 0:
        return within
    start = ir.TextMatch(ir.Where.START, field, text, case, span=leaf.span)
    return ir.And((within, ir.Not(start, span=leaf.span)), span=leaf.span)


def _split(
    text: str, between: str, fields: tuple[ir.Field, ir.Field], case: ir.Case, leaf: ir.Leaf
) -> Iterator[ir.Condition]:
    """Each way in which two fields with a text between them make up a text."""
    at = text.find(between)
    while at >= 0:
        halves = (text[:at], text[at + len(between) :])
        tests = [
            ir.Compare(ir.Comparison.EQUAL, field, ir.Text(half), case, span=leaf.span)
            for field, half in zip(fields, halves, strict=True)
        ]
        yield ir.And(tuple(tests), span=leaf.span)
        at = text.find(between, at + 1)


def _any(conditions: Sequence[ir.Condition], leaf: ir.Leaf) -> ir.Condition:
    return conditions[0] if len(conditions) == 1 else ir.Or(tuple(conditions), span=leaf.span)
