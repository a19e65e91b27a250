"""Every emitted file through back ends with their own pipelines, as their users run them.

Runs in the environment of `requirements-backends.txt`, and for SQLite in that of
`requirements-pysigma2.txt`:

    python pipelines.py FOLDER…

Prints a line of JSON for each pair that is installed: for each folder how many rules and stages there are,
each on its own, how many convert, and how many of the correlations as wholes; then the causes of the others
of the first folder, by kind. The table of docs/sigma.md is made of it (`docs/sigma_backends.py`).
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.plugins import InstalledSigmaPlugins

PAIRS = (
    ("splunk", "splunk_windows"), ("splunk", "splunk_cim"), ("kusto", "microsoft_xdr"), ("kusto", "sentinel_asim"),
    ("kusto", "azure_monitor"), ("secops", "secops_udm"), ("log_scale", "crowdstrike_fdr"), ("carbon_black", "carbonblack"),
    ("cortex_xdr", None), ("sentinel_one", None), ("logpoint", "logpoint_windows"), ("sumologic_cse", "sumologic_cse"),
    ("opensearch_lucene", None), ("lucene", "ecs_windows"), ("esql", "ecs_windows"), ("eql", "ecs_windows"), ("loki", None),
    ("sqlite", None),
)  # fmt: skip
"""(back end, pipeline). Those of Cortex and SentinelOne apply their pipeline themselves, and refuse what it adds
(`EndpointOS`) where it is named again."""

CAUSES = (
    (
        "fault",
        r"field name encountered: (EndpointOS)\b",
    ),  # which the pipeline adds, and does not list
    (
        "fault",
        r"field name encountered: (TargetProcessFilename)\b",
    ),  # not in the pipeline's own schema
    ("fault", r"(Value '[^']*' can't be converted to number)"),  # a level of integrity by its SID
    ("field", r"supports only the following fields"),
    ("source", r"Unable to determine table name|Rule type not yet supported"),
    (
        "field",
        r"field name encountered: ([\w./]*\w)|Field ([^ ]+) is not a valid|support the (\w+) field",
    ),
    ("field", r"Only file name of (parent )?image is available"),
    (
        "language",
        r"Field (null) expr|(ORing CIDR)|(Boolean value)|Field [Rr]eference|ORing FieldRef|field references",
    ),
    ("order", r"[Cc]orrelation"),
)
"""What the pair lacks: a log source, a field of it, a test that the language can write, correlations or their
order; or a fault of the plug-in itself."""


def documents(folder: Path) -> Iterator[tuple[str, str]]:
    """(kind, text) of each document, and of each correlation with its stages."""
    for path in sorted(folder.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        for part in text.split("\n---\n"):
            if "\ncorrelation:\n" not in part:
                yield "rules", part
        if "\ncorrelation:\n" in text:
            yield "correlations", text


def cause(error: Exception) -> tuple[str, str]:
    """(the kind, the field or the words) of a failure."""
    text = str(error).splitlines()[0] if str(error) else ""
    for kind, pattern in CAUSES:
        found = re.search(pattern, text)
        if found is not None:
            return kind, next((group for group in found.groups() if group), found[0])
    return "other", f"{type(error).__name__}: {text}"[:110]


def measured(make, folder: Path) -> dict:
    """How many documents of a folder convert, and why not the others."""
    total, done, causes = Counter(), Counter(), Counter()
    for kind, text in documents(folder):
        total[kind] += 1
        try:
            queries = make().convert(SigmaCollection.from_yaml(text))
            assert queries, "no query came out"
            done[kind] += 1
        except Exception as error:  # noqa: BLE001 - every failure is an answer
            causes[(kind, *cause(error))] += 1
    return {
        kind: {
            "all": total[kind],
            "converted": done[kind],
            "causes": [[*why, n] for (of, *why), n in sorted(causes.items(), key=lambda c: -c[1]) if of == kind],
        }
        for kind in ("rules", "correlations")
    }  # fmt: skip


def main(folders: list[str]) -> None:
    plugins = InstalledSigmaPlugins.autodiscover()
    resolver = plugins.get_pipeline_resolver()
    for backend, pipeline in PAIRS:
        if backend not in plugins.backends:
            continue

        def make(backend=backend, pipeline=pipeline):
            found = resolver.resolve([pipeline]) if pipeline else None
            return plugins.backends[backend](processing_pipeline=found)

        found = [measured(make, Path(folder)) for folder in folders]
        row = {"backend": backend, "pipeline": pipeline, "folders": found}
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
