"""How events lie in columns: nested structs, flat dotted names, or one JSON column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    for. Otherwise a field that is not in `columns` has no column and reads as null. `unreadable`:
    fields that are there and that no path reads, each with the reason, in words; it holds for what
    is below them too.
    """

    kind: LayoutKind
    columns: Mapping[str, Column] | None = None
    json_column: str = "event"
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def why_unreadable(self, name: str) -> str | None:
        """The reason why `name`, or a field that it is below, cannot be read."""
        keys = name.split(".")
        above = (".".join(keys[:end]) for end in range(len(keys), 0, -1))
        return next((why for each in above if (why := self.unreadable.get(each))), None)
