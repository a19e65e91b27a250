"""`--bless`: new expectations are gathered during a run and written at its end."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eqlx_harness.casebook import Block, rewrite


@dataclass
class Blessing:
    """What `--bless` will write: blocks of casebooks, and whole files."""

    wanted: bool = False
    blocks: dict[Path, list[tuple[Block, str]]] = field(default_factory=lambda: defaultdict(list))
    files: dict[Path, str] = field(default_factory=dict)

    def block(self, path: Path, block: Block, actual: str) -> bool:
        """Take `actual` for `block` if blessing is on."""
        if self.wanted:
            self.blocks[path].append((block, actual))
        return self.wanted

    def file(self, path: Path, actual: str) -> bool:
        """Take `actual` for a whole file if blessing is on."""
        if self.wanted:
            self.files[path] = actual
        return self.wanted

    def write(self) -> int:
        """Write all; gives the number of files written."""
        for path, blocks in self.blocks.items():
            rewrite(path, blocks)
        for path, text in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return len(self.blocks) + len(self.files)


def from_config(config: pytest.Config) -> Blessing:
    """The run's blessing; refused in CI, and with parallel workers, which could not merge theirs.

    Raises:
        pytest.UsageError: `--bless` where `CI=true`, or together with `-n`.
    """
    wanted = bool(config.getoption("--bless"))
    if wanted and os.environ.get("CI") == "true":
        message = "--bless is refused when CI=true: expectations are read by a person first"
        raise pytest.UsageError(message)
    if wanted and config.getoption("numprocesses", default=None):
        message = "--bless needs one process: leave out -n"
        raise pytest.UsageError(message)
    return Blessing(wanted)


BLESSING = pytest.StashKey[Blessing]()
