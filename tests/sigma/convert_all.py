"""Every emitted rule through every back end of pySigma: how many each converts, and why not the rest.

Runs in the environment of `requirements-pysigma1.txt`, or in that of `requirements-pysigma2.txt`
for SQLite:

    python convert_all.py BACKEND FOLDER

Prints one line of JSON: the back end, rules, converted, and the reasons of failures with a rule each.
With `--text` it also prints `{"id": …, "query": …}` for each converted rule.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

BACKENDS = {
    "splunk": ("splunk", "SplunkBackend"),
    "lucene": ("elasticsearch", "LuceneBackend"),
    "esql": ("elasticsearch", "ESQLBackend"),
    "eql": ("elasticsearch", "EqlBackend"),
    "kusto": ("kusto", "KustoBackend"),
    "loki": ("loki", "LogQLBackend"),
    "sqlite": ("sqlite", "sqliteBackend"),
}


def reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:160]


def main(name: str, folder: str, *, texts: bool) -> None:
    module, kind = BACKENDS[name]
    make = getattr(import_module(f"sigma.backends.{module}"), kind)
    counts = {"rules": 0, "converted": 0}
    failures: dict[str, list[str]] = defaultdict(list)
    for path in sorted(Path(folder).glob("*.yml")):
        collection = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
        if any(isinstance(rule, SigmaCorrelationRule) for rule in collection.rules):
            continue
        for rule in collection.rules:
            counts["rules"] += 1
            try:
                queries = make().convert(SigmaCollection([rule]))
            except Exception as error:  # noqa: BLE001 - every failure is an answer
                failures[reason(error)].append(path.name)
                continue
            counts["converted"] += bool(queries)
            if texts:
                written = {"file": path.name, "query": str(queries[0])}
                sys.stdout.write(json.dumps(written) + "\n")
    share = counts["converted"] / max(counts["rules"], 1)
    reasons = {why: [len(files), files[0]] for why, files in failures.items()}
    answer = {"backend": name, **counts, "share": round(share, 4), "failures": reasons}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*[argument for argument in sys.argv[1:] if argument[0] != "-"], texts="--text" in sys.argv)
