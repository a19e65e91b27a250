"""The matcher against the definition of its operators, and every printer against the matcher."""

from __future__ import annotations

import re
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqlx.meaning.matching import regex_matches
from eqlx.patterns.folding import Folding
from eqlx.patterns.lucene import parse_lucene, print_lucene
from eqlx.patterns.regex import (
    Alternation,
    AnyCharacter,
    AnyString,
    Character,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Interval,
    Nothing,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
)
from eqlx.patterns.regex_printer import Inexpressible, to_pcre, to_re2

ASCII = Folding.ASCII

LETTERS = "aAbB1-\n\u2028é]^\\. "
TEXTS = st.text(st.sampled_from(LETTERS + "zZ0K\U0001f600"), max_size=5)

characters = st.sampled_from(LETTERS)
ranges = st.tuples(characters, characters).map(lambda pair: (min(pair), max(pair)))
one_character = st.one_of(
    characters.map(Character),
    st.builds(AnyCharacter, newline=st.just(True)),
    st.builds(
        CharacterSet,
        singles=st.frozensets(characters, max_size=3),
        ranges=st.lists(ranges, max_size=2).map(tuple),
        negated=st.booleans(),
    ),
)


def ordinary_over(children: st.SearchStrategy[RegexNode]) -> st.SearchStrategy[RegexNode]:
    parts = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        parts.map(Concatenation),
        parts.map(Alternation),
        st.builds(repetition, children, st.integers(0, 2), st.one_of(st.none(), st.integers(0, 2))),
    )


def repetition(part: RegexNode, minimum: int, more: int | None) -> RegexNode:
    return Repetition(part, minimum, None if more is None else minimum + more)


def extended_over(children: st.SearchStrategy[RegexNode]) -> st.SearchStrategy[RegexNode]:
    parts = st.lists(children, min_size=2, max_size=2).map(tuple)
    return st.one_of(ordinary_over(children), children.map(Complement), parts.map(Intersection))


intervals = st.builds(
    lambda low, span, digits: Interval(low, low + span, digits and max(3, digits)),
    st.integers(0, 120),
    st.integers(0, 60),
    st.sampled_from((0, 3)),
)
ordinary_trees = st.recursive(one_character, ordinary_over, max_leaves=6)
extended_trees = st.recursive(
    st.one_of(one_character, st.just(AnyString()), st.just(Nothing()), intervals),
    extended_over,
    max_leaves=5,
)


def lucene(root: RegexNode) -> Regex:
    return Regex(RegexDialect.LUCENE, root)


# --- the matcher against the operators' definitions ---------------------------------------------


def defined(node: RegexNode, text: str, *, fold: bool) -> bool:  # noqa: C901  one operator a case
    """Whether the node takes the whole text, word for word from what the operators mean."""

    @cache
    def takes(node: RegexNode, text: str) -> bool:
        match node:
            case Character(value):
                return text == value or (fold and same_letter(text, value))
            case AnyCharacter(newline):
                return len(text) == 1 and (newline or text not in "\n\r\x85\u2028\u2029")
            case CharacterSet(singles, spans, negated):
                listed = text in singles or (fold and any(same_letter(text, s) for s in singles))
                return len(text) == 1 and negated != (
                    listed or any(low <= text <= high for low, high in spans)
                )
            case Concatenation(()):
                return text == ""
            case Concatenation((first, *rest)):
                return any(
                    takes(first, text[:cut]) and takes(Concatenation(tuple(rest)), text[cut:])
                    for cut in range(len(text) + 1)
                )
            case Alternation(parts):
                return any(takes(part, text) for part in parts)
            case Repetition(part, minimum, maximum):
                return repeats(part, minimum, maximum, text)
            case Interval(low, high, digits):
                numeric = text.isascii() and text.isdigit()
                return numeric and low <= int(text) <= high and digits in (0, len(text))
            case Complement(part):
                return not takes(part, text)
            case Intersection(parts):
                return all(takes(part, text) for part in parts)
            case AnyString():
                return True
            case Nothing():
                return False

    def repeats(part: RegexNode, minimum: int, maximum: int | None, text: str) -> bool:
        if maximum == 0:
            return text == ""
        if text == "":
            return minimum == 0 or takes(part, "")
        fewer = None if maximum is None else maximum - 1
        # One part that is not empty, then the rest; empty parts only help to reach the minimum.
        least = 0 if takes(part, "") else max(0, minimum - 1)
        return any(
            takes(part, text[:cut]) and repeats(part, least, fewer, text[cut:])
            for cut in range(1, len(text) + 1)
        )

    return takes(node, text)


