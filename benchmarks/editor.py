"""The language server as an editor feels it: a change of a 2 KB rule to its diagnostics, and completion.

    python benchmarks/editor.py

A client in this process speaks with a server in its own. Prints the median and the 95th percentile in
milliseconds, and exits with 1 where a median is 50 ms or more (issue 16).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

from lsp_client import Editor  # noqa: E402
from lsprotocol import types as lsp  # noqa: E402

ROUNDS = 200
LIMIT = 50.0

QUERY = (
    'process where host.os.type == "windows" and event.type == "start" and (\n'
    + " or\n".join(
        f'  (process.name : ("tool{n}.exe", "helper{n}*.exe") and process.args : "*-dump{n}*" and '
        f'not process.parent.executable : "C:\\\\Program Files\\\\Vendor{n}\\\\*")'
        for n in range(14)
    )
    + "\n)"
)
RULE = f"[rule]\nname = \"bench\"\ntype = \"eql\"\nlanguage = \"eql\"\nquery = '''\n{QUERY}\n'''\n"


def timed(work) -> float:
    start = perf_counter()
    work()
    return 1000 * (perf_counter() - start)


def main() -> int:
    print(f"a rule of {len(QUERY)} characters in a file of {len(RULE)}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder, Editor() as editor:
        file = Path(folder, "rule.toml")
        first = timed(lambda: editor.open(file, RULE))
        print(f"first opening: {first:.1f} ms")
        for name, texts in {
            "valid": [RULE.replace("tool3", f"tool{n}x") for n in range(ROUNDS)],
            "with a fault of syntax": [
                RULE.replace('process.name : ("tool3', f'process.name = ("t{n}')
                for n in range(ROUNDS)
            ],
            "with a misspelt field": [
                RULE.replace('process.name : ("tool3', f'process.nmae : ("t{n}')
                for n in range(ROUNDS)
            ],
        }.items():
            times = [timed(lambda text=text: editor.change(file, text)) for text in texts]
            worst = max(worst, shown(f"didChange to diagnostics, {name}", times))
        line = RULE[: RULE.index("process.args")].count("\n")
        column = RULE.split("\n")[line].index("process.args")
        for letters in (0, 3, 10):
            place = lsp.Position(line, column + letters)
            times = [
                timed(lambda at=place: editor.ask("completion", file, at)) for _ in range(ROUNDS)
            ]
            worst = max(worst, shown(f"completion after {letters} letters", times))
        place = lsp.Position(line, column + 3)
        shown("hover", [timed(lambda: editor.ask("hover", file, place)) for _ in range(ROUNDS)])
    return int(worst >= LIMIT)


def shown(what: str, times: list[float]) -> float:
    median = statistics.median(times)
    print(f"{what}: median {median:.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms")
    return median


if __name__ == "__main__":
    sys.exit(main())
