"""What is known of a table before any rule: its fields and how they lie in its columns."""

from __future__ import annotations

from dataclasses import dataclass

from eqlx.fields.layout import Layout
from eqlx.fields.schema import FieldList


@dataclass(frozen=True)
class TableShape:
    """The fields of a table, typed, and its layout."""

    fields: FieldList
    layout: Layout
