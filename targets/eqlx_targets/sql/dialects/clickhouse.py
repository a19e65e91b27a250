"""ClickHouse 26: booleans are 0 and 1, text functions count bytes unless they say UTF8, integers wrap."""

from __future__ import annotations

from eqlx_targets.sql.dialects.base import Dialect, Fact
from eqlx_targets.sql.words.vocabulary import Operation

_SPELLINGS = {
    "text_length": "lengthUTF8($s)",
    "text_starts": "startsWith($s, $part)",
    "text_ends": "endsWith($s, $part)",
    "text_contains": "raw_positionUTF8($s, $part) > 0",
    "text_position": "raw_positionUTF8($s, $part)",
    "text_slice": "substringUTF8($s, $start, greatest($count, 0))",
    "text_from": "substringUTF8($s, $start)",
    "text_last": "rightUTF8($s, $count)",
    "text_without_last": "substringUTF8($s, 1, greatest(lengthUTF8($s) - $count, 0))",
    "text_replace": "replaceAll($s, $part, $with)",
    "text_lower": "lowerUTF8($s)",
    "text_upper": "upperUTF8($s)",
    "text_translated": "translateUTF8($s, $before, $after)",
    "text_lower_ascii": "raw_lower($s)",
    "text_join": "arrayStringConcat($list, $separator)",
    "text_split": "splitByString($separator, assumeNotNull($s))",
    "text_characters": "extractAll(assumeNotNull($s), '(?s).')",
    "text_part": "splitByString($separator, assumeNotNull($s))[$n]",
    "text_strip_start": "raw_trimLeft($s, $characters)",
    "text_strip_end": "raw_trimRight($s, $characters)",
    "text_pad_start": "raw_leftPad(toString($s), $count, $with)",
    "regex_full": "raw_match($s, $pattern)",
    "regex_search": "raw_match($s, $pattern)",
    "regex_search_with": "raw_match($s, $pattern)",
    "regex_extract": "raw_regexpExtract($s, $pattern, 0)",
    "regex_extract_group": "raw_regexpExtract($s, $pattern, $group)",
    "regex_count": "countMatches($s, $pattern)",
    "regex_replace_first": "replaceRegexpOne($s, $pattern, $with)",
    "regex_replace_all": "replaceRegexpAll($s, $pattern, $with)",
    "regex_quoted": "regexpQuoteMeta($s)",
    "list_any": "arrayExists($test, $list)",
    "list_keep": "arrayFilter($test, $list)",
    "list_map": "arrayMap($test, $list)",
    "list_has": "has($list, $x)",
    "list_length": "raw_length($list)",
    "list_values": "arrayCount(v -> v IS NOT NULL, $list)",
    "list_distinct": "arrayFilter(v -> v IS NOT NULL, arrayDistinct($list))",
    "list_concat": "arrayConcat($list, $other)",
    "list_flat": "arrayFlatten($list)",
    "list_or_null": "CASE WHEN empty($list) THEN [NULL] ELSE $list END",
    "list_spread": "arrayJoin($list)",
    "number_divide": "intDivOrNull($n, $m)",
    "number_modulo": "moduloOrNull($n, $m)",
    "double_is_infinite": "isInfinite($d)",
    "nullable": "toNullable($x)",
    "let": "arrayMap($test, [$x])[1]",
    "attempt": "$x",
    "address_v4_digits": "raw_lower(raw_hex(toIPv4OrNull($s)))",
    "address_dotted": "IPv4NumToString(reinterpretAsUInt32(reverse(unhex(substring($s, 25, 8)))))",
    "address_dotted_key": (
        "IPv4NumToString(reinterpretAsUInt32(reverse(unhex(substring($s, 25, 8)))))"
    ),
    "time_nanoseconds": "toUnixTimestamp64Nano(toDateTime64($time, 9, 'UTC'))",
    "time_milliseconds": (
        "intDiv(toUnixTimestamp64Micro($time), 1000) "
        "- CASE WHEN modulo(toUnixTimestamp64Micro($time), 1000) < 0 THEN 1 ELSE 0 END"
    ),
    "time_milliseconds_exact": (
        "intDiv(toUnixTimestamp64Nano($time), 1000000) "
        "- CASE WHEN modulo(toUnixTimestamp64Nano($time), 1000000) < 0 THEN 1 ELSE 0 END"
    ),
    "time_of_milliseconds": "fromUnixTimestamp64Milli(toInt64($n), 'UTC')",
    "time_of_nanoseconds": "fromUnixTimestamp64Nano(toInt64($n), 'UTC')",
    "time_now": "now64(6, 'UTC')",
}

_TYPES = {
    "BIGINT": "Nullable(Int64)",
    "DOUBLE": "Nullable(Float64)",
    "VARCHAR": "Nullable(String)",
    "TIMESTAMPNTZ": "Nullable(DateTime64(6, 'UTC'))",
    "TIMESTAMP_NS": "Nullable(DateTime64(9, 'UTC'))",
}

_FACTS = (
    Fact("lower folds ASCII alone", "SELECT lower('É') = 'É'"),
    Fact("a dot matches line ends unless told otherwise", "SELECT match('\\n', '^.$')"),
    Fact("integers wrap", "SELECT toInt64(9223372036854775807) + toInt64(1) < 0"),
    Fact("no element beyond the end is the type's default", "SELECT ['a'][2] = ''"),
)


def pattern(operation: Operation, text: str, options: str) -> str:
    """RE2 whose dot matches line ends: switched off where it is not asked for."""
    flags = ("i" if "i" in options else "") + ("" if "s" in options else "-s")
    start = f"(?{flags})" if flags else ""
    return f"{start}^(?:{text})$" if operation.name == "regex_full" else f"{start}{text}"


def like(text: str) -> str:
    """A backslash escapes: a literal one is doubled."""
    return text.replace("\\", "\\\\")


CLICKHOUSE = Dialect(
    name="clickhouse",
    printer="clickhouse",
    spellings=_SPELLINGS,
    types=_TYPES,
    functions="clickhouse_functions.txt",
    pattern=pattern,
    like=like,
    materialized=False,
    row_id=False,
    facts=_FACTS,
)
