"""Everything here runs in Spark and is left out, loudly, where its package is not installed."""

from __future__ import annotations

import pytest

from eqlx_harness.engines import why_absent


@pytest.fixture(autouse=True, scope="session")
def _present() -> None:
    if (why := why_absent("spark")) is not None:
        pytest.skip(f"NOT EXECUTED: {why}")
