"""Which files a list of paths stands for, and their text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eqlx.diagnostics.catalogue.rulefile import (
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
        data = path.read_bytes()
    except OSError as error:
        batch.say(rule_file_unreadable(str(path), reason_of(error)))
        return None
    try:
        return Source(str(path), data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        batch.say(rule_file_not_utf8(str(path), line, error.start))
        return None


def reason_of(error: OSError) -> str:
    """The system's words, as a part of a sentence."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
