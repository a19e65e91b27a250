"""What `-d DIR` wrote, kept in the folder itself, so that the next run knows what it no longer writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath

from eqlx.cli.artifacts import write_whole

NAME = ".eqlx-manifest.json"
FORMAT = 1


@dataclass
class FolderRecord:
    """The files of earlier runs in a folder by name, each with the SHA-256 of what was written."""

    folder: Path
    _earlier: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> FolderRecord:
        """That of a folder; without files where there is none, or none that can be read."""
        try:
            found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return cls(folder)
        files = found.get("files") if isinstance(found, dict) else None
        if not isinstance(files, dict) or found.get("format") != FORMAT:
            return cls(folder)
        known = {name: digest for name, digest in files.items() if _is_inside(name, digest)}
        return cls(folder, known)

    def stale(self, written: Sequence[str]) -> tuple[Path, ...]:
        """The files of earlier runs that are still there as they were written, and that this run
        did not write. What somebody has changed since then is nobody's leftover."""
        now = {PurePath(path).name for path in written}
        paths = (self.folder / name for name in sorted(self._earlier) if name not in now)
        return tuple(path for path in paths if _digest(path) == self._earlier[path.name])

    def keep(self, written: Sequence[str], stale: Sequence[Path]) -> None:
        """Write the record of what this run wrote and of what is still there from earlier ones.

        Raises:
            OSError: the record cannot be written; `filename` names it.
        """
        left = {path.name: self._earlier[path.name] for path in stale}
        new = {PurePath(path).name: _digest(Path(path)) or "" for path in written}
        document: Mapping[str, object] = {
            "format": FORMAT,
            "files": dict(sorted({**left, **new}.items())),
        }
        write_whole(self.folder / NAME, json.dumps(document, indent=1) + "\n")


def _is_inside(name: object, digest: object) -> bool:
    """A plain name: a record that somebody else wrote must not name files of other folders."""
    plain = isinstance(name, str) and name == PurePath(name).name and name not in ("", ".", "..")
    return plain and isinstance(digest, str) and "\\" not in str(name)


def _digest(path: Path) -> str | None:
    try:
        if path.is_symlink() or not path.is_file():
            return None
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
