"""The spelling that most engines share. A dialect's file says only where it differs."""

from __future__ import annotations

SPELLINGS: dict[str, str] = {
    "text_length": "char_length($s)",
    "text_starts": "starts_with($s, $part)",
    "text_contains": "strpos($s, $part) > 0",
    "text_position": "strpos($s, $part)",
    "text_slice": "substring($s, $start, $count)",
    "text_from": "substring($s, $start)",
    "text_first": "left($s, $count)",
    "text_last": "right($s, $count)",
    "text_replace": "replace($s, $part, $with)",
    "text_lower": "lower($s)",
    "text_upper": "upper($s)",
    "text_translated": "translate($s, $before, $after)",
    "text_lower_ascii": (
        "translate($s, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    ),
    "text_like": "$s LIKE $like",
    "text_like_escaped": "$s LIKE $like ESCAPE $escape",
    "text_like_folded": "$s ILIKE $like",
    "text_like_folded_escaped": "$s ILIKE $like ESCAPE $escape",
    "text_part": "split_part($s, $separator, $n)",
    "text_strip_start": "ltrim($s, $characters)",
    "text_strip_end": "rtrim($s, $characters)",
    "text_pad_start": "lpad($s, $count, $with)",
    "text_repeat": "repeat($s, $count)",
    "number_add": "$n + $m",
    "number_subtract": "$n - $m",
    "number_multiply": "$n * $m",
    "number_negative": "-$n",
    "number_modulo": "$n % $m",
    "double_text": "CAST($d AS VARCHAR)",
    "truth_text": "CAST($x AS VARCHAR)",
    "failure": "CAST($s AS BIGINT)",
    "failure_double": "CAST($s AS DOUBLE)",
    "double_divide": "$d / $e",
    "double_modulo": "$d % $e",
    "double_truncated": "trunc($d)",
    "double_is_nan": "isnan($d)",
}
