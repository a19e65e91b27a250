"""How long commands take to end after Ctrl-C and SIGTERM, and what they leave behind.

    python benchmarks/interrupt.py [--rules FOLDER]

Each command is started over the shipped rules (many times over), is told after a few seconds, and is
waited for. Prints the seconds, the exit code, and the temporary folders that are left.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
EVENTS = ROOT / "golden/runs/seed-rules/events.ndjson"
COPIES = 40


def commands(rules: Path, out: Path) -> dict[str, list[str]]:
    rule = str(next(iter(sorted(rules.rglob("*.toml")))))
    many = {
        "run": ["run", str(rules), "--events", str(EVENTS)],
        "run, reference": ["run", str(rules), "--events", str(EVENTS), "--engine", "reference"],
        "check": ["check", str(rules)],
        "synth": ["synth", rule, "-o", str(out / "synth.yml")],
    }
    for jobs in ("1", "2"):
        many |= {
            f"convert -j {jobs}": [
                "convert",
                str(rules),
                "--to",
                "sql",
                "-d",
                str(out / f"sql{jobs}"),
                "-j",
                jobs,
            ],
            f"verify -j {jobs}": ["verify", str(rules), "-j", jobs],
            f"test -j {jobs}": ["test", str(rules), "-j", jobs],
            f"report -j {jobs}": [
                "report",
                str(rules),
                "-o",
                str(out / f"r{jobs}.html"),
                "-j",
                jobs,
            ],
        }
    return many


def measure(name: str, arguments: list[str], number: int, after: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            [sys.executable, "-c", "from eqlx.cli.main import main; main()", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": scratch},
            start_new_session=True,
        )
        time.sleep(after)
        told = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        _, said = process.communicate(timeout=120)
        seconds = time.monotonic() - told
        left = [path.name for path in Path(scratch).iterdir() if path.name.startswith("eqlx-")]
        last = said.decode().strip().splitlines()[-1:] or [""]
        kind = signal.Signals(number).name
        print(
            f"{name:18} {kind} {seconds:6.2f} s  exit {process.returncode:4}  left {left}  {last[0][:60]}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--after", type=float, default=4.0, help="seconds before the signal")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "rules")
        for number in range(COPIES):
            shutil.copytree(ROOT / "rules", rules / str(number))
        for name, command in commands(rules, Path(folder)).items():
            for number in (signal.SIGINT, signal.SIGTERM):
                measure(name, command, number, arguments.after)


if __name__ == "__main__":
    main()
