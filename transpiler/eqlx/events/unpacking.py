"""Files that hold events in a form of their own, as files that eqlx reads: members of zip archives, Arrow
files as Parquet, Windows event logs (EVTX) and audit logs of Linux as one JSON object a line.

What a file is, its first bytes tell. Copies are written to a scratch folder, in bounded memory.
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import TextIO

from eqlx import inputs
from eqlx.events.audit import audit_events, is_audit_line
from eqlx.execution import DatasetError

SUFFIXES = (
    ".arrow",
    ".csv",
    ".evtx",
    ".feather",
    ".ipc",
    ".json",
    ".jsonl",
    ".ndjson",
    ".parquet",
    ".tsv",
)
PACKED = (".gz", ".zst")

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_EVTX = b"ElfFile\0"
_ARROW = b"ARROW1"
_ARROW_STREAM = b"\xff\xff\xff\xff"
_HIDDEN = re.compile(r"(?:^|/)(?:\.[^./]|__MACOSX/)")
_FIRST = 5
"""Lines by which an audit log is known."""
_CHUNK = 1024 * 1024
_SPARE = 256 * 1024 * 1024
"""Bytes that stay free on the disk of the scratch folder."""

Scratch = Callable[[], Path]
"""Makes a folder, the same at each call, that lives as long as the events are read."""


def has_event_suffix(name: str) -> bool:
    """Whether a file is an event file by its name.

    >>> has_event_suffix("a.NDJSON.gz"), has_event_suffix("notes.txt"), has_event_suffix(".a.json")
    (True, False, False)
    """
    path = PurePosixPath(name.lower())
    if path.suffix in PACKED:
        path = path.with_suffix("")
    return path.suffix in SUFFIXES and not path.name.startswith(".")


def unpacked(path: Path, scratch: Scratch) -> Iterator[Path]:
    """The files to read for `path`: itself, or copies of what it holds.

    Raises:
        DatasetError: it cannot be unpacked, or what reads it is not installed.
    """
    start = _start(path)
    if start.startswith((_ZIP, _EMPTY_ZIP)):
        for member in _members(path, _folder(path, scratch)):
            yield from _converted(member, scratch)
    else:
        yield from _converted(path, scratch)


def _start(path: Path) -> bytes:
    """The first bytes; none of what is no regular file, or cannot be read: its reader says why."""
    try:
        inputs.check_regular(path)
        with path.open("rb") as file:
            return file.read(8)
    except (OSError, ValueError):
        return b""


def _converted(path: Path, scratch: Scratch) -> Iterator[Path]:
    start = _start(path)
    if start.startswith(_EVTX):
        yield _event_log(path, _folder(path, scratch) / f"{path.name}.ndjson")
    elif start.startswith((_ARROW, _ARROW_STREAM)):
        yield _arrow(path, _folder(path, scratch) / f"{path.name}.parquet", start)
    elif start.startswith((b"type=", b"node=", b"----", b"\x1f\x8b")) and _is_audit_log(path):
        yield _audit_log(path, _folder(path, scratch) / f"{path.name}.ndjson")
    else:
        yield path


def _folder(path: Path, scratch: Scratch) -> Path:
    """A new folder that has the file's name, so that messages name it."""
    outer = scratch()
    number = sum(1 for _ in outer.iterdir())
    folder = outer / str(number) / path.name
    folder.mkdir(parents=True)
    return folder


