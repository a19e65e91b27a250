"""Executes the command blocks of the pages for users, each page in a folder of its own.

    python3 docs/blocks.py [PAGE…]

A page is read from the top. A block after `<!-- file: NAME -->` is written to that file; each `sh` block runs in
`bash -eu` in a folder that holds the repository's `rules` and `golden`; each `python` block runs in Python. A block
after `<!-- not executed: REASON -->` is only named. Every command of a block must end with 0; after
`<!-- exit: N -->` the worst of them must end with N. A block
after `<!-- needs: NAMES -->` is executed where each of the programs, and each module `python:MODULE`, is there, and
named where one is missing. A `python` block after `<!-- continued -->` runs behind those
blocks of the page that are so marked before it. Exit code 1 and what was printed if a block fails.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "start.md",
    "guide.md",
    "first-rule.md",
    "play.md",
    "diff.md",
    "hunt-in-python.md",
    "packs.md",
    "sql.md",
    "fields.md",
    "events.md",
    "report.md",
    "rule-files.md",
    "rule-tests.md",
    "verify.md",
    "explain.md",
    "recipes/*.md",
)
_BLOCK = re.compile(
    r"(?:<!-- (?P<kind>file|not executed|exit|needs|continued)(?:: (?P<what>[^>]+?))? -->\n)?"
    r"```(?P<tag>\w*)\n(?P<body>.*?)```\n",
    re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: `kind` is `file`, `not executed`, `exit`, `needs`, `continued` or empty; `what` the name, reason, code or needs."""

    kind: str
    what: str
    tag: str
    body: str


def blocks(text: str) -> list[Block]:
    return [
        Block(m["kind"] or "", m["what"] or "", m["tag"], m["body"]) for m in _BLOCK.finditer(text)
    ]


def executed(page: Path) -> list[str]:
    """Runs the page; gives what failed."""
    faults: list[str] = []
    ran = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("rules", "golden"):
            shutil.copytree(ROOT / name, home / name)
        before = ""
        for block in blocks(page.read_text("utf-8")):
            if block.kind == "file":
                (home / block.what).write_text(block.body, "utf-8")
            elif block.kind == "not executed":
                print(f"  not executed ({block.what}): {block.body.splitlines()[0]}")
            elif missing := _missing(block):
                print(f"  NOT EXECUTED, needs {missing}: {block.body.splitlines()[0]}")
            elif block.tag in {"sh", "python"}:
                ran += 1
                faults += _run(block, page, home, before)
                before += f"{block.body}\n" if block.kind == "continued" else ""
    print(f"{page.relative_to(ROOT)}: {ran} blocks executed, {len(faults)} failed")
    return faults


def _missing(block: Block) -> str:
    """What a block needs and is not there."""
    names = block.what.split() if block.kind == "needs" else []
    modules = [name.removeprefix("python:") for name in names if name.startswith("python:")]
    programs = [name for name in names if not name.startswith("python:")]
    absent = [name for name in programs if shutil.which(name) is None]
    return " ".join([*absent, *(name for name in modules if find_spec(name) is None)])


_WORST = 'worst=0; trap "s=\\$?; [ \\$s -le \\$worst ] || worst=\\$s" ERR\n'


def _run(block: Block, page: Path, home: Path, before: str) -> list[str]:
    expected = int(block.what) if block.kind == "exit" else 0
    command = ["bash", "-c", f"{_WORST}{block.body}\nexit $worst"]
    if block.tag == "python":
        text = before + block.body if block.kind == "continued" else block.body
        command = [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == expected:
        return []
    said = (done.stdout[-1000:] + done.stderr[-2000:]).strip()
    return [f"{page.name}: exit code {done.returncode}\n{block.body}\n{said}\n"]


def main() -> int:
    names = sys.argv[1:]
    docs = ROOT / "docs"
    pages = [Path(n).resolve() for n in names] or [p for g in PAGES for p in sorted(docs.glob(g))]
    faults = [fault for page in pages for fault in executed(page)]
    sys.stdout.writelines(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
