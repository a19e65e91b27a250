"""Events as rows of text: CSV and TSV with a line of names, Kibana's CSV export, Zeek's TSV logs.

Every value is a string; a field's type converts it, as Elasticsearch converts a string for a number. An empty
value is no value. A list of scalars in JSON is a list. Kibana writes times as `May 1, 2024 @ 10:00:00.000`,
in the time zone of the browser: they are read as UTC, and that is said.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from eqlx.events.strict import MAX_EVENT
from eqlx.execution import Event
from eqlx.meaning.dates import iso_text

_ZEEK = "#separator"
_UNSET = frozenset({"", "-", "(empty)"})
_KIBANA = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d{2}:\d{2}:\d{2}\.\d{3}")
_NAME = re.compile(r"[@\w][\w@.\- ]*")
_SUFFIXES = {".csv": ",", ".tsv": "\t", ".log": "\t", ".txt": ","}

Fault = Callable[[str, int], None]
"""Takes what is wrong with a line, and its number."""


def delimiter_of(start: str, suffix: str) -> str | None:
    """The delimiter of a table that begins so; None if it is no table.

    A file of another name than `.csv` or `.tsv` must have names with dots in its first line, or `@timestamp`.
    """
    if start.startswith(_ZEEK):
        return "\t"
    first = start.partition("\n")[0].strip("\r")
    for delimiter in dict.fromkeys((_SUFFIXES.get(suffix, ","), ",", "\t", ";")):
        try:
            names = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(names) < 2 or not all(_NAME.fullmatch(name.strip()) for name in names):
            continue
        if suffix in {".csv", ".tsv"} or any("." in name or name == "@timestamp" for name in names):
            return delimiter
    return None


class TableReader:
    """The rows of a table as events. `kibana_times`: whether a time in Kibana's form was read."""

    def __init__(self, source: BinaryIO, delimiter: str, fault: Fault) -> None:
        self._text = io.TextIOWrapper(source, "utf-8", newline="")
        self._delimiter = delimiter
        self._fault = fault
        self.kibana_times = False

    def close(self) -> None:
        """Let go of the source, which is the caller's to close."""
        self._text.detach()

    def events(self) -> Iterator[Event]:
        """The events, in order. A row that does not fit the line of names is a fault."""
        csv.field_size_limit(MAX_EVENT)
        start = self._text.read(len(_ZEEK))
        lines = _Lines(self._text, start)
        if start == _ZEEK:
            yield from self._zeek(lines)
            return
        rows = csv.reader(lines, delimiter=self._delimiter)
        try:
            names = [name.strip() for name in next(rows, [])]
        except csv.Error as error:
            self._fault(f"broken CSV: {error}", 1)
            return
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            self._fault(f"the column `{twice}` stands twice in the line of names", 1)
            return
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                self._fault(f"broken CSV: {error}", rows.line_num)
                continue
            if len(row) != len(names):
                if row:
                    self._fault(
                        f"the row has {len(row)} values for {len(names)} columns", rows.line_num
                    )
                continue
            pairs = zip(names, row, strict=True)
            yield {name: self._value(text) for name, text in pairs if text not in ("", "-")}

    def _zeek(self, lines: Iterator[str]) -> Iterator[Event]:
        names: list[str] = []
        kinds: list[str] = []
        for number, line in enumerate(lines, 1):
            parts = line.rstrip("\r\n").split("\t")
            if parts[0] == "#fields":
                names = parts[1:]
            elif parts[0] == "#types":
                kinds = parts[1:]
            elif line.startswith("#") or not line.strip():
                continue
            elif len(parts) != len(names):
                self._fault(f"the row has {len(parts)} values for {len(names)} columns", number)
            else:
                typed = zip(names, parts, [*kinds, *[""] * (len(names) - len(kinds))], strict=True)
                yield {name: _zeek_value(text, k) for name, text, k in typed if text not in _UNSET}

    def _value(self, text: str) -> object:
        if text.startswith("["):
            try:
                found = json.loads(text)
            except ValueError:
                return text
            scalars = isinstance(found, list) and not any(isinstance(v, list | dict) for v in found)
            return found if scalars else text
        if _KIBANA.fullmatch(text):
            try:
                moment = datetime.strptime(text, "%b %d, %Y @ %H:%M:%S.%f")  # noqa: DTZ007 - said to be UTC
            except ValueError:
                return text
            self.kibana_times = True
            return f"{moment.isoformat(timespec='milliseconds')}Z"
        return text


def _zeek_value(text: str, kind: str) -> object:
    """A value by the type that the log's own line of types gives; text that is none of it stays text."""
    if kind.startswith(("set[", "vector[")):
        inner = kind.partition("[")[2].rstrip("]")
        return [_zeek_value(each, inner) for each in text.split(",")]
    try:
        if kind in {"count", "int", "port"}:
            return int(text)
        if kind == "time":
            return iso_text(int(Decimal(text) * 10**9))
        if kind in {"interval", "double"}:
            return float(text)
    except (ValueError, ArithmeticError):
        return text
    return {"T": True, "F": False}.get(text, text) if kind == "bool" else text


class _Lines:
    """The lines of a text of which a start was read already."""

    def __init__(self, text: io.TextIOWrapper, start: str) -> None:
        self._text = text
        self._start = start

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        end = self._start.find("\n") + 1
        if end:  # the start holds whole lines
            line, self._start = self._start[:end], self._start[end:]
            return line
        line = self._start + self._text.readline(MAX_EVENT)
        self._start = ""
        if not line:
            raise StopIteration
        return line
