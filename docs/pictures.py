"""Makes the pictures of the README from real output: `python3 docs/pictures.py`.

`images/run.svg` is what `eqlx run` prints for one of the shipped rules in a terminal of 100 columns.
"""

from __future__ import annotations

import os
import subprocess
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "eqlx run rules --events golden/runs/seed-rules/events.ndjson"
LINES = 28


def main() -> None:
    done = subprocess.run(  # noqa: S602  # the README's own command, as a reader would type it
        COMMAND,
        shell=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "100"},
    )
    lines = done.stdout.rstrip("\n").splitlines()
    shown = lines if len(lines) <= LINES else [*lines[: LINES - 4], "…", *lines[-3:]]
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True)
    console.print(Text(f"$ {COMMAND}", style="bold"))
    for line in shown:
        console.print(Text(line), soft_wrap=True)
    target = ROOT / "docs" / "images" / "run.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(console.export_svg(title="eqlx", unique_id="eqlx"), encoding="utf-8")


if __name__ == "__main__":
    main()
