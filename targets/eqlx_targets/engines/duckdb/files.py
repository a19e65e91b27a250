"""Event files as DuckDB can open them: as they are where it reads them as `eqlx.events` does, else
as a copy, one event a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eqlx.events import Broken, Compression, EventFile, FileKind, events_of, open_file
from eqlx.execution import DatasetError

_GLOB = set("*?[]{}")
_SUFFIXES = {Compression.NONE: ".ndjson", Compression.GZIP: ".ndjson.gz"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read: `readable` is what DuckDB opens. `scratch`: a folder for a copy of it."""

    file: EventFile
    readable: Path
    scratch: Path

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def is_parquet(self) -> bool:
        return self.file.kind is FileKind.PARQUET


def open_files(files: Sequence[Path], scratch: Path, faults: Broken) -> list[Opened]:
    """Check the files; make what DuckDB cannot read as it is readable under `scratch`.

    Raises:
        DatasetError: a file is missing, unreadable, of an unknown kind, or broken.
    """
    return [_open(open_file(path), scratch, number, faults) for number, path in enumerate(files)]


def _open(file: EventFile, scratch: Path, number: int, faults: Broken) -> Opened:
    if file.kind is FileKind.PARQUET:
        return Opened(file, _named(file.path, scratch / f"{number}.parquet", ".parquet"), scratch)
    suffix = _SUFFIXES.get(file.compression)
    if suffix is None or file.kind is not FileKind.LINES or not file.plain or file.may_hold_hits:
        return rewritten(file, scratch, number, faults)
    return Opened(file, _named(file.path, scratch / f"{number}{suffix}", suffix[-3:]), scratch)


def _named(path: Path, link: Path, suffix: str) -> Path:
    """A name that DuckDB takes for this one file and its form: the file's own, or a link."""
    absolute = path.resolve()
    if _GLOB & set(str(absolute)) or not absolute.name.lower().endswith(suffix):
        link.symlink_to(absolute)
        return link
    return absolute


def rewritten(file: EventFile, scratch: Path, number: int, faults: Broken) -> Opened:
    """A copy with one event a line, read by `eqlx.events`.

    Raises:
        DatasetError: the file is broken, and its faults are not skipped.
    """
    copy = scratch / f"{number}.copy.ndjson"
    try:
        with copy.open("w", encoding="utf-8") as lines:
            for event in events_of(file, faults):
                lines.write(json.dumps(event, ensure_ascii=False))
                lines.write("\n")
    except OSError as error:
        raise DatasetError(str(error.strerror or error), file.path) from error
    return Opened(file, copy, scratch)
