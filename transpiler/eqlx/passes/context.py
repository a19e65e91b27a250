"""What passes are given beside the query."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqlx.diagnostics import Report
from eqlx.fields.schema import Schema
from eqlx.target import EventModel


@dataclass(frozen=True)
class Context:
    """`size`: the implicit limit that an explicit `--size` asks for (spec §13.5), else None."""

    schema: Schema
    report: Report
    model: EventModel = field(default_factory=EventModel)
    size: int | None = None
