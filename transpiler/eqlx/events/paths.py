"""The files that a user's names of events stand for: files, folders, patterns, standard input."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from eqlx import inputs
from eqlx.execution import DatasetError

SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv")
PACKED = (".gz", ".zst")


def expand(names: Sequence[str | Path], stdin: BinaryIO | None, scratch: Path) -> tuple[Path, ...]:
    """The files, in the order of the names; those of a folder or pattern by path.

    A folder stands for the event files below it (by their suffixes, hidden ones left out), `-` for
    standard input, of which a copy is made in `scratch`. A name that exists is never a pattern.

    Raises:
        DatasetError: a name stands for nothing.
    """
    return tuple(path for name in names for path in _files(str(name), stdin, scratch))


def _files(name: str, stdin: BinaryIO | None, scratch: Path) -> Iterator[Path]:
    path = Path(name)
    if name == "-":
        yield _copied(stdin, scratch)
    elif path.is_dir():
        yield from _some(sorted(_below(path)), "the folder holds no event files", path)
    elif not inputs.is_there(path) and glob.has_magic(name):
        found = sorted(Path(one) for one in glob.glob(name, recursive=True))  # noqa: PTH207 absolute patterns
        files = [one for one in found if not one.is_dir()]
        yield from _some(files, "the pattern matches no file", path)
    else:
        yield path


def _some(files: list[Path], otherwise: str, path: Path) -> list[Path]:
    if not files:
        raise DatasetError(otherwise, path)
    return files


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 a name, no path
            if suffix in PACKED:
                suffix = os.path.splitext(stem)[1]  # noqa: PTH122
            if suffix in SUFFIXES and not name.startswith("."):
                yield Path(root, name)


def _copied(stdin: BinaryIO | None, scratch: Path) -> Path:
    path = scratch / "stdin"
    if path.exists():
        message = "standard input can be read but once"
        raise DatasetError(message)
    if stdin is None:
        message = "there is no standard input"
        raise DatasetError(message)
    with path.open("wb") as copy:
        shutil.copyfileobj(stdin, copy)
    return path
