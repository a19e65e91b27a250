"""Tests of computed values as tests of the fields themselves, against functions written from the
specification (eql-semantics.md §7) here."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

import pytest

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns.java import parse_java
from eqlx.patterns.regex_printer import to_pcre
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_targets.sigma.computed import as_number_texts, as_text_test
from eqlx_targets.sigma.expressions import as_expression
from eqlx_targets.sigma.nulls import as_null_test
from eqlx_targets.sigma.rewrites.subject import Subject, UnsuitedError
from eqlx_targets.sigma.rewrites.times import utc_time

FIELD = ir.Field("f", type=FieldType.KEYWORD)
EXACT, FOLDED = ir.Case.SENSITIVE, ir.Case.INSENSITIVE


def between(text: str, left: str, right: str, *, fold: bool = False) -> str:
    key = text.lower() if fold else text
    start = key.find(left.lower() if fold else left)
    if start < 0 or not text:
        return ""
    start += len(left)
    end = key.find(right.lower() if fold else right, start)
    return text[start:end] if end >= 0 else ""


def call(function: ir.Function, *arguments: ir.Value, case: ir.Case = EXACT) -> ir.Call:
    return ir.Call(function, (FIELD, *arguments), case)


def cut(left: str, right: str, case: ir.Case = EXACT) -> ir.Call:
    return call(ir.Function.BETWEEN, ir.Text(left), ir.Text(right), case=case)


def part(*places: int) -> ir.Call:
    return call(ir.Function.SUBSTRING, *map(ir.Integer, places))


def equal(value: ir.Value, text: str, case: ir.Case = EXACT) -> ir.Compare:
    return ir.Compare(ir.Comparison.EQUAL, value, ir.Text(text), case)


HEAD = call(ir.Function.SUBSTRING, ir.Integer(0), call(ir.Function.INDEX_OF, ir.Text("b")))
MEASURED = ir.Call(ir.Function.LENGTH, (HEAD,))

CASES: list[tuple[ir.Leaf, Callable[[str], bool]]] = [
    (equal(cut("a", "b"), "c"), lambda t: between(t, "a", "b") == "c"),
    (equal(cut("a", "b"), ""), lambda t: between(t, "a", "b") == ""),
    (equal(cut("aba", "b"), "a"), lambda t: between(t, "aba", "b") == "a"),
    (equal(cut("ab", "aa"), ""), lambda t: between(t, "ab", "aa") == ""),
    (equal(cut("A", "b", FOLDED), "c"), lambda t: between(t, "a", "b", fold=True) == "c"),
    (
        ir.RegexMatch(cut("a", "b"), (parse_java("[ac]+"),), EXACT),
        lambda t: bool(re.fullmatch("[ac]+", between(t, "a", "b"))),
    ),
    (
        ir.Like(cut("ab", "c"), (Wildcard((Wild.ANY_RUN, "a", Wild.ANY_ONE)),), EXACT, False),
        lambda t: bool(re.fullmatch(".*a.", between(t, "ab", "c"))),
    ),
    (
        ir.TextMatch(ir.Where.START, cut("a", "bc"), ir.Text("c"), FOLDED),
        lambda t: between(t, "a", "bc").lower().startswith("c"),
    ),
    (equal(part(1, 3), "ab"), lambda t: t[1:3] == "ab"),
    (equal(part(2, 4), "a"), lambda t: t[2:4] == "a"),
    (equal(part(2, 4), ""), lambda t: t[2:4] == ""),
    (equal(part(2), "ab"), lambda t: t[2:] == "ab"),
    (equal(part(-2), "ab"), lambda t: t[-2:] == "ab"),
    (equal(part(-3), "a"), lambda t: t[-3:] == "a"),
    (
        ir.Compare(ir.Comparison.GREATER_OR_EQUAL, MEASURED, ir.Integer(3)),
        lambda t: len(t.partition("b")[0]) >= 3,
    ),
    (equal(HEAD, "ac"), lambda t: t.partition("b")[0] == "ac"),
    (
        ir.Compare(ir.Comparison.GREATER, call(ir.Function.INDEX_OF, ir.Text("ab")), ir.Integer(1)),
        lambda t: t.find("ab") > 1,
    ),
    (
        ir.Compare(ir.Comparison.LESS, call(ir.Function.INDEX_OF, ir.Text("c")), ir.Integer(2)),
        lambda t: 0 <= t.find("c") < 2,
    ),
]


@pytest.mark.parametrize(("leaf", "holds"), CASES)
def test_expressions_hold_where_the_functions_do(
    leaf: ir.Leaf, holds: Callable[[str], bool]
) -> None:
    found = as_expression(leaf)
    assert found is not None
    pattern = re.compile(to_pcre(found.patterns[0], None))
    rng = random.Random(5)
    short = ("".join(c) for n in range(7) for c in itertools.product("abc", repeat=n))
    long = ("".join(rng.choices("abcABC\n", k=rng.randint(0, 12))) for _ in range(3_000))
    answers = {False: 0, True: 0}
    for text in itertools.chain(short, long):
        assert bool(pattern.fullmatch(text)) == holds(text), text
        answers[holds(text)] += 1
    assert min(answers.values()) > 0


@pytest.mark.parametrize(
    "leaf",
    [
        equal(call(ir.Function.BETWEEN, ir.Text("a"), ir.Text("b"), ir.Boolean(value=True)), "c"),
        equal(cut("", "b"), "c"),
        equal(call(ir.Function.SUBSTRING, ir.Integer(-3), ir.Integer(2)), "c"),
        equal(ir.Call(ir.Function.CONCAT, (FIELD, ir.Field("g"))), "c"),
        equal(
            ir.Call(
                ir.Function.BETWEEN, (ir.Field("m", multivalued=True), ir.Text("a"), ir.Text("b"))
            ),
            "c",
        ),
    ],
)
def test_what_has_no_form_is_no_expression(leaf: ir.Leaf) -> None:
    assert as_expression(leaf) is None


def test_null_of_conditions_by_three_valued_logic() -> None:
    fields = [ir.Field(name, type=FieldType.LONG) for name in "ab"]
    tests = [ir.Compare(ir.Comparison.GREATER, field, ir.Integer(0)) for field in fields]
    shapes: list[ir.Condition] = [
        tests[0],
        ir.Not(tests[0]),
        ir.Or(tuple(tests)),
        ir.And(tuple(tests)),
        ir.Or((ir.Not(tests[0]), tests[1])),
        ir.And((ir.Not(ir.Or(tuple(tests))), ir.IsNull(fields[1]))),
    ]
    for shape in shapes:
        found = as_null_test(ir.IsNull(ir.Truth(shape)))
        assert found is not None
        for values in itertools.product((None, 0, 1), repeat=2):
            event = dict(zip("ab", values, strict=True))
            assert two_valued(found, event) == (three_valued(shape, event) is None), (shape, event)


def two_valued(condition: ir.Condition, event: dict[str, int | None]) -> bool:
    match condition:
        case ir.And(parts):
            return all(two_valued(part, event) for part in parts)
        case ir.Or(parts):
            return any(two_valued(part, event) for part in parts)
        case ir.Not(part):
            return not two_valued(part, event)
        case ir.Constant(value):
            return bool(value)
        case _:
            return bool(three_valued(condition, event))


def three_valued(condition: ir.Condition, event: dict[str, int | None]) -> bool | None:
    match condition:
        case ir.And(parts):
            found = [three_valued(part, event) for part in parts]
            return False if False in found else None if None in found else True
        case ir.Or(parts):
            found = [three_valued(part, event) for part in parts]
            return True if True in found else None if None in found else False
        case ir.Not(part):
            inner = three_valued(part, event)
            return None if inner is None else not inner
        case ir.IsNull(ir.Field(name)):
            return event[name] is None
        case ir.Compare(left=ir.Field(name)):
            value = event[name]
            return None if value is None else value > 0
        case _:
            raise AssertionError(condition)


def test_numbers_in_texts() -> None:
    number = ir.Call(ir.Function.NUMBER, (FIELD,))
    found = as_number_texts(ir.Compare(ir.Comparison.EQUAL, number, ir.Integer(23)))
    assert found is not None
    assert found.choices == (ir.Text("0x17"), ir.Text("23"))
    hexadecimal = ir.Call(ir.Function.NUMBER, (FIELD, ir.Integer(16)))
    found = as_number_texts(ir.Membership(hexadecimal, (ir.Integer(10), ir.Integer(11))))
    assert found is not None
    assert found.choices == tuple(map(ir.Text, ("0xa", "0xb", "a", "b")))
    assert as_number_texts(ir.Compare(ir.Comparison.GREATER, number, ir.Integer(2))) is None


def test_a_field_within_another() -> None:
    other = ir.Field("g", type=FieldType.KEYWORD)
    found = as_text_test(ir.IsNull(ir.Call(ir.Function.INDEX_OF, (FIELD, other))))
    assert found == ir.Not(ir.TextMatch(ir.Where.ANYWHERE, FIELD, other))


@pytest.mark.parametrize("operator", list(ir.Comparison))
def test_times_are_in_the_order_of_their_texts(operator: ir.Comparison) -> None:
    at = 1_704_067_199_990_000_000  # 2023-12-31 23:59:59.990
    field = ir.Field("CreationUtcTime", type=FieldType.KEYWORD)
    leaf = ir.Compare(operator, ir.Field("file.created", type=FieldType.DATE), ir.Instant(at))
    condition = utc_time(Subject(leaf, field, "\\", Polarity.POSITIVE, "")).condition
    written = "2023-12-31 23:59:59.990"
    holds = {
        ir.Comparison.EQUAL: lambda t: t == written,
        ir.Comparison.LESS: lambda t: t < written,
        ir.Comparison.LESS_OR_EQUAL: lambda t: t <= written,
        ir.Comparison.GREATER: lambda t: t > written,
        ir.Comparison.GREATER_OR_EQUAL: lambda t: t >= written,
    }[operator]
    for text in (
        "1999-01-01 00:00:00.000",
        "2023-12-31 23:59:59.989",
        written,
        "2023-12-31 23:59:59.991",
        "2023-12-31 23:59:58.999",
        "2024-01-01 00:00:00.000",
        "2030-01-01 00:00:00.000",
    ):
        assert matched(condition, text) == holds(text), text


def matched(condition: ir.Condition, text: str) -> bool:
    match condition:
        case ir.RegexMatch(patterns=patterns):
            return any(re.fullmatch(to_pcre(p, None), text) for p in patterns)
        case ir.Compare(right=ir.Text(value)):
            return text == value
        case _:
            raise AssertionError(condition)


def test_a_time_finer_than_the_log_has_no_text() -> None:
    leaf = ir.Compare(ir.Comparison.LESS, ir.Field("file.created"), ir.Instant(1))
    with pytest.raises(UnsuitedError):
        utc_time(Subject(leaf, FIELD, "\\", Polarity.POSITIVE, ""))
