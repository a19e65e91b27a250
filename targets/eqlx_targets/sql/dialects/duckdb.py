"""DuckDB 2.0: the first dialect, whose list functions and RE2 the vocabulary follows."""

from __future__ import annotations

from eqlx_targets.sql.dialects.base import Dialect, Fact
from eqlx_targets.sql.dialects.folding import folded_after

_LOWER_MISSES = (
    (0xB5, 0xB5),
    (0x17F, 0x17F),
    (0x345, 0x345),
    (0x3C2, 0x3C2),
    (0x3D0, 0x3D1),
    (0x3D5, 0x3D6),
    (0x3F0, 0x3F1),
    (0x3F5, 0x3F5),
    (0x1C80, 0x1C89),
    (0x1E9B, 0x1E9B),
    (0x1FBE, 0x1FBE),
    (0x1FD3, 0x1FD3),
    (0x1FE3, 0x1FE3),
    (0xA7CB, 0xA7CC),
    (0xA7DA, 0xA7DA),
    (0xA7DC, 0xA7DC),
    (0xFB05, 0xFB05),
    (0x10D50, 0x10D65),
)
"""Code points that `lower` leaves apart from what they fold to."""

_SPELLINGS = {
    "text_folded": folded_after("translate", "lower", _LOWER_MISSES),
    "text_length": "length($s)",
    "text_ends": "suffix($s, $part)",
    "text_contains": "contains($s, $part)",
    "text_without_last": "left($s, -$count)",
    "text_join": "array_to_string($list, $separator)",
    "text_split": "string_split($s, $separator)",
    "text_characters": "string_split($s, '')",
    "regex_full": "regexp_full_match($s, $pattern)",
    "regex_search": "regexp_matches($s, $pattern)",
    "regex_search_with": "regexp_matches($s, $pattern, $options)",
    "regex_extract": "regexp_extract($s, $pattern)",
    "regex_extract_group": "regexp_extract($s, $pattern, $group)",
    "regex_count": "length(regexp_extract_all($s, $pattern))",
    "regex_replace_first": "regexp_replace($s, $pattern, $replacement)",
    "regex_replace_all": "regexp_replace($s, $pattern, $replacement, 'g')",
    "regex_quoted": "regexp_escape($s)",
    "list_any": "length(list_filter($list, $test)) > 0",
    "list_keep": "list_filter($list, $test)",
    "list_map": "list_transform($list, $test)",
    "list_fold": "list_reduce($list, $test)",
    "list_has": "array_contains($list, $x)",
    "list_length": "length($list)",
    "list_values": "list_count($list)",
    "list_distinct": "array_distinct($list)",
    "list_concat": "list_concat($list, $other)",
    "list_first": "$list[1]",
    "list_flat": "flatten($list)",
    "list_or_null": "coalesce(nullif($list, []), [NULL])",
    "list_spread": "unnest($list)",
    "number_divide": "$n // $m",
    "double_two_digits": "format('{:.1e}', $d)",
    "double_is_infinite": "isinf($d)",
    "row_whole": "$x",
    "nullable": "$x",
    "let": "list_transform([$x], $test)[1]",
    "attempt": "TRY($x)",
    "attempt_null": "TRY($x)",
    "address_v4_digits": (
        "printf('%02x%02x%02x%02x', CAST(split_part($s, '.', 1) AS INT), "
        "CAST(split_part($s, '.', 2) AS INT), CAST(split_part($s, '.', 3) AS INT), "
        "CAST(split_part($s, '.', 4) AS INT))"
    ),
    "address_v4_groups": (
        "printf('%02x%02x:%02x%02x', CAST(split_part($s, '.', 1) AS INT), "
        "CAST(split_part($s, '.', 2) AS INT), CAST(split_part($s, '.', 3) AS INT), "
        "CAST(split_part($s, '.', 4) AS INT))"
    ),
    "address_dotted": (
        "array_to_string(list_transform([25, 27, 29, 31], "
        "LAMBDA p : CAST('0x' || substring($s, p, 2) AS INT)), '.')"
    ),
    "address_dotted_key": (
        "concat_ws('.', "
        "CAST('0x' || substring($s, 25, 2) AS UTINYINT), CAST('0x' || substring($s, 27, 2) AS UTINYINT), "
        "CAST('0x' || substring($s, 29, 2) AS UTINYINT), CAST('0x' || substring($s, 31, 2) AS UTINYINT))"
    ),
    "time_nanoseconds": "epoch_ns($time)",
    # `epoch_ms` alone rounds, and fails on TIMESTAMP_NS, _MS and _S in 2.0.1.
    "time_milliseconds": "epoch_ms(date_trunc('milliseconds', $time))",
    # `date_trunc` would round to microseconds first; `//` is towards zero, hence the CASE.
    "time_milliseconds_exact": (
        "(epoch_ns($time) // 1000000 - CASE WHEN epoch_ns($time) % 1000000 < 0 THEN 1 ELSE 0 END)"
    ),
    "time_of_milliseconds": "make_timestamp(CAST($n AS BIGINT) * 1000)",
    "time_of_double_milliseconds": "make_timestamp(CAST(round($d * 1000) AS BIGINT))",
    "time_of_nanoseconds": "make_timestamp_ns($n)",
    "time_in_utc": "$time AT TIME ZONE 'UTC'",
    "time_iso": (
        "regexp_replace(regexp_replace(strftime($time, '%Y-%m-%dT%H:%M:%S.%n'), '000$', ''), "
        "'000$', '') || 'Z'"
    ),
    "time_now": "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP)",
    "json_text": "raw_json_extract_string($document, '$')",
    "json_document": "$document",
    "json_at": "raw_json_extract($document, $key)",
    "json_opened": (
        "CASE json_type($document) WHEN 'ARRAY' THEN from_json($document, '[\"JSON\"]') "
        "ELSE [$document] END"
    ),
    "json_inside": (
        "CASE WHEN json_type($document) = 'ARRAY' AND NOT contains(CAST($document AS VARCHAR), '{') "
        "THEN raw_json_extract($document, '$.**') ELSE [$document] END"
    ),
    "json_is_value": (
        "json_type($document) IN ('VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')"
    ),
}

