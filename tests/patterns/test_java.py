"""The subset of Java's regular expressions for computed values."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqlx.meaning.matching import regex_matches
from eqlx.patterns.folding import Folding
from eqlx.patterns.java import parse_java
from eqlx.patterns.regex import RegexError
from eqlx.patterns.regex_printer import to_pcre, to_re2

ASCII = Folding.ASCII

PIECES = (
    *("a", "b", ".", "[a-c]", "[^ab]", "\\d", "\\w", "\\S", "\\.", "(ab|c)", "(?:a|b)", "x?"),
    *("a*", "b+", "a{2}", "[ab]{1,2}", "a*?", "(a|)", "\\x41", "\\u0042", "\\t", "[\\d.]"),
)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from(PIECES), max_size=4).map("".join),
    st.text("abcAB1.x \t\n", max_size=6),
    st.booleans(),
)
def test_agrees_with_pythons_own_reading(pattern: str, text: str, fold: bool) -> None:
    flags = re.ASCII | (re.IGNORECASE if fold else 0)
    expected = re.fullmatch(pattern, text, flags) is not None
    regex = parse_java(pattern)
    assert regex_matches(regex, text, folding=ASCII if fold else None) == expected
    assert (re.fullmatch(to_pcre(regex, ASCII if fold else None), text) is not None) == expected


def test_a_dot_takes_no_line_end() -> None:
    for end in "\n\r\x85\u2028\u2029":
        assert not regex_matches(parse_java("a.b"), f"a{end}b", folding=None)
    assert regex_matches(parse_java("a.b"), "a\x0bb", folding=None)
    assert to_re2(parse_java("."), None) == "[^\\x{A}\\x{D}\\x{85}\u2028\u2029]"


def test_ranges_fold_in_java() -> None:
    assert regex_matches(parse_java("[a-c]+"), "ABC", folding=ASCII)
    assert to_re2(parse_java("[a-c]"), ASCII) == "[A-Ca-c]"


@pytest.mark.parametrize(
    "pattern", ["^abc$", "abc$", "^abc", "^a|b$|c", "(?<name>abc)", "\\Qabc\\E"]
)
def test_anchors_at_the_ends_and_quotations(pattern: str) -> None:
    assert regex_matches(parse_java(pattern), "abc", folding=None) == ("|" not in pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?i)a", "(a)\\1", "a*+", "\\bfoo", "a^b", "a$b", "[a&&b]", "[a[b]]", "a**"),
        *("(a", "a)", "[a", "[z-a]", "*a", "a{2,1}", "a{", "\\", "\\x4", "\\q", "[]", "\\p{L}"),
        "(" * 2000,
    ],
)
def test_refused(pattern: str) -> None:
    with pytest.raises(RegexError):
        parse_java(pattern)
