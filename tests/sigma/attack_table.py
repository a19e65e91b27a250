"""Writes `attack.tsv`: ATT&CK's techniques and tactics by version 18, and by version 19.

    python attack_table.py FACTS TABLE

FACTS is `attack-v19.tsv` of the test data: for each technique what replaced it, and how many of
SigmaHQ's rules tag it beside `attack.stealth` and beside `attack.defense-impairment`. TABLE is the
table, whose columns for version 18 are kept and whose others are written anew. Version 19 parts the
tactic defense-evasion in these two: a technique goes to that which more rules tag beside it, to that
of its parent where no rule tags it, and to stealth where that says nothing either.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HEAD = """\
# ATT&CK's techniques (ids and facts; (c) The MITRE Corporation, see NOTICE), by version 18 and by version 19
# (April 2026, as SigmaHQ tags its rules since 2026-04-29). Written by tests/sigma/attack_table.py.
# technique	tactics in v18	technique in v19, and where it depends on the platform, `platform=technique`	tactics in v19
"""
PLATFORMS = {"Windows": "windows", "cloud": "cloud"}
EVASION, STEALTH, IMPAIRMENT = "defense-evasion", "stealth", "defense-impairment"


def rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def successors(cell: str) -> dict[str, str]:
    """Platform to technique, the empty platform for all others."""
    found: dict[str, str] = {}
    for part in filter(None, re.split(r",\s+(?=t\d)", cell)):
        technique, _, platforms = part.partition(" ")
        names = platforms.strip("()").split(", ") if platforms else []
        known = [PLATFORMS[name] for name in names if name in PLATFORMS]
        for platform in known or [""]:
            found[platform] = technique.upper()
    return found


def main(facts: Path, table: Path) -> None:
    old = {row[0]: row[1] for row in rows(table)}
    new = {row[0].upper(): row[1:] for row in rows(facts)}

    def replaced(technique: str, depth: int = 0) -> str:
        """What defense-evasion became for a technique."""
        stealth, impairment = map(int, new.get(technique, ["", "0", "0"])[1:])
        if stealth or impairment:
            return STEALTH if stealth >= impairment else IMPAIRMENT
        parent = technique.partition(".")[0]
        return replaced(parent, depth + 1) if parent != technique and not depth else STEALTH

    written = []
    for technique, tactics in old.items():
        cell = new.get(technique, [""])[0]
        heirs = successors(cell) or {"": technique}
        named = "; ".join(f"{k}={v}" if k else v for k, v in sorted(heirs.items()))
        kept = tactics.split("; ")
        if cell:
            today = {replaced(heir) for heir in heirs.values()}
        else:
            today = {replaced(technique) if name == EVASION else name for name in kept}
        written.append(f"{technique}\t{tactics}\t{named}\t{'; '.join(sorted(today))}\n")
    table.write_text(HEAD + "".join(written), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
