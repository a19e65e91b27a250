"""A field of a JSON column as a typed value or list: nested path or dotted key, array or scalar."""

from __future__ import annotations

from sqlglot import exp

from eqlx_targets.sql import conversion
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.reading import Reading
from eqlx_targets.sql.words.vocabulary import word

ARRAYS_IN_ARRAYS = 2
"""How deep arrays of objects may lie in one another; arrays of values alone may lie at any depth."""

ASSUMPTION = (
    f"arrays of objects in a JSON column lie at most {ARRAYS_IN_ARRAYS} deep in one another"
)


def values(document: exp.Expr, reading: Reading) -> exp.Expr:
    """The field's values, typed as the reading says: a list without NULLs, or one scalar.

    As in a document of Elasticsearch, each dot of the name may stand in a key or between two
    (`{"a": {"b.c": 1}}`, `{"a.b": {"c": 1}}`), and arrays may lie around any part.
    """
    each = exp.to_identifier("j")
    read = (
        word("json_document", document) if conversion.keeps_text(reading.field.type) else document
    )
    found = _candidates(read, reading.field.name.split("."))
    scalars = word("list_keep", found, sql.lambda_(each, word("json_is_value", each.copy())))
    texts = word("list_map", scalars, sql.lambda_(each, word("json_text", each.copy())))
    value = exp.to_identifier("v")
    converted = conversion.convert(value, "VARCHAR", reading.field.type)
    if converted is not value:
        texts = word("list_map", texts, sql.lambda_(value, converted))
        present = sql.negation(sql.is_null(exp.to_identifier("v")))
        texts = word("list_keep", texts, sql.lambda_(value, present))
    return texts if reading.is_list else word("list_first", texts)


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
        found: exp.Expr = exp.Array(expressions=[_at(document, parts[:end])])
        for start in range(1, end):
            node = exp.to_identifier("x")
            made = sql.lambda_(node, _at(node, parts[start:end]))
            below = word("list_map", exp.to_identifier(f"n{start}"), made)
            found = word("list_concat", found, below)
        if end == len(parts):
            found = _each(_each(found, "json_inside"), "json_opened")
        for _ in range(ARRAYS_IN_ARRAYS):
            found = _each(found, "json_opened")
        bound.append(found)
    whole = bound.pop()
    for number, value in reversed(list(enumerate(bound, 1))):
        name = exp.to_identifier(f"n{number}")
        whole = sql.bind(value, name, whole)
    return whole


def _each(found: exp.Expr, operation: str) -> exp.Expr:
    """One list of what the operation makes of each."""
    node = exp.to_identifier("j")
    made = sql.lambda_(node, word(operation, node.copy()))
    return word("list_flat", word("list_map", found, made))


def _at(document: exp.Expr, parts: list[str]) -> exp.Expr:
    """What stands at one key, in which the dots of a name may stand."""
    return word("json_at", document.copy(), sql.text(".".join(parts)))
