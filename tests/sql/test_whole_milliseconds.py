"""Whole milliseconds since 1970 by floor, as missing events compare them (spec §9.6)."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import pytest
from sqlglot import exp

from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.spelling import spelled
from eqlx_targets.sql.words.vocabulary import word

MICROSECONDS = (
    0,
    1,
    600,
    999,
    1000,
    3_000_499,
    3_000_500,
    3_000_999,
    -1,
    -400,
    -999,
    -1000,
    -1001,
    -999_999,
    253_402_300_799_999_999,  # the end of the year 9999
    -62_135_596_800_000_000,  # the begin of the year 1
    1_704_067_200_000_501,
)
NANOSECONDS = (0, 1, 499_999, 999_499, 999_999, -1, -499, -999_999, -1_000_001, 2**62, -(2**62) + 1)


def found(time: str, kind: str, *, nanoseconds: bool) -> int:
    name = "time_milliseconds_exact" if nanoseconds else "time_milliseconds"
    value = spelled(word(name, exp.column("t")), DUCKDB).sql("duckdb")
    with duckdb.connect() as connection:
        events = f"(SELECT CAST({time} AS {kind}) AS t)"
        row = connection.execute(f"SELECT {value} FROM {events}").fetchone()  # noqa: S608
        assert row is not None
        return int(row[0])


def floor(value: int, unit: int) -> int:
    return Fraction(value, unit).__floor__()


@pytest.mark.parametrize("time", MICROSECONDS)
@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ"])
def test_microseconds(time: int, kind: str) -> None:
    assert found(f"make_timestamp({time})", kind, nanoseconds=False) == floor(time, 1000)


@pytest.mark.parametrize("time", NANOSECONDS)
def test_nanoseconds(time: int) -> None:
    found_ = found(f"make_timestamp_ns({time})", "TIMESTAMP_NS", nanoseconds=True)
    assert found_ == floor(time, 1_000_000)


@pytest.mark.parametrize("time", [0, 1, 3001, -1, -1001, 253_402_300_799_999])
def test_milliseconds(time: int) -> None:
    value = f"make_timestamp({time * 1000})"
    assert found(value, "TIMESTAMP_MS", nanoseconds=False) == time


@pytest.mark.parametrize("time", [0, 1, -1, 253_402_300_799])
def test_seconds(time: int) -> None:
    value = f"make_timestamp({time * 1_000_000})"
    assert found(value, "TIMESTAMP_S", nanoseconds=False) == time * 1000
