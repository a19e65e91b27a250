"""Everything here runs in Spark, which is started on demand, and is left out, loudly, otherwise."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def _present() -> None:
    if not os.environ.get("EQLX_SQL_ENGINES"):
        pytest.skip("NOT EXECUTED: EQLX_SQL_ENGINES=1 (`.ci/run spark`) starts Spark")
    pytest.importorskip("pyspark", reason="NOT EXECUTED: pip install 'eqlx[spark]'")
