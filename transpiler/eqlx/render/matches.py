"""Matches in the forms of `eqlx run` for programs: NDJSON, JSON, CSV; `render.table` is for people."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Protocol, TextIO

from eqlx.driver.records import plain, record
from eqlx.driver.run import RuleRun
from eqlx.render.jsonl import one_line
from eqlx.render.screen import screen


class Writer(Protocol):
    """Takes the runs in order, then is closed; writes as it goes where the form allows."""

    def take(self, run: RuleRun) -> None: ...
    def close(self) -> None: ...


def writer(form: str, out: TextIO) -> Writer:
    """The writer for `table`, `ndjson`, `json` or `csv`."""
    if form == "table":
        from eqlx.render.table import Table

        return Table(out)
    writers: dict[str, Callable[[TextIO], Writer]] = {
        "ndjson": Ndjson,
        "json": Json,
        "csv": Csv,
    }
    return writers[form](out)


class Ndjson:
    """One record a line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def take(self, run: RuleRun) -> None:
        for match in run.matches:
            self._out.write(f"{one_line(record(run.rule, match, run.applied))}\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing is left to write."""


class Json:
    """One array of all records."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_first = True
        out.write("[")

    def take(self, run: RuleRun) -> None:
        for match in run.matches:
            # In one piece: Ctrl-C must not leave half an element.
            line = one_line(record(run.rule, match, run.applied))
            self._out.write(f"\n  {line}" if self._is_first else f",\n  {line}")
            self._is_first = False

    def close(self) -> None:
        self._out.write("]\n" if self._is_first else "\n]\n")


class Csv:
    """One row an event of a match; `match` numbers a rule's matches from 1.

    Join keys and fields are JSON. A text that a spreadsheet would run as a formula gets an
    apostrophe before it: ids and times come from events, which an attacker may have written.
    """

    COLUMNS = ("rule", "name", "kind", "match", "stage", "id", "timestamp", "missing", "join_keys",
               "fields", "applicability")  # fmt: skip

    def __init__(self, out: TextIO) -> None:
        self._out = screen(out)
        self._rows = csv.writer(self._out, lineterminator="\n")
        self._rows.writerow(self.COLUMNS)

    def take(self, run: RuleRun) -> None:
        for number, match in enumerate(run.matches, 1):
            keys = one_line([plain(key) for key in match.keys])
            for event in match.events:
                self._rows.writerow(
                    [
                        _cell(run.rule.label),
                        _cell(run.rule.name),
                        match.kind.value,
                        number,
                        event.stage,
                        _cell(plain(event.id)),
                        _cell(event.timestamp),
                        one_line(event.missing),
                        keys,
                        one_line(plain(event.fields)),
                        ""
                        if run.applied is None
                        else f"{run.applied.grade.value}{run.applied.words}",
                    ]
                )

    def close(self) -> None:
        """Nothing is left to write."""


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value if isinstance(value, (str, int, float)) or value is None else one_line(value)
