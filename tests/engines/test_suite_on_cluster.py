"""Elasticsearch's EQL suite on a real cluster: event queries, sequences and samples by stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from cluster_engine import NO_SCRIPTS, Refused, Searched, searched
from elasticsearch_suite import FOLDER, Case, Group, difference, groups

from eqlx.execution import Match
from eqlx.ir.nodes import Query
from eqlx_harness.data import data_folder

pytestmark = pytest.mark.node

PLACE = data_folder() / FOLDER
GROUPS = groups(PLACE) if PLACE.exists() else ()
CASES = [
    pytest.param(group, case, id=f"{group.name}/{case.file}/{case.name}")
    for group in GROUPS
    for case in group.cases
]


@pytest.fixture(scope="module")
def opened() -> Iterator[dict[str, Searched]]:
    """The groups' indices, each made once."""
    with ExitStack() as stack:
        yield {
            group.name: stack.enter_context(searched(group.documents, group.model, group.schema))
            for group in GROUPS
        }


@pytest.mark.skipif(not CASES, reason=f"THIRD-PARTY DATA MISSING: {PLACE} (set EQLX_DATA)")
@pytest.mark.parametrize(("group", "case"), CASES or [pytest.param(None, None, id="missing")])
def test_case(group: Group, case: Case, opened: dict[str, Searched]) -> None:
    def engine(query: Query, group: Group, samples_per_key: int) -> list[Match]:
        return list(opened[group.name].run(query, samples_per_key))

    try:
        found = difference(case, group, engine)
    except Refused as refusal:
        if "versions" not in str(refusal) and NO_SCRIPTS not in str(refusal):
            raise
        pytest.skip(f"refused: {refusal}")
    assert found is None
