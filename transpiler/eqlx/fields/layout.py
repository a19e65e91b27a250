"""How events lie in columns: nested structs, flat dotted names, or one JSON column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class LayoutKind(Enum):
    """NESTED: `process.name` is struct access. FLAT: a column named "process.name". JSON: one
    column (`json_column`) holds the event; a field is a path in it, nested or dotted."""

    NESTED = "nested"
    FLAT = "flat"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """A field's real column: `type` is the element type in DuckDB's words (`VARCHAR`, `BIGINT`,
    `DOUBLE`, `BOOLEAN`, `TIMESTAMP` …); `is_list` says whether it is a list of that. `path`: where it
    is, as a column's name and those of struct fields below it, if not where the layout has it."""

    type: str
    is_list: bool
    path: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Layout:
    """A layout and, where the data is known, its columns by field name.

    `columns` None: nothing is known, every field has the column that its type in the schema asks
    for. Otherwise a field that is not in `columns` has no column and reads as null.
    """

    kind: LayoutKind
    columns: Mapping[str, Column] | None = None
    json_column: str = "event"
