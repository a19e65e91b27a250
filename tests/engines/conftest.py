"""Tests that need a cluster: skipped, loudly, where none answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_engine import runs_scripts

from eqlx_harness.engines import why_absent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents and "node" in item.keywords]
    why = why_absent("elasticsearch") if mine else None
    if why is not None:
        for item in mine:
            item.add_marker(pytest.mark.skip(reason=f"NO CLUSTER: {why} (`.ci/run engines`)"))
    elif mine and not runs_scripts():
        for item in mine:
            if "needs_scripts" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="NO PAINLESS on this node"))
