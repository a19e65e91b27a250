"""Makes `static/examples.json` from rules: `python -m eqlx.play.make_examples RULES`.

Rules under the Elastic License are left out: their queries do not belong into the package.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from eqlx.rulefile.loader import load

STATIC = Path(__file__).parent / "static"
_ELASTIC = "Elastic License"


def examples(folder: Path) -> list[dict[str, str]]:
    """Name and query of each rule below `folder`, shortest query first."""
    rules = [rule for rule in load([folder]).rules if _ELASTIC not in (rule.license or "")]
    found = [
        {"name": rule.name or rule.label, "query": rule.query.text.strip() + "\n"} for rule in rules
    ]
    return sorted(found, key=lambda each: len(each["query"]))


def text(folder: Path) -> str:
    return json.dumps(examples(folder), ensure_ascii=True, indent=1) + "\n"


if __name__ == "__main__":
    (STATIC / "examples.json").write_text(text(Path(sys.argv[1])), encoding="utf-8")
