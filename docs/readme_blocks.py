"""Owns the generated blocks of README.md: each is what a command prints, remade or compared.

A block stands between `<!-- run: COMMAND -->` and `<!-- end -->`. `--check` compares (exit 1 on a
difference); without it the blocks are rewritten.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- run: (?P<command>.+?) -->\n```(?P<tag>\w*)\n)(?P<body>.*?)(```\n<!-- end -->)", re.S)


def output(command: str) -> str:
    """What `command` prints on both streams, in the repository's root."""
    done = subprocess.run(  # noqa: S602  # the README's own commands, as a reader would type them
        command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, timeout=120,
    )
    return done.stdout.rstrip("\n") + "\n"


def remade(text: str) -> str:
    """The README with every block as its command prints it now."""
    return BLOCK.sub(lambda m: m[1] + output(m["command"]) + m[5], text)


def main() -> int:
    path = ROOT / "README.md"
    before = path.read_text(encoding="utf-8")
    after = remade(before)
    if "--check" not in sys.argv:
        path.write_text(after, encoding="utf-8")
        return 0
    if len(before.splitlines()) > 150:
        print("README.md has more than 150 lines")
        return 1
    found = len(BLOCK.findall(before))
    if not found:
        print("README.md has no generated block")
        return 1
    if before != after:
        sys.stdout.writelines(
            difflib.unified_diff(before.splitlines(True), after.splitlines(True), "README.md", "made")
        )
        return 1
    print(f"{found} README blocks are what their commands print")
    return 0


if __name__ == "__main__":
    sys.exit(main())
