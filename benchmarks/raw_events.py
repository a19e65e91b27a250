"""Raw Sysmon events through a pack, against the same events mapped beforehand: CPU and memory.

    python benchmarks/raw_events.py RECORDING [EVENTS]

RECORDING: NDJSON of raw Sysmon events, or a zip of it. It is repeated, each time shifted by a day, until there are
EVENTS (1,000,000), written to a temporary folder, and searched by one rule and by the rules of this repository in
processes of their own: raw, by recognition; and as the ECS events that the pack makes of them.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE = 'process where process.name : "rundll32.exe" and process.args : "*comsvcs*"'
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}")


def recording(path: Path) -> list[str]:
    """The lines of the recording that are Sysmon's."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = "".join(archive.read(name).decode() for name in archive.namelist())
    else:
        text = path.read_text("utf-8")
    return [line for line in text.splitlines() if '"Microsoft-Windows-Sysmon/Operational"' in line]


def shifted(line: str, days: int) -> str:
    def later(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[0]) + timedelta(days=days)
        return moment.isoformat(sep=found[0][10], timespec="seconds")

    return _TIME.sub(later, line)


def repeated(lines: list[str], count: int) -> Iterator[str]:
    for number in range(count):
        yield shifted(lines[number % len(lines)], number // len(lines))


def mapped(raw: Path, ecs: Path) -> None:
    """The events as the packs make them, by DuckDB, as NDJSON."""
    from eqlx.events import Broken
    from eqlx.execution import Bounds
    from eqlx.packs.reader import shipped_packs
    from eqlx_targets.engines.duckdb.connection import Connection
    from eqlx_targets.engines.duckdb.documents import read_documents
    from eqlx_targets.engines.duckdb.files import open_files
    from eqlx_targets.engines.duckdb.packs import map_documents

    scratch = ecs.with_suffix(".scratch")
    scratch.mkdir()
    connection = Connection(Bounds(3600.0), scratch / "spill")
    with connection.timed("mapping"):
        faults = Broken()
        found = read_documents(open_files([raw], scratch, faults), connection, scratch, faults)
        map_documents(connection, shipped_packs(), "event.category", found.shapes.places)
        connection.raw.execute(
            f"COPY (SELECT json FROM documents) TO '{ecs}' (FORMAT csv, DELIMITER '\x01', QUOTE '', ESCAPE '', HEADER false)"
        )
    connection.close()


def measured(events: Path, *rules: str) -> tuple[float, float, int]:
    """CPU seconds, gigabytes at most, and matches of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = (
        "import resource,sys\nfrom eqlx.cli.main import program\n"
        "try:\n    program()\nfinally:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            "run",
            *rules,
            "--events",
            str(events),
            "--format",
            "ndjson",
            "--timeout",
            "1800",
            "--memory",
            "2GB",
        ],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode > 1:
        raise SystemExit(done.stderr.decode())
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = int(done.stderr.split()[-1]) / 1e6
    return cpu, peak, len(done.stdout.splitlines())


def main() -> None:
    lines = recording(Path(sys.argv[1]))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="eqlx-bench-") as folder:
        raw, ecs = Path(folder, "raw.ndjson"), Path(folder, "ecs.ndjson")
        with raw.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in repeated(lines, count))
        done = subprocess.run([sys.executable, __file__, "--map", str(raw), str(ecs)], check=False)
        if done.returncode:
            sys.exit("the events could not be mapped")
        print(
            f"{count:,} events: raw {raw.stat().st_size / 1e6:,.0f} MB, mapped {ecs.stat().st_size / 1e6:,.0f} MB",
            flush=True,
        )
        for name, rules in (
            ("one rule", ("-q", ONE)),
            ("the rules of this repository", ("rules",)),
        ):
            results = {
                what: measured(file, *rules) for what, file in (("mapped", ecs), ("raw", raw))
            }
            for what, (cpu, peak, matches) in results.items():
                print(
                    f"{name}, {what}: {cpu:.1f} s of CPU, {peak:.2f} GB, {matches} matches",
                    flush=True,
                )
            print(
                f"{name}: raw / mapped = {results['raw'][0] / results['mapped'][0]:.2f}", flush=True
            )


if __name__ == "__main__":
    if sys.argv[1] == "--map":
        mapped(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
