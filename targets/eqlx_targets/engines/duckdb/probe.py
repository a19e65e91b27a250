"""Whether the installed DuckDB reads what the target `sql` prints as it is meant (decision 023).

Each construct is run on one value, once in a process. A version that lacks one, or reads it in another
way, is named before the first rule runs.
"""

from __future__ import annotations

from functools import cache

import duckdb

from eqlx.execution import EngineVersionError

_ENGINE = "duckdb"
PROMISED = ">=2.0.1,<2.1"
"""The versions of `duckdb` that pyproject.toml allows."""

FAILS = object()
"""What a construct gives that must fail."""

CONSTRUCTS: tuple[tuple[str, str, object], ...] = (
    ("lambda functions (`LAMBDA x : …`)", "list_transform([1], LAMBDA x : x + 1)", [2]),
    ("lists filtered by a lambda", "len(list_filter(['a', 'b'], LAMBDA x : x ILIKE 'A'))", 1),
    ("`array_contains`", "array_contains(['a'], 'a')", True),
    ("`regexp_full_match` with options", r"regexp_full_match('A' || chr(10), 'a.', 'is')", True),
    ("`regexp_matches` with inline options", "regexp_matches('xA', '(?i)a')", True),
    ("`regexp_extract` of a group", r"regexp_extract('ab', '(a)(b)', 2)", "b"),
    ("`ILIKE … ESCAPE`", "'a%B' ILIKE 'A!%b' ESCAPE '!'", True),
    ("`TRY`", "TRY(CAST('x' AS BIGINT)) IS NULL", True),
    ("division by zero as an error", "1 // x FROM (SELECT 0 AS x)", FAILS),
    ("remainder of zero as an error", "1 % x FROM (SELECT 0 AS x)", FAILS),
    ("division towards zero", "-7 // 2", -3),
    ("overflow as an error", "9223372036854775807 + x FROM (SELECT CAST(1 AS BIGINT) AS x)", FAILS),
    ("`TRY` about a division by zero", "TRY(1 // x) IS NULL FROM (SELECT 0 AS x)", True),
    (
        "whole milliseconds of a `TIMESTAMP`",
        "epoch_ms(date_trunc('milliseconds', TIMESTAMP '1969-12-31 23:59:59.9996'))",
        -1,
    ),
    (
        "whole milliseconds of a `TIMESTAMP_MS`",
        "epoch_ms(date_trunc('milliseconds', CAST('1970-01-01 00:00:03' AS TIMESTAMP_MS)))",
        3000,
    ),
    ("`epoch_ns`", "epoch_ns(make_timestamp_ns(999999))", 999999),
    (
        "sums of times and intervals",
        "TIMESTAMP '2024-01-01' + INTERVAL '30' SECOND = TIMESTAMP '2024-01-01 00:00:30'",
        True,
    ),
    (
        "`LAG` with a distance",
        "lag(x, 2) OVER (ORDER BY x) FROM (VALUES (1), (2), (3)) AS v(x)",
        None,
    ),
    (
        "ranges of a window by value",
        "max(1) OVER (ORDER BY 1 + 0 RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
        None,
    ),
    ("`unnest` of lists", "unnest([1])", 1),
    ("`json_extract_string`", """json_extract_string('{"a":"b"}', '$.a')""", "b"),
    ("`IS NOT DISTINCT FROM`", "(NULL IS NOT DISTINCT FROM NULL)", True),
    ("`string_split`", "string_split('a.b', '.')", ["a", "b"]),
    ("`list_reduce`", "list_reduce([1, 2], LAMBDA a, b : a + b)", 3),
    ("`strlen` in bytes", "strlen('é')", 2),
)
"""A name for people, an expression, and its value."""


@cache
def check_version() -> None:
    """Run every construct.

    Raises:
        EngineVersionError: the installed version lacks one, or reads it in another way.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, expression, expected in CONSTRUCTS:
            try:
                row = connection.execute(f"SELECT {expression}").fetchone()
                found: object = row[0] if row is not None else None
            except duckdb.Error:
                found = FAILS
            if found != expected:
                raise EngineVersionError(_ENGINE, duckdb.__version__, name, PROMISED)
