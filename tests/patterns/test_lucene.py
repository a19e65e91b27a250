"""Lucene's syntax, its surprises, and what is refused."""

from __future__ import annotations

import pytest

from eqlx.meaning.matching import regex_matches
from eqlx.patterns.folding import Folding
from eqlx.patterns.lucene import parse_lucene, print_lucene
from eqlx.patterns.regex import RegexError

ASCII = Folding.ASCII


def takes(pattern: str, text: str, *, fold: bool = False) -> bool:
    return regex_matches(parse_lucene(pattern), text, folding=ASCII if fold else None)


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("php?[0-9]?\\.?[0-9]{0,2}", ["ph", "php7.4", "php"], ["phpx", "xphp", "php7.444"]),
        ("a.c", ["a\nc", "a\U0001f600c"], ["ac", "abbc"]),
        ("^a$", ["^a$"], ["a"]),  # no anchors
        ('"a.*"b', ["a.*b"], ["axb"]),
        ('"ab"+', ["ab", "abab"], ["abb"]),
        ("~a*", ["", "bb", "aa"], ["a"]),  # `~` binds closer than `*`
        ("~(ab)", ["", "a", "abc"], ["ab"]),
        ("a&~b", ["a"], ["b"]),
        ("(ab|cd)&c.", ["cd"], ["ab"]),
        ("@", ["", "a\nb"], []),
        ("#", [], ["", "a"]),
        ("a#|b", ["b"], ["a"]),
        ("()", [""], ["a"]),
        ("<1-20>", ["1", "020", "20"], ["0", "21", "a", ""]),
        ("<01-20>", ["01", "20"], ["1", "001"]),
        ("<20-1>", ["5", "005"], ["0"]),
        ("a{2}", ["aa"], ["a", "aaa"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("a{1,2}", ["a", "aa"], ["", "aaa"]),
        ("[a-c]", ["a", "c"], ["d", "-"]),
        ("[^a-c]", ["d", "\n"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[a\\-z]", ["a", "-", "z"], ["m"]),
        ('[.*"@]', [".", "*", '"', "@"], ["a"]),
        ("[\\w\\-]", ["a", "_", "-", "9"], ["."]),
        ("[^\\d]", ["a"], ["1"]),
        ("\\d\\D\\w\\W\\s\\S", ["1aa. a"], ["aa1 .."]),
        ("\\.\\\\\\*", [".\\*"], ["a\\*"]),
        ("*a", ["*a"], ["a", "aa"]),  # nothing to repeat: a literal
        ("(|a)", ["|a"], ["a", ""]),
        ("a||b", ["a", "|b"], ["b", ""]),
        ("a}b]", ["a}b]"], []),
    ],
)
def test_pattern(pattern: str, hits: list[str], misses: list[str]) -> None:
    for text in hits:
        assert takes(pattern, text), text
        assert takes(print_lucene(parse_lucene(pattern)), text), text
    for text in misses:
        assert not takes(pattern, text), text
        assert not takes(print_lucene(parse_lucene(pattern)), text), text


def test_empty_pattern_takes_the_empty_text_only() -> None:
    assert takes("", "")
    assert not takes("", "a")


def test_letter_case_folds_in_singles_and_not_in_ranges() -> None:
    assert takes("abc", "aBC", fold=True)
    assert takes("[abc]", "B", fold=True)
    assert not takes("[^abc]", "B", fold=True)
    assert not takes("[a-c]+", "ABC", fold=True)
    assert takes("[^a-c]", "A", fold=True)
    assert not takes("é", "É", fold=True)


@pytest.mark.parametrize(
    ("pattern", "offset"),
    [
        ("a(b", 1),
        ("a)b", 1),
        ("a[b", 1),
        ("[a-]", 1),
        ("[.-]", 0),
        ("a|b|", 4),
        ('"ab', 0),
        ("a{", 2),
        ("a{2", 1),
        ("a{2,1}", 1),
        ("a{99999999999}", 2),
        ("<1-", 0),
        ("<a-b>", 0),
        ("<1>", 0),
        ("\\n", 0),
        ("[\\q]", 1),
        ("a|", 2),
        ("a\\", 2),
        ("[z-a]", 1),
        ("[\\.-z]", 1),
        ("(" * 2000, 50),
        ("~" * 2000 + "a", 2000),
    ],
)
def test_refused(pattern: str, offset: int) -> None:
    with pytest.raises(RegexError) as caught:
        parse_lucene(pattern)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        ("\\d+", "[0-9]+"),
        ('"a b.c"', "a b\\.c"),
        ("[\\]a-z]", "[\\]a-z]"),
        ("a&b|c", "a&b|c"),
        ("(a|b)c*", "(a|b)c*"),
        ("~(ab)", "~(ab)"),
        ("(~a)*", "(~a)*"),
        ("<1-20>", "<1-20>"),
        ("(ab){2,3}", "(ab){2,3}"),
    ],
)
def test_printed_form(pattern: str, printed: str) -> None:
    assert print_lucene(parse_lucene(pattern)) == printed