def same_letter(one: str, other: str) -> bool:
    return one.isascii() and other.isascii() and one.lower() == other.lower()


@settings(deadline=None, max_examples=300)
@given(extended_trees, TEXTS, st.booleans())
def test_matcher_follows_the_definitions(root: RegexNode, text: str, fold: bool) -> None:
    assert regex_matches(lucene(root), text, folding=ASCII if fold else None) == defined(
        root, text, fold=fold
    )


def test_matcher_stays_fast_on_long_texts() -> None:
    text = "a" * 20_000
    for pattern in ("(a|aa)*b", "(a*)*b", "@b@b", ".*a.*a.*a.*b", "~(@b@)&@a@", "(a?){50}b"):
        assert regex_matches(parse_lucene(pattern), text, folding=ASCII) == (
            pattern.startswith("~")
        )


# --- printers against the matcher ---------------------------------------------------------------


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@settings(deadline=None, max_examples=300)
@given(root=st.one_of(ordinary_trees, extended_trees), text=TEXTS, fold=st.booleans())
def test_re2_in_duckdb(
    database: duckdb.DuckDBPyConnection, root: RegexNode, text: str, fold: bool
) -> None:
    try:
        pattern = to_re2(lucene(root), ASCII if fold else None)
    except Inexpressible:
        return
    row = database.execute("SELECT regexp_full_match(?, ?)", [text, pattern]).fetchone()
    assert row == (regex_matches(lucene(root), text, folding=ASCII if fold else None),), pattern


@settings(deadline=None, max_examples=500)
@given(root=st.one_of(ordinary_trees, extended_trees), text=TEXTS, fold=st.booleans())
def test_pcre_in_python(root: RegexNode, text: str, fold: bool) -> None:
    try:
        pattern = to_pcre(lucene(root), ASCII if fold else None)
    except Inexpressible:
        return
    found = re.fullmatch(pattern, text) is not None
    assert found == regex_matches(lucene(root), text, folding=ASCII if fold else None), pattern


@settings(deadline=None, max_examples=500)
@given(root=extended_trees, texts=st.lists(TEXTS, min_size=1, max_size=5), fold=st.booleans())
def test_printed_lucene_reads_back_with_the_same_meaning(
    root: RegexNode, texts: list[str], fold: bool
) -> None:
    again = parse_lucene(print_lucene(lucene(root)))
    for text in texts:
        assert regex_matches(again, text, folding=ASCII if fold else None) == regex_matches(
            lucene(root), text, folding=ASCII if fold else None
        ), print_lucene(lucene(root))


@settings(deadline=None, max_examples=300)
@given(ordinary_trees)
def test_ordinary_trees_are_always_expressible(root: RegexNode) -> None:
    assert isinstance(to_re2(lucene(root), ASCII), str)
    assert isinstance(to_pcre(lucene(root), None), str)


@given(intervals, st.integers(0, 300), st.integers(0, 3))
def test_interval_expands_to_exactly_its_numbers(interval: Interval, number: int, pad: int) -> None:
    text = "0" * pad + str(number)
    expected = regex_matches(lucene(interval), text, folding=None)
    assert (re.fullmatch(to_pcre(lucene(interval), None), text) is not None) == expected


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, 9), (1, 20), (8, 1234), (99, 101), (0, 2**31 - 1), (1, 100000)]
)
def test_large_intervals(low: int, high: int) -> None:
    pattern = to_re2(lucene(Interval(low, high, 0)), None)
    assert len(pattern) < 500
    for number in {low, high, (low + high) // 2}:
        assert re.fullmatch(pattern, str(number))
    for number in (low - 1, high + 1):
        assert not re.fullmatch(pattern, str(number))
