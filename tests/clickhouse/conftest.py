"""Everything here runs in ClickHouse and is left out, loudly, where its package is not installed."""

from __future__ import annotations

import pytest

from eqlx_harness.engines import why_absent


@pytest.fixture(autouse=True, scope="session")
def _present() -> None:
    if (why := why_absent("clickhouse")) is not None:
        pytest.skip(f"NOT EXECUTED: {why}")
