"""The shapes of joins that engines differ in, each in the one form that all of them take.

Measured on DuckDB, ClickHouse, Spark, Trino, PostgreSQL and DataFusion (decision 021): no QUALIFY, no
difference of timestamps, no two lists spread side by side, no output named as an input, parentheses
about `IS NOT DISTINCT FROM`.
"""

from __future__ import annotations

from collections.abc import Sequence as Row

from sqlglot import exp

from eqlx_targets.sql import expressions as sql

_UNITS = (("DAY", 86_400_000), ("HOUR", 3_600_000), ("MINUTE", 60_000), ("SECOND", 1000))
_NUMBER = "stage_number"
_NUMBERS = "stages"


def selected_by_window(
    inner: exp.Select, name: str, outputs: Row[exp.Expr], accepted: exp.Expr
) -> exp.Select:
    """Rows of `inner` (named `name`), which computes windows, that `accepted` keeps by their values:
    what QUALIFY says where an engine has it."""
    outer = exp.select(*outputs).from_(inner.subquery(name, copy=False), copy=False)
    return outer.where(accepted, copy=False)


def within(later: exp.Expr, earlier: exp.Expr, milliseconds: int) -> exp.Expr:
    """`later <= earlier + milliseconds`, of timestamps: engines that have no difference of two
    timestamps, or one that no interval compares with, have this sum."""
    limit = exp.Add(this=earlier, expression=duration(milliseconds))
    return exp.LTE(this=later, expression=limit)


def duration(milliseconds: int) -> exp.Interval:
    """An interval in the largest unit that holds it in whole numbers."""
    unit, size = next(
        ((unit, size) for unit, size in _UNITS if milliseconds % size == 0), ("MILLISECOND", 1)
    )
    return exp.Interval(this=exp.Literal.string(str(milliseconds // size)), unit=exp.Var(this=unit))


def same(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Equal, or both null. The parentheses are for parsers that read `a IS NOT DISTINCT FROM b AND c`
    as a test against `b AND c`."""
    return exp.Paren(this=exp.NullSafeEQ(this=left, expression=right))


def per_number(
    rows: str, numbers: Row[int], number: str, outputs: Row[exp.Expr], choices: Row[exp.Expr]
) -> exp.Select:
    """A row for each of `numbers` and row of `rows`: `number`, the outputs, and the choice that stands
    at that number's place (the last of the outputs gives it its name)."""
    *same_for_all, chosen = outputs
    case = exp.Case(
        this=exp.column(_NUMBER),
        ifs=[
            exp.If(this=sql.whole(number), true=choice)
            for number, choice in zip(numbers, choices, strict=True)
        ],
    )
    listed: exp.Query = exp.select(exp.alias_(sql.whole(numbers[0]), _NUMBER))
    for other in numbers[1:]:
        listed = exp.union(listed, exp.select(sql.whole(other)), distinct=False, copy=False)
    numbered = exp.alias_(exp.column(_NUMBER), number)
    first, *rest = same_for_all
    select = exp.select(first, numbered, *rest, exp.alias_(case, chosen.name)).from_(rows)
    return select.join(listed.subquery(_NUMBERS, copy=False), join_type="CROSS", copy=False)
