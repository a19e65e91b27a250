"""Which files a list of paths stands for, and their text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eqlx import inputs
from eqlx.diagnostics.catalogue.rulefile import (
    rule_file_is_binary,
    rule_file_not_utf8,
    rule_file_unreadable,
)
from eqlx.rulefile.batch import Batch
from eqlx.source import Source

SUFFIXES = (".eql", ".json", ".jsonl", ".ndjson", ".toml")


def rule_files(folder: Path, batch: Batch) -> Iterator[Path]:
    """The files below `folder` that may hold rules, sorted by path; hidden ones are left out."""

    def refuse(error: OSError) -> None:
        path = str(error.filename or folder)
        batch.say(rule_file_unreadable(path, reason_of(error)))

    for root, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(root, name)


def read_text(path: Path, batch: Batch) -> Source | None:
    """The file's text with line ends as they are (a byte order mark is left out), or None."""
    try:
        data = inputs.read_bytes(path)
    except OSError as error:
        batch.say(rule_file_unreadable(str(path), reason_of(error)))
        return None
    if (kind := binary_kind(data)) is not None:
        batch.say(rule_file_is_binary(str(path), kind))
        return None
    try:
        return Source(str(path), data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        batch.say(rule_file_not_utf8(str(path), line, error.start))
        return None


_BINARY = (
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"PK\x03\x04", "a zip archive"),
    (b"ElfFile\0", "a Windows event log (EVTX)"),
    (b"ARROW1", "an Arrow file"),
)


def binary_kind(data: bytes) -> str | None:
    """What a file is, where its first bytes say that it is no text."""
    return next((kind for start, kind in _BINARY if data.startswith(start)), None)


def reason_of(error: OSError) -> str:
    """The system's words, as a part of a sentence."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
