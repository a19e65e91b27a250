"""A field of a JSON column as a typed value or list: nested path or dotted key, array or scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.dialects import duckdb

if TYPE_CHECKING:
    from eqlx_targets.sql.scope import Reading

_TEXTS = """
CASE json_type($j) WHEN 'ARRAY' THEN from_json($j, '["VARCHAR"]') WHEN 'OBJECT' THEN []
ELSE [$text] END
"""


def values(document: exp.Expr, reading: Reading) -> exp.Expr:
    """The field's values, typed as the reading says: a list without NULLs, or one scalar.

    Both spellings of the path are looked up (`{"a": {"b": 1}}`, `{"a.b": 1}`), and an array of
    objects at one place of the path (`{"a": [{"b": 1}]}`).
    """
    parts = reading.field.name.split(".")
    spellings = list(dict.fromkeys((_path(parts), _path([reading.field.name]))))
    if not reading.is_list:
        texts = [_call("json_extract_string", document, path) for path in spellings]
        one = texts[0] if len(texts) == 1 else exp.Coalesce(this=texts[0], expressions=texts[1:])
        return duckdb.convert(one, "VARCHAR", reading.field.type)
    found: exp.Expr = exp.Array(
        expressions=[_call("json_extract", document, path) for path in spellings]
    )
    for end in range(1, len(parts)):
        path = _path(parts[:end]) + "[*]" + _path(parts[end:])[1:]
        found = exp.ArrayConcat(this=found, expressions=[_call("json_extract", document, path)])
    each = exp.to_identifier("j")
    texts_of = sql.fill(_TEXTS, j=each, text=_call("json_extract_string", each, "$"))
    flat: exp.Expr = exp.Flatten(
        this=exp.Transform(this=found, expression=sql.lambda_(each, texts_of))
    )
    value = exp.to_identifier("v")
    converted = duckdb.convert(value, "VARCHAR", reading.field.type)
    if converted is not value:
        flat = exp.Transform(this=flat, expression=sql.lambda_(value, converted))
    present = sql.negation(sql.is_null(exp.to_identifier("v")))
    return exp.ArrayFilter(this=flat, expression=sql.lambda_(value, present))


def _call(name: str, document: exp.Expr, path: str) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[document.copy(), exp.Literal.string(path)])


def _path(parts: list[str]) -> str:
    """A JSONPath with every key quoted: `$."process"."name"`."""
    return "$" + "".join(
        '."' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts
    )
