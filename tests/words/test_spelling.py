"""What a dialect lacks is refused with its reason; children differ from parents; the guard knows functions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlglot import exp

from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.emit import difference
from eqlx_targets.sql.spelling import UnspelledError, spelled
from eqlx_targets.sql.words.vocabulary import word

CHILD = Dialect(
    name="child",
    printer="duckdb",
    spellings={"text_ends": "ends_with($s, $part)"},
    missing={"regex_quoted": "it has no such function"},
    parent=DUCKDB,
)


def printed(name: str, dialect: Dialect, *operands: str) -> str:
    return spelled(word(name, *map(exp.column, operands)), dialect).sql("duckdb")


def test_a_child_differs_only_where_it_says_so() -> None:
    assert printed("text_ends", CHILD, "a", "b") == "ENDS_WITH(a, b)"
    assert printed("text_ends", DUCKDB, "a", "b") == "SUFFIX(a, b)"
    assert printed("list_length", CHILD, "a") == printed("list_length", DUCKDB, "a")


def test_a_missing_operation_is_refused_with_its_reason() -> None:
    with pytest.raises(UnspelledError, match="it has no such function"):
        printed("regex_quoted", CHILD, "a")
    with pytest.raises(UnspelledError, match="bare has no `list_any`"):
        printed("list_any", replace(DUCKDB, name="bare", spellings={}), "a", "b")


def test_operators_get_parentheses_where_they_need_them() -> None:
    spread = word("list_any", exp.column("a"), exp.column("f"))
    assert spelled(exp.Not(this=spread), DUCKDB).sql("duckdb").startswith("NOT (")
    join = exp.And(this=word("list_any", exp.column("a"), exp.column("f")), expression=exp.true())
    assert "(LENGTH" not in spelled(join, DUCKDB).sql("duckdb")


@pytest.mark.parametrize("name", ["no_such_function", "arrayExists"])
def test_a_function_that_the_engine_lacks_is_found(name: str) -> None:
    text = f"SELECT {name}(a) FROM events"  # noqa: S608 - parsed, never run
    tree = exp.select(exp.Anonymous(this=name, expressions=[exp.column("a")])).from_("events")
    assert difference(tree, text, DUCKDB) == f"duckdb has no function `{name}`"
