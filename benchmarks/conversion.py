"""What converting a folder of rules costs: CPU a rule for each target, and wall time with workers.

    python benchmarks/conversion.py [RULES] [--rounds 3] [--jobs 2]

RULES is a folder of rule files; by default the 545 rules of the corpus (`EQLX_DATA`). Each target is
run as the console script in a process of its own, into a folder that is new each time. CPU is user
and system time of the process with its workers; the cost of starting (`eqlx --version` and an
import of the target, by converting one rule) is printed apart and is part of the figures.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(os.environ.get("EQLX_DATA", Path(__file__).parents[2] / "shared" / "data"))


def measured(*arguments: str) -> tuple[float, float]:
    """CPU and wall seconds of one call of the program, the best that can be told on a busy machine
    being the smallest of several."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from eqlx.cli.main import main; main()", *arguments],
        capture_output=True,
        check=False,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        sys.exit(done.stderr.decode()[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def best(rounds: int, *arguments: str) -> tuple[float, float]:
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(measured(*(a.replace("OUT", folder) for a in arguments)))
    return min(cpu for cpu, _ in found), min(wall for _, wall in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="?", type=Path, default=DATA / "corpus" / "rules")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    files = sorted(given.rules.rglob("*.toml"))
    count = len(files)
    print(f"{count} rules, best of {given.rounds}")
    print(f"eqlx --version: {best(given.rounds, '--version')[0]:.3f} s CPU")
    one = best(given.rounds, "convert", str(files[0]), "--to", "sql")[0]
    print(f"one rule to SQL: {one:.3f} s CPU")
    for target in ("sql", "elasticsearch", "sigma"):
        common = ("convert", str(given.rules), "--to", target, "-d", "OUT")
        cpu, _ = best(given.rounds, *common, "-j", "1")
        both, wall = best(given.rounds, *common, "-j", str(given.jobs))
        print(
            f"{target}: {1000 * cpu / count:.2f} ms CPU a rule with one worker; "
            f"{wall:.2f} s wall and {both:.2f} s CPU with {given.jobs}"
        )


if __name__ == "__main__":
    main()
