"""Golden runs as data: a topic's events, the roles and types of its fields, its cases.

`golden/runs/<topic>/cases.toml` holds `[model]` (the `EventModel`), optionally `[fields]` (types that
neither the events nor the field catalogue tell) and `[[case]]` entries: `name`, `query` or `rule`,
`kind` (default event), `size`, and `ids`, which the specification gives, not an engine.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eqlx.events import read_events
from eqlx.fields.documents import flatten
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import field_type
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query, load
from eqlx.target import EventModel
from eqlx_harness.data import ROOT

RUNS = ROOT / "golden" / "runs"
KEYS = frozenset({"name", "query", "rule", "kind", "size", "ids", "refused"})


class RunError(Exception):
    """A topic's file itself is wrong: the message says where and why."""


@dataclass(frozen=True)
class RunCase:
    """One query and the ids that it matches, in order; -1 stands for a missing event."""

    name: str
    rule: Rule
    kind: str
    size: int | None
    ids: list[Any]
    refused: tuple[str, ...] = ()
    """Engines whose target refuses the query, which the run then expects of them."""


@dataclass(frozen=True)
class Topic:
    """One folder of `golden/runs`. `fields`: types stated beyond what the events show, if any."""

    folder: Path
    model: EventModel
    fields: FieldList | None
    cases: tuple[RunCase, ...]

    @property
    def events(self) -> Path:
        return self.folder / "events.ndjson"


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of their names."""
    return tuple(read(path.parent) for path in sorted(RUNS.glob("*/cases.toml")))


def read(folder: Path) -> Topic:
    """One topic.

    Raises:
        RunError: an unknown key, a field that no event has, a case without ids or with a name twice.
    """
    document = tomllib.loads((folder / "cases.toml").read_text(encoding="utf-8"))
    if unknown := set(document) - {"model", "fields", "case"}:
        message = f"{folder.name}/cases.toml: unknown keys {sorted(unknown)}"
        raise RunError(message)
    present = {name for event in read_events([folder / "events.ndjson"]) for name in flatten(event)}
    stated = document.get("fields", {})
    if absent := set(stated) - present:
        message = f"{folder.name}/cases.toml: no event has the fields {sorted(absent)}"
        raise RunError(message)
    fields = {name: FieldInfo(field_type(kind)) for name, kind in stated.items()}
    cases = tuple(_case(folder, case) for case in document["case"])
    if len({case.name for case in cases}) < len(cases):
        message = f"{folder.name}/cases.toml: two cases have one name"
        raise RunError(message)
    model = EventModel(**document.get("model", {}))
    return Topic(folder, model, FieldList(fields) if fields else None, cases)


def _case(folder: Path, case: dict[str, Any]) -> RunCase:
    where = f"{folder.name}/cases.toml: `{case.get('name')}`"
    if unknown := set(case) - KEYS:
        message = f"{where} has unknown keys {sorted(unknown)}"
        raise RunError(message)
    if "ids" not in case or ("query" in case) == ("rule" in case):
        message = f"{where} needs `ids` and one of `query` and `rule`"
        raise RunError(message)
    return RunCase(
        case["name"],
        _rule(case),
        case.get("kind", "event"),
        case.get("size"),
        case["ids"],
        tuple(case.get("refused", ())),
    )


def _rule(case: dict[str, Any]) -> Rule:
    if "query" in case:
        return from_query(case["query"], case["name"])
    loaded = load([ROOT / case["rule"]])
    if len(loaded.rules) != 1:
        message = f"{case['rule']} holds {len(loaded.rules)} rules: {loaded.diagnostics}"
        raise RunError(message)
    return loaded.rules[0]
