"""The shapes of JSON events: which key paths occur, with which JSON types, in arrays or not.

DuckDB gives one structure a row (`json_structure`); the few distinct ones are merged here. What a
structure does not tell apart (an array that mixes types) is read from the document itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eqlx.execution import TooManyFieldsError
from eqlx.fields import infer

MIXED = "JSON"
"""DuckDB's word in a structure for "of several types": the document itself must be read."""

_NO_VALUE = "NULL"
_LONGEST_NAME = 200


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
    """All places of a dataset, in the order in which they were first seen; `depth`, the deepest
    nesting. Raises `TooManyFieldsError` when there are too many."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, ...], Place] = {}
        self.depth = 1
        self._fields = 0

    def add_structure(self, text: str) -> None:
        """Merge one result of `json_structure` that holds no `MIXED`."""
        self._add(json.loads(text), of_structure=True)

    def add_document(self, document: Mapping[str, object]) -> None:
        """Merge one document, read as it is."""
        self._add(document, of_structure=False)

    def _add(self, whole: Mapping[str, object], *, of_structure: bool) -> None:
        # A stack of our own: a document may nest deeper than Python's recursion goes.
        stack: list[tuple[tuple[str, ...], object, tuple[int, ...]]] = [
            ((key,), child, (0,)) for key, child in reversed(list(whole.items()))
        ]
        while stack:
            keys, node, depths = stack.pop()
            self.depth = max(self.depth, len(keys) + sum(depths))
            place = self._place(keys, depths)
            match node:
                case dict():
                    place.object = True
                    self.depth = max(self.depth, len(keys) + sum(depths) + 1)
                    children = [((*keys, key), child, (*depths, 0)) for key, child in node.items()]
                    stack.extend(reversed(children))
                case list():
                    place.array = True  # an empty one, too, is no scalar to the reader
                    deeper = (*depths[:-1], depths[-1] + 1)
                    self._place(keys, deeper)
                    stack.extend((keys, child, deeper) for child in reversed(node))
                case _:
                    self._fields += not place.kinds
                    _add_scalar(place, str(node) if of_structure else _kind(node), depths[-1])

    def _check_number(self) -> None:
        """Objects are places, too, so that there may be more places than fields."""
        limit = infer.MAX_FIELDS
        if len(self.places) > 2 * limit or self._fields > limit:
            keys = next(reversed(self.places))
            raise TooManyFieldsError(limit, ".".join(keys)[:_LONGEST_NAME])

    def _place(self, keys: tuple[str, ...], depths: tuple[int, ...]) -> Place:
        place = self.places.get(keys)
        if place is None:
            place = self.places[keys] = Place(keys, list(depths))
            self._check_number()
        place.depths = [max(pair) for pair in zip(place.depths, depths, strict=True)]
        return place

    def fields(self) -> dict[str, list[Place]]:
        """Field name to its places; several where it is written nested here and dotted there."""
        found: dict[str, list[Place]] = {}
        for place in self.places.values():
            if place.kinds or place.array:  # arrays of nothing but nulls are read as arrays, too
                found.setdefault(place.name, []).append(place)
        return {name: places for name, places in found.items() if any(p.kinds for p in places)}


def _add_scalar(place: Place, kind: str, depth: int) -> None:
    if kind != _NO_VALUE:
        # Whole numbers below zero and above in one array.
        place.kinds.update(("UBIGINT", "BIGINT") if kind == "HUGEINT" else (kind,))
        place.scalar |= depth == 0
        place.array |= depth > 0


def _kind(value: object) -> str:
    """The word that `json_structure` has for a JSON value."""
    match value:
        case None:
            return _NO_VALUE
        case bool():
            return "BOOLEAN"
        case int():
            if not -(2**63) <= value < 2**64:
                return "DOUBLE"
            return "UBIGINT" if value >= 0 else "BIGINT"
        case float():
            return "DOUBLE"
        case _:
            return "VARCHAR"


def element_type(kinds: Iterable[str], *, wide: bool) -> str:
    """The DuckDB type that holds values of these JSON types without loss.

    `wide`: the field holds whole numbers beyond 64 signed bits. Mixtures become text, as
    Elasticsearch's keyword fields index them.
    """
    kinds = set(kinds)
    if kinds <= {"UBIGINT", "BIGINT"}:
        return "HUGEINT" if wide else "BIGINT"
    if len(kinds) == 1:
        return kinds.pop()
    return "VARCHAR"
