"""Query DSL clauses as JSON-able dictionaries: one constructor a kind, escaping included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Clause: TypeAlias = Mapping[str, Json]
Scalar: TypeAlias = "bool | int | float | str"

MATCH_ALL: Clause = {"match_all": {}}
MATCH_NONE: Clause = {"match_none": {}}


def term(field: str, value: Scalar, *, fold: bool = False) -> Clause:
    """The field holds exactly `value`; `fold` ignores the case of letters, as the engine folds them."""
    if fold:
        return {"term": {field: {"value": value, "case_insensitive": True}}}
    return {"term": {field: value}}


def terms(field: str, values: Sequence[Scalar]) -> Clause:
    """The field holds one of `values`; on an ip field a value may be a network."""
    return term(field, values[0]) if len(values) == 1 else {"terms": {field: list(values)}}


def prefix(field: str, text: str, *, fold: bool = False) -> Clause:
    """The field starts with `text`, taken literally."""
    if fold:
        return {"prefix": {field: {"value": text, "case_insensitive": True}}}
    return {"prefix": {field: text}}


def wildcard(field: str, pattern: str, *, fold: bool = False) -> Clause:
    r"""The whole value matches `pattern`, whose literal text is escaped by `escaped`."""
    if fold:
        return {"wildcard": {field: {"value": pattern, "case_insensitive": True}}}
    return {"wildcard": {field: pattern}}


def regexp(field: str, pattern: str, *, fold: bool = False) -> Clause:
    """The whole value matches the Lucene expression `pattern`."""
    if fold:
        return {"regexp": {field: {"value": pattern, "case_insensitive": True}}}
    return {"regexp": {field: pattern}}


def interval(field: str, bounds: Mapping[str, Json]) -> Clause:
    """A `range` clause; `bounds` maps `gt`, `gte`, `lt`, `lte` (and `format`) to values."""
    return {"range": {field: dict(bounds)}}


def exists(field: str) -> Clause:
    """The field has a value."""
    return {"exists": {"field": field}}


def any_of(alternatives: Sequence[Clause]) -> Clause:
    """One of the clauses holds."""
    if len(alternatives) == 1:
        return alternatives[0]
    return {"bool": {"should": list(alternatives), "minimum_should_match": 1}}


def all_of(holding: Sequence[Clause], failing: Sequence[Clause]) -> Clause:
    """All of `holding` and none of `failing` hold, without a score."""
    if not holding and not failing:
        return MATCH_ALL
    if len(holding) == 1 and not failing:
        return holding[0]
    parts: dict[str, Json] = {}
    if holding:
        parts["filter"] = list(holding)
    if failing:
        parts["must_not"] = list(failing)
    return {"bool": parts}


def merged(alternatives: Iterable[Clause]) -> tuple[Clause, ...]:
    """The same alternatives, with plain terms on one field made one `terms` clause.

    >>> merged([term("a", 1), exists("b"), terms("a", [2, 3])])
    ({'terms': {'a': [1, 2, 3]}}, {'exists': {'field': 'b'}})
    """
    values: dict[str, dict[tuple[type, Scalar], Scalar]] = {}
    order: list[str | Clause] = []
    seen: set[str] = set()
    for clause in alternatives:
        plain = _plain_terms(clause)
        if plain is None:
            written = json.dumps(clause, sort_keys=True)
            if written not in seen:
                seen.add(written)
                order.append(clause)
            continue
        field, found = plain
        if field not in values:
            values[field] = {}
            order.append(field)
        values[field].update({(type(value), value): value for value in found})
    return tuple(
        terms(item, tuple(values[item].values())) if isinstance(item, str) else item
        for item in order
    )


def _plain_terms(clause: Clause) -> tuple[str, tuple[Scalar, ...]] | None:
    """Field and values of a `term` or `terms` clause without parameters."""
    fields = clause.get("term") or clause.get("terms")
    if not isinstance(fields, Mapping):
        return None
    ((field, value),) = fields.items()
    if isinstance(value, str | int | float):
        return field, (value,)
    if isinstance(value, Mapping) or not isinstance(value, Sequence):
        return None
    return field, tuple(item for item in value if isinstance(item, str | int | float))


def escaped(text: str) -> str:
    r"""`text` as a literal part of a `wildcard` pattern.

    >>> print(escaped(r"50% of a\b*?"))
    50% of a\\b\*\?
    """
    return "".join(f"\\{character}" if character in "\\*?" else character for character in text)


def count(clause: Json) -> int:
    """How many clauses a cluster counts against its limit (1,024 before Elasticsearch 8.1).

    Every leaf of the tree is one, however deep; a `terms` list is one.
    """
    match clause:
        case {"bool": {**occurrences}}:
            return sum(
                count(child)
                for children in occurrences.values()
                if isinstance(children, Sequence)
                for child in children
            )
        case _:
            return 1
