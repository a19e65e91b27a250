"""Where artifacts go: stdout, one file, or one file a rule in a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from eqlx.target import Artifact

_SEPARATORS: Mapping[str, str] = {".yml": "---\n", ".yaml": "---\n", ".json": ""}
"""What stands between two artifacts on one stream, by the suffix of the target's files: YAML
documents, a stream of JSON values; a blank line between all others."""


class Sink:
    """Takes the artifacts of a command in order. `folder` and `file` exclude each other."""

    def __init__(self, folder: Path | None, file: Path | None) -> None:
        self._folder = folder
        self._file = file
        self._is_first = True

    def take(self, artifact: Artifact, stem: str) -> str | None:
        """Write one artifact; the path of the file, or None for stdout.

        Raises:
            OSError: the file cannot be written; `filename` names it.
        """
        if self._file is not None:
            write_whole(self._file, artifact.text)
            return str(self._file)
        if self._folder is not None:
            path = self._folder / f"{stem}{artifact.suffix}"
            write_whole(path, artifact.text)
            return str(path)
        if not self._is_first:
            click.echo(_SEPARATORS.get(artifact.suffix, "\n"), nl=False)
        self._is_first = False
        click.echo(artifact.text, nl=not artifact.text.endswith("\n"), color=True)
        return None


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; folders on the way are made.

    Raises:
        OSError: with `filename` set to the path.
    """
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
        part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
