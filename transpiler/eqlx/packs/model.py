"""What a pack says: how its records are recognised, and what each ECS field is made of.

Nothing here knows SQL. A target compiles a pack to a projection in its own tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self, runtime_checkable


class Kind(Enum):
    """The type of a value."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw value, by its keys from the top of the record; text, whatever its JSON type is."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A raw value below the shape's bag, by its keys from there."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A value that every shape of a family gives under one name (`$id`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, or several."""

    value: str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """A value function by its name (`FUNCTIONS`)."""

    function: str
    arguments: tuple[Value, ...]


Value = Raw | Own | Header | Constant | Apply

FUNCTIONS: Mapping[str, tuple[int | None, Kind]] = {
    "address": (1, Kind.TEXT),
    "args": (1, Kind.TEXTS),
    "args_count": (1, Kind.INTEGER),
    "base_name": (1, Kind.TEXT),
    "boolean": (1, Kind.BOOLEAN),
    "digits": (1, Kind.TEXT),
    "direction": (1, Kind.TEXT),
    "directory": (1, Kind.TEXT),
    "domain": (1, Kind.TEXT),
    "extension": (1, Kind.TEXT),
    "first": (None, Kind.TEXT),
    "hash": (2, Kind.TEXT),
    "hive": (1, Kind.TEXT),
    "host_name": (1, Kind.TEXT),
    "integer": (1, Kind.INTEGER),
    "integrity": (1, Kind.TEXT),
    "join": (None, Kind.TEXT),
    "logon_type": (1, Kind.TEXT),
    "lower": (1, Kind.TEXT),
    "map_text": (1, Kind.TEXT),
    "outcome": (1, Kind.TEXT),
    "present": (3, Kind.TEXT),
    "registry_data": (1, Kind.TEXTS),
    "registry_key": (1, Kind.TEXT),
    "sid_of_name": (1, Kind.TEXT),
    "time": (None, Kind.TIME),
    "texts": (1, Kind.TEXTS),
    "transport": (1, Kind.TEXT),
    "trusted": (1, Kind.BOOLEAN),
    "uri_path": (1, Kind.TEXT),
    "uri_query": (1, Kind.TEXT),
    "user_name": (1, Kind.TEXT),
    "when": (3, Kind.TEXT),
    "within": (2, Kind.TEXT),
    "words": (1, Kind.TEXTS),
    "words_count": (1, Kind.INTEGER),
    "xml_attribute": (3, Kind.TEXT),
    "xml_element": (2, Kind.TEXT),
}
"""How many arguments each value function takes (None: one or more), and what it gives."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which records lie: keys that all must have a value, where the bag of their own
    names is, and the headers. `is_text`: the bag is a string that holds JSON or XML (`within`)."""

    name: str
    has: tuple[tuple[str, ...], ...]
    bag: tuple[str, ...]
    headers: Mapping[str, Value]
    is_text: bool = False

    def own(self, keys: tuple[str, ...]) -> Value:
        """The value of the bag with these keys."""
        if self.is_text:
            return Apply("within", (Raw(self.bag), Constant(".".join(keys))))
        return Raw((*self.bag, *keys))


@dataclass(frozen=True, slots=True)
class Events:
    """What holds for the events with these ids alone. A field that is None has no value there."""

    ids: tuple[str, ...]
    fields: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Pack:
    """A mapping of one source.

    `when`: values (without letter case) that the shape's headers have in records of this source.
    `id`: the header that `events` are told apart by. `empty`: texts that stand for no value.
    `keeps`: the records are ECS events already; the pack adds what they lack.
    """

    name: str
    summary: str
    shapes: tuple[Shape, ...]
    when: Mapping[str, tuple[str, ...]]
    empty: tuple[str, ...]
    fields: Mapping[str, Value]
    events: tuple[Events, ...]
    keeps: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every ECS field that the pack can give, in order."""
        found = dict.fromkeys(self.fields)
        for each in self.events:
            found.update(dict.fromkeys(name for name, value in each.fields.items() if value))
        return tuple(found)

    def kind(self, name: str) -> Kind:
        """The type of a field: texts where any of its values is a list."""
        values = [self.fields.get(name), *(each.fields.get(name) for each in self.events)]
        kinds = {kind_of(value) for value in values if value is not None}
        if Kind.TEXTS in kinds:
            return Kind.TEXTS
        return kinds.pop() if len(kinds) == 1 else Kind.TEXT


def kind_of(value: Value) -> Kind:
    """The type of a value."""
    if isinstance(value, Apply):
        return FUNCTIONS[value.function][1]
    if isinstance(value, Constant) and isinstance(value.value, tuple):
        return Kind.TEXTS
    return Kind.TEXT


def raws(value: Value, shape: Shape) -> Iterator[tuple[str, ...]]:
    """The keys of every raw value that `value` reads in a shape."""
    match value:
        case Raw():
            yield value.keys
        case Own():
            yield from raws(shape.own(value.keys), shape)
        case Header():
            header = shape.headers.get(value.name)
            if header is not None:
                yield from raws(header, shape)
        case Apply():
            for argument in value.arguments:
                yield from raws(argument, shape)
        case Constant():
            pass


@runtime_checkable
class TakesPacks(Protocol):
    """What an executor may add: it maps raw events with packs before it searches them."""

    def with_packs(self, packs: tuple[Pack, ...]) -> Self:
        """The executor, with these packs for the records that they recognise."""
        ...


@runtime_checkable
class ProjectsPacks(Protocol):
    """What a target may have beside `Target`: it prints a pack as a view over a raw table."""

    def pack_view(
        self, pack: Pack, shape: Shape, table: str, columns: frozenset[str] | None, dialect: str
    ) -> str:
        """The statement that makes the view. `columns`: the raw table's, in lower case, where they
        are known; a raw name that is none of them reads as null.

        Raises:
            EqlxError: the table's name is none.
        """
        ...
