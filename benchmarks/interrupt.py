"""How long the long commands take to end after Ctrl-C and SIGTERM, and what they leave behind.

    python benchmarks/interrupt.py [--after CPU_SECONDS] [--repeat N]

Each command is started over the shipped rules (many times over), is told after some seconds of CPU, and is
waited for. Prints for each the slowest end of all repetitions in seconds, the exit code, the temporary
folders that are left, and what was said last. A command that ends by itself before it is told says so.
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
    """The seven long commands; with two workers where a command takes workers."""
    one, many = str(out / "slow.eql"), str(rules)
    run = ["run", many, "--events", str(EVENTS)]
    found = {
        "run": run,
        "run, reference": [*run, "--engine", "reference"],
        "check": ["check", many],
        "synth": ["synth", one, "--all", "-o", str(out / "synth.yml"), "--force", "--quiet"],
    }
    for jobs in ("1", "2"):
        found |= {
            f"convert -j {jobs}": ["convert", many, "--to", "sql", "-d", str(out / "sql")],
            f"verify -j {jobs}": ["verify", many],
            f"test -j {jobs}": ["test", many],
            f"report -j {jobs}": ["report", many, "-o", str(out / "report.html")],
        }
        for name in tuple(found):
            if name.endswith(f"-j {jobs}"):
                found[name] += ["-j", jobs]
    return found


def work_for(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until a command and its workers have used this many seconds of CPU: with others on the machine,
    seconds of the clock say little."""
    ticks = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        used = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == process.pid:  # its session
                used += int(fields[11]) + int(fields[12])
        if used / ticks >= seconds:
            return
        time.sleep(0.1)


def measure(arguments: list[str], number: int, after: float) -> tuple[float, int, list[str], str]:
    """Seconds to the end, exit code, folders that are left, and the last remark."""
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", "from eqlx.cli.main import main; main()", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "TMPDIR": scratch},
            start_new_session=True,
        )
        work_for(process, after)
        if process.poll() is not None:
            return 0.0, process.returncode, [], "ENDED BY ITSELF"
        told = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        process.wait(timeout=300)
        seconds = time.monotonic() - told
        errors.seek(0)
        lines = errors.read().decode().splitlines()
        said = next((line for line in reversed(lines) if "interrupted" in line), "SAID NOTHING")
        left = [path.name for path in Path(scratch).iterdir()]
        return seconds, process.returncode, left, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--after", type=float, default=4.0, help="seconds of CPU before the signal")
    parser.add_argument("--repeat", type=int, default=1, help="how often each is measured")
    arguments = parser.parse_args()
    # A shell starts what runs in the background deaf to Ctrl-C, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "rules")
        for number in range(COPIES):
            shutil.copytree(ROOT / "rules", rules / str(number))
        many = " or ".join(f'a.b{n} : "*x?y*{n}"' for n in range(800))
        Path(folder, "slow.eql").write_text(f"any where {many}")
        for name, command in commands(rules, Path(folder)).items():
            for number in (signal.SIGINT, signal.SIGTERM):
                ends = [measure(command, number, arguments.after) for _ in range(arguments.repeat)]
                seconds, code, left, said = max(ends)
                kind = signal.Signals(number).name
                print(
                    f"{name:15} {kind:7} {seconds:5.2f} s  exit {code:3}  left {left}  {said[:90]}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
