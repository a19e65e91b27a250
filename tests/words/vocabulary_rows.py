"""Each operation of the vocabulary: operands, and what it must give on every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Element:
    """A function of an element, in the vocabulary's words."""

    text: str


@dataclass(frozen=True)
class Time:
    """A time by its literal; `kind` as in `conversion`."""

    text: str
    kind: str = "TIMESTAMP"


@dataclass(frozen=True)
class Fails:
    """The operation may fail, or give NULL: never a value."""


NAN = float("nan")
IS_A = Element("LAMBDA v : v = 'a'")
DOUBLED = Element("LAMBDA v : v || v")
FAILS = Fails()
MAXIMUM = 2**63 - 1
DIGITS_V4 = "00000000000000000000ffff0a0001fe"

ROWS: dict[str, list[tuple[tuple[Any, ...], Any]]] = {
    "text_length": [(("",), 0), (("aé€",), 3), (("😀",), 1), ((None,), None)],
    "text_starts": [
        (("a%b", "a%"), True),
        (("axb", "a%"), False),
        (("a", ""), True),
        (("A", "a"), False),
        ((None, "a"), None),
    ],
    "text_ends": [(("a_b", "_b"), True), (("axb", "_b"), False), ((None, "b"), None)],
    "text_contains": [
        (("a\\b", "\\"), True),
        (("a", "A"), False),
        (("a\nb", "\nb"), True),
        ((None, "a"), None),
    ],
    "text_position": [(("äbc", "c"), 3), (("abc", "x"), 0), (("😀b", "b"), 2), ((None, "a"), None)],
    "text_slice": [
        (("äbcd", 2, 2), "bc"),
        (("ab", 2, 9), "b"),
        (("ab", 3, 1), ""),
        (("ab", 1, 0), ""),
        ((None, 1, 1), None),
    ],
    "text_from": [(("äbc", 2), "bc"), (("ab", 3), ""), ((None, 1), None)],
    "text_first": [(("äbc", 2), "äb"), (("ab", 5), "ab")],
    "text_last": [(("äbc", 2), "bc"), (("ab", 5), "ab")],
    "text_without_last": [(("abé", 1), "ab"), (("ab", 5), "")],
    "text_replace": [(("a.b.c", ".", "::"), "a::b::c"), (("a", "x", "y"), "a")],
    "text_lower": [(("ABC",), "abc"), ((None,), None)],
    "text_upper": [(("1.5e-7",), "1.5E-7")],
    "text_translated": [(("aİſb", "İſ", "ıs"), "aısb")],
    "text_lower_ascii": [(("AZaz[@É\u212a",), "azaz[@É\u212a"), ((None,), None)],
    "text_like": [
        (("C:\\x", "C:\\x"), True),
        (("C:\\x", "C:%"), True),
        (("a\nb", "a_b"), True),
        (("😀", "_"), True),
        (("A", "a"), False),
        ((None, "a"), None),
    ],
    "text_like_escaped": [
        (("a%b", "a!%b", "!"), True),
        (("axb", "a!%b", "!"), False),
        (("a\\_b", "a\\~_%", "~"), True),
    ],
    "text_folded": [(("\u03a3\u03c2 ÉſKµẞ",), "\u03c3\u03c3 éskμß"), ((None,), None)],
    "text_like_folded": [
        (("C:\\X", "c:\\x"), True),
        (("\u212aexT", "kExt"), True),
        (("a\u212aexT", "%kExt%"), True),
        (("A\nB", "a%b"), True),
        ((None, "a"), None),
    ],
    "text_like_folded_escaped": [
        (("A%B", "a!%b", "!"), True),
        (("AxB", "a!%b", "!"), False),
    ],
    "text_join": [((["a", "b"], "."), "a.b"), ((["a"], "."), "a")],
    "text_split": [(("a.b..c", "."), ["a", "b", "", "c"]), (("a", "."), ["a"])],
    "text_characters": [(("aé😀",), ["a", "é", "😀"])],
    "text_part": [(("a.b.c", ".", 2), "b"), (("a.b", ".", 5), "")],
    "text_strip_start": [(("00100", "0"), "100"), (("000", "0"), "")],
    "text_strip_end": [(("a::", ":"), "a"), (("1zZ", "Zz"), "1")],
    "text_pad_start": [(("7", 4, "0"), "0007")],
    "text_repeat": [(("0", 3), "000"), (("0", 0), "")],
    "regex_full": [
        (("abc", "a.c"), True),
        (("xabc", "a.c"), False),
        (("a\nc", "a.c"), False),
        (("ab\n", "ab"), False),
        (("b", "a|b"), True),
        (("bb", "a|b"), False),
        (("A", "a"), False),
        (("\\d", "\\\\d"), True),
        (("😀", "."), True),
        ((None, "a"), None),
    ],
    "regex_search": [
        (("xabcx", "a.c"), True),
        (("xa\ncx", "a.c"), False),
        (("ABC", "abc"), False),
        (("a\n", "a$"), False),
        ((None, "a"), None),
    ],
    "regex_search_with": [
        (("XA\nCX", "a.c", "is"), True),
        (("xA.Cx", "a.c", "s"), False),
        (("xA\ncx", "a.c", "i"), False),
        (("A", "a", "i"), True),
    ],
    "regex_extract": [(("ab12c", "[0-9]+"), "12"), (("abc", "[0-9]+"), "")],
    "regex_extract_group": [(("k=v", "(.)=(.)", 2), "v"), (("kv", "(.)=(.)", 2), "")],
    "regex_count": [(("a1b22c", "[0-9]"), 3), (("abc", "[0-9]"), 0), ((None, "a"), None)],
    "regex_replace_first": [(("aXbX", "X", "-"), "a-bX")],
    "regex_replace_all": [
        (("abcd", "(..)", "\\1:"), "ab:cd:"),
        (("a1", "[0-9]", "\\0"), "a1"),
        (("x", "a", "b"), "x"),
    ],
    "regex_quoted": [],  # judged with `regex_full` below
    "list_any": [
        ((["b", "a"], IS_A), True),
        ((["b", None], IS_A), False),
        (([], IS_A), False),
    ],
    "list_keep": [((["b", "a", None], IS_A), ["a"]), (([], IS_A), [])],
    "list_map": [((["b", "a"], DOUBLED), ["bb", "aa"])],
    "list_fold": [((["a", "b", "c"], Element("LAMBDA p, q : p || q")), "abc")],
    "list_has": [((["a", None], "a"), True), ((["a", None], "b"), False), (([], "b"), False)],
    "list_length": [((["a", None],), 2), (([],), 0)],
    "list_values": [((["a", None],), 1), (([],), 0)],
    "list_concat": [((["a"], ["b"]), ["a", "b"]), (([], ["b"]), ["b"])],
    "list_or_null": [(([],), [None]), ((["a"],), ["a"])],
    "number_add": [
        ((1, -2), -1),
        ((MAXIMUM, 1), FAILS),
        ((-MAXIMUM, -2), FAILS),
        ((None, 1), None),
    ],
    "number_subtract": [((1, 2), -1), ((-MAXIMUM, 2), FAILS), ((None, 1), None)],
    "number_multiply": [((3, -2), -6), ((MAXIMUM, 2), FAILS), ((MAXIMUM, MAXIMUM), FAILS)],
    "number_negative": [((5,), -5), ((None,), None)],
    "number_divide": [((7, 2), 3), ((-7, 2), -3), ((MAXIMUM, 2), MAXIMUM // 2), ((1, 0), FAILS)],
    "number_modulo": [((7, 3), 1), ((-7, 3), -1), ((1, 0), FAILS)],
    "double_divide": [((7.0, 2.0), 3.5), ((1.0, 0.0), float("inf"))],
    "double_equal": [
        ((1.5, 1.5), True),
        ((1.5, NAN), False),
        ((NAN, NAN), True),
        ((None, NAN), None),
    ],
    "double_less": [
        ((1.0, 2.0), True),
        ((1.0, NAN), True),
        ((NAN, 1.0), False),
        ((NAN, NAN), False),
    ],
    "double_less_or_equal": [
        ((2.0, 2.0), True),
        ((1.0, NAN), True),
        ((NAN, 1.0), False),
        ((NAN, NAN), True),
    ],
    "double_greater": [
        ((2.0, 1.0), True),
        ((1.0, NAN), False),
        ((NAN, 1.0), True),
        ((NAN, NAN), False),
    ],
    "double_greater_or_equal": [
        ((2.0, 2.0), True),
        ((1.0, NAN), False),
        ((NAN, 1.0), True),
        ((NAN, NAN), True),
    ],
    "double_modulo": [((7.5, 2.0), 1.5), ((-7.5, 2.0), -1.5)],
    "double_truncated": [((2.9,), 2.0), ((-2.9,), -2.0)],
    "double_text": [((5.0,), "5.0"), ((0.5,), "0.5"), ((-1.5,), "-1.5")],
    "truth_text": [((True,), "true"), ((False,), "false")],
    "failure": [(("x",), FAILS)],
    "failure_double": [(("x",), FAILS)],
    "list_first": [((["a", "b"],), "a"), (([],), None)],
    "double_two_digits": [((5e-324,), "4.9e-324")],
    "double_is_nan": [((float("nan"),), True), ((1.0,), False)],
    "double_is_infinite": [((float("-inf"),), True), ((1.0,), False)],
    "nullable": [(("a",), "a"), ((None,), None)],
    "let": [(("a", DOUBLED), "aa"), ((None, DOUBLED), None)],
    "address_v4_digits": [(("10.0.1.254",), "0a0001fe")],
    "address_v4_groups": [(("10.0.1.254",), "0a00:01fe")],
    "address_dotted": [((DIGITS_V4,), "10.0.1.254")],
    "address_dotted_key": [((DIGITS_V4,), "10.0.1.254")],
    "time_nanoseconds": [((Time("1970-01-01 00:00:01.5"),), 1_500_000_000)],
    "time_milliseconds": [
        ((Time("1970-01-01 00:00:00.0019"),), 1),
        ((Time("1969-12-31 23:59:59.9999"),), -1),
        ((Time("2024-01-01 00:00:00"),), 1_704_067_200_000),
    ],
    "time_milliseconds_exact": [
        ((Time("1970-01-01 00:00:00.001999999", "TIMESTAMP_NS"),), 1),
        ((Time("1969-12-31 23:59:59.999999999", "TIMESTAMP_NS"),), -1),
    ],
    "time_iso": [
        ((Time("2024-01-02 03:04:05"),), "2024-01-02T03:04:05.000Z"),
        ((Time("2024-01-02 03:04:05.000001"),), "2024-01-02T03:04:05.000001Z"),
        (
            (Time("2024-01-02 03:04:05.123456789", "TIMESTAMP_NS"),),
            "2024-01-02T03:04:05.123456789Z",
        ),
    ],
    "json_text": [
        (("1",), "1"),
        (('"x\\u00e9\\"y"',), 'xé"y'),
        (('""',), ""),
        (("true",), "true"),
    ],
    "json_is_value": [(("1",), True), (('"x"',), True), (("[1]",), False), (("null",), False)],
}
"""By operation: its operands, and the result."""

ELSEWHERE = {
    "attempt": "with `number_divide`: test_a_failure_can_be_caught",
    "attempt_null": "spelled as `attempt`, or missing",
    "list_distinct": "its order is free: test_values_once",
    "list_spread": "it makes rows: test_a_list_becomes_rows",
    "list_flat": "of lists of lists: test_lists_of_lists",
    "row_whole": "of a sub-select: test_a_row_as_one_value",
    "json_document": "it gives JSON: test_numbers_of_json_stay_as_they_are_written",
    "json_at": "it gives JSON: test_arrays_of_json",
    "json_opened": "it gives JSON: test_arrays_of_json",
    "json_inside": "it gives JSON: test_arrays_of_json",
    "time_of_milliseconds": "it gives a time: test_times_of_numbers",
    "time_of_double_milliseconds": "it gives a time: test_times_of_numbers",
    "time_of_nanoseconds": "it gives a time: test_times_of_numbers",
    "time_in_utc": "its operand has a zone: test_zones",
    "time_now": "it has no fixed result: test_now",
    "regex_quoted": "it gives a pattern: test_quoted_texts_match_themselves",
}
"""Operations without rows of their own, and the test that runs them."""
