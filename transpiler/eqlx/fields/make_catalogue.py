"""Makes `catalogue.txt` and `descriptions.tsv` from ECS and the list of other fields; run as a module by maintainers.

    python -m eqlx.fields.make_catalogue ../shared/data/ecs

`fields.csv` is ECS's generated list (Apache-2.0), `extra-fields.tsv` names fields of Elastic's
integrations beyond it, and `integrations.txt` beside this file more of them, kept by hand. Where
several name a field, ECS wins.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eqlx.ir.types import field_type

HEADER = """\
# Field catalogue of eqlx, made by `python -m eqlx.fields.make_catalogue`; do not edit.
# Elastic Common Schema {version} (Apache License 2.0, Copyright Elasticsearch B.V.; see NOTICE)
# and field names of Elastic's integrations beyond it. A section's head is a type; `[]` means that
# one event may hold several values; below an `open` field, any name is a keyword.
"""

ARRAYS_OF_OBJECTS = frozenset(
    {
        "azure.auditlogs.properties.target_resources",
        "azure.platformlogs.properties.log.requestObject.spec.containers",
        "gcp.audit.request.rules",
        "gcp.audit.response.rules",
        "kubernetes.audit.requestObject.rules",
        "kubernetes.audit.requestObject.spec.containers",
        "process.Ext.api.metadata.amsi_logs",
        "process.supplemental_groups",
        "process.thread.Ext.call_stack",
    }
)
"""Objects that come in lists in real events, which neither ECS nor the mapping types say."""

ARRAYS = frozenset(
    {
        "agents",
        "all_names",
        "args",
        "behaviors",
        "capabilities",
        "client_header_names",
        "defense_evasions",
        "grantors",
        "groups",
        "influencer_field_values",
        "mitigation_policies",
        "overridden_codes",
        "requestedScopes",
        "security_attributes",
        "server_header_names",
        "services",
        "sourceIPs",
        "strings",
        "taints",
        "tags",
    }
)
"""Last segments of fields beyond ECS whose values are lists."""

ALIAS_TYPES = {"completed_at": "date", "expiration": "date", "started_at": "date"}
"""What the aliases among the other fields stand for; the rest are keywords."""

OPEN_TYPES = frozenset({"flattened", "object"})
LIST_TYPES = frozenset({"nested"})


@dataclass(frozen=True, slots=True)
class Row:
    """A field as its list gives it: `type` is Elasticsearch's word, `array` what ECS says."""

    type: str
    array: bool


def read_ecs(path: Path) -> tuple[str, dict[str, Row]]:
    """ECS's version and its fields."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    version = rows[0]["ECS_Version"].removesuffix("-dev")
    return version, {
        row["Field"]: Row(row["Type"], "array" in row["Normalization"]) for row in rows
    }


def read_extra(path: Path) -> dict[str, Row]:
    """The fields beyond ECS; the list does not say which are arrays."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["field"]: Row(
                ALIAS_TYPES.get(row["field"], "keyword") if row["type"] == "alias" else row["type"],
                array=False,
            )
            for row in csv.DictReader(file, delimiter="\t")
            if not row["field"].endswith(".")
        }


def read_integrations(path: Path) -> dict[str, Row]:
    """The fields that are kept by hand."""
    rows: dict[str, Row] = {}
    for section in path.read_text(encoding="utf-8").split("\n\n")[1:]:
        head, *names = section.split()
        kind = head.removesuffix("[]").replace("open", "flattened")
        rows |= dict.fromkeys(names, Row(kind, array=head.endswith("[]")))
    return rows


def parents(name: str) -> Iterator[str]:
    """The dotted prefixes of a name, longest first."""
    while (cut := name.rfind(".")) > 0:
        name = name[:cut]
        yield name


def is_list(name: str, rows: Mapping[str, Row], ecs: Mapping[str, Row]) -> bool:
    """Whether an event may hold several values: the field is a list, or lies in a list."""
    if rows[name].array:
        return True
    if name not in ecs:
        tails = name.split(".")[1:]
        if tails and tails[-1] in ARRAYS:
            return True
        # `Target.process.args` is shaped as ECS's `process.args`; one segment says too little.
        for start in range(len(tails) - 1):
            if (like := ecs.get(".".join(tails[start:]))) is not None:
                return like.array
    if name in ARRAYS:
        return True
    return any(
        parent in ARRAYS_OF_OBJECTS
        or ((row := rows.get(parent)) is not None and (row.array or row.type in LIST_TYPES))
        for parent in parents(name)
    )


def sections(ecs: Mapping[str, Row], extra: Mapping[str, Row]) -> dict[str, list[str]]:
    """Section head to sorted field names."""
    rows = {**extra, **ecs}
    # An object that its own list leaves bare (`labels`) takes any children.
    inner = {
        parent
        for list_ in (ecs, extra)
        for name in list_
        for parent in parents(name)
        if parent in list_
    }
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(rows):
        row = rows[name]
        if row.type == "flattened" or (row.type in OPEN_TYPES and name not in inner):
            head = "open"
        else:
            head = field_type(row.type).value
        found[head + ("[]" if is_list(name, rows, ecs) else "")].append(name)
    return dict(sorted(found.items()))


def render(folder: Path) -> str:
    """The text of the catalogue from the two lists in `folder`."""
    version, ecs = read_ecs(folder / "fields.csv")
    parts = [HEADER.format(version=version)]
    beyond = read_extra(folder / "extra-fields.tsv")
    beyond |= read_integrations(Path(__file__).with_name("integrations.txt"))
    parts += [
        f"{head}\n" + "".join(f"{name}\n" for name in names)
        for head, names in sections(ecs, beyond).items()
    ]
    return "\n".join(parts)


def render_descriptions(folder: Path) -> str:
    """ECS's short descriptions: one a line, a tab, and the fields that have it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with (folder / "fields.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[" ".join(row["Description"].split())].append(row["Field"])
    return "".join(f"{text}\t{' '.join(sorted(names))}\n" for text, names in sorted(found.items()))


if __name__ == "__main__":
    for name, text in (
        ("catalogue.txt", render(Path(sys.argv[1]))),
        ("descriptions.tsv", render_descriptions(Path(sys.argv[1]))),
    ):
        Path(__file__).with_name(name).write_text(text, encoding="utf-8", newline="\n")
