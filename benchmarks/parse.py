"""Parsing against `eql` 1.0.1, as a ratio of CPU times in one run.

    python benchmarks/parse.py EQL_PYTHON [RULES] [ROUNDS]

EQL_PYTHON is the interpreter of an environment that has `eql==1.0.1` (AGPL: it runs in a process
of its own and is never imported here). RULES is the folder of the rules' TOML files. Each side
parses all texts ROUNDS times, in turns; a side's figure is the best of its rounds, so that other
work on the machine counts least. Start-up is measured apart.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEER = """
import gc, json, sys, time
start = time.process_time()
from eql.parser import elasticsearch_syntax, elasticsearch_validate_optional_fields
from eql.parser import parse_query, skip_optimizations
texts = json.loads(sys.stdin.readline())
def run():
    failed = 0
    with elasticsearch_syntax, elasticsearch_validate_optional_fields, skip_optimizations:
        for text in texts:
            try:
                parse_query(text, implied_any=False)
            except Exception:
                failed += 1
    return failed
run.first = time.process_time()
run()
print(json.dumps({"startup": run.first - start}), flush=True)
for line in sys.stdin:
    gc.collect()
    start = time.process_time()
    failed = run()
    print(json.dumps({"seconds": time.process_time() - start, "failed": failed}), flush=True)
"""


def queries(folder: Path) -> list[str]:
    files = sorted(folder.rglob("*.toml"))
    return [tomllib.loads(file.read_text("utf-8"))["rule"]["query"] for file in files]


def cpu(function) -> float:
    gc.collect()
    start = time.process_time()
    function()
    return time.process_time() - start


def sides(texts: list[str]) -> dict:
    """Name → what is measured on our side."""
    from eqlx.diagnostics import Report
    from eqlx.fields.catalogue import CATALOGUE
    from eqlx.passes.context import Context
    from eqlx.passes.lower import lower
    from eqlx.passes.pipeline import compile_source
    from eqlx.source import Source
    from eqlx.syntax.parser import parse

    def parsed():
        for text in texts:
            assert parse(Source("query", text), Report()) is not None

    def lowered():
        for text in texts:
            context = Context(CATALOGUE, Report())
            statement = parse(Source("query", text), context.report)
            assert statement is not None
            lower(statement, context)

    def compiled():
        for text in texts:
            compile_source(Source("query", text), Context(CATALOGUE, Report()))

    return {
        "parse": parsed,
        "parse and lower": lowered,
        "parse to IR, all passes": compiled,
    }


def cold_start() -> dict[str, float]:
    """CPU seconds of a new process: import lark and the parser, make the grammar's tables."""
    code = (
        "import time; a=time.process_time(); import eqlx.syntax.parser as p;"
        "b=time.process_time(); p.grammar(); c=time.process_time(); print(b-a, c-b)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        for _ in range(5)
    ]
    pairs = [tuple(map(float, run.stdout.split())) for run in runs]
    return {"import": min(p[0] for p in pairs), "grammar": min(p[1] for p in pairs)}


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    data = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else data / "corpus" / "rules"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    texts = queries(folder)
    measured = sides(texts)
    best = dict.fromkeys([*measured, "eql"], float("inf"))
    peer = subprocess.Popen(
        [sys.argv[1], "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert peer.stdin is not None
    assert peer.stdout is not None
    peer.stdin.write(json.dumps(texts) + "\n")
    peer.stdin.flush()
    startup = json.loads(peer.stdout.readline())["startup"]
    answer = {}
    for _ in range(rounds):
        peer.stdin.write("go\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        best["eql"] = min(best["eql"], answer["seconds"])
        for name, function in measured.items():
            best[name] = min(best[name], cpu(function))
    peer.stdin.close()
    print(
        f"{len(texts)} texts, {sum(map(len, texts))} characters; best CPU time of {rounds} rounds"
    )
    print(f"lark-cython: {'yes' if find_spec('lark_cython') else 'no'}")
    for name, seconds in best.items():
        print(f"{name:>24}: {seconds:6.3f} s  {seconds / best['eql']:7.1%} of eql")
    print(f"eql refused {answer['failed']} of the texts; its start-up took {startup:.3f} s")
    cold = cold_start()
    print(f"our start-up: import {cold['import']:.3f} s, grammar {cold['grammar']:.3f} s")


if __name__ == "__main__":
    main()
