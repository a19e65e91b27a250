"""A dialect's capability rows follow from what it lacks, and what it lacks is refused, never silent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlglot import exp, parse_one

from eqlx.capability import Feature, Unsupported
from eqlx.driver import convert_rule
from eqlx.registry import load_target
from eqlx.render import concise
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_targets.sql.capabilities import LAYOUTS, MAY_ASK, table
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.emit import bracketed

WITHOUT_ID = EventModel(id=None)


def converted(query: str, model: EventModel | None = None, **options: str) -> tuple[str, str]:
    """The text, and the diagnostics in one."""
    outcome = convert_rule(
        from_query(query, "q"),
        load_target("sql"),
        dialect="clickhouse",
        options=options,
        model=model or EventModel(),
    )
    text = "" if outcome.artifact is None else outcome.artifact.text
    return text, "\n".join(concise.render(d) for d in outcome.diagnostics)


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_missing_operation_is_in_a_row(name: str) -> None:
    in_rows = {*MAY_ASK, *(each for listed in LAYOUTS.values() for each in listed)}
    assert set(DIALECTS[name].missing) <= in_rows
    for operation in DIALECTS[name].missing:
        why = DIALECTS[name].why_missing(operation)
        for feature in MAY_ASK.get(operation, ()):
            assert table(name)[feature] == Unsupported(str(why), deferred=True)


def test_a_layout_that_cannot_be_read_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = replace(DIALECTS["clickhouse"], missing={"json_at": "it has no JSON"})
    monkeypatch.setitem(DIALECTS, "lacking", lacking)
    assert set(table("lacking", "json").values()) == {Unsupported("it has no JSON")}
    assert Unsupported("it has no JSON") not in table("lacking", "nested").values()


def test_a_missing_operation_is_the_diagnostic_s_reason() -> None:
    text, said = converted("process where (process.pid + 1) == null")
    assert not text
    assert "error[inexpressible]" in said
    assert "ClickHouse cannot catch an error" in said


def test_what_is_there_converts() -> None:
    text, said = converted("process where process.pid + 1 > 5")
    assert "accurateCastOrNull" in text
    assert "error" not in said


def test_the_text_is_compared_whatever_way_a_chain_leans() -> None:
    a, b, c = (exp.column(name) for name in "abc")
    leaning = exp.And(this=a, expression=exp.And(this=b, expression=c))
    assert bracketed(leaning.copy(), "clickhouse") == "((a AND b) AND c)"
    mixed = exp.And(this=a, expression=exp.Or(this=b, expression=c))
    assert bracketed(mixed, "clickhouse") == "(a AND (b OR c))"
    assert bracketed(parse_one("a AND b OR c"), "clickhouse") == "((a AND b) OR c)"
    case = "CASE WHEN {} THEN 1 END"
    inner = parse_one(f"x OR (y OR {case.format('a OR (b OR c)')} = 1)", read="clickhouse")
    assert bracketed(inner, "clickhouse") == "((x OR y) OR ({} = 1))".format(
        case.format("((a OR b) OR c)")
    )


def test_sequences_need_a_row_id() -> None:
    query = "sequence by host.id [process where true] [file where true]"
    text, said = converted(query, WITHOUT_ID)
    assert not text
    assert "row-id" in said
    assert converted(query, WITHOUT_ID, **{"row-id": "n"})[0]


def test_duckdb_lacks_nothing() -> None:
    assert not any(isinstance(row, Unsupported) for row in table("duckdb").values())
    assert set(table("clickhouse")) == set(table("duckdb")) <= set(Feature)
