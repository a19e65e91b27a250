"""The dialects by name. A new one is a file here and a line below."""

from __future__ import annotations

from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.dialects.clickhouse import CLICKHOUSE
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.dialects.spark import SPARK

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (DUCKDB, CLICKHOUSE, SPARK)}
