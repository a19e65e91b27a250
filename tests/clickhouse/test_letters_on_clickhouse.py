"""What the lowering takes from ClickHouse's functions of letters, executed for every code point."""

# ruff: noqa: S608 the statements are made here

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from sqlglot import exp

from eqlx.execution import Bounds
from eqlx.patterns.folding import Folding, fold, forms
from eqlx_harness.data import LONG
from eqlx_targets.engines.clickhouse.connection import Connection
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.dialects.clickhouse import CLICKHOUSE
from eqlx_targets.sql.lower import letters
from eqlx_targets.sql.lower.letters import Method
from eqlx_targets.sql.spelling import spelled

ALL = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
LATER = frozenset(
    [*map(chr, range(0xA7CE, 0xA7D6)), *map(chr, range(0x16EA0, 0x16ED4))],
)
"""Letters of Unicode 17, which ClickHouse has and the table of folding, of Unicode 16, has not."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    connection = Connection(Bounds(seconds=300))
    table = f"{connection.database}.c"
    connection.execute(f"CREATE TABLE {table} (t String) ENGINE = Memory")
    file = tmp_path_factory.mktemp("letters") / "all.ndjson"
    file.write_text("".join(json.dumps({"t": c}) + "\n" for c in ALL), encoding="utf-8")
    connection.execute(f"INSERT INTO {table} SELECT t FROM file('{file}', JSONEachRow)")
    return connection


def found_by(engine: Connection, test: exp.Expr) -> set[str]:
    select = spelled(
        exp.select("t").from_(exp.table_("c", db=engine.database)).where(test), CLICKHOUSE
    )
    return {str(t) for (t,) in engine.select(select.sql("clickhouse"))[1]}


def applied(engine: Connection, expression: exp.Expr) -> dict[str, object]:
    select = spelled(exp.select("t", exp.alias_(expression, "made")), CLICKHOUSE)
    select = select.from_(exp.table_("c", db=engine.database))
    return dict(engine.select(select.sql("clickhouse"))[1])


def alike(mapping: dict[str, object]) -> dict[str, frozenset[str]]:
    groups: defaultdict[object, set[str]] = defaultdict(set)
    for character, image in mapping.items():
        groups[image].add(character)
    return {character: frozenset(groups[image]) for character, image in mapping.items()}


@pytest.mark.parametrize("folding", list(Folding))
def test_texts_that_meet_each_other_fold_exactly(engine: Connection, folding: Folding) -> None:
    found = alike(applied(engine, letters.folded(exp.column("t"), folding)))
    assert len(found) == len(ALL)
    wrong = {c for c in ALL if found[c] != set(forms(c, folding))}
    assert wrong <= LATER


@pytest.mark.parametrize("by", list(Method))
def test_a_method_is_exact_for_the_letters_that_it_is_chosen_for(
    engine: Connection, by: Method
) -> None:
    found = alike(applied(engine, letters.applied(exp.column("t"), by)))
    left_out = {Method.LOWER: "s", Method.UPPER: "k", Method.BOTH: ""}[by]
    for character in ALL:
        if not letters.is_plain(character) or fold(character, Folding.ASCII) == left_out:
            continue
        right = set(forms(character, Folding.UNICODE))
        allowed = right | set(letters.risk([character], by))
        assert right <= found[character] <= allowed, (character, found[character])


@pytest.mark.parametrize("letter", "abcdefghijklmnopqrstuvwxyz" if LONG else "aiks")
def test_like_is_lower_and_regular_expressions_are_exact(engine: Connection, letter: str) -> None:
    column = exp.column("t")
    like = found_by(engine, exp.ILike(this=column, expression=sql.text(letter)))
    lowered = letters.applied(column.copy(), Method.LOWER)
    assert like == found_by(engine, exp.EQ(this=lowered, expression=sql.text(letter)))
    regex = found_by(engine, sql.search(column.copy(), f"^{letter}$", "is"))
    assert regex == set(forms(letter, Folding.UNICODE))


@pytest.mark.parametrize("literal", ["kelvin", "service", "kiosks"])
def test_letters_are_found_within_words(engine: Connection, literal: str) -> None:
    """A search for a literal or the literal part of a pattern must not look for ASCII's letters alone."""
    database = engine.database
    written = "".join({"k": "\u212a", "s": "\u017f"}.get(c, c.upper()) for c in literal)
    for before, after in (("", ""), ("x", ""), ("", "x"), ("x" * 40, "y" * 40)):
        engine.execute(f"CREATE OR REPLACE TABLE {database}.w (t String) ENGINE = Memory")
        engine.execute(f"INSERT INTO {database}.w VALUES ('{before}{written}{after}')")
        test = sql.search(exp.column("t"), literal, "is")
        select = spelled(exp.select(exp.alias_(test, "found")), CLICKHOUSE)
        text = select.from_(exp.table_("w", db=database)).sql("clickhouse")
        assert engine.select(text)[1] == [(1,)]
