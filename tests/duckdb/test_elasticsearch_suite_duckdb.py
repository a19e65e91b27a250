"""Elasticsearch's EQL suite in DuckDB: 308 cases in each of three layouts, and 200 on nanoseconds."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from duckdb_engine import Searched, searched
from elasticsearch_suite import FOLDER, Group, difference, groups

from eqlx.execution import Match
from eqlx.fields.layout import LayoutKind
from eqlx.ir.nodes import Query
from eqlx_harness.data import LONG, data_folder, need
from eqlx_harness.engines import why_absent

PLACE = data_folder() / FOLDER
GROUPS = groups(PLACE) if PLACE.exists() else ()
LAYOUTS = list(LayoutKind)
ALL_ENGINES = bool(os.environ.get("EQLX_SQL_ENGINES"))


def failures(group: Group, engine: Searched) -> list[str]:
    def run(query: Query, _: Group, samples_per_key: int) -> Sequence[Match]:
        return engine.run(query, samples_per_key)

    found = []
    for case in group.cases:
        try:
            text = difference(case, group, run)
        except Exception as error:  # noqa: BLE001 - one case must not hide the others
            text = f"{type(error).__name__}: {error}"
        if text is not None:
            found.append(f"{case.file}/{case.name}: {text}")
    return found


def test_every_case_is_run() -> None:
    need(FOLDER)
    assert sum(len(group.cases) for group in GROUPS if not group.name.endswith("again")) == 308


@pytest.mark.skipif(not GROUPS, reason=f"THIRD-PARTY DATA MISSING: {PLACE} (set EQLX_DATA)")
@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.value for layout in LAYOUTS])
@pytest.mark.parametrize("name", [group.name for group in GROUPS] or ["missing"])
def test_every_case_gives_the_expected_ids(name: str, layout: LayoutKind) -> None:
    if name.endswith("again") and layout is not LayoutKind.FLAT and not LONG:
        pytest.skip("the nanosecond repetition runs in one layout; EQLX_LONG=1 runs it in all")
    group = next(group for group in GROUPS if group.name == name)
    with searched(group.documents, group.model, group.schema, layout) as engine:
        assert not failures(group, engine)


@pytest.mark.skipif(not GROUPS, reason=f"THIRD-PARTY DATA MISSING: {PLACE} (set EQLX_DATA)")
@pytest.mark.parametrize("name", [group.name for group in GROUPS] or ["missing"])
def test_every_case_on_clickhouse(name: str) -> None:
    if not ALL_ENGINES:
        pytest.skip("EQLX_SQL_ENGINES=1 (`.ci/run engines-sql`) runs the suite on ClickHouse")
    if (why := why_absent("clickhouse")) is not None:
        pytest.skip(f"NOT EXECUTED: {why}")
    group = next(group for group in GROUPS if group.name == name)
    with searched(
        group.documents, group.model, group.schema, LayoutKind.NESTED, dialect="clickhouse"
    ) as engine:
        found = failures(group, engine)
    assert not [failure for failure in found if "Refused: inexpressible" not in failure]
    assert len(found) <= 4, found
