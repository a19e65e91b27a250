"""What the benchmark writes by hand means the same as the rule, for the letters that fold oddly too."""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path

import duckdb
import pytest

from eqlx.driver import compile_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir import nodes as n
from eqlx.reference import evaluate
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
LETTERS = ("", "a", "i", "I", "İ", "ı", "s", "S", "ſ", "k", "K", "\u212a")
VALUES = [
    *("".join(three) for three in product(LETTERS, repeat=3)),
    "sik.exe",
    "ſi\u212a.exe",
    "xsik",
    "I_%",
]
CONDITIONS = (
    'process.name : "sik"',
    'process.name : "*sik*"',
    'process.name : "si*"',
    'process.name : "*k"',
    'process.name : "*i"',
    'process.name : "a?s"',
    'process.name : ("i", "s", "ak")',
    'process.name : ("ai", "*s")',
    'process.name : ("*i", "*s*", "*k", "a*a", "ika")',
    'process.name in~ ("ii", "ss")',
    'process.name in~ ("iak", "sak")',
    'process.name like~ "i_%*"',
    'process.name like~ "i*s"',
    'process.name regex~ "[a-i]?(s|k)i?"',
    'startsWith~(process.name, "is")',
    'endsWith~(process.name, "si")',
    'stringContains~(process.name, "ki")',
    'not process.name : "*i*"',
    'process.args : "*is"',
    'process.args : ("sk", "ia")',
    'process.args in~ ("s", "i", "k")',
    'process.args : ("a*i", "*s", "k*", "i*")',
)


@pytest.fixture(scope="module")
def by_hand():
    spec = importlib.util.spec_from_file_location("by_hand", BENCHMARKS / "by_hand.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def table():
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE t (n INT, "process.name" TEXT, "process.args" TEXT[])')
        rows = [[number, value, [value]] for number, value in enumerate(VALUES, start=1)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        yield connection


@pytest.mark.parametrize("condition", CONDITIONS)
def test_same_meaning(condition, by_hand, table):
    query = compile_rule(from_query(f"any where {condition}"), schema=CATALOGUE).query
    assert isinstance(query, n.EventQuery)
    events = [{"process": {"name": value, "args": [value]}} for value in VALUES]
    expected = [m.events[0].row for m in evaluate(query, events, EventModel())]
    clause = by_hand.clause(query.filter)
    found = table.sql("FROM t").filter(clause).project("n").order("n").fetchall()
    assert expected
    assert [row for (row,) in found] == expected, clause
