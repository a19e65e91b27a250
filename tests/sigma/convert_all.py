"""Every emitted rule through every back end of pySigma: how many each converts, and why not the rest.

Runs in the environment of `requirements-pysigma1.txt`, or in that of `requirements-pysigma2.txt`
for SQLite:

    python convert_all.py BACKEND FOLDER

Prints one line of JSON: the back end and, for the rules on single events, for the stages of
correlations, each on its own, and for the correlations as wholes, how many there are, how many convert,
and the reasons of the others with their number and a file each.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path

from sigma.collection import SigmaCollection

BACKENDS = {
    "splunk": ("splunk", "SplunkBackend"),
    "lucene": ("elasticsearch", "LuceneBackend"),
    "esql": ("elasticsearch", "ESQLBackend"),
    "eql": ("elasticsearch", "EqlBackend"),
    "kusto": ("kusto", "KustoBackend"),
    "loki": ("loki", "LogQLBackend"),
    "sqlite": ("sqlite", "sqliteBackend"),
}


@dataclass
class Table:
    all: int = 0
    converted: int = 0
    failures: dict[str, list] = field(default_factory=dict)

    def convert(self, backend, text: str, name: str) -> None:
        self.all += 1
        try:
            queries = backend.convert(SigmaCollection.from_yaml(text))
            assert queries, "no query came out"
        except Exception as error:  # noqa: BLE001 - every failure is an answer
            self.failures.setdefault(reason(error), [0, name])[0] += 1
            return
        self.converted += 1


def reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:160]


def main(name: str, folder: str) -> None:
    module, kind = BACKENDS[name]
    make = getattr(import_module(f"sigma.backends.{module}"), kind)
    tables = {"rules": Table(), "stages": Table(), "correlations": Table()}
    for path in sorted(Path(folder).glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        documents = text.split("\n---\n")
        if len(documents) == 1:
            tables["rules"].convert(make(), text, path.name)
            continue
        tables["correlations"].convert(make(), text, path.name)
        for document in documents:
            if "\ncorrelation:\n" not in document:
                tables["stages"].convert(make(), document, path.name)
    answer = {"backend": name, **{of: asdict(table) for of, table in tables.items()}}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
