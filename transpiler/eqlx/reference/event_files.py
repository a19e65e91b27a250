"""Reads event files for the reference interpreter: NDJSON, or one JSON array, with Python's json."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from eqlx.execution import DatasetError, Event

_SUFFIXES = (".ndjson", ".jsonl", ".json")
_BOM = b"\xef\xbb\xbf"


def read_events(path: Path) -> list[Event]:
    """The events of a file, in order.

    Raises:
        DatasetError: the file is missing or of another kind, or a line is no JSON object.
    """
    _check(path)
    try:
        with _opened(path) as file:
            content = file.read()
    except (OSError, EOFError) as error:
        raise DatasetError(str(getattr(error, "strerror", None) or error), path) from error
    content = content.removeprefix(_BOM)
    if content.lstrip().startswith(b"[") and (events := _array(content)) is not None:
        return events
    return list(_lines(content, path))


def _check(path: Path) -> None:
    if path.is_dir() or not path.exists():
        message = "a directory, not a file of events" if path.is_dir() else "no such file"
        raise DatasetError(message, path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    if suffixes[-1:] == [".parquet"]:
        message = "it is Parquet, which the reference interpreter does not read: give it NDJSON"
        raise DatasetError(message, path)
    if not suffixes or suffixes[-1] not in _SUFFIXES:
        message = "an unknown kind of file: expected `.ndjson`, `.jsonl` or `.json`"
        raise DatasetError(message, path)


def _opened(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _array(content: bytes) -> list[Event] | None:
    """The elements of one array of objects, or None where the file is no such thing."""
    try:
        events = _parsed(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(events, list) and all(isinstance(event, dict) for event in events):
        return cast("list[Event]", events)
    return None


def _lines(content: bytes, path: Path) -> Iterator[Event]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield _event(line, path, number)


def _event(line: bytes, path: Path, number: int) -> Event:
    try:
        event = _parsed(line)
    except UnicodeDecodeError:
        message = "not UTF-8"
        raise DatasetError(message, path, number) from None
    except json.JSONDecodeError as error:
        message = f"broken JSON: {error.msg[:1].lower()}{error.msg[1:]} (column {error.colno})"
        raise DatasetError(message, path, number) from None
    except ValueError as error:
        message = f"broken JSON: {error}"
        raise DatasetError(message, path, number) from None
    except RecursionError:
        message = "nested too deeply"
        raise DatasetError(message, path, number) from None
    if not isinstance(event, dict):
        message = "not a JSON object"
        raise DatasetError(message, path, number)
    return cast("Event", event)


def _parsed(content: bytes) -> object:
    def refuse(word: str) -> NoReturn:
        message = f"`{word}` is no JSON"
        raise ValueError(message)

    return json.loads(content.decode(), parse_constant=refuse)