_FACTS = (
    Fact("no escape character in LIKE", r"SELECT 'C:\x' LIKE 'C:\x'"),
    Fact("% and _ match line ends", "SELECT chr(10) LIKE '_'"),
    Fact("ILIKE takes the Kelvin sign for k", "SELECT chr(8490) ILIKE 'k'"),
    Fact("ILIKE takes the dotted capital I for i", "SELECT chr(304) ILIKE 'i'"),
    Fact("ILIKE does not take the long s for s", "SELECT NOT chr(383) ILIKE 's'"),
    Fact("(?i) takes the long s for s", "SELECT regexp_full_match(chr(383), '(?i)s')"),
    Fact("a dot matches no line feed", "SELECT NOT regexp_full_match(chr(10), '.')"),
    Fact("$ is the end of the text alone", "SELECT NOT regexp_matches('a' || chr(10), 'a$')"),
    Fact("division by zero fails", "SELECT TRY(1 // 0) IS NULL"),
    Fact("overflow fails", "SELECT TRY(9223372036854775807 + 1::BIGINT) IS NULL"),
    Fact("NULL elements are no matches", "SELECT NOT list_contains(['a', NULL], 'b')"),
    Fact("lag gives NULL before the first row", "SELECT lag(1) OVER () IS NULL"),
    Fact("text sorts by code points", "SELECT 'B' < 'a' AND chr(65533) < chr(128512)"),
    Fact("no element beyond the end", "SELECT [1][2] IS NULL"),
)

_RESERVED = """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both
    by case cast check collate collation column columns concurrently constraint create cross
    current_catalog current_date current_role current_time current_timestamp current_user
    default deferrable desc describe distinct do else end except false fetch for foreign freeze
    from full generated glob grant group having ilike in initially inner intersect into is
    isnull join lambda lateral leading left like limit localtime localtimestamp map natural not
    notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing
    positional primary qualify references returning right select semi session_user show similar
    some struct summarize symmetric table tablesample then to trailing true try_cast tuple union
    unique unpack unpivot user using variadic verbose when where window with
"""
"""`duckdb_keywords()`, reserved and type-function, and those that sqlglot quotes."""


def pointer(key: str) -> str:
    """The JSON pointer of one key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


DUCKDB = Dialect(
    name="duckdb",
    printer="duckdb",
    spellings=_SPELLINGS,
    reserved=frozenset(_RESERVED.split()),
    key=pointer,
    functions="duckdb_functions.txt",
    facts=_FACTS,
)
