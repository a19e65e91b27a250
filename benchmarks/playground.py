"""Playground: from a key press to fresh output, in a real browser.

    python benchmarks/playground.py [--presses 200] [--bytes 2048]

Types letters into a query of about this many bytes (`--bytes`) and prints the median and the 95th percentile of the time from
each press to the output of all tabs, in milliseconds. Needs a Chromium and `eqlx[play]`. The machine's other work
counts, so that the figures are upper bounds.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "harness"))
from eqlx_harness.browser import Page, browser, opened

PROGRAM = [sys.executable, "-c", "from eqlx.cli.main import main; main()", "play", "--port", "0"]
CLOCK = """(() => { const root = document.documentElement; window.took = [];
  new MutationObserver(() => { if (window.pressed) { window.took.push(performance.now() - window.pressed); window.pressed = 0; } })
    .observe(root, {attributes: true, attributeFilter: ['data-number']});
  document.querySelector('.cm-content').addEventListener('beforeinput', () => { window.pressed = performance.now(); }, true);
})()"""


def query(size: int) -> str:
    names, number = [], 0
    while sum(map(len, names)) < size - 120:
        number += 1
        names.append(f'process.command_line : ("*tool{number}.exe -x *", "*run{number} /s*")')
    return 'process where host.os.type == "windows" and (' + " or\n  ".join(names) + ")"


def measured(page: Page, presses: int) -> list[float]:
    for count in range(presses):
        page.send("Input.insertText", text=" ")
        while page.ask("window.took.length") == count:
            time.sleep(0.005)
    found = page.ask("window.took")
    assert isinstance(found, list)
    return [float(each) for each in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=2048)
    given = parser.parse_args()
    program = browser()
    if program is None:
        sys.exit("no Chromium here")
    text = query(given.bytes)
    with (
        subprocess.Popen(PROGRAM, stderr=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as profile,
        opened(program, Path(profile)) as page,
    ):
        address = re.search(r"http://\S+", server.stderr.readline())[0]
        page.go(address)
        while not page.ask("document.documentElement.dataset.number > 0"):
            time.sleep(0.02)
        page.ask("document.querySelector('.cm-content').focus()")
        page.send("Input.insertText", text=text + " ")
        time.sleep(1)
        page.ask(CLOCK)
        times = sorted(measured(page, given.presses))
        server.terminate()
    p95 = times[int(0.95 * len(times)) - 1]
    print(
        f"{len(text)} bytes, {len(times)} presses: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms"
    )


if __name__ == "__main__":
    main()
