"""Every emitted file through back ends with their own pipelines, as their users run them.

Runs in an environment that has the plug-ins; see docs/sigma.md, "Back ends with their pipelines":

    python pipelines.py FOLDER

Prints a row of a table for each pair: how many rules and stages convert, and how many correlations as
wholes; then the causes of the others.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.plugins import InstalledSigmaPlugins

PAIRS = (
    ("splunk", "splunk_windows"), ("splunk", "splunk_cim"), ("kusto", "microsoft_xdr"), ("kusto", "sentinel_asim"),
    ("kusto", "azure_monitor"), ("secops", "secops_udm"), ("log_scale", "crowdstrike_fdr"), ("carbon_black", "carbonblack"),
    ("cortex_xdr", "CortexXDR"), ("logpoint", "logpoint_windows"), ("sumologic_cse", "sumologic_cse"), ("sentinel_one", "sentinelone"),
    ("opensearch_lucene", None), ("lucene", "ecs_windows"), ("esql", "ecs_windows"), ("eql", "ecs_windows"), ("loki", None),
)  # fmt: skip


def documents(folder: Path):
    for path in sorted(folder.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        parts = text.split("\n---\n")
        whole = "\ncorrelation:\n" in text
        for part in parts:
            if "\ncorrelation:\n" not in part:
                yield "rules", part, path.name
        if whole:
            yield "correlations", text, path.name


def cause(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    text = re.sub(r"['\"`][^'\"`]*['\"`]", "…", text)
    return f"{type(error).__name__}: {re.sub(r'[0-9a-f-]{36}', '…', text)}"[:110]


def main(folder: str) -> None:
    plugins = InstalledSigmaPlugins.autodiscover()
    resolver = plugins.get_pipeline_resolver()
    rows = list(documents(Path(folder)))
    for backend, pipeline in PAIRS:
        if backend not in plugins.backends:
            sys.stdout.write(f"| {backend} | {pipeline or '-'} | not installed | | |\n")
            continue
        total, done, causes = Counter(), Counter(), Counter()
        for kind, text, _ in rows:
            total[kind] += 1
            try:
                found = resolver.resolve([pipeline]) if pipeline else None
                queries = plugins.backends[backend](processing_pipeline=found).convert(
                    SigmaCollection.from_yaml(text)
                )
                assert queries, "no query came out"
                done[kind] += 1
            except Exception as error:  # noqa: BLE001 - every failure is an answer
                causes[kind, cause(error)] += 1
        shown = [f"{done[kind]} of {total[kind]}" for kind in ("rules", "correlations")]
        why = "; ".join(f"{n} x {c}" for (kind, c), n in causes.most_common(4) if kind == "rules")
        sys.stdout.write(f"| {backend} | {pipeline or '-'} | {shown[0]} | {shown[1]} | {why} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
