"""Raw events through packs, as searches see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from eqlx.driver.run import Runner
from eqlx.execution import Dataset, Event
from eqlx.packs.model import Pack
from eqlx.packs.reader import shipped_packs
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor


def mapped(
    tmp_path: Path, *events: Mapping[str, object], packs: tuple[Pack, ...] | None = None
) -> list[Event]:
    """The events as searches see them."""
    file = tmp_path / "raw.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    executor = DuckDBExecutor(packs=shipped_packs() if packs is None else packs)
    rule = Rule(Source("q", "any where true"))
    with Runner(executor, load_target("sql"), Dataset((file,))) as runner:
        run = runner.run(rule)
    assert not run.failed, run.diagnostics
    found = sorted((match.events[0] for match in run.matches), key=lambda event: event.row or 0)
    return [event.fields for event in found]


def has(event: Event, **wanted: object) -> None:
    """Whether fields have these values; `__` in a name stands for a dot."""
    for name, value in wanted.items():
        assert event.get(name.replace("__", ".")) == value, name
