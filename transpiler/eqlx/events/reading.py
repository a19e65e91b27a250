"""The events of a file one by one, in bounded memory, each fault at its line."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from eqlx.events.files import EventFile, FileKind, open_file, reason_of
from eqlx.events.strict import (
    MAX_EVENT,
    FaultyEventError,
    broken,
    checked,
    decoder,
    parse_event,
)
from eqlx.events.tables import TableReader
from eqlx.execution import DatasetError, Event

_RECORDS = frozenset({"Records", "records", "events", "value"})
_SPLUNK = frozenset({"preview", "offset", "lastrow", "result"})
_CHUNK = 1024 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass
class Broken:
    """What is done with a broken event: raised, or counted where `skip` is set."""

    skip: bool = False
    count: int = 0
    first: DatasetError | None = None
    kibana_times: bool = False
    """Whether times in the form of Kibana's CSV export were read, as UTC."""

    def take(self, error: DatasetError) -> None:
        """Raise `error`, or count it."""
        if not self.skip:
            raise error
        self.count += 1
        self.first = self.first or error


def read_events(paths: Iterable[Path], broken_events: Broken | None = None) -> list[Event]:
    """The events of JSON files, in order. See `events_of`."""
    faults = broken_events or Broken()
    return [event for path in paths for event in events_of(open_file(path), faults)]


def events_of(file: EventFile, faults: Broken) -> Iterator[Event]:
    """The events of a JSON file, in order.

    Raises:
        DatasetError: the file cannot be read or is Parquet; an event is broken and not skipped.
    """
    if file.kind is FileKind.PARQUET:
        message = "it is Parquet, which this engine does not read: use `--engine duckdb`"
        raise DatasetError(message, file.path)
    try:
        with file.open() as source:
            if file.kind is FileKind.TABLE:
                yield from _rows(source, file, faults)
                return
            events = _Reader(source, file.path, faults).events(file.kind)
            yield from (
                chain.from_iterable(map(_documents, events)) if file.may_hold_hits else events
            )
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DatasetError(reason_of(error), file.path) from error


def _rows(source: BinaryIO, file: EventFile, faults: Broken) -> Iterator[Event]:
    def fault(message: str, line: int) -> None:
        faults.take(DatasetError(message, file.path, line))

    reader = TableReader(source, file.delimiter, fault)
    try:
        yield from reader.events()
    finally:
        faults.kibana_times |= reader.kibana_times
        reader.close()


def _documents(event: Event) -> Sequence[Event]:
    """The documents of a hit, of an answer to a search, of a list of records, or the event itself.

    No document in Elasticsearch has a field `_source`, so that nothing else can be meant. Records are taken out of
    an object that has nothing else.
    """
    if len(event) == 1:
        [(name, records)] = event.items()
        if name in _RECORDS and isinstance(records, list) and records:
            return records if all(isinstance(each, dict) for each in records) else (event,)
    result = event.get("result")
    if isinstance(result, dict) and event.keys() <= _SPLUNK:
        return (result,)
    source, answer = event.get("_source"), event.get("hits")
    if isinstance(source, dict):
        return (_named(source, event),)
    hits = answer.get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list):
        return (event,)
    documents = [
        _named(source, hit)
        for hit in hits
        if isinstance(hit, dict) and isinstance(source := hit.get("_source"), dict)
    ]
    return documents if len(documents) == len(hits) else (event,)


def _named(source: dict[str, object], hit: Event) -> Event:
    """A hit's document with the hit's `_id`, so that `--id-field _id` finds it."""
    name = hit.get("_id")
    return {"_id": name, **source} if isinstance(name, str) else source


