"""Spec §5 A against an evaluator of its own, over every small combination of constants and nulls.

The evaluator works on the text's own tree, bottom-up and two operands at a time, and shares no code
with the pass, nor with the interpreter's phase A, which is judged here too. What depends on the event is a pair: the result where the one leaf is false, and where
it is true.
"""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Callable, Iterator

from eqlx.diagnostics import Report
from eqlx.ir.nodes import And, Compare, Condition, Constant, EventQuery, Not, Or
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source, lowered_source
from eqlx.reference.phase_a import in_phase_b
from eqlx.source import Source
from eqlx_harness.data import LONG
from eqlx_harness.generated import SCHEMA

Result = bool | tuple[bool, bool] | None
"""True, False, null, or what it is for each value of the leaf."""
Case = tuple[str, Result]
LEAF = 'text == "x"'


def negated(a: Result) -> Result:
    match a:
        case None:
            return None
        case (low, high):
            return (not low, not high)
        case bool():
            return not a


def both(a: Result, b: Result) -> Result:
    """`x and null` is null, a constant false beats null (spec §5, §13.12)."""
    if a is False or b is False:
        return False
    if a is None or b is None:
        return None
    if a is True or b is True:
        return b if a is True else a
    return (a[0] and b[0], a[1] and b[1])


def either(a: Result, b: Result) -> Result:
    """`x or null` is `x`, but `false or null` is null (spec §5, §13.12)."""
    if a is True or b is True:
        return True
    if a is None or b is None:
        other = b if a is None else a
        return other if isinstance(other, tuple) else None
    if a is False or b is False:
        return b if a is False else a
    return (a[0] or b[0], a[1] or b[1])


def same(a: Result, *, known: bool) -> Result:
    """A condition compared with a boolean: null is not equal to it, since null checks come before the
    elimination of `== true` and `== false` (spec §13.12)."""
    if a is None:
        return False
    return a if known else negated(a)


ATOMS: tuple[Case, ...] = (
    ("true", True),
    ("1 == 1", True),
    ("?u == null", True),
    ('?u != "x"', True),
    ("1 > 2", False),
    ('?u == "x"', False),
    ("null", None),
    ("null < 1", None),
    ('?u : "x"', None),
    (LEAF, (False, True)),
)


def unary(cases: tuple[Case, ...]) -> Iterator[Case]:
    for text, result in cases:
        yield f"not ({text})", negated(result)
        if text in {"null", "true"}:
            continue
        yield f"({text}) == true", same(result, known=True)
        yield f"true != ({text})", negated(same(result, known=True))
        yield f"({text}) == false", same(result, known=False)
        yield f"false != ({text})", negated(same(result, known=False))
        if not isinstance(result, tuple):
            yield f"({text}) == null", result is None
            yield f"null != ({text})", result is not None


def binary(left: tuple[Case, ...], right: tuple[Case, ...]) -> Iterator[Case]:
    for (a, x), (b, y) in itertools.product(left, right):
        yield f"({a}) and ({b})", both(x, y)
        yield f"({a}) or ({b})", either(x, y)


def holds(condition: Condition, leaf: bool) -> bool:
    match condition:
        case Constant():
            return condition.value is True
        case And():
            return all(holds(part, leaf) for part in condition.conditions)
        case Or():
            return any(holds(part, leaf) for part in condition.conditions)
        case Not():
            return not holds(condition.condition, leaf)
        case Compare():
            return leaf
        case _:
            raise AssertionError(condition)


def folded(text: str) -> Condition:
    report = Report()
    query = compile_source(Source("query", f"any where {text}"), Context(SCHEMA, report))
    assert isinstance(query, EventQuery), (text, list(report))
    return query.filter.condition


def settled(text: str) -> Condition:
    """The condition that the interpreter's own phase A leaves of the query as lowered."""
    query = lowered_source(Source("query", f"any where {text}"), Context(SCHEMA, Report()))
    assert query is not None
    query = in_phase_b(query)
    assert isinstance(query, EventQuery)
    return query.filter.condition


def agree(cases: Iterator[Case]) -> int:
    count = 0
    for text, result in cases:
        expected = result if isinstance(result, tuple) else (result is True, result is True)
        for condition in (folded(text), settled(text)):
            assert (holds(condition, leaf=False), holds(condition, leaf=True)) == expected, text
        count += 1
    return count


def test_every_combination_of_one_or_two_steps() -> None:
    one = (*unary(ATOMS), *binary(ATOMS, ATOMS))
    assert agree(iter(one)) == len(one) > 200
    assert agree(unary(one)) > 1000
    pairs = list(binary((*ATOMS, *one), (*ATOMS, *one)))
    sample = pairs if LONG else random.Random(3).sample(pairs, 3000)
    assert agree(iter(sample)) == len(sample)


def test_chains_are_read_from_the_left() -> None:
    for three in itertools.product(ATOMS, repeat=3):
        for words in itertools.product(("and", "or"), repeat=2):
            results = [result for _, result in three]
            texts = [f"({text})" for text, _ in three]
            if words == ("or", "and"):
                result = either(results[0], both(results[1], results[2]))
            else:
                first = both if words[0] == "and" else either
                second = both if words[1] == "and" else either
                result = second(first(results[0], results[1]), results[2])
            text = f"{texts[0]} {words[0]} {texts[1]} {words[1]} {texts[2]}"
            agree(iter([(text, result)]))


NUMBERS = ("null", "1", "2", "1 + 1", "null + 1", "-1", 'length("ab")', "length(null)", "2 - null")
VALUES = (None, 1, 2, 2, None, -1, 2, None, None)
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compared(sign: str, a: int | None, b: int | None) -> bool | None:
    """`e == null` asks whether `e` is null; other comparisons with null are null."""
    if a is not None and b is not None:
        return COMPARISONS[sign](a, b)
    if sign not in {"==", "!="}:
        return None
    equal = a is None and b is None
    return equal if sign == "==" else not equal


def test_every_comparison_of_constants() -> None:
    def cases() -> Iterator[Case]:
        for (a, x), (b, y) in itertools.product(zip(NUMBERS, VALUES, strict=True), repeat=2):
            for sign in COMPARISONS:
                result = compared(sign, x, y)
                yield f"{a} {sign} {b}", result
                yield f"not ({a} {sign} {b})", negated(result)
                yield f"({a} {sign} {b}) == null", result is None
            if y is not None:
                member = None if x is None else x in {7, y}
                yield f"({a}) in (7, null, {b})", member
                yield f"({a}) not in (7, {b})", negated(member)

    assert agree(cases()) > 1500
