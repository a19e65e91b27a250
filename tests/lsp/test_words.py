"""The words of an editor are the tokens of the grammar, on every text that parses."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from eqlx.diagnostics import Report
from eqlx.lsp.words import WordKind, word_at, words
from eqlx.rulefile.loader import load
from eqlx.syntax.comments import blank_comments
from eqlx.syntax.parser import grammar, parse
from eqlx_harness.data import need

SAMPLES = [
    'sequence by a, ?b with maxspan=1m [process where x == "y" // c\n and not z in~ ("a",\n "b")] ![any where true] until [file where false] | tail 2',
    'any where a.`b c`.d : ("*", """x"y""") and e regex~ "a[b-c]" /* d */ or -1.5e3 + .5 * 2 % 3 > length~(f)',
    'sample by a [ "x y" where a != null] [any where concat(a,"") like """\\"""]',
]


def compared(text):
    """Offsets of the grammar's tokens; a path or a run of strings is several words."""
    plain, _ = blank_comments(text)
    return {token.start_pos for token in grammar().lex(plain) if token.type != "DOT"}


def test_words_begin_where_tokens_begin():
    texts = [*SAMPLES, *(r.query.text for r in load([Path(__file__).parents[2] / "rules"]).rules)]
    for text in texts:
        starts = {word.start for word in words(text) if word.kind is not WordKind.COMMENT}
        assert compared(text) <= starts, text


def test_words_of_real_rules_begin_where_tokens_begin():
    rules = load([need("corpus")]).rules
    texts = [rule.query.text for rule in rules if parse(rule.query, Report()) is not None]
    assert len(texts) > 100
    for text in texts:
        starts = {word.start for word in words(text) if word.kind is not WordKind.COMMENT}
        assert compared(text) <= starts, text


def test_words_do_not_overlap():
    for text in [*SAMPLES, '"', '"""a', "`a", "a.b.", "/* /* */ a", "a~ b~(", "🙂"]:
        found = words(text)
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))
        assert all(text[word.start : word.end] == word.text for word in found)


@pytest.mark.parametrize(
    ("text", "offset", "word"),
    [
        ("a == b", 0, "a"),
        ("a == b", 2, "=="),
        ("a == b", 1, "a"),
        ("a == b", 6, "b"),
        ("()", 1, ")"),
    ],
)
def test_the_word_at_a_place(text, offset, word):
    found = word_at(words(text), offset)
    assert found is not None
    assert found.text == word