def _members(path: Path, folder: Path) -> Iterator[Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = _chosen(archive, path)
            size, room = sum(each.file_size for each in chosen), shutil.disk_usage(folder).free
            if size > room - _SPARE:
                message = f"the archive's events take {size:,} bytes, and {room:,} are free"
                raise DatasetError(message, path, advice="unpack it on a larger disk")
            for number, member in enumerate(chosen):
                yield _extracted(archive, member, folder / str(number), path)
    except zipfile.BadZipFile as error:
        message = f"broken zip archive: {str(error)[:1].lower()}{str(error)[1:]}"
        raise DatasetError(message, path) from error


def _chosen(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """The members with the suffix of an event file; all files, where none has one."""
    files = [
        each
        for each in archive.infolist()
        if not each.is_dir() and not _HIDDEN.search(each.filename)
    ]
    chosen = [each for each in files if has_event_suffix(each.filename)] or files
    if not chosen:
        message = "the archive holds no files"
        raise DatasetError(message, path)
    return chosen


def _extracted(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, path: Path) -> Path:
    """A copy of the member; of its name only the last part is used, so that none leads elsewhere."""
    folder.mkdir()
    copy = folder / (PurePosixPath(member.filename.replace("\\", "/")).name or "member")
    try:
        with archive.open(member) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except RuntimeError as error:  # zipfile's for a password; NotImplementedError is one, too
        why = "is encrypted" if member.flag_bits & 1 else f"cannot be unpacked: {error}"
        message = f"the member `{member.filename}` {why}"
        raise DatasetError(message, path, advice="unpack the archive") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        message = f"the member `{member.filename}` cannot be unpacked: {error}"
        raise DatasetError(message, path) from error
    return copy


def _event_log(path: Path, copy: Path) -> Path:
    """The records as JSON in the shape of `evtx_dump`. One that cannot be read is a broken line, for
    the reader of events to report or to leave out."""
    module = _module("evtx", "a Windows event log (EVTX)", "evtx", path)
    try:
        records = module.PyEvtxParser(str(path)).records_json()
    except (OSError, RuntimeError, ValueError) as error:
        message = f"broken Windows event log: {error}"
        raise DatasetError(message, path) from error
    with copy.open("w", encoding="utf-8") as lines:
        while True:
            try:
                record = next(records)
            except StopIteration:
                return copy
            except (OSError, RuntimeError, ValueError) as error:
                lines.write(f"a record that cannot be read: {' '.join(str(error).split())}\n")
                continue
            lines.write(" ".join(record["data"].splitlines()))
            lines.write("\n")


def _is_audit_log(path: Path) -> bool:
    try:
        with _text(path) as lines:
            first = (line for line in islice(lines, _FIRST) if line.strip() not in ("", "----"))
            return is_audit_line(next(first, ""))
    except (OSError, EOFError, zlib.error):
        return False


def _audit_log(path: Path, copy: Path) -> Path:
    """The events, of several lines each. A line that is none of the log is a broken one."""
    try:
        with _text(path) as lines, copy.open("w", encoding="utf-8") as target:
            for event in audit_events(lines):
                target.write(event.rstrip("\r\n") if isinstance(event, str) else json.dumps(event))
                target.write("\n")
    except (OSError, EOFError, zlib.error) as error:
        message = f"the audit log cannot be read: {error}"
        raise DatasetError(message, path) from error
    return copy


def _text(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _arrow(path: Path, copy: Path, start: bytes) -> Path:
    """The record batches as Parquet, one after the other."""
    arrow = _module("pyarrow", "an Arrow file", "arrow", path)
    ipc, parquet = (importlib.import_module(f"pyarrow.{name}") for name in ("ipc", "parquet"))
    try:
        with arrow.memory_map(str(path)) as source:
            if start.startswith(_ARROW):
                file = ipc.open_file(source)
                batches = (file.get_batch(number) for number in range(file.num_record_batches))
            else:
                file = batches = ipc.open_stream(source)
            with parquet.ParquetWriter(str(copy), file.schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
    except (OSError, ValueError, NotImplementedError) as error:  # Arrow's own are among them
        message = f"the Arrow file cannot be read: {' '.join(str(error).split())}"
        raise DatasetError(message, path, advice="write it as Parquet") from error
    return copy


def _module(name: str, what: str, extra: str, path: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"the file is {what}, and the package that reads it is not installed"
        advice = f"`pip install 'eqlx[{extra}]'`"
        raise DatasetError(message, path, advice=advice) from None
