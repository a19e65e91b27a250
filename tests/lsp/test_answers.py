"""Answers at every place of real and of broken texts: none fails, and what is proposed fits there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqlx.driver.plan import Roles
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo, FieldList, Layered
from eqlx.ir.types import FieldType
from eqlx.lsp.actions import corrections
from eqlx.lsp.completion import ItemKind, complete
from eqlx.lsp.document import Document
from eqlx.lsp.hover import hover
from eqlx.lsp.symbols import symbols
from eqlx.lsp.words import words
from eqlx.rulefile.loader import load
from eqlx.source import Span

RULES = load([Path(__file__).parents[2] / "rules"]).rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_is_written_is_proposed(rule):
    """At the end of the first half of a field's name, that field is proposed."""
    text = rule.query.text
    fields = [w for w in words(text) if w.kind.value == "property" and CATALOGUE.lookup(w.text)]
    assert fields
    for word in fields[:12]:
        at = word.start + max(len(word.text) - 3, 1)
        made = complete(text[:at] + text[word.end :], at, CATALOGUE)
        assert made.span == Span(word.start, at)
        assert word.text in {item.label for item in made.items if item.kind is ItemKind.FIELD}
        assert hover(text, word.start, CATALOGUE) is not None


PIECES = st.lists(
    st.sampled_from(
        ["process", " ", "where", "sequence by ", "[", "]", "![", '"', '"""', "a.b", "`", ".", ":",
         " in (", ")", ",", "|", "//", "/*", "*/", "\n", "\\", "event.type", " == ", "~", "not", "é🙂",
         "'", "with maxspan=", "1m", "until ", "= ", "AND"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PIECES, st.integers(0, 40))
def test_no_text_makes_an_answer_fail(text, offset):
    offset = min(offset, len(text))
    made = complete(text, offset, CATALOGUE)
    assert 0 <= made.span.start <= made.span.end == offset
    shown = hover(text, offset, CATALOGUE)
    assert shown is None or shown.span.start <= offset <= shown.span.end
    document = Document(Path("q.eql"), text, CATALOGUE, Roles())
    symbols(document)
    for correction in corrections(document, Span(0, len(text))):
        assert 0 <= correction.span.start <= correction.span.end <= len(text)


def test_odd_names_are_proposed_as_eql_writes_them():
    own = {
        name: FieldInfo(FieldType.KEYWORD) for name in ("zz.a-b", "zz.1", "zz.é", "zz.ok", "zz.by")
    }
    schema = Layered((FieldList(own, closed=False), CATALOGUE))
    made = complete("any where zz.", 13, schema)
    written = {item.label: item.text for item in made.items if item.label.startswith("zz.")}
    assert written == {
        "zz.a-b": "zz.`a-b`",
        "zz.1": "zz.`1`",
        "zz.é": "zz.`é`",
        "zz.ok": "zz.ok",
        "zz.by": "zz.`by`",
    }
