"""Every operation of the vocabulary on every engine, against the results that are meant."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache

import pytest
from sqlglot import exp
from vocabulary_rows import ELSEWHERE, FAILS, ROWS, Element, Time
from word_engines import MAKERS, EngineError, WordEngine, expect

from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.conversion import COLUMN_TYPES
from eqlx_targets.sql.spelling import spelled
from eqlx_targets.sql.words.templates import parsed
from eqlx_targets.sql.words.vocabulary import VOCABULARY, Type, word

_NULLS = {Type.WHOLE: "BIGINT", Type.DOUBLE: "DOUBLE", Type.TIME: "TIMESTAMP"}
_FIXED = {
    "pattern",
    "like",
    "escape",
    "options",
    "key",
    "replacement",
    "group",
    "separator",
    "characters",
    "with",
}
"""Parameters that are always literals."""


@cache
def made(name: str) -> WordEngine:
    return MAKERS[name]()


@pytest.fixture(params=sorted(MAKERS))
def engine(request: pytest.FixtureRequest) -> WordEngine:
    return made(request.param)


def tree(value: object, kind: Type = Type.TEXT) -> exp.Expr:
    match value:
        case None:
            return sql.cast(exp.null(), _NULLS.get(kind, "VARCHAR"))
        case Element(text):
            return function(text)
        case Time(text, kind_):
            return sql.cast(sql.text(text), kind_)
        case bool():
            return exp.Boolean(this=value)
        case int():
            return sql.whole(value)
        case float():
            return sql.cast(sql.double(value), "DOUBLE")
        case list():
            listed = exp.Array(expressions=[tree(each) for each in value])
            return listed if value else sql.cast(listed, "VARCHAR[]")
        case _:
            return sql.text(str(value))


def function(text: str) -> exp.Expr:
    """A lambda as it is written in templates."""
    whole: exp.Expr = parsed(f"list_map(x, {text})", "duckdb").copy()
    return whole.expressions[1].pop()


def statement(engine: WordEngine, value: exp.Expr, table: exp.Select | None = None) -> str:
    select = exp.select(exp.alias_(value, "result", copy=False))
    if table is not None:
        select = select.from_(table.subquery("operands"))
    return spelled(select, engine.dialect).sql(engine.dialect.printer)


def applied(engine: WordEngine, name: str, operands: tuple[object, ...]) -> object:
    """The operation on columns, since engines compute constants in other ways."""
    arguments, columns = [], []
    for number, ((parameter, kind), value) in enumerate(
        zip(VOCABULARY[name].parameters, operands, strict=True)
    ):
        if parameter in _FIXED or isinstance(value, Element):
            arguments.append(tree(value, kind))
        else:
            columns.append(exp.alias_(tree(value, kind), f"operand_{number}"))
            arguments.append(exp.column(f"operand_{number}"))
    table = exp.select(*columns)
    return engine.value(statement(engine, word(name, *arguments), table))


def cases() -> Iterator[object]:
    for name, rows in ROWS.items():
        for number, (operands, result) in enumerate(rows, start=1):
            yield pytest.param(name, operands, result, id=f"{name}-{number}")


@pytest.mark.parametrize(("name", "operands", "result"), list(cases()))
def test_operation(
    engine: WordEngine,
    name: str,
    operands: tuple[object, ...],
    result: object,
    request: pytest.FixtureRequest,
) -> None:
    expect(engine.name, name, request.node.callspec.id, request)
    if result is FAILS:
        try:
            assert applied(engine, name, operands) is None
        except EngineError:
            return
        return
    found = applied(engine, name, operands)
    if isinstance(result, float) and math.isnan(result):
        assert isinstance(found, float)
        assert math.isnan(found)
    elif isinstance(result, bool):
        assert found in (0, 1)
        assert bool(found) is result
    else:
        assert found == result


@pytest.mark.parametrize(("name", "operands", "result"), list(cases()))
def test_operation_on_literal_numbers(
    engine: WordEngine, name: str, operands: tuple[object, ...], result: object
) -> None:
    """Parsers take a literal for another thing than a column: an index from 0, a number of a cast."""
    kinds = [kind for _, kind in VOCABULARY[name].parameters]
    if Type.WHOLE not in kinds or Type.TEXT not in kinds or None in operands or result is FAILS:
        pytest.skip("no number beside a text")
    arguments, columns = [], []
    for value, kind in zip(operands, kinds, strict=True):
        column = exp.column(f"operand_{len(columns)}")
        is_first = not columns
        arguments.append(column if is_first else tree(value, kind))
        columns += [exp.alias_(tree(value, kind), column.name)] if is_first else []
    found = engine.value(statement(engine, word(name, *arguments), exp.select(*columns)))
    assert found == result


def test_every_operation_is_run() -> None:
    with_rows = {name for name, rows in ROWS.items() if rows}
    assert with_rows | set(ELSEWHERE) == set(VOCABULARY)
    assert not with_rows & set(ELSEWHERE)


def test_facts(engine: WordEngine) -> None:
    assert engine.dialect.facts
    for fact in engine.dialect.facts:
        assert engine.value(fact.statement), fact.what


def test_a_failure_can_be_caught(engine: WordEngine) -> None:
    table = exp.select(exp.alias_(tree(0), "zero"))
    failing = word("number_divide", tree(1), exp.column("zero"))
    assert engine.value(statement(engine, word("attempt", failing), table)) is None


def test_values_once(engine: WordEngine) -> None:
    found = applied(engine, "list_distinct", (["b", "a", None, "b"],))
    assert isinstance(found, list)
    assert sorted(found) == ["a", "b"]


def test_a_list_becomes_rows(engine: WordEngine) -> None:
    for values in (["a", "b"], []):
        table = exp.select(exp.alias_(tree(values), "listed"))
        spread = word("list_spread", exp.column("listed"))
        assert sorted(engine.rows(statement(engine, spread, table))) == [(v,) for v in values]


def test_lists_of_lists(engine: WordEngine) -> None:
    nested = word("list_map", tree(["a", "b"]), _twice())
    assert engine.value(statement(engine, word("list_flat", nested))) == ["a", "a", "b", "b"]


def _twice() -> exp.Expr:
    return function("LAMBDA v : [v, v]")


@pytest.mark.parametrize(
    ("operation", "value", "texts"),
    [
        ("json_opened", '["x", 1, [2]]', ["x", "1", "[2]"]),
        ("json_opened", '"x"', ["x"]),
        ("json_inside", '"x"', ["x"]),
    ],
)
def test_arrays_of_json(
    engine: WordEngine,
    operation: str,
    value: str,
    texts: list[str],
    request: pytest.FixtureRequest,
) -> None:
    expect(engine.name, "json_at", "", request)
    document = sql.cast(sql.text(f'{{"a": {value}}}'), "JSON")
    each = exp.to_identifier("j")
    found = word(operation, word("json_at", document, sql.text("a")))
    text = sql.lambda_(each, word("json_text", each.copy()))
    assert engine.value(statement(engine, word("list_map", found, text))) == texts


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        (("a.b/~c", "d"), ["1.0"]),
        (("a.b/~c", "e"), ["2.0", "x: 1.0, [2]", "-0.5", '\\"{', "true"]),
        (("a.b/~c", "none"), []),
        (("none", "d"), []),
        (("f",), []),
        (("g",), ["12345678901234567890"]),
        (("a.b/~c", "d", "e"), []),
    ],
)
def test_numbers_of_json_stay_as_they_are_written(
    engine: WordEngine, keys: tuple[str, ...], texts: list[str], request: pytest.FixtureRequest
) -> None:
    expect(engine.name, "json_at", "", request)
    held = r"""{"a.b/~c": {"d": 1.0, "e": [2.0, "x: 1.0, [2]", [-0.5], "\\\"{", null, true]}, "f": null,
"g": 12345678901234567890}"""
    table = exp.select(exp.alias_(sql.cast(sql.text(held), "JSON"), "held"))
    found = word("json_document", exp.column("held"))
    for key in keys:
        found = word("json_at", found, sql.text(key))
    each = exp.to_identifier("j")
    found = exp.Array(expressions=[found])
    for _ in range(2):
        opened = sql.lambda_(each, word("json_opened", each.copy()))
        found = word("list_flat", word("list_map", found, opened))
    values = word("list_keep", found, sql.lambda_(each, word("json_is_value", each.copy())))
    text = sql.lambda_(each, word("json_text", each.copy()))
    assert engine.value(statement(engine, word("list_map", values, text), table)) == texts


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ("time_of_milliseconds", 1_500),
        ("time_of_double_milliseconds", 1_500.0),
        ("time_of_nanoseconds", 1_500_000_000),
    ],
)
def test_times_of_numbers(
    engine: WordEngine, operation: str, number: float, request: pytest.FixtureRequest
) -> None:
    expect(engine.name, operation, "", request)
    table = exp.select(exp.alias_(tree(number), "number"))
    time = word("time_nanoseconds", word(operation, exp.column("number")))
    assert engine.value(statement(engine, time, table)) == 1_500_000_000


def test_zones(engine: WordEngine, request: pytest.FixtureRequest) -> None:
    expect(engine.name, "time_in_utc", "", request)
    zoned = sql.cast(sql.text("2024-01-01 02:00:00+02:00"), "TIMESTAMPTZ")
    time = word("time_milliseconds", word("time_in_utc", zoned))
    assert engine.value(statement(engine, time)) == 1_704_067_200_000


def test_now(engine: WordEngine) -> None:
    start = sql.cast(sql.text("2024-01-01 00:00:00"), "TIMESTAMP")
    later = exp.GT(this=word("time_now"), expression=start)
    assert engine.value(statement(engine, later))


def test_a_row_as_one_value(engine: WordEngine) -> None:
    """A struct, or JSON where the engine's structs would lose names."""
    columns = exp.select(
        *(exp.alias_(sql.text(v), n, quoted=True) for n, v in (("a", "x"), ("b.c", "y")))
    )
    found = engine.value(statement(engine, word("row_whole", exp.column("operands")), columns))
    assert (json.loads(found) if isinstance(found, str) else found) == {"a": "x", "b.c": "y"}


@pytest.mark.parametrize("kind", sorted(set(COLUMN_TYPES.values())))
def test_the_null_of_a_field_that_the_data_lacks(engine: WordEngine, kind: str) -> None:
    absent = sql.cast(exp.null(), kind)
    assert engine.value(statement(engine, absent.copy())) is None
    if kind.startswith("TIMESTAMP"):
        moment = word("time_milliseconds", absent)
        assert engine.value(statement(engine, moment)) is None


def test_quoted_texts_match_themselves(engine: WordEngine) -> None:
    table = exp.select(exp.alias_(sql.text("a.b*(c)\\[d]^$|{1}?+"), "s"))
    value = word("regex_quoted", exp.column("s"))
    pattern = engine.value(statement(engine, value, table))
    assert applied(engine, "regex_full", ("a.b*(c)\\[d]^$|{1}?+", str(pattern)))
    assert not applied(engine, "regex_full", ("axb*(c)\\[d]^$|{1}?+", str(pattern)))
