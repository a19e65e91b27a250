"""Matches as rows, one an event, with a column for each field: CSV and Parquet.

Which fields there are is known at the end: the rows wait in a temporary file, not in memory.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from eqlx.driver.records import plain
from eqlx.driver.run import RuleRun
from eqlx.execution import WritesTables
from eqlx.fields.documents import flatten
from eqlx.render.jsonl import one_line
from eqlx.render.screen import screen

COLUMNS = {
    "rule": "VARCHAR",
    "name": "VARCHAR",
    "kind": "VARCHAR",
    "match": "BIGINT",
    "stage": "BIGINT",
    "id": "VARCHAR",
    "timestamp": "VARCHAR",
    "missing": "BOOLEAN",
    "join_keys": "VARCHAR",
    "applicability": "VARCHAR",
}
"""The columns before the fields, with their types in DuckDB. `match` numbers a rule's matches from 1; join
keys are JSON."""

Cells = dict[str, object]
Fields = dict[str, list[object]]
_LONG = range(-(2**63), 2**63)


def rows_of(run: RuleRun) -> Iterator[tuple[Cells, Fields]]:
    """A row for each event of the matches: the cells of `COLUMNS`, and the event's fields."""
    applied = "" if run.applied is None else f"{run.applied.grade.value}{run.applied.words}"
    for number, match in enumerate(run.matches, 1):
        keys = one_line([plain(key) for key in match.keys])
        for event in match.events:
            named = (run.rule.label, run.rule.name, match.kind.value, number, event.stage)
            cells = (*named, plain(event.id), event.timestamp, event.missing, keys, applied)
            fields = {} if event.missing else flatten(event.fields)
            yield (
                dict(zip(COLUMNS, cells, strict=True)),
                {name: [plain(value) for value in values] for name, values in fields.items()},
            )


class Waiting:
    """Rows in a temporary file, and the kinds of values of each field."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 closed by `close`
        self.kinds: dict[str, set[str]] = {}

    def take(self, run: RuleRun) -> None:
        """Keep the rows of a rule."""
        for cells, fields in rows_of(run):
            for name, values in fields.items():
                kinds = self.kinds.setdefault(name, set())
                kinds.update(map(_kind, values))
                if len(values) > 1:
                    kinds.add("list")
            self._file.write(f"{json.dumps((cells, fields))}\n")

    def __iter__(self) -> Iterator[tuple[Cells, Fields]]:
        self._file.seek(0)
        for line in self._file:
            cells, fields = json.loads(line)
            yield cells, fields

    @property
    def names(self) -> Sequence[str]:
        """The fields, by name."""
        return sorted(self.kinds)

    def close(self) -> None:
        self._file.close()


def headings(names: Sequence[str]) -> list[str]:
    """The columns of fields, no two of which have one name, letter case aside: a field that has the name
    of a column of `COLUMNS` or of another field gets another.

    >>> headings(["a", "A", "rule", ""])
    ['a', 'A_2', 'event.rule', '_']
    """
    taken, found = set(COLUMNS), []
    for name in names:
        wanted = f"event.{name}" if name.lower() in COLUMNS else name or "_"
        made, number = wanted, 1
        while made.lower() in taken:
            number += 1
            made = f"{wanted}_{number}"
        taken.add(made.lower())
        found.append(made)
    return found


def _kind(value: object) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int() if value in _LONG:
            return "BIGINT"
        case float():
            return "DOUBLE"
        case _:
            return "VARCHAR"


class Csv:
    """One row an event of a match, one column a field (`fields`: these alone). Several values are JSON.

    A text that a spreadsheet would run as a formula gets an apostrophe before it: ids, times and values
    come from events, which an attacker may have written.
    """

    def __init__(self, out: TextIO, fields: Sequence[str] = ()) -> None:
        self._rows = csv.writer(screen(out), lineterminator="\n")
        self._fields = fields
        self._waiting = None if fields else Waiting()
        if fields:
            self._rows.writerow((*COLUMNS, *headings(fields)))

    def take(self, run: RuleRun) -> None:
        """Take in what a rule found."""
        if self._waiting is not None:
            self._waiting.take(run)
            return
        for cells, fields in rows_of(run):
            self._write(cells, fields, self._fields)

    def close(self) -> None:
        """Write what waited."""
        if self._waiting is None:
            return
        names = self._waiting.names
        self._rows.writerow((*COLUMNS, *headings(names)))
        for cells, fields in self._waiting:
            self._write(cells, fields, names)
        self._waiting.close()

    def _write(self, cells: Cells, fields: Fields, names: Sequence[str]) -> None:
        values = (fields.get(name, ()) for name in names)
        shown = (None if not v else v[0] if len(v) == 1 else one_line(v) for v in values)
        self._rows.writerow([*map(_cell, cells.values()), *map(_cell, shown)])


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    if isinstance(value, bool):
        return one_line(value)
    return value if isinstance(value, (str, int, float)) or value is None else one_line(value)


class Parquet:
    """The rows of `Csv` as a Parquet file with typed columns; a field of several kinds, or with whole numbers
    beyond 64 bits, is text."""

    def __init__(self, file: Path, engine: WritesTables, fields: Sequence[str] = ()) -> None:
        self._file = file
        self._engine = engine
        self._fields = fields
        self._waiting = Waiting()

    def take(self, run: RuleRun) -> None:
        """Take in what a rule found."""
        self._waiting.take(run)

    def close(self) -> None:
        """Write the file, whole or not at all."""
        names = tuple(dict.fromkeys(self._fields)) or self._waiting.names
        types = {name: _type(self._waiting.kinds.get(name, set())) for name in names}
        columns = headings(names)
        with tempfile.TemporaryDirectory(prefix="eqlx-") as folder:
            rows = Path(folder, "rows.ndjson")
            with rows.open("w", encoding="utf-8") as out:
                for cells, fields in self._waiting:
                    typed = {
                        heading: _typed(fields.get(name, []), types[name])
                        for heading, name in zip(columns, names, strict=True)
                    }
                    cells["id"] = None if cells["id"] is None else str(cells["id"])
                    out.write(f"{json.dumps({**cells, **typed})}\n")
            self._waiting.close()
            made = dict(zip(columns, types.values(), strict=True))
            self._engine.write_parquet(rows, {**COLUMNS, **made}, self._file)


def _type(kinds: set[str]) -> str:
    scalar = kinds - {"list"}
    if scalar == {"BIGINT", "DOUBLE"}:
        scalar = {"DOUBLE"}
    kind = scalar.pop() if len(scalar) == 1 else "VARCHAR"
    return f"{kind}[]" if "list" in kinds else kind


def _typed(values: Sequence[object], kind: str) -> object:
    made = [_one(value, kind) for value in values]
    if kind.endswith("[]"):
        return made or None
    return made[0] if made else None


def _one(value: object, kind: str) -> object:
    """A value as a column of a type has it."""
    if not kind.startswith("VARCHAR") or isinstance(value, str) or value is None:
        return value
    return one_line(value)
