"""The table of docs/sigma.md of back ends with their own pipelines, measured and written by this script.

python docs/sigma_backends.py            # write the table of docs/sigma_backends.json into the page
python docs/sigma_backends.py --check    # fail where the page has another
python docs/sigma_backends.py --measure  # convert the rules under EQLX_DATA, ask the back ends, and keep the
                                         # counts in docs/sigma_backends.json; a lower one fails, and is not kept

`--measure` asks two environments: EQLX_SIGMA_BACKENDS_PYTHON (tests/sigma/requirements-backends.txt) and
EQLX_SIGMA_PYTHON (tests/sigma/requirements-pysigma2.txt, for SQLite).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from eqlx.cli.artifacts import Sink
from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_targets.sigma.target import TARGET

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
DATA = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))
PAGE, KEPT = DOCS / "sigma.md", DOCS / "sigma_backends.json"
START, END = "<!-- made by docs/sigma_backends.py -->\n", "<!-- end -->\n"

NAMES = {
    ("splunk", "splunk_windows"): "Splunk, Windows",
    ("splunk", "splunk_cim"): "Splunk, CIM",
    ("kusto", "microsoft_xdr"): "Kusto, Microsoft XDR",
    ("kusto", "sentinel_asim"): "Kusto, Sentinel ASIM",
    ("kusto", "azure_monitor"): "Kusto, Azure Monitor",
    ("secops", "secops_udm"): "SecOps, UDM",
    ("log_scale", "crowdstrike_fdr"): "CrowdStrike, FDR",
    ("carbon_black", "carbonblack"): "Carbon Black",
    ("cortex_xdr", None): "Cortex XDR",
    ("sentinel_one", None): "SentinelOne",
    ("logpoint", "logpoint_windows"): "Logpoint, Windows",
    ("sumologic_cse", "sumologic_cse"): "Sumo Logic CSE",
    ("opensearch_lucene", None): "OpenSearch, Lucene",
    ("lucene", "ecs_windows"): "Elasticsearch, Lucene",
    ("esql", "ecs_windows"): "Elasticsearch, ES\\|QL",
    ("eql", "ecs_windows"): "Elasticsearch, EQL",
    ("loki", None): "Loki",
    ("sqlite", None): "SQLite",
}
COLUMNS = ("source", "field", "language", "fault")
WAYS: tuple[dict[str, str], ...] = ({}, {"order": "any"})

Row = dict[str, Any]


def written(folder: Path, options: dict[str, str]) -> None:
    """The rules under EQLX_DATA as Sigma files."""
    sink = Sink(folder, None)
    for rule in loader.load([DATA / "corpus" / "rules"]).rules:
        outcome = convert_rule(rule, TARGET, options=options)
        if outcome.artifact is not None:
            sink.take(outcome.artifact, "unused")


def measured() -> list[Row]:
    """What each pair converts, asked in both environments."""
    pythons = [os.environ[f"EQLX_SIGMA_{name}PYTHON"] for name in ("BACKENDS_", "")]
    script = ROOT / "tests" / "sigma" / "pipelines.py"
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary, f"{number}") for number in range(len(WAYS))]
        for folder, options in zip(folders, WAYS, strict=True):
            written(folder, options)
        for python in pythons:
            command = [python, script, *folders]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
            lines += done.stdout.splitlines()
    return [json.loads(line) for line in lines]


def label(row: Row) -> str:
    return NAMES[row["backend"], row["pipeline"]]


def worse(before: list[Row], now: list[Row]) -> list[str]:
    """Pairs that convert fewer documents than is on record, or are missing."""
    found = {label(row): row for row in now}
    lines = []
    for row in before:
        new = found.get(label(row))
        if new is None:
            lines.append(f"{label(row)}: not measured")
            continue
        for way, (old_way, new_way) in enumerate(zip(row["folders"], new["folders"], strict=True)):
            for kind in ("rules", "correlations"):
                was, is_ = old_way[kind]["converted"], new_way[kind]["converted"]
                if is_ < was:
                    lines.append(f"{label(row)}, {WAYS[way]}, {kind}: {is_} convert, {was} before")
    return lines


def most(causes: list[list[Any]]) -> str:
    """The fields and tests that are lacking most often."""
    counts: Counter[str] = Counter()
    for kind, what, number in causes:
        if kind in ("field", "language", "fault"):
            counts[shown(kind, what)] += number
    return ", ".join(f"{what} ({number})" for what, number in counts.most_common(3))


def shown(kind: str, what: str) -> str:
    if kind == "fault":
        return "`IntegrityLevel` as a SID" if what.startswith("Value") else f"`{what}`"
    if kind == "field" and " " not in what.strip():
        return "path of `ParentImage`" if what.strip() == "parent" else f"`{what.strip()}`"
    words = {
        "null": "missing fields",
        "Boolean value": "booleans",
        "ORing CIDR": "alternatives of networks",
        "supports only the following fields": "other fields",
    }
    if what.startswith("Only file name"):
        return "path of `Image`"
    return words.get(what, "a field compared with a field")


def table(rows: list[Row]) -> str:
    first = rows[0]["folders"]
    rules, joins, any_joins = (
        first[0]["rules"]["all"], first[0]["correlations"]["all"], first[1]["correlations"]["all"],
    )  # fmt: skip
    head = (
        f"| back end, pipeline | of {rules} rules and stages | log source | field | test | plug-in |"
        f" most often | of {joins} joins | of {any_joins}, `order=any` |"
    )
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        plain, any_order = row["folders"]
        causes = plain["rules"]["causes"]
        counts = [sum(n for kind, _, n in causes if kind == column) for column in COLUMNS]
        others = sum(n for _, _, n in causes) - sum(counts)
        if others:
            message = f"{label(row)}: a cause without a kind: {causes}"
            raise ValueError(message)
        cells = [
            label(row), plain["rules"]["converted"], *(count or "" for count in counts), most(causes),
            plain["correlations"]["converted"], any_order["correlations"]["converted"],
        ]  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def page_with(rows: list[Row]) -> str:
    before = PAGE.read_text(encoding="utf-8")
    head, _, rest = before.partition(START)
    _, _, tail = rest.partition(END)
    if not tail:
        message = f"{PAGE} has no place for the table"
        raise ValueError(message)
    return f"{head}{START}\n{table(rows)}\n{END}{tail}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measure", action="store_true")
    asked = parser.parse_args()
    before: list[Row] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else []
    if asked.measure:
        now = measured()
        if found := worse(before, now):
            sys.stderr.write("\n".join(found) + "\n")
            return 1
        KEPT.write_text("[\n" + ",\n".join(map(json.dumps, now)) + "\n]\n", encoding="utf-8")
        before = now
    wanted = page_with(before)
    if asked.check:
        return int(wanted != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
