"""The files that a user's names of events stand for: files, folders, patterns, standard input."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from eqlx import inputs
from eqlx.events.unpacking import Scratch, has_event_suffix, unpacked
from eqlx.execution import DatasetError

_ARCHIVE = ".zip"


def expand(
    names: Sequence[str | Path], stdin: BinaryIO | None, scratch: Scratch
) -> tuple[Path, ...]:
    """The files, in the order of the names; those of a folder or pattern by path.

    A folder stands for the event files below it (by their suffixes, hidden ones left out; all files, where
    none has such a suffix), `-` for standard input, of which a copy is made in `scratch`. A name that
    exists is never a pattern. Archives and files in a form of their own stand for copies in `scratch`.

    Raises:
        DatasetError: a name stands for nothing, or cannot be unpacked.
    """
    return tuple(
        file
        for name in names
        for path in _files(str(name), stdin, scratch)
        for file in unpacked(path, scratch)
    )


def _files(name: str, stdin: BinaryIO | None, scratch: Scratch) -> Iterator[Path]:
    path = Path(name)
    if name == "-":
        yield _copied(stdin, scratch)
    elif path.is_dir():
        below = sorted(_below(path))
        named = [file for file in below if _is_named_so(file.name)]
        yield from _some(named or below, "the folder holds no event files", path)
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
    """The files below a folder, without the hidden ones and marks such as Spark's `_SUCCESS`."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in files if not name.startswith((".", "_")))


def _is_named_so(name: str) -> bool:
    return has_event_suffix(name) or name.lower().endswith(_ARCHIVE)


def _copied(stdin: BinaryIO | None, scratch: Scratch) -> Path:
    path = scratch() / "stdin"
    if path.exists():
        message = "standard input can be read but once"
        raise DatasetError(message)
    if stdin is None:
        message = "there is no standard input"
        raise DatasetError(message)
    with path.open("wb") as copy:
        shutil.copyfileobj(stdin, copy)
    return path
