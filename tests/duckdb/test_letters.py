"""The lowering's claims about letters in DuckDB, executed for every code point there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import duckdb
import pytest
from sqlglot import exp

from eqlx.patterns.case_folding import VERSION
from eqlx.patterns.folding import Folding, fold, forms
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.lower import letters
from eqlx_targets.sql.lower.letters import Method
from eqlx_targets.sql.spelling import spelled

# ruff: noqa: S608 the queries are made here

SURROGATES = range(0xD800, 0xE000)
ALL = [chr(code) for code in range(1, 0x110000) if code not in SURROGATES]
ASCII = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(
        "CREATE TABLE c AS SELECT chr(i::INTEGER) AS t FROM range(1, 1114112) r(i) "
        "WHERE NOT i BETWEEN 55296 AND 57343"
    )
    return connection


def applied(engine: duckdb.DuckDBPyConnection, expression: exp.Expr) -> dict[str, str]:
    """Each character under the expression of the column `t`."""
    query = f"SELECT t, {spelled(expression, DUCKDB).sql('duckdb')} FROM c"
    return dict(engine.execute(query).fetchall())


def alike(mapping: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Each character with all that the mapping makes the same."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for character, image in mapping.items():
        groups[image].add(character)
    return {character: frozenset(groups[image]) for character, image in mapping.items()}


def test_the_table_is_that_of_unicode_16() -> None:
    assert VERSION == "16.0.0"
    assert fold("Kſµς\u1e9eİı", Folding.UNICODE) == "ksμσßİı"
    assert all(len(fold(c, Folding.UNICODE)) == 1 for c in ALL)


@pytest.mark.parametrize("folding", list(Folding))
def test_texts_that_meet_each_other_fold_exactly(
    engine: duckdb.DuckDBPyConnection, folding: Folding
) -> None:
    found = alike(applied(engine, letters.folded(exp.column("t"), folding)))
    wrong = {c: found[c] for c in ALL if found[c] != set(forms(c, folding))}
    assert not wrong


@pytest.mark.parametrize("by", list(Method))
def test_a_method_is_exact_for_the_letters_that_it_is_chosen_for(
    engine: duckdb.DuckDBPyConnection, by: Method
) -> None:
    """A plain literal's characters are found in their own forms, and beyond them in none but the
    letters that are looked at again."""
    found = alike(applied(engine, letters.applied(exp.column("t"), by)))
    left_out = {Method.LOWER: "s", Method.UPPER: "k", Method.BOTH: ""}[by]
    for character in ALL:
        if not letters.is_plain(character) or fold(character, Folding.ASCII) == left_out:
            continue
        right = set(forms(character, Folding.UNICODE))
        allowed = right | set(letters.risk([character], by))
        assert right <= found[character] <= allowed, (character, found[character])


@pytest.mark.parametrize("letter", ASCII)
def test_ilike_is_lower_and_regular_expressions_are_exact(
    engine: duckdb.DuckDBPyConnection, letter: str
) -> None:
    """What the lowering takes from `ILIKE` and from RE2's option `i`, for literals of ASCII."""
    ilike = {t for (t,) in engine.execute("SELECT t FROM c WHERE t ILIKE ?", [letter]).fetchall()}
    lower = {
        t for (t,) in engine.execute("SELECT t FROM c WHERE lower(t) = ?", [letter]).fetchall()
    }
    query = "SELECT t FROM c WHERE regexp_matches(t, ?, 'is')"
    regex = {t for (t,) in engine.execute(query, [f"^{letter}$"]).fetchall()}
    assert ilike == lower
    assert regex == set(forms(letter, Folding.UNICODE))


def test_regular_expressions_fold_nothing_that_has_no_other_form(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    """A set with all forms of a letter may stand under the option `i`: RE2 adds nothing to it."""
    groups = {forms(c, Folding.UNICODE) for c in ALL if len(forms(c, Folding.UNICODE)) > 1}
    engine.execute("CREATE OR REPLACE TABLE cased AS SELECT * FROM c WHERE FALSE")
    engine.executemany("INSERT INTO cased VALUES (?)", [[c] for g in groups for c in g])
    for group in groups:
        query = "SELECT t FROM cased WHERE regexp_full_match(t, ?, 'i')"
        found = {t for (t,) in engine.execute(query, [f"[{''.join(group)}]"]).fetchall()}
        assert found == set(group)
