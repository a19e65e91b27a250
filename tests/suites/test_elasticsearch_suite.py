"""The reference interpreter on Elasticsearch's EQL suite: 308 cases, and 200 again on nanoseconds."""

from __future__ import annotations

import pytest
from elasticsearch_suite import FOLDER, Case, Group, difference, groups

from eqlx.execution import Match
from eqlx.ir.nodes import Query
from eqlx.reference import evaluate
from eqlx_harness.data import data_folder, need

PLACE = data_folder() / FOLDER
GROUPS = groups(PLACE) if PLACE.exists() else ()
CASES = [
    pytest.param(group, case, id=f"{group.name}/{case.file}/{case.name}")
    for group in GROUPS
    for case in group.cases
]


def reference(query: Query, group: Group, samples_per_key: int) -> list[Match]:
    return evaluate(query, group.documents, group.model, samples_per_key=samples_per_key)


def test_every_case_is_loaded() -> None:
    need(FOLDER)
    sizes = {group.name: len(group.cases) for group in GROUPS}
    assert sizes.pop("endgame-140-nanos-again") == 200
    assert sum(sizes.values()) == 308


@pytest.mark.skipif(not CASES, reason=f"THIRD-PARTY DATA MISSING: {PLACE} (set EQLX_DATA)")
@pytest.mark.parametrize(("group", "case"), CASES or [pytest.param(None, None, id="missing")])
def test_case(group: Group, case: Case) -> None:
    assert difference(case, group, reference) is None
