"""Where artifacts go: stdout, one file, or one file a rule in a folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from eqlx.driver.files import safe_stem
from eqlx.render.screen import put
from eqlx.target import Artifact, OutputFile

_SEPARATORS: Mapping[str, str] = {".yml": "---\n", ".yaml": "---\n", ".json": ""}
"""What stands between two artifacts on one stream, by the suffix of the target's files: YAML
documents, a stream of JSON values; a blank line between all others."""


class Sink:
    """Takes the artifacts of a command in order. `folder` and `file` exclude each other."""

    def __init__(self, folder: Path | None, file: Path | None) -> None:
        self._folder = folder
        self._file = file
        self._is_first = True
        self._taken: set[str] = set()

    def take(self, artifact: Artifact, stem: str) -> tuple[str, ...]:
        """Write one artifact; the paths of its files, none for stdout.

        Raises:
            OSError: the file cannot be written; `filename` names it.
        """
        files = artifact.files or (OutputFile(stem, artifact.text),)
        return self.write(artifact.text, files, artifact.suffix)

    def write(self, text: str, files: Sequence[OutputFile], suffix: str) -> tuple[str, ...]:
        """Write `text` whole, or as `files` where there is a folder; as `take`."""
        if self._file is not None:
            write_whole(self._file, text)
            return (str(self._file),)
        if self._folder is not None:
            return tuple(self._put(file, self._folder, suffix) for file in files)
        if not self._is_first:
            put(_SEPARATORS.get(suffix, "\n"))
        self._is_first = False
        put(text if text.endswith("\n") else f"{text}\n")
        return ()

    def _put(self, file: OutputFile, folder: Path, suffix: str) -> str:
        """Two files of one command never have the same name, letter case aside."""
        stem, number = safe_stem(file.stem), 1
        suffix = file.suffix or suffix
        name = f"{stem}{suffix}"
        while name.lower() in self._taken:
            number += 1
            name = f"{stem}_{number}{suffix}"
        self._taken.add(name.lower())
        path = folder / name
        write_whole(path, file.text)
        return str(path)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; folders on the way are made.

    Raises:
        OSError: with `filename` set to the path.
    """
    if path.is_dir() or not path.name:
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            # A device or a pipe (`-o /dev/stdout`) is written to, not replaced.
            path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
            return
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        part.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        # Whatever stopped it, Ctrl-C among others.
        with suppress(OSError):
            part.unlink(missing_ok=True)
