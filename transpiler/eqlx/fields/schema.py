"""Field name to type and multiplicity: the `Schema` protocol and its combinations (spec §13.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from eqlx.fields.layout import Column
from eqlx.ir.types import FieldType


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a schema says of a field. `multivalued`: may hold several values in one event. `column`:
    its column in a table, where that is known."""

    type: FieldType
    multivalued: bool = False
    column: Column | None = None


class Schema(Protocol):
    """Answers for field names.

    `closed`: a field that `lookup` does not know is unmapped, so that `?f` on it is null. An open
    schema treats an unknown field as mapped (spec §13.3).
    """

    @property
    def closed(self) -> bool: ...

    def lookup(self, name: str) -> FieldInfo | None:
        """What is known of `name` (dotted path), or None."""
        ...

    def names(self) -> Iterable[str]:
        """All known names (for the nearest-name suggestion)."""
        ...


@dataclass(frozen=True)
class FieldList:
    """A schema from a mapping of names; user files and inferred schemas are such. `opaque`: fields whose
    values may hold others, of which nobody knows the names (a column of JSON)."""

    fields: Mapping[str, FieldInfo]
    closed: bool = True
    opaque: frozenset[str] = frozenset()

    def lookup(self, name: str) -> FieldInfo | None:
        found = self.fields.get(name)
        if found is None and any(name.startswith(f"{outer}.") for outer in self.opaque):
            return FieldInfo(FieldType.KEYWORD, multivalued=True)
        return found

    def names(self) -> Iterable[str]:
        return self.fields.keys()


@dataclass(frozen=True)
class Layered:
    """The first schema that knows a name answers; closed if any layer is."""

    layers: tuple[Schema, ...]

    @property
    def closed(self) -> bool:
        return any(layer.closed for layer in self.layers)

    def lookup(self, name: str) -> FieldInfo | None:
        for layer in self.layers:
            if (info := layer.lookup(name)) is not None:
                return info
        return None

    def names(self) -> Iterable[str]:
        return dict.fromkeys(name for layer in self.layers for name in layer.names())
