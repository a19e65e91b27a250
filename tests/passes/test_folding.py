"""Spec §5 A and its decisions in §13: what constants and nulls come to."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Report
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.dump import dump
from eqlx.ir.nodes import EventQuery, Query
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.ir.types import FieldType
from eqlx.ir.verify import verify
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.passes.surface import to_surface
from eqlx.source import Source
from eqlx.syntax.printer import print_statement

FIELDS = FieldList(
    {
        "f": FieldInfo(FieldType.KEYWORD),
        "g": FieldInfo(FieldType.KEYWORD),
        "n": FieldInfo(FieldType.LONG),
        "flag": FieldInfo(FieldType.BOOLEAN),
    }
)


def compiled(text: str, schema: FieldList = FIELDS) -> Query:
    report = Report(Source("query", text))
    query = compile_source(Source("query", text), Context(schema, report))
    assert query is not None, list(report)
    verify(query)
    return query


def condition(text: str) -> str:
    query = compiled(f"any where {text}")
    assert isinstance(query, EventQuery)
    return dump(query.filter.condition)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        # the right column of the table in §5: `?u` is mapped nowhere
        ('?u == "x"', "false"),
        ('?u != "x"', "true"),
        ('not ?u == "x"', "true"),
        ('?u not in ("x")', "false"),
        ('not ?u : "x"', "false"),
        ('not ?u like "x*"', "false"),
        ("not ?u > 5", "false"),
        ("?u == null", "true"),
        ("?u != null", "false"),
        ('not startsWith(?u, "a")', "false"),
        ('startsWith(?u, "a") == false', "false"),
        ("length(?u) != 3", "true"),
        ("length(?u) == null", "true"),
        ("(?u > 5) == null", "true"),
        ('not (f == "a" and ?u > 5)', "false"),
        ('f == "a" or ?u > 5', 'f: keyword == "a"'),
        ('not (f == "a" or ?u > 5)', 'not\n  f: keyword == "a"'),
        ("?u == ?v", "true"),
        ("null == null", "true"),
        # connectives (§13.12)
        ("false and null", "false"),
        ("false or null", "false"),
        ("not (false or null)", "false"),
        ("true or null", "true"),
        ('f == "a" and 1 == 1', 'f: keyword == "a"'),
        ('f == "a" or 1 == 2 or g == "b"', 'or\n  f: keyword == "a"\n  g: keyword == "b"'),
        ('not not f == "a"', 'f: keyword == "a"'),
        ("not (n > 5)", "not\n  n: long > 5"),
        # conditions compared with booleans
        ("(n > 5) == true", "n: long > 5"),
        ("(n > 5) != true", "not\n  n: long > 5"),
        ("false == (n > 5)", "not\n  n: long > 5"),
        ('(f like "a*") == (1 == 1)', 'f: keyword like ("a*")'),
        ('(f regex "a<1-3>") == (1 == 1)', 'f: keyword regex lucene ("a<1-3>")'),
        ("flag", "flag: boolean == true"),
        ("not flag", "not\n  flag: boolean == true"),
        # sides, lists, patterns
        ("5 < n", "n: long > 5"),
        ("null != f", "not\n  f: keyword is-null"),
        ('f in ("a", null)', 'f: keyword in ("a")'),
        ('f like "*"', "not\n  f: keyword is-null"),
        ('not f : ("a", "**")', "f: keyword is-null"),
        ('f : "a"', 'f: keyword ==~ "a"'),
        ('f like ("a", "b")', 'f: keyword in ("a", "b")'),
        ('string(f) like "*"', "not\n  f: keyword is-null"),
        # §13.19, computed values as well
        ('substring(f, 1) like "*"', "not\n  substring(f: keyword, 1) is-null"),
        ('not substring(f, 1) : ("a", "**")', "substring(f: keyword, 1) is-null"),
        ('substring(f, 1) regex ".*"', "not\n  substring(f: keyword, 1) is-null"),
        ('concat("a\\nb") like "*"', "true"),
        ('concat("a\\nb") regex ".*"', "true"),
        ('concat("a\\nb") regex ".+b"', "false"),
        # a null operand beside a field is no constant (§13.12)
        ("n + ?u > 3", "false"),
        ("not n + ?u > 3", "true"),
        ("-(n * ?u) > 3", "false"),
        ('not concat(f, ?u) : "a*"', "true"),
        ('not concat(f, ?u) regex "a.*"', "true"),
        ("not startsWith(f, ?u)", "true"),
        ("not length(concat(f, ?u)) in (1, 2)", "true"),
        ("n < ?u", "false"),
        ("not n < ?u", "true"),
        ("concat(f, ?u) == null", "true"),
        ("n + ?u != null", "false"),
        ("indexOf(f, ?u) == null", "true"),
        ("(n + ?u > 3) == null", "truth((n: long + null) > 3) is-null"),
        ('not (f == "a" and n + ?u > 5)', "true"),
        ('f == "a" or n + ?u > 5', 'f: keyword == "a"'),
        ('between(f, ?u, "x") == "y"', "false"),
        ('between(f, ?u, "x") == null', "f: keyword is-null"),
        # null checks come before `== true` and `== false` (§13.12)
        ('not (startsWith(?u, "a") == false)', "true"),
        ("(?u > 3) != false", "true"),
        ("(?u > 3) != true", "true"),
        ("(?u > 3) == false", "false"),
        # a bare optional field is the constant null (§13.24)
        ("?u", "false"),
        ("not ?u", "false"),
        ("not (?u or n > 3)", "not\n  n: long > 3"),
        ("?u == true", "false"),
        ("not (?u == true)", "true"),
        # constants
        ("n == 2 * 3 + 1", "n: long == 7"),
        ("n == -7 / 2", "n: long == -3"),
        ("n == -7 % 3", "n: long == -1"),
        ("n > 7 / 2.0", "n: long > 3.5"),
        ("n == 0 - 9223372036854775807 - 1", "n: long == -9223372036854775808"),
        ('f == concat("a", 5, true, 42.5)', 'f: keyword == "a5true42.5"'),
        ('f == substring("hello world", -5)', 'f: keyword == "world"'),
        ('f == substring("hello", 1, -1)', 'f: keyword == "ell"'),
        ('f == between("a[b]c[d]e", "[", "]", true)', 'f: keyword == "b]c[d"'),
        ('f == between("abc", "x", "c")', 'f: keyword == ""'),
        ('f == between("abc", "", "c")', 'f: keyword == "abc"'),
        ('n == indexOf("a.b.c", ".", 2)', "n: long == 3"),
        ('n == indexOf("abc", "x")', "n: long is-null"),
        ('n == length("\\u{1f600}")', "n: long == 2"),
        ('n == number("0x1f")', "n: long == 31"),
        ('n == number("ff", 16)', "n: long == 255"),
        ('n == number(" 7 ")', "n: long == 7.0"),
        ('startsWith~("ABC", "ab")', "true"),
        ('stringContains("abc", "")', "false"),
        ('endsWith("abc", "")', "true"),
        ('"abc" like "a*"', "true"),
        ('concat("a\\nb") like "a*"', "false"),
        ("5 in (4, 5.0)", "true"),
        # Java's text of a double, and its range
        ("f == string(0.0005)", 'f: keyword == "5.0E-4"'),
        ("f == concat(0.00012)", 'f: keyword == "1.2E-4"'),
        ("f == string(12345678.9)", 'f: keyword == "1.23456789E7"'),
        ("f == string(1e7)", 'f: keyword == "1.0E7"'),
        ("f == string(0.001)", 'f: keyword == "0.001"'),
        ("f == string(-0.0)", 'f: keyword == "-0.0"'),
        ("f == string(1 / 0.0)", 'f: keyword == "Infinity"'),
        ("f == string(1e308 * 5)", 'f: keyword == "Infinity"'),
        ("f == string(-1 / 0.0)", 'f: keyword == "-Infinity"'),
        ('f == string(number("NaN"))', 'f: keyword == "NaN"'),
        ("f == string(1 % 0.0)", 'f: keyword == "NaN"'),
        ("1 / 0.0 > 1e308", "true"),
        ("0 / 0.0 > 1 / 0.0", "true"),
        ("0 / 0.0 == 0 % 0.0", "true"),
        ("n > -9223372036854775808", "n: long > -9223372036854775808"),
        # what is stored is finite
        ("n < 1 / 0.0", "not\n  n: long is-null"),
        ("n >= 1 / 0.0", "false"),
        ("n > -1 / 0.0", "not\n  n: long is-null"),
        ("n <= 0 / 0.0", "not\n  n: long is-null"),
        ('not n == number("NaN")', "true"),
        ("n in (1, 1 / 0.0)", "n: long in (1)"),
        ("(n + 0.5) in (1, 1 / 0.0)", "or\n  (n: long + 0.5) in (1)\n  (n: long + 0.5) == inf"),
        ('"a" in~ ("A")', "true"),
        ('"B" < "a"', "true"),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert condition(text) == folded


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("n == 1 / 0", "division by zero"),
        ("n == 9223372036854775807 + 1", "overflow"),
        ('n == number("junk")', "no number"),
        ('n == number("")', "no number"),
        ('n == number("\u0663")', "no number"),
        ('n == number("12", 0)', "no number"),
        ('n == number("12", 37)', "no number"),
        ('n == number("-0x1F")', "no number"),
        ('n == number("0X1F")', "no number"),
        ('n == number("1_000")', "no number"),
        ('f == between("abc", null, "c")', "`left` of `between` is null"),
        ('f == between("]a[", "[", "]", true)', "ends before it starts"),
    ],
)
def test_constants_that_fail(text: str, reason: str) -> None:
    report = Report()
    query = compile_source(Source("query", f"any where {text}"), Context(FIELDS, report))
    assert query is None
    assert [d.code for d in report] == ["constant-fails"]
    assert reason in report.diagnostics[0].message


@pytest.mark.parametrize(
    "text",
    [
        "sequence with maxspan=1m [any where true] ![any where false] [any where n > 1]",
        "sequence [any where true] [any where ?u > 1]",
        "sample by f [any where true] [any where 1 == 2]",
    ],
)
def test_one_empty_term_empties_all(text: str) -> None:
    """§13.8, a missing event included."""
    query = compiled(text)
    assert not isinstance(query, EventQuery)
    assert {dump(stage.filter.condition) for stage in query.stages} == {"false"}


@pytest.mark.parametrize("leaf", ["concat(?u, s) == 'a'", "n + ?u > 3", "length(?u) + n == 1"])
def test_a_missing_event_that_never_comes_empties_nothing(leaf: str) -> None:
    """§13.12: what holds for no event, but has a field, is no constant."""
    text = f"sequence with maxspan=1m [any where s == 'x'] ![any where {leaf}] [any where n > 1]"
    query = compiled(text.replace("'", '"'))
    assert isinstance(query, SequenceQuery)
    first, missing, last = (dump(stage.filter.condition) for stage in query.stages)
    assert (first, last) == ('s: keyword == "x"', "n: long > 1")
    assert "false" not in missing
    assert "not" in missing
    # Printed and read again it means the same.
    assert dump(compiled(print_statement(to_surface(query)))) == dump(query)


def test_an_empty_until_empties_nothing() -> None:
    query = compiled("sequence [any where true] [any where n > 1] until [any where false]")
    assert not isinstance(query, EventQuery)
    assert dump(query.stages[1].filter.condition) == "n: long > 1"


@pytest.mark.parametrize(
    ("text", "size", "limits"),
    [
        ("any where true", 10, ["tail 10"]),
        ("any where true | head 5", 10, ["head 10", "head 5"]),
        ("any where true | tail 5 | head 2", 3, ["tail 3", "tail 5", "head 2"]),
        ("any where true | tail 5 | head 2", None, ["tail 5", "head 2"]),
        ("any where true | head 2 + 3", None, ["head 5"]),
    ],
)
def test_limits(text: str, size: int | None, limits: list[str]) -> None:
    """§1 "Pipes and size"."""
    report = Report()
    query = compile_source(Source("query", text), Context(FIELDS, report, size=size))
    assert isinstance(query, EventQuery)
    assert [dump(limit) for limit in query.limits] == limits
