"""Event files as DuckDB can open them: checked, told apart by kind, and broken lines found."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from eqlx.execution import DatasetError

_BOM = b"\xef\xbb\xbf"
_NDJSON = (".ndjson", ".jsonl", ".json")
_GLOB = set("*?[]{}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read: `readable` is what DuckDB opens (a link or a copy where `path` itself would
    not do)."""

    path: Path
    readable: Path
    is_parquet: bool


def open_files(files: Sequence[Path], scratch: Path) -> list[Opened]:
    """Check the files; make what DuckDB cannot read as it is readable under `scratch`.

    Raises:
        DatasetError: a file is missing, unreadable, or of an unknown kind.
    """
    return [_open(path, scratch, number) for number, path in enumerate(files)]


def _open(path: Path, scratch: Path, number: int) -> Opened:
    if path.is_dir() or not path.exists():
        message = "a directory, not a file of events" if path.is_dir() else "no such file"
        raise DatasetError(message, path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = suffixes[-1:] == [".gz"]
    kind = (suffixes[:-1] if compressed else suffixes)[-1:]
    is_parquet = kind == [".parquet"] and not compressed
    if not is_parquet and (not kind or kind[0] not in _NDJSON):
        message = "an unknown kind of file: expected `.ndjson`, `.jsonl`, `.json` or `.parquet`"
        raise DatasetError(message, path)
    try:
        return _readable(path, scratch, number, is_parquet=is_parquet)
    except (OSError, EOFError) as error:
        raise DatasetError(str(getattr(error, "strerror", None) or error), path) from error


def _readable(path: Path, scratch: Path, number: int, *, is_parquet: bool) -> Opened:
    path_absolute = path.resolve()
    if is_parquet:
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                message = "not a Parquet file"
                raise DatasetError(message, path)
    else:
        with binary(path) as file:
            start = file.read(4096)
        if start.startswith(_BOM) or start.lstrip().startswith(b"["):
            return Opened(path, _as_ndjson(path, scratch / f"{number}.ndjson"), is_parquet)
    if _GLOB & set(str(path_absolute)):
        # DuckDB would take the name for a pattern.
        suffix = "".join(path.suffixes[-2:] if path.suffix == ".gz" else path.suffixes[-1:])
        link = scratch / f"{number}{suffix}"
        link.symlink_to(path_absolute)
        return Opened(path, link, is_parquet)
    return Opened(path, path_absolute, is_parquet)


def binary(path: Path) -> BinaryIO:
    """The file's bytes, unpacked."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # a BinaryIO in all but name
    return path.open("rb")


def _as_ndjson(path: Path, copy: Path) -> Path:
    """A copy without byte order mark, and with one event a line where the file is one array."""
    with binary(path) as source, copy.open("wb") as target:
        content = source.read().removeprefix(_BOM)
        if content.lstrip().startswith(b"["):
            try:
                events = _strict(content.decode())
            except ValueError:
                events = None
            if isinstance(events, list) and all(isinstance(event, dict) for event in events):
                content = "\n".join(json.dumps(event) for event in events).encode()
        target.write(content)
    return copy


def _strict(text: str) -> object:
    def refuse(word: str) -> NoReturn:
        message = f"`{word}` is no JSON"
        raise ValueError(message)

    return json.loads(text, parse_constant=refuse)


def find_broken_line(files: Sequence[Opened]) -> DatasetError | None:
    """The first line that is no JSON object, as an error; None where every line is one."""
    for file in files:
        for number, line in _lines(file.path):
            if (message := _fault(line)) is not None:
                return DatasetError(message, file.path, number)
    return None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with binary(path) as lines:
        for number, line in enumerate(lines, 1):
            content = line.removeprefix(_BOM) if number == 1 else line
            if content.strip():
                yield number, content


def _fault(line: bytes) -> str | None:
    try:
        value = _strict(line.decode())
    except UnicodeDecodeError:
        return "not UTF-8"
    except json.JSONDecodeError as error:
        return f"broken JSON: {error.msg[:1].lower()}{error.msg[1:]} (column {error.colno})"
    except ValueError as error:
        return f"broken JSON: {error}"
    except RecursionError:
        return "nested too deeply"
    return None if isinstance(value, dict) else "not a JSON object"
