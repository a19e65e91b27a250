"""Many rules over one set of events: in one pass (`eqlx run`) against one query a rule (`--one-by-one`).

    python benchmarks/rule_sets.py --events 1000000 [--rules N] [--ndjson] [--sample N]

Each mode runs in a process of its own, with two threads and 4 GB; CPU seconds are those of that process.
The matches of both, with their order and keys, must be the same, or the benchmark fails. `--sample N`: one
query a rule for each Nth rule alone, scaled by N, where all of them would take too long.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RULES = Path(__file__).parent.parent / "rules"


def main() -> int:
    """Print the figures of both modes and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rules", type=int, help="the number of rules, evenly chosen")
    parser.add_argument("--ndjson", action="store_true")
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the events are kept")
    parser.add_argument("--mode", choices=["together", "one-by-one"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.mode:
        _measure(given)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        file = _events(folder, given)
        together = _child(given, file, "together", 1)
        alone = _child(given, file, "one-by-one", given.sample)
    labels = set(alone["matches"])
    same = {k: v for k, v in together["matches"].items() if k in labels} == alone["matches"]
    found = sum(len(m) for m in together["matches"].values())
    events = together["events"]
    print(f"{together['rules']} rules, {found} matches, {events} events")
    for name, one in (("together", together), ("one by one", alone)):
        scaled = f" (x {given.sample}: {_scaled(one, given.sample):.1f})" if one is alone else ""
        print(f"{name}: {one['cpu']:.1f} s CPU{scaled}, {one['wall']:.1f} s, {one['rss']:.0f} MB")
    print(f"ratio {_scaled(alone, given.sample) / together['cpu']:.1f}")
    print("matches are the same" if same else "MATCHES DIFFER")
    return 0 if same else 1


def _scaled(figures: dict, sample: int) -> float:
    """CPU seconds for all rules; starting and reading the rules is done once."""
    return figures["fixed"] + (figures["cpu"] - figures["fixed"]) * sample


def _rule_list(count: int | None) -> list:
    from eqlx.rulefile.loader import load

    data = os.environ.get("EQLX_DATA")
    rules = load([Path(data, "corpus", "rules") if data else RULES]).rules
    return rules if count is None else rules[:: max(1, len(rules) // count)][:count]


def _events(folder: Path, given: argparse.Namespace) -> Path:
    from set_events import make

    file = folder / f"events-{given.events}.parquet"
    if not file.exists():
        make(_rule_list(None), given.events, file)
    if not given.ndjson:
        return file
    lines = file.with_suffix(".ndjson")
    if not lines.exists():
        import duckdb

        duckdb.execute(f"COPY (FROM '{file}') TO '{lines}' (FORMAT json)")
    return lines


def _child(given: argparse.Namespace, file: Path, mode: str, sample: int) -> dict:
    call = [sys.executable, __file__, "--mode", mode, "--file", str(file), "--sample", str(sample)]
    call += ["--rules", str(given.rules)] if given.rules else []
    done = subprocess.run(call, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def _measure(given: argparse.Namespace) -> None:
    """Run in this process; print the figures and the matches."""
    from eqlx.driver.run import Runner
    from eqlx.execution import Bounds, Dataset
    from eqlx.registry import load_executor, load_target

    rules = _rule_list(given.rules)[:: given.sample]
    start = time.monotonic()
    began = resource.getrusage(resource.RUSAGE_SELF)
    runner = Runner(
        load_executor("duckdb"),
        load_target("sql"),
        Dataset((given.file,)),
        Bounds(seconds=600, memory="4GB", threads=2),
        together=given.mode == "together",
    )
    matches = {}
    with runner:
        for run in runner.run_all(rules):
            matches[run.rule.label] = [
                [list(map(repr, m.keys)), [(e.stage, e.row, repr(e.id)) for e in m.events]]
                for m in run.matches
            ]
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "rules": len(rules),
        "events": given.file.stem,
        "cpu": used.ru_utime + used.ru_stime,
        "fixed": began.ru_utime + began.ru_stime,
        "wall": time.monotonic() - start,
        "rss": used.ru_maxrss / 1024,
        "matches": matches,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    sys.exit(main())
