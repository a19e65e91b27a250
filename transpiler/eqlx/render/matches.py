"""Matches in the forms of `eqlx run` for programs: NDJSON and JSON (`render.tabular`: CSV and Parquet);
`render.table` is for people."""

from __future__ import annotations

from typing import Protocol, TextIO

from eqlx.driver.records import record
from eqlx.driver.run import RuleRun
from eqlx.render.jsonl import one_line
from eqlx.render.view import View


class Writer(Protocol):
    """Takes the runs in order, then is closed; writes as it goes where the form allows."""

    def take(self, run: RuleRun) -> None: ...
    def close(self) -> None: ...


def writer(form: str, out: TextIO, view: View) -> Writer:
    """The writer for `table`, `ndjson`, `json` or `csv`."""
    if form == "table":
        from eqlx.render.table import Table

        return Table(out, view)
    if form == "csv":
        from eqlx.render.tabular import Csv

        return Csv(out, view.fields)
    return Json(out) if form == "json" else Ndjson(out)


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
