"""A field of a JSON column as a typed value or list: nested path or dotted key, array or scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.dialects import duckdb

if TYPE_CHECKING:
    from eqlx_targets.sql.scope import Reading

ARRAYS_IN_ARRAYS = 2
"""How deep arrays of objects may lie in one another; arrays of values alone may lie at any depth."""

ASSUMPTION = (
    f"arrays of objects in a JSON column lie at most {ARRAYS_IN_ARRAYS} deep in one another"
)

_OPENED = """CASE json_type($j) WHEN 'ARRAY' THEN from_json($j, '["JSON"]') ELSE [$j] END"""
_ALL_INSIDE = """
CASE WHEN json_type($j) = 'ARRAY' AND NOT contains(CAST($j AS VARCHAR), '{')
THEN json_extract($j, '$.**') ELSE [$j] END
"""
_IS_VALUE = "json_type($j) IN ('VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')"


def values(document: exp.Expr, reading: Reading) -> exp.Expr:
    """The field's values, typed as the reading says: a list without NULLs, or one scalar.

    As in a document of Elasticsearch, each dot of the name may stand in a key or between two
    (`{"a": {"b.c": 1}}`, `{"a.b": {"c": 1}}`), and arrays may lie around any part.
    """
    each = exp.to_identifier("j")
    found = _candidates(document, reading.field.name.split("."))
    scalars = exp.ArrayFilter(this=found, expression=sql.lambda_(each, sql.fill(_IS_VALUE, j=each)))
    texts: exp.Expr = exp.Transform(
        this=scalars, expression=sql.lambda_(each, _call("json_extract_string", each, "$"))
    )
    value = exp.to_identifier("v")
    converted = duckdb.convert(value, "VARCHAR", reading.field.type)
    if converted is not value:
        texts = exp.Transform(this=texts, expression=sql.lambda_(value, converted))
        present = sql.negation(sql.is_null(exp.to_identifier("v")))
        texts = exp.ArrayFilter(this=texts, expression=sql.lambda_(value, present))
    return texts if reading.is_list else sql.element(texts, 1)


def assumes(name: str) -> bool:
    """Whether reading the field rests on `ASSUMPTION`."""
    return "." in name


def _candidates(document: exp.Expr, parts: list[str]) -> exp.Expr:
    """What stands at the field's path, arrays opened: values, and objects that are none.

    `n1`, `n2` … are what stands at the first part, the first two parts, and so on; each is made
    once, from all that stands at a shorter beginning by the key that is left.
    """
    bound: list[exp.Expr] = []
    for end in range(1, len(parts) + 1):
        found: exp.Expr = exp.Array(
            expressions=[_call("json_extract", document, _pointer(parts[:end]))]
        )
        for start in range(1, end):
            node = exp.to_identifier("x")
            below = exp.Transform(
                this=exp.to_identifier(f"n{start}"),
                expression=sql.lambda_(
                    node, _call("json_extract", node, _pointer(parts[start:end]))
                ),
            )
            found = exp.ArrayConcat(this=found, expressions=[below])
        if end == len(parts):
            found = _each(_each(found, _ALL_INSIDE), _OPENED)
        for _ in range(ARRAYS_IN_ARRAYS):
            found = _each(found, _OPENED)
        bound.append(found)
    whole = bound.pop()
    for number, value in reversed(list(enumerate(bound, 1))):
        name = exp.to_identifier(f"n{number}")
        let = exp.Transform(
            this=exp.Array(expressions=[value]), expression=sql.lambda_(name, whole)
        )
        whole = sql.element(let, 1)
    return whole


def _each(found: exp.Expr, template: str) -> exp.Expr:
    """One list of what the template makes of each."""
    node = exp.to_identifier("j")
    made = sql.lambda_(node, sql.fill(template, j=node))
    return exp.Flatten(this=exp.Transform(this=found, expression=made))


def _call(name: str, document: exp.Expr, path: str) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[document.copy(), exp.Literal.string(path)])


def _pointer(parts: list[str]) -> str:
    """The JSON pointer of one key, in which the dots of a name may stand."""
    return "/" + ".".join(parts).replace("~", "~0").replace("/", "~1")
