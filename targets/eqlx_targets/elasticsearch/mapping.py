"""Index mappings: the fields of a schema as Elasticsearch's `properties`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from eqlx.fields.schema import FieldInfo
from eqlx.ir.types import FieldType
from eqlx_targets.elasticsearch.clauses import Json

Property = Mapping[str, Json]

LONGEST_KEYWORD = 8191
"""Characters; Lucene keeps no term of more than 32,766 bytes."""

_KEYWORD: Property = {"type": "keyword", "ignore_above": LONGEST_KEYWORD}


def property_of(info: FieldInfo) -> Property:
    """The mapping of one field; a text field has its exact form in `.keyword` (spec §2)."""
    match info.type:
        case FieldType.KEYWORD | FieldType.UNRESOLVED:
            return _KEYWORD
        case FieldType.TEXT:
            return {"type": "text", "fields": {"keyword": _KEYWORD}}
        case FieldType.UNSUPPORTED:
            return {"type": "object", "enabled": False}
        case kind:
            return {"type": kind.value}


def without_versions(info: FieldInfo) -> FieldInfo:
    """The field for OpenSearch 2, which has no type for versions. Comparisons of versions are refused
    for it, so that what is left of such a field is a keyword."""
    return replace(info, type=FieldType.KEYWORD) if info.type is FieldType.VERSION else info


def properties(
    fields: Mapping[str, FieldInfo], make: Callable[[FieldInfo], Property] = property_of
) -> dict[str, Json]:
    """Nested `properties` for dotted names, in the order of the names. `conflict` must be None."""
    return nested({name: make(info) for name, info in fields.items()})


def nested(fields: Mapping[str, Property]) -> dict[str, Json]:
    """`properties` within `properties` for the mappings of dotted names; `flat` undoes it.

    >>> nested({"a.b": {"type": "ip"}})
    {'a': {'properties': {'b': {'type': 'ip'}}}}
    """
    inner: dict[str, dict[str, Property]] = {}
    found: dict[str, Json] = {}
    for name, one in fields.items():
        first, _, rest = name.partition(".")
        if rest:
            inner.setdefault(first, {})[rest] = one
        else:
            found[first] = one
    for first, below in inner.items():
        found[first] = {"properties": nested(below)}
    return dict(sorted(found.items()))


def flat(properties: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Property]]:
    """The mappings of fields by dotted name, from nested `properties`."""
    for name, one in properties.items():
        if "type" in one:
            yield outer + name, one
        else:
            yield from flat(one["properties"], f"{outer}{name}.")


def conflict(fields: Iterable[str]) -> tuple[str, str] | None:
    """Two names of which one lies below the other, which no mapping can hold; None if none do.

    >>> conflict(["user", "user.name"])
    ('user', 'user.name')
    """
    names = set(fields)
    for name in sorted(names):
        parts = name.split(".")
        for length in range(1, len(parts)):
            if (outer := ".".join(parts[:length])) in names:
                return outer, name
    return None


def is_addressable(name: str) -> bool:
    """Whether an index can hold a field of this name: no empty part, no blank part."""
    return bool(name) and all(part.strip() for part in name.split("."))
