"""ClickHouse 26: booleans are 0 and 1, text functions count bytes unless they say UTF8, integers wrap."""

from __future__ import annotations

from eqlx.patterns.folding import Folding, fold
from eqlx_targets.sql.dialects.base import Dialect, Fact
from eqlx_targets.sql.dialects.folding import ICU_MISSES, folded_after
from eqlx_targets.sql.words.vocabulary import Operation

_SPELLINGS = {
    "text_length": "toInt64(lengthUTF8($s))",
    "text_starts": "startsWith($s, $part)",
    "text_ends": "endsWith($s, $part)",
    "text_contains": "raw_positionUTF8($s, $part) > 0",
    "text_position": "toInt64(raw_positionUTF8($s, $part))",
    "text_slice": "substringUTF8($s, $start, greatest($count, 0))",
    "text_from": "substringUTF8($s, $start)",
    "text_first": "substringUTF8($s, 1, $count)",
    "text_last": "rightUTF8($s, $count)",
    "text_without_last": "substringUTF8($s, 1, greatest(lengthUTF8($s) - $count, 0))",
    "text_replace": "replaceAll($s, $part, $with)",
    # ASCII's letters alone, and the two letters that fold to them.
    "text_lower": "raw_lower(replaceAll($s, '\u212a', 'k'))",
    "text_upper": "raw_upper(replaceAll($s, 'ſ', 's'))",
    # `ILIKE` finds these two letters or not, as the pattern lets it search.
    "text_like_folded": "raw_lower(replaceAll($s, '\u212a', 'k')) LIKE $like",
    "text_like_folded_escaped": "raw_lower(replaceAll($s, '\u212a', 'k')) LIKE $like ESCAPE $escape",
    "text_folded": folded_after("translateUTF8", "lowerUTF8", ICU_MISSES, "Σ"),
    "text_translated": "translateUTF8($s, $before, $after)",
    "text_lower_ascii": "raw_lower($s)",
    "text_join": "arrayStringConcat($list, $separator)",
    "text_split": "splitByString($separator, assumeNotNull($s))",
    "text_characters": "extractAll(assumeNotNull($s), '(?s).')",
    "text_part": "arrayElement(splitByString($separator, assumeNotNull($s)), $n)",
    "text_strip_start": "TRIM(LEADING $characters FROM $s)",
    "text_strip_end": "TRIM(TRAILING $characters FROM $s)",
    "text_pad_start": "raw_leftPad(toString($s), $count, $with)",
    "regex_full": "raw_match($s, $pattern)",
    "regex_search": "raw_match($s, $pattern)",
    "regex_search_with": "raw_match($s, $pattern)",
    "regex_extract": "raw_regexpExtract($s, $pattern, 0)",
    "regex_extract_group": "raw_regexpExtract($s, $pattern, $group)",
    "regex_count": "toInt64(countMatches($s, $pattern))",
    "regex_replace_first": "replaceRegexpOne($s, $pattern, $replacement)",
    "regex_replace_all": "replaceRegexpAll($s, $pattern, $replacement)",
    "regex_quoted": "regexpQuoteMeta($s)",
    "list_any": "arrayExists($test, $list)",
    "list_keep": "arrayFilter($test, $list)",
    "list_map": "arrayMap($test, $list)",
    "list_has": "has($list, $x)",
    "list_length": "toInt64(raw_length($list))",
    "list_values": "toInt64(arrayCount(v -> v IS NOT NULL, $list))",
    "list_distinct": "arrayFilter(v -> v IS NOT NULL, arrayDistinct($list))",
    "list_concat": "arrayConcat($list, $other)",
    "list_first": "arrayElementOrNull($list, 1)",
    "list_fold": "arrayFold($test, arrayPopFront($list), arrayElement($list, 1))",
    "list_flat": "arrayFlatten($list)",
    "list_or_null": "CASE WHEN empty($list) THEN [NULL] ELSE $list END",
    "list_spread": "arrayJoin($list)",
    "number_add": "accurateCastOrNull(toInt256($n) + $m, 'Int64')",
    "number_subtract": "accurateCastOrNull(toInt256($n) - $m, 'Int64')",
    "number_multiply": "accurateCastOrNull(toInt256($n) * $m, 'Int64')",
    "number_negative": "accurateCastOrNull(-toInt256($n), 'Int64')",
    "number_divide": "intDivOrNull($n, $m)",
    "number_modulo": "moduloOrNull($n, $m)",
    "double_equal": "$d = $e OR (isNaN($d) AND isNaN($e))",
    "double_less": "$d < $e OR (isNaN($e) AND NOT isNaN($d))",
    "double_less_or_equal": "$d <= $e OR isNaN($e)",
    "double_greater": "$d > $e OR (isNaN($d) AND NOT isNaN($e))",
    "double_greater_or_equal": "$d >= $e OR isNaN($d)",
    "double_is_infinite": "isInfinite($d)",
    "double_text": (
        "CASE WHEN raw_match(toString($d), '^-?[0-9]+$') THEN concat(toString($d), '.0') "
        "ELSE toString($d) END"
    ),
    # Below 1e-320 the shortest digits may be one, where Java writes two.
    "double_two_digits": (
        "CASE WHEN abs($d) = 4.9e-324 THEN concat(CASE WHEN $d < 0 THEN '-' ELSE '' END, '4.9e-324') "
        "ELSE toString($d) END"
    ),
    "truth_text": "CASE WHEN $x THEN 'true' WHEN NOT $x THEN 'false' END",
    "failure": "CAST(NULL AS Nullable(Int64))",
    "failure_double": "CAST(NULL AS Nullable(Float64))",
    # A tuple would have no names.
    "row_whole": "formatRowNoNewline('JSONEachRow', *)",
    "nullable": "toNullable($x)",
    "let": "arrayElement(arrayMap($test, [$x]), 1)",
    "attempt": "$x",
    "address_v4_digits": "raw_lower(raw_hex(toIPv4OrNull($s)))",
    "address_v4_groups": (
        "concat(substring(raw_lower(raw_hex(toIPv4OrNull($s))), 1, 4), ':', "
        "substring(raw_lower(raw_hex(toIPv4OrNull($s))), 5, 4))"
    ),
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
    "time_of_double_milliseconds": (
        "fromUnixTimestamp64Micro(accurateCastOrNull(round($d * 1000), 'Int64'), 'UTC')"
    ),
    "time_in_utc": "$time",
    "time_iso": (
        "concat(replaceRegexpOne(replaceRegexpOne(replaceOne(toString(toDateTime64($time, 9, 'UTC')), "
        "' ', 'T'), '000$', ''), '000$', ''), 'Z')"
    ),
    # Numbers become texts, marked by a character that no document has: what is read of a number by
    # the functions below is written anew, so that 1.0 would become 1.
    "json_document": (
        "replaceAll(replaceAll(replaceRegexpAll($document, "
        '\'("(?:[^"\\\\\\\\]|\\\\\\\\.)*")|(-?[0-9][-+.0-9eE]*)\', '
        "concat('\\\\1', char(1), '\\\\2', char(1))), concat(char(1), char(1)), ''), char(1), '\"')"
    ),
    "json_text": (
        "CASE WHEN startsWith($document, '\"') THEN JSONExtractString(ifNull($document, '')) "
        "ELSE $document END"
    ),
    "json_at": "nullIf(raw_JSONExtractRaw(ifNull($document, ''), $key), '')",
    "json_opened": (
        "CASE WHEN startsWith($document, '[') THEN JSONExtractArrayRaw(ifNull($document, '')) "
        "ELSE [$document] END"
    ),
    # Without objects, what is neither bracket nor comma is a value.
    "json_inside": (
        "CASE WHEN startsWith($document, '[') AND NOT raw_positionUTF8($document, '{') > 0 "
        "THEN extractAll(ifNull($document, ''), '\"(?:[^\"\\\\\\\\]|\\\\\\\\.)*\"|[^]\"[, ]+') "
        "ELSE [$document] END"
    ),
    "json_is_value": "NOT raw_match($document, '^(?:[[{]|null$)')",
    "time_now": "now64(6, 'UTC')",
}

