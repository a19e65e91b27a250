"""Owns the generated blocks of README.md, docs/support.md and docs/explain.md: each is what a command prints.

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
BLOCK = re.compile(
    r"(<!-- run: (?P<command>.+?) -->\n```(?P<tag>\w*)\n)(?P<body>.*?)(```\n<!-- end -->)",
    re.DOTALL,
)


def output(command: str) -> str:
    """What `command` prints on both streams, in the repository's root."""
    done = subprocess.run(  # noqa: S602  # the README's own commands, as a reader would type them
        command,
        shell=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout.rstrip("\n") + "\n"


def remade(text: str) -> str:
    """The README with every block as its command prints it now."""
    return BLOCK.sub(lambda m: m[1] + output(m["command"]) + m[5], text)


PAGES = ("README.md", "docs/support.md", "docs/explain.md")
README_LINES = 150


def page(name: str, *, check: bool) -> list[str]:
    """Remake one page, or with `check` give the differences."""
    path = ROOT / name
    before = path.read_text(encoding="utf-8")
    after = remade(before)
    if not check:
        path.write_text(after, encoding="utf-8")
        return []
    if not BLOCK.search(before):
        return [f"{name} has no generated block\n"]
    lines = before.splitlines(keepends=True)
    return list(difflib.unified_diff(lines, after.splitlines(keepends=True), name, "made"))


def main() -> int:
    check = "--check" in sys.argv
    faults = [line for name in PAGES for line in page(name, check=check)]
    length = len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    if length > README_LINES:
        faults.append(f"README.md has {length} lines, more than {README_LINES}\n")
    sys.stdout.writelines(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
