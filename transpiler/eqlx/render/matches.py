"""Matches in the forms of `eqlx run`: a table for people, NDJSON, JSON, CSV for programs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Protocol, TextIO

from eqlx.driver.records import plain, record
from eqlx.driver.run import RuleRun
from eqlx.execution import Match
from eqlx.render.cells import shown
from eqlx.render.jsonl import one_line


class Writer(Protocol):
    """Takes the runs in order, then is closed; writes as it goes where the form allows."""

    def take(self, run: RuleRun) -> None: ...
    def close(self) -> None: ...


def writer(form: str, out: TextIO) -> Writer:
    """The writer for `table`, `ndjson`, `json` or `csv`."""
    writers: dict[str, Callable[[TextIO], Writer]] = {
        "table": Table,
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
            self._out.write(f"{one_line(record(run.rule, match))}\n")
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
            self._out.write("\n" if self._is_first else ",\n")
            self._is_first = False
            self._out.write(f"  {one_line(record(run.rule, match))}")

    def close(self) -> None:
        self._out.write("]\n" if self._is_first else "\n]\n")


class Csv:
    """One row an event of a match; `match` numbers a rule's matches from 1.

    Join keys and fields are JSON. A text that a spreadsheet would run as a formula gets an
    apostrophe before it: ids and times come from events, which an attacker may have written.
    """

    COLUMNS = ("rule", "name", "kind", "match", "stage", "id", "timestamp", "missing", "join_keys",
               "fields")  # fmt: skip

    def __init__(self, out: TextIO) -> None:
        self._rows = csv.writer(out, lineterminator="\n")
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
                    ]
                )

    def close(self) -> None:
        """Nothing is left to write."""


class Table:
    """One table a rule, as wide as the terminal (80 columns where there is none)."""

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console

        self._console = Console(file=out, highlight=False, emoji=False, markup=False)

    def take(self, run: RuleRun) -> None:
        if not run.matches:
            return
        from rich import box
        from rich.table import Table as Grid
        from rich.text import Text

        count = len(run.matches)
        title = f"{run.rule.name or run.rule.label}: {count} match{'es' if count > 1 else ''}"
        grid = Grid(
            title=Text(shown(title)), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
        )
        has_keys = any(match.keys for match in run.matches)
        grid.add_column("time", no_wrap=True)
        if has_keys:
            grid.add_column("keys", overflow="fold")
        grid.add_column("events", overflow="fold")
        for match in run.matches:
            cells = [_time(match), *([_keys(match)] if has_keys else []), _events(match)]
            grid.add_row(*(Text(cell) for cell in cells))
        self._console.print(grid)

    def close(self) -> None:
        """Nothing is left to write."""


def _time(match: Match) -> str:
    """The time of the last event that is there."""
    times = [event.timestamp for event in match.events if event.timestamp is not None]
    return shown(times[-1]) if times else "-"


def _keys(match: Match) -> str:
    return ", ".join("null" if key is None else shown(str(plain(key))) for key in match.keys)


def _events(match: Match) -> str:
    names = [
        "(missing)" if event.missing else shown(str(plain(event.id))) for event in match.events
    ]
    return " → ".join(names)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value if isinstance(value, (str, int, float)) or value is None else one_line(value)
