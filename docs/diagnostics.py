"""Owns docs/diagnostics.md: every diagnostic of the catalogue with its page, by subject.

`--check` compares (exit 1 on a difference); without it the page is rewritten.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from eqlx.diagnostics.catalogue import Entry, all_entries

PAGE = Path(__file__).with_name("diagnostics.md")
HEAD = """# Diagnostics

This page lists every diagnostic of eqlx, by subject. `eqlx explain SLUG` prints the same text. An error stops a rule; a
warning or a note does not. `docs/diagnostics.py` makes this page from the catalogue.
"""


def subject(entry: Entry) -> str:
    """The module of the catalogue that an entry comes from."""
    return entry.build.__module__.rpartition(".")[2]


def section(entry: Entry) -> str:
    """One diagnostic: its slug, its severity, its page."""
    return f"\n### `{entry.slug}`\n\n*{entry.severity.value}*: {entry.page.strip()}\n"


def made() -> str:
    """The whole page."""
    subjects: dict[str, list[Entry]] = {}
    for entry in all_entries().values():
        subjects.setdefault(subject(entry), []).append(entry)
    parts = [HEAD]
    for name in sorted(subjects):
        parts.append(f"\n## {name.capitalize()}\n")
        parts += [section(entry) for entry in sorted(subjects[name], key=lambda e: e.slug)]
    return "".join(parts)


def main() -> int:
    wanted = made()
    if "--check" not in sys.argv:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    lines = before.splitlines(keepends=True), wanted.splitlines(keepends=True)
    faults = list(difflib.unified_diff(*lines, "docs/diagnostics.md", "made"))
    sys.stdout.writelines(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
