"""The shapes of JSON events: which key paths occur, with which JSON types, in arrays or not.

DuckDB gives one structure a row (`json_structure`); the few distinct ones are merged here. What a
structure does not tell apart (an array that mixes types) is read from the document itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MIXED = "JSON"
"""DuckDB's word in a structure for "of several types": the document itself must be read."""

_NO_VALUE = "NULL"


@dataclass
class Place:
    """One key path of the documents as they are written, e.g. `("process", "parent.name")`.

    `depths[i]` is the deepest nesting of arrays seen under key `i`; `kinds` are DuckDB's words for
    the JSON types of the values (none: only nulls and empty arrays were seen).
    """

    keys: tuple[str, ...]
    depths: list[int]
    kinds: set[str] = field(default_factory=set)
    scalar: bool = False
    array: bool = False
    object: bool = False

    @property
    def name(self) -> str:
        """The field's dotted path."""
        return ".".join(self.keys)

    @property
    def is_plain(self) -> bool:
        """Whether every document has one scalar here, or every one an array of scalars."""
        if self.object or any(self.depths[:-1]) or self.depths[-1] > 1:
            return False
        return not (self.scalar and self.array)


class Shapes:
    """All places of a dataset, in the order in which they were first seen."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, ...], Place] = {}

    def add_structure(self, text: str) -> None:
        """Merge one result of `json_structure` that holds no `MIXED`."""
        self._add_object((), json.loads(text), (), of_structure=True)

    def add_document(self, text: str) -> None:
        """Merge one document, read as it is."""
        self._add_object((), json.loads(text), (), of_structure=False)

    def _add_object(
        self,
        keys: tuple[str, ...],
        node: Mapping[str, object],
        depths: tuple[int, ...],
        *,
        of_structure: bool,
    ) -> None:
        for key, child in node.items():
            self._add((*keys, key), child, (*depths, 0), of_structure=of_structure)

    def _add(
        self, keys: tuple[str, ...], node: object, depths: tuple[int, ...], *, of_structure: bool
    ) -> None:
        place = self.places.get(keys)
        if place is None:
            place = self.places[keys] = Place(keys, list(depths))
        place.depths = [max(pair) for pair in zip(place.depths, depths, strict=True)]
        match node:
            case dict():
                place.object = True
                self._add_object(keys, node, depths, of_structure=of_structure)
            case list():
                place.array = True  # an empty one, too, is no scalar to the reader
                deeper = (*depths[:-1], depths[-1] + 1)
                place.depths = [max(pair) for pair in zip(place.depths, deeper, strict=True)]
                for child in node:
                    self._add(keys, child, deeper, of_structure=of_structure)
            case _:
                kind = str(node) if of_structure else _kind(node)
                if kind != _NO_VALUE:
                    place.kinds.add(kind)
                    place.scalar |= depths[-1] == 0
                    place.array |= depths[-1] > 0

    def fields(self) -> dict[str, list[Place]]:
        """Field name to its places; several where it is written nested here and dotted there."""
        found: dict[str, list[Place]] = {}
        for place in self.places.values():
            if place.kinds or place.array:  # arrays of nothing but nulls are read as arrays, too
                found.setdefault(place.name, []).append(place)
        return {name: places for name, places in found.items() if any(p.kinds for p in places)}


def _kind(value: object) -> str:
    """The word that `json_structure` has for a JSON value."""
    match value:
        case None:
            return _NO_VALUE
        case bool():
            return "BOOLEAN"
        case int():
            return "UBIGINT" if value >= 0 else "BIGINT"
        case float():
            return "DOUBLE"
        case _:
            return "VARCHAR"


def element_type(kinds: Iterable[str], *, wide: bool) -> str:
    """The DuckDB type that holds values of these JSON types without loss.

    `wide`: the data may hold whole numbers beyond 64 signed bits. Mixtures become text, as
    Elasticsearch's keyword fields index them.
    """
    kinds = set(kinds)
    if kinds <= {"UBIGINT", "BIGINT"}:
        return "HUGEINT" if wide else "BIGINT"
    if len(kinds) == 1:
        return kinds.pop()
    return "VARCHAR"