@dataclass
class _Reader:
    source: BinaryIO
    path: Path
    faults: Broken
    line: int = 1
    rest: list[bytes] = field(default_factory=list)

    def events(self, kind: FileKind) -> Iterator[Event]:
        if kind is FileKind.VALUES:
            yield from self._values("")
            return
        first = self._first_line()
        # One object over several lines is no broken line, as long as it is whole.
        if first and self._opens_a_value(first):
            yield from self._values(self._taken())
        else:
            yield from self._lines()

    def _first_line(self) -> bytes:
        """The first line that is not blank; it stays to be read."""
        while line := self.source.readline(MAX_EVENT + 1):
            self.rest.append(line)
            if line.strip():
                return line
        return b""

    def _opens_a_value(self, first: bytes) -> bool:
        """Whether the first line begins an object that ends in a later line."""
        try:
            parse_event(first)
        except FaultyEventError:
            pass
        else:
            return False
        data = b"".join(self.rest)
        wanted = 2 * len(data) + 4096
        while True:
            while len(data) < wanted and (more := self.source.readline(MAX_EVENT)):
                self.rest.append(more)
                data += more
            try:
                text = data.decode()
                decoder().raw_decode(text, _skip(text, 0))
            except json.JSONDecodeError:
                if len(data) < wanted or wanted > MAX_EVENT:
                    return False
                wanted *= 4
            except (ValueError, RecursionError):
                return False
            else:
                return True

    def _taken(self) -> str:
        taken = b"".join(self.rest).decode()
        self.rest.clear()
        return taken

    def _lines(self) -> Iterator[Event]:
        for line in self._each_line():
            if line.strip():
                try:
                    yield parse_event(line)
                except FaultyEventError as error:
                    self._fault(str(error), self.line)
            self.line += 1

    def _each_line(self) -> Iterator[bytes]:
        yield from self.rest
        # A line without an end must not fill the memory: what is too long is cut, and refused.
        while line := self.source.readline(MAX_EVENT + 1):
            size = len(line)
            while not line.endswith(b"\n") and size > MAX_EVENT:
                more = self.source.readline(MAX_EVENT)
                if not more or more.endswith(b"\n"):
                    break
            yield line

    def _values(self, text: str) -> Iterator[Event]:
        """Objects, and the objects of arrays, whatever the lines."""
        buffer = _Buffer(self.source, text)
        depth = 0
        while buffer.skip_space():
            here = buffer.text[buffer.at]
            if here == "[" and depth == 0:
                depth, buffer.at = 1, buffer.at + 1
                if buffer.skip_space() and buffer.text[buffer.at] == "]":
                    depth, buffer.at = 0, buffer.at + 1
                continue
            place = buffer.line
            try:
                value, text = buffer.value()
                yield checked(value, text)
            except FaultyEventError as error:
                self._fault(str(error), place)
            except json.JSONDecodeError as error:
                self._end(broken(error, buffer.text), buffer.line_of(error.pos))
            if depth:
                depth = self._after_element(buffer)
        if depth:
            self._end("broken JSON: the array is not closed", buffer.line)

    def _after_element(self, buffer: _Buffer) -> int:
        """Past the comma or the bracket; the depth after it."""
        if not buffer.skip_space():
            return 1
        here = buffer.text[buffer.at]
        if here not in ",]":
            self._end("broken JSON: expecting `,` or `]`", buffer.line)
        buffer.at += 1
        if here == "," and buffer.skip_space() and buffer.text[buffer.at] == "]":
            self._end("broken JSON: comma before the end", buffer.line)
        return 1 if here == "," else 0

    def _fault(self, message: str, line: int) -> None:
        self.faults.take(DatasetError(message, self.path, line))

    def _end(self, message: str, line: int) -> None:
        """Where the form itself breaks, nobody can tell where the next event begins."""
        raise DatasetError(message, self.path, line, ends=True)


class _Buffer:
    """A window on the text: it holds the value at hand, and lets go of what lies before."""

    def __init__(self, source: BinaryIO, text: str) -> None:
        self.text = text
        self.at = 0
        self._source = source
        self._pending = b""
        self._line = 1
        self._counted = 0
        self._decoder = decoder()

    @property
    def line(self) -> int:
        """The line of the place at hand; counted on from where it was last asked for."""
        self._line = self.line_of(self.at)
        self._counted = self.at
        return self._line

    def line_of(self, at: int) -> int:
        """The line of a place at or after the one that was last asked for."""
        return self._line + self.text.count("\n", self._counted, at)

    def skip_space(self) -> bool:
        """Go to the next character that is no space; False at the end."""
        while True:
            self.at = _skip(self.text, self.at)
            if self.at < len(self.text):
                return True
            if not self._more():
                return False

    def value(self) -> tuple[object, str]:
        """The value that starts here, and its text; past it afterwards.

        Raises:
            json.JSONDecodeError: the text is broken.
            FaultyEventError: the value is faulty as an event; the buffer is past it if possible.
        """
        while True:
            try:
                value, end = self._decoder.raw_decode(self.text, self.at)
            except (json.JSONDecodeError, RecursionError) as error:
                if len(self.text) - self.at <= MAX_EVENT and self._more():
                    continue
                if isinstance(error, RecursionError):
                    message = "an event is nested too deeply"
                    raise json.JSONDecodeError(message, self.text, self.at) from None
                raise
            except FaultyEventError:
                # Read it leniently to get past it.
                end = self._past()
                self.at = end
                raise
            # A number may go on after the window's end; objects and arrays do not.
            if end == len(self.text) and not isinstance(value, dict | list) and self._more():
                continue
            text, self.at = self.text[self.at : end], end
            return value, text

    def _past(self) -> int:
        while True:
            try:
                return json.JSONDecoder().raw_decode(self.text, self.at)[1]
            except json.JSONDecodeError:
                if len(self.text) - self.at > MAX_EVENT or not self._more():
                    raise

    def _more(self) -> bool:
        """Read on; what lies before the place at hand is let go."""
        size = max(_CHUNK, len(self.text) - self.at)
        data = self._pending + self._source.read(size)
        if data == self._pending:
            if data:
                data.decode()  # raises: the text ends inside a character
            return False
        cut = _whole(data)
        self._pending = data[cut:]
        _ = self.line
        self.text = self.text[self.at :] + data[:cut].decode()
        self.at = self._counted = 0
        return True


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _whole(data: bytes) -> int:
    """Where the last whole character of UTF-8 ends."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return len(data) - back if length > back else len(data)
    return len(data)
