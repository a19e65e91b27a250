"""Escaping and YAML: what is written is what is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqlx.patterns.wildcard import Wildcard
from eqlx_targets.sigma.text import literal, pattern
from eqlx_targets.sigma.yaml_writer import document

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\\*?'\"%_#:-&!|>{}[],\n\r\t\x00\x7f\x85\u2028\ufeff \u00e9~0x1aeE.+@`"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=20,
)
WORDS = st.sampled_from(["", "yes", "null", "~", "0x10", "1e3", "2024-01-01", "1_000", "=", "- a", "a: b", "no", ".inf", "%a", "---", "..."])  # fmt: skip
TEXT = st.one_of(HOSTILE, WORDS)
BACKSLASHES = st.text(st.sampled_from("\\*?a"), max_size=12)


def joined(pieces):
    """Neighbouring stretches of the same kind made one."""
    out = []
    for kind, text in pieces:
        if out and out[-1][0] and kind:
            out[-1][1] += text
        else:
            out.append([kind, text])
    return [piece for piece in out if piece[1]]


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(BACKSLASHES, HOSTILE))
def test_literal_text_has_no_wildcards_for_pysigma(pysigma, text):
    found = joined(pysigma("pieces", text=literal(text)))
    assert found == ([[True, text]] if text else [])


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(BACKSLASHES, HOSTILE))
def test_patterns_have_their_own_wildcards_for_pysigma(pysigma, text):
    parsed = Wildcard.parse(text)
    wanted = [[isinstance(p, str), p if isinstance(p, str) else p.value] for p in parsed.pieces]
    assert joined(pysigma("pieces", text=pattern(parsed))) == joined(wanted)


SCALAR = st.one_of(
    TEXT,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
TREE = st.dictionaries(
    TEXT,
    st.recursive(
        SCALAR,
        lambda inner: st.one_of(
            st.lists(st.one_of(SCALAR, st.dictionaries(TEXT, inner, max_size=3)), max_size=3).map(tuple),
            st.dictionaries(TEXT, inner, max_size=3),
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def plain(value):
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def typed(value):
    """With the type beside each scalar, so that 1, 1.0 and true differ."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return (type(value), value)


@settings(max_examples=200, deadline=None)
@given(TREE)
def test_a_document_reads_back_as_it_was(read, tree):
    text = document(tree)
    assert typed(read(text)) == typed([plain(tree)])
    assert text.endswith("\n")
    assert "\r" not in text


@pytest.mark.parametrize("word", ["yes", "off", "Null", "y", "123", "@timestamp", "a b", ""])
def test_keys_that_a_reader_would_take_for_something_else_are_quoted(word):
    assert document({word: 1}) == f"'{word}': 1\n"
