"""Wildcards against regular expressions, and the shapes that targets go by."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eqlx.meaning.matching import wildcard_matches
from eqlx.patterns.folding import Folding
from eqlx.patterns.wildcard import Shape, Wild, Wildcard

ASCII = Folding.ASCII

ENDS = "\n\r\x85\u2028\u2029"


def formulated(pattern: str, text: str, *, fold: bool, lines: bool) -> bool:
    """`*` and `?` as Python's regular expressions have them. Line ends do not matter to a pattern that
    accepts every text (spec §13.19)."""
    lines = lines or set(pattern) == {"*"}
    one = "(?s:.)" if lines else f"[^{ENDS}]"
    body = "".join({"*": f"{one}*", "?": one}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(body, text, re.ASCII | re.IGNORECASE if fold else re.ASCII) is not None


@settings(deadline=None, max_examples=1000)
@given(
    st.text("aAb*?\n%_\\[é", max_size=7),
    st.text("aAb\n\r\u2028%_\\[é\U0001f600", max_size=7),
    st.booleans(),
    st.booleans(),
)
@example("*a*\n*b", "a\na\nb", False, False)
@example("", "", False, True)
def test_matcher(pattern: str, text: str, fold: bool, lines: bool) -> None:
    found = wildcard_matches(
        Wildcard.parse(pattern), text, folding=ASCII if fold else None, crosses_lines=lines
    )
    # Python folds beyond ASCII even for the letters here that have no ASCII case.
    assert found == formulated(pattern, text, fold=fold, lines=lines)


def test_only_ascii_folds() -> None:
    for text in ("\u212a", "\u017f", "É"):
        pattern = Wildcard.parse({"\u212a": "k", "\u017f": "s", "É": "é"}[text])
        assert not wildcard_matches(pattern, text, folding=ASCII, crosses_lines=True)


@given(st.text("ab*?", max_size=8))
def test_pieces_are_minimal_and_print_back(text: str) -> None:
    pattern = Wildcard.parse(text)
    assert Wildcard.parse(pattern.text) == pattern
    assert "" not in pattern.pieces
    for one, other in zip(pattern.pieces, pattern.pieces[1:], strict=False):
        assert not (isinstance(one, str) and isinstance(other, str))
        assert not (one is Wild.ANY_RUN and other is Wild.ANY_RUN)


@given(st.text("ab*?\n", max_size=6), st.text("ab\n", max_size=6))
def test_shapes_are_exact_tests(pattern_text: str, text: str) -> None:
    pattern = Wildcard.parse(pattern_text)
    found = wildcard_matches(pattern, text, folding=None, crosses_lines=True)
    match pattern.shape:
        case Shape.EXACT:
            assert found == (text == pattern.literal)
        case Shape.PREFIX:
            assert found == text.startswith(pattern.literal)
        case Shape.SUFFIX:
            assert found == text.endswith(pattern.literal)
        case Shape.CONTAINS:
            assert found == (pattern.literal in text)
        case Shape.ANYTHING:
            assert found
        case Shape.GENERAL:
            assert len(pattern.pieces) > 1 or pattern.pieces == (Wild.ANY_ONE,)


def test_long_texts_and_many_stars_are_fast() -> None:
    pattern = Wildcard.parse("*a" * 50 + "*b")
    assert not wildcard_matches(pattern, "a" * 50_000, folding=ASCII, crosses_lines=True)


@pytest.mark.parametrize("text", ["\\", "a\\*", "%", "_", "[x]"])
def test_there_is_no_escape(text: str) -> None:
    literal = text.replace("*", "ANY")
    assert wildcard_matches(Wildcard.parse(text), literal, folding=None, crosses_lines=True) == (
        "*" not in text or literal.startswith(text.rstrip("*"))
    )
