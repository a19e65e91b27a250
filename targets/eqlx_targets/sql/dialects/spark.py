"""Spark SQL 4.3 with ANSI on. Its functions are those of `SHOW FUNCTIONS`; see the facts below.

What fails under ANSI is spelled as what gives NULL, so that without ANSI nothing differs.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase

from eqlx.patterns.folding import Folding, fold
from eqlx_targets.sql.dialects.base import Dialect, Fact
from eqlx_targets.sql.dialects.folding import ICU_MISSES, folded_after
from eqlx_targets.sql.dialects.java_regex import java
from eqlx_targets.sql.words.vocabulary import Operation

_LOWERED = f"translate($s, '{ascii_uppercase}\u212a', '{ascii_lowercase}k')"
_EPOCH = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"
_MICROSECONDS = f"raw_timestampdiff(MICROSECOND, {_EPOCH}, $time)"
_BYTE = "lpad(raw_lower(hex(CAST(split_part($s, '.', {}) AS INT))), 2, '0')"
_NUMBER = "conv(substring($s, {}, 2), 16, 10)"

_SPELLINGS = {
    "text_starts": "startswith($s, $part)",
    "text_ends": "endswith($s, $part)",
    "text_contains": "contains($s, $part)",
    "text_position": "locate($part, $s)",
    "text_slice": "substring($s, $start, greatest($count, 0))",
    "text_without_last": "left($s, greatest(char_length($s) - $count, 0))",
    # `lower` makes two characters of one letter, `upper` of several: a `_` would miss them.
    "text_lower": _LOWERED,
    "text_upper": f"translate($s, '{ascii_lowercase}\u017f', '{ascii_uppercase}S')",
    "text_folded": folded_after("translate", "raw_lower", ICU_MISSES, "\u03a3"),
    "text_like_folded": f"{_LOWERED} LIKE $like",
    "text_like_folded_escaped": f"{_LOWERED} LIKE $like ESCAPE $escape",
    "text_join": "array_join($list, $separator)",
    "text_split": "split($s, raw_concat('\\\\Q', $separator, '\\\\E'))",
    "text_characters": "split($s, '')",
    "text_strip_start": "TRIM(LEADING $characters FROM $s)",
    "text_strip_end": "TRIM(TRAILING $characters FROM $s)",
    "text_pad_start": "lpad(CAST($s AS STRING), $count, $with)",
    "regex_full": "raw_regexp_like($s, $pattern)",
    "regex_search": "raw_regexp_like($s, $pattern)",
    "regex_search_with": "raw_regexp_like($s, $pattern)",
    "regex_extract": "raw_regexp_extract($s, $pattern, 0)",
    "regex_extract_group": "raw_regexp_extract($s, $pattern, $group)",
    "regex_count": "raw_regexp_count($s, $pattern)",
    "regex_replace_first": "raw_regexp_replace($s, $pattern, $replacement)",
    "regex_replace_all": "raw_regexp_replace($s, $pattern, $replacement)",
    "regex_quoted": "raw_concat('\\\\Q', replace($s, '\\\\E', '\\\\E\\\\\\\\E\\\\Q'), '\\\\E')",
    "list_any": "coalesce(raw_exists($list, $test), FALSE)",
    "list_keep": "filter($list, $test)",
    "list_map": "transform($list, $test)",
    "list_fold": "aggregate(slice($list, 2, greatest(size($list) - 1, 0)), element_at($list, 1), $test)",
    "list_has": "coalesce(raw_array_contains($list, $x), FALSE)",
    "list_length": "CAST(size($list) AS BIGINT)",
    "list_values": "CAST(size(array_compact($list)) AS BIGINT)",
    "list_distinct": "array_compact(array_distinct($list))",
    "list_concat": "raw_concat($list, $other)",
    "list_first": "raw_get($list, 0)",
    "list_flat": "flatten($list)",
    "list_or_null": "CASE WHEN size($list) > 0 THEN $list ELSE array(NULL) END",
    "list_spread": "explode($list)",
    "number_add": "raw_try_add($n, $m)",
    "number_subtract": "raw_try_subtract($n, $m)",
    "number_multiply": "raw_try_multiply($n, $m)",
    "number_negative": "raw_try_subtract(CAST(0 AS BIGINT), $n)",
    "number_divide": (
        "CASE WHEN $m = -1 THEN raw_try_subtract(CAST(0 AS BIGINT), $n) ELSE $n DIV nullif($m, 0) END"
    ),
    "number_modulo": "raw_try_mod($n, $m)",
    "double_divide": (
        "CASE WHEN $e = 0 THEN $d * CAST('Infinity' AS DOUBLE) ELSE raw_try_divide($d, $e) END"
    ),
    "double_modulo": (
        "CASE WHEN $e = 0 THEN CAST('NaN' AS DOUBLE) * $d ELSE raw_try_mod($d, $e) END"
    ),
    # Both give whole numbers of 64 bits; larger doubles have no fraction.
    "double_truncated": (
        "CASE WHEN NOT abs($d) < 9.0e15 THEN $d WHEN $d < 0 THEN CAST(raw_ceil($d) AS DOUBLE) "
        "ELSE CAST(raw_floor($d) AS DOUBLE) END"
    ),
    "double_text": "raw_lower(CAST($d AS STRING))",
    "double_two_digits": "raw_lower(CAST($d AS STRING))",
    "double_is_infinite": "abs($d) = CAST('Infinity' AS DOUBLE)",
    "truth_text": "CAST($x AS STRING)",
    "failure": "CAST(NULL AS BIGINT)",
    "failure_double": "CAST(NULL AS DOUBLE)",
    "nullable": "$x",
    "row_whole": "struct(*)",
    "let": "raw_get(transform(array($x), $test), 0)",
    "attempt": "$x",
    "address_v4_digits": "raw_concat({}, {}, {}, {})".format(
        *(_BYTE.format(n) for n in range(1, 5))
    ),
    "address_v4_groups": "raw_concat({}, {}, ':', {}, {})".format(
        *(_BYTE.format(n) for n in range(1, 5))
    ),
    "address_dotted": "raw_concat_ws('.', {}, {}, {}, {})".format(
        *(_NUMBER.format(n) for n in range(25, 32, 2))
    ),
    "address_dotted_key": "raw_concat_ws('.', {}, {}, {}, {})".format(
        *(_NUMBER.format(n) for n in range(25, 32, 2))
    ),
    "time_nanoseconds": f"{_MICROSECONDS} * 1000",
    "time_milliseconds": f"CAST(raw_floor({_MICROSECONDS} / 1000) AS BIGINT)",
    "time_milliseconds_exact": f"CAST(raw_floor({_MICROSECONDS} / 1000) AS BIGINT)",
    "time_of_milliseconds": f"raw_timestampadd(MILLISECOND, $n, {_EPOCH})",
    "time_of_double_milliseconds": (
        f"raw_timestampadd(MICROSECOND, CAST(round($d * 1000) AS BIGINT), {_EPOCH})"
    ),
    "time_of_nanoseconds": f"raw_timestampadd(MICROSECOND, $n DIV 1000, {_EPOCH})",
    "time_in_utc": "raw_convert_timezone(raw_current_timezone(), 'UTC', CAST($time AS TIMESTAMP_NTZ))",
    "time_iso": (
        "raw_concat(regexp_replace(raw_date_format($time, 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS'), "
        "'000$', ''), 'Z')"
    ),
    "time_now": "raw_convert_timezone(raw_current_timezone(), 'UTC', raw_localtimestamp())",
}

_TYPES = {
    "VARCHAR": "STRING",
    "TEXT": "STRING",
    "JSON": "STRING",
    "HUGEINT": "DECIMAL(38, 0)",
    "INT128": "DECIMAL(38, 0)",
    "UBIGINT": "DECIMAL(20, 0)",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ",
}

_CASTS = {
    "BIGINT": "TRY_CAST($x AS BIGINT)",
    "DOUBLE": "TRY_CAST($x AS DOUBLE)",
    "UBIGINT": "TRY_CAST($x AS DECIMAL(20, 0))",
}

_JSON = "JSON columns are not spelled for Spark yet: lay events out in columns"
_MISSING = {
    "attempt_null": (
        "Spark cannot catch an error, and the NULL in its place would count as a missing value"
    ),
    "json_document": _JSON,
    "json_text": _JSON,
    "json_at": _JSON,
    "json_opened": _JSON,
    "json_inside": _JSON,
    "json_is_value": _JSON,
}

_FACTS = (
    Fact("a backslash escapes in LIKE", r"SELECT 'C:\\x' LIKE 'C:\\\\x'"),
    Fact("% and _ match line ends", r"SELECT '\n' LIKE '_'"),
    Fact("(?i) folds ASCII alone", "SELECT NOT regexp_like(char(383), '(?i)s')"),
    Fact("a dot matches no line feed", r"SELECT NOT regexp_like('\n', '.')"),
    Fact("$ matches before a last line feed", r"SELECT regexp_like('a\n', 'a$')"),
    Fact("overflow gives NULL where tried", "SELECT try_add(9223372036854775807L, 1L) IS NULL"),
    Fact("division by zero gives NULL where tried", "SELECT try_divide(1, 0) IS NULL"),
    Fact("NULL elements make has NULL", "SELECT array_contains(array('a', NULL), 'b') IS NULL"),
    Fact("NULL elements make exists NULL", "SELECT exists(array(NULL), v -> v = 'b') IS NULL"),
    Fact("no element beyond the end", "SELECT get(array(1), 1) IS NULL"),
    Fact("lag gives NULL before the first row", "SELECT lag(1) OVER (ORDER BY 1) IS NULL"),
    Fact("text sorts by code points", "SELECT 'B' < 'a'"),
    Fact("a double's text is Java's", "SELECT CAST(1e7 AS STRING) = '1.0E7'"),
)


def pattern(operation: Operation, text: str, options: str) -> str:
    """RE2's language in Java's; a dot in RE2 leaves out line feeds alone."""
    made = java(text, folding="i" in options, lines="s" in options)
    if operation.name == "regex_full":
        return rf"\A(?:{made})\z"
    # There is a replacement of all alone: what stands before the first is kept as group 1.
    return rf"\A((?s:.*?))(?:{made})" if operation.name == "regex_replace_first" else made


def replacement(operation: Operation, text: str) -> str:
    """Groups are `$1`; the first one is taken where only the first match is replaced."""
    shift = int(operation.name == "regex_replace_first")
    parts = re.split(r"\\([0-9])", text.replace("$", r"\$"))
    made = "".join(p if n % 2 == 0 else f"${{{int(p) + shift}}}" for n, p in enumerate(parts))
    return ("$1" if shift else "") + made.replace("${", "$").replace("}", "")


def like(operation: Operation, text: str) -> str:
    """A backslash escapes where no other character does: a literal one is doubled. What is compared
    with lowered text is lowered."""
    if "escape" not in dict(operation.parameters):
        text = text.replace("\\", "\\\\")
    return fold(text, Folding.ASCII) if "folded" in operation.name else text


SPARK = Dialect(
    name="spark",
    printer="spark",
    spellings=_SPELLINGS,
    missing=_MISSING,
    types=_TYPES,
    casts=_CASTS,
    functions="spark_functions.txt",
    pattern=pattern,
    like=like,
    replacement=replacement,
    characters="hexadecimal",
    materialized=False,
    row_id=False,
    facts=_FACTS,
)
