"""The old name of `eqlx_targets.engines.duckdb.executor`, for installations not made anew yet."""

from __future__ import annotations

from eqlx_targets.engines.duckdb.executor import EXECUTOR

__all__ = ["EXECUTOR"]
