"""Every corpus rule becomes SQL that DuckDB binds and runs, in each of the three layouts."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from eqlx.diagnostics import Severity
from eqlx.driver import convert_rule, event_model
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir.nodes import Field, Query
from eqlx.ir.walk import walk
from eqlx.rule import Rule
from eqlx.rulefile.loader import load
from eqlx_targets.sql.conversion import COLUMN_TYPES
from eqlx_targets.sql.target import TARGET

DATA = Path(os.environ.get("EQLX_DATA", Path(__file__).parents[3] / "shared" / "data"))
RULES = DATA / "corpus" / "rules"
LONG = os.environ.get("EQLX_LONG") == "1"
STEP = 1 if LONG else 12


def rules() -> tuple[Rule, ...]:
    if not RULES.is_dir():
        pytest.skip(f"no corpus at {RULES}: set EQLX_DATA")
    loaded = load([RULES])
    assert len(loaded.rules) >= 545
    return loaded.rules[::STEP]


def columns(query: Query, roles: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for node, _, _ in walk(query):
        if isinstance(node, Field):
            found[node.name] = COLUMN_TYPES[node.type] + ("[]" if node.multivalued else "")
    for name in roles:
        info = CATALOGUE.lookup(name)
        kind = COLUMN_TYPES[info.type] if info else "VARCHAR"
        found[name] = kind + ("[]" if info and info.multivalued else "")
    return found


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def definition(fields: dict[str, str], layout: str) -> str:
    """`CREATE TABLE` for the fields; raises TypeError where a field is also an object."""
    if layout == "json":
        return "CREATE OR REPLACE TABLE events (event JSON)"
    tree: dict[str, object] = {}
    for name, kind in fields.items():
        *outer, last = [name] if layout == "flat" else name.split(".")
        node = tree
        for key in outer:
            child = node.setdefault(key, {})
            if not isinstance(child, dict):
                raise TypeError(name)
            node = child
        node[last] = kind

    def typed(node: object) -> str:
        if isinstance(node, str):
            return node
        assert isinstance(node, dict)
        return f"STRUCT({', '.join(f'{quoted(k)} {typed(v)}' for k, v in node.items())})"

    listed = ", ".join(f"{quoted(key)} {typed(node)}" for key, node in tree.items())
    return f"CREATE OR REPLACE TABLE events ({listed})"


@pytest.mark.parametrize("layout", ["nested", "flat", "json"])
def test_rules_bind_and_run_on_an_empty_table(layout: str) -> None:
    connection = duckdb.connect()
    outcomes: Counter[str] = Counter()
    faults = []
    for rule in rules():
        outcome = convert_rule(rule, TARGET, options={"layout": layout})
        if outcome.artifact is None or outcome.query is None:
            first = next(d for d in outcome.diagnostics if d.severity is Severity.ERROR)
            outcomes[first.code] += 1
            faults.append(f"{rule.name}: {first.code}: {first.message}")
            continue
        model = event_model(rule)
        fields = columns(outcome.query, (model.timestamp, model.category))
        connection.execute(definition(fields, layout))
        try:
            assert connection.execute(outcome.artifact.text).fetchall() == []
        except duckdb.Error as error:
            faults.append(f"{rule.name}: {str(error)[:200]}")
            continue
        outcomes["ran"] += 1
    assert not faults, (outcomes, faults)
    assert outcomes["ran"] == len(rules())