_TYPES = {
    "BIGINT": "Nullable(Int64)",
    "DOUBLE": "Nullable(Float64)",
    "VARCHAR": "Nullable(String)",
    "JSON": "Nullable(String)",
    "HUGEINT": "Nullable(Int256)",
    "INT128": "Nullable(Int256)",
    "UBIGINT": "Nullable(UInt64)",
    "BOOLEAN": "Nullable(Bool)",
    "TIMESTAMP": "Nullable(DateTime64(6, 'UTC'))",
    "TIMESTAMPNTZ": "Nullable(DateTime64(6, 'UTC'))",
    "TIMESTAMP_NS": "Nullable(DateTime64(9, 'UTC'))",
}

_CASTS = {
    "BIGINT": "accurateCastOrNull($x, 'Int64')",
    "UBIGINT": "accurateCastOrNull($x, 'UInt64')",
    "TIMESTAMPTZ": "parseDateTime64BestEffortOrNull($x, 6, 'UTC')",
}
_TRY_CASTS = {
    **_CASTS,
    "DOUBLE": "toFloat64OrNull($x)",
    "TIMESTAMP_NS": "parseDateTime64BestEffortOrNull($x, 9, 'UTC')",
}

_MISSING = {
    "attempt_null": (
        "ClickHouse cannot catch an error, and the NULL in its place would count as a missing value"
    ),
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


def like(operation: Operation, text: str) -> str:
    """A backslash escapes where no other character does: a literal one is doubled. What is compared
    with lowered text is lowered."""
    if "escape" not in dict(operation.parameters):
        text = text.replace("\\", "\\\\")
    return fold(text, Folding.ASCII) if "folded" in operation.name else text


CLICKHOUSE = Dialect(
    name="clickhouse",
    printer="clickhouse",
    spellings=_SPELLINGS,
    missing=_MISSING,
    types=_TYPES,
    casts=_CASTS,
    try_casts=_TRY_CASTS,
    settings=(("precise_float_parsing", 1),),
    characters="bytes",
    functions="clickhouse_functions.txt",
    pattern=pattern,
    like=like,
    materialized=False,
    row_id=False,
    parameter="DateTime64(6, 'UTC')",
    facts=_FACTS,
)
