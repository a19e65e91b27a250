"""Letter case: exact forms from an engine's own functions (spec §3, §13.2).

What `text_lower`, `text_upper`, `text_like_folded` and the option `i` promise is what DuckDB 2.0 does,
measured for every code point (`tests/duckdb/test_letters.py`); another dialect spells them so that
they find no letter less. `text_lower` and `text_like_folded` may differ from Unicode's simple folding
on ASCII letters in two characters: `İ` becomes `i`, and `ſ` does not become `s`. `text_upper` may in
two others: `ı` becomes `I`, and the Kelvin sign does not become `K`. RE2's `(?i)` is simple folding on ASCII letters. So a literal decides which function is
right for it, and only one with an `i` needs a second look at what was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from sqlglot import exp

from eqlx.patterns.folding import Folding, fold, forms
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.words.vocabulary import word

_ALONE: Final = frozenset("İı")
"""Letters that fold to themselves alone, which an engine's functions may take for an `i`."""


class Method(Enum):
    """The function that is right for a literal, if its letters allow one."""

    LOWER = "lower"
    UPPER = "upper"
    BOTH = "lower of upper"


def is_plain(literal: str) -> bool:
    """Whether the literal's letters are those of ASCII, and the rest has no case anywhere."""
    return all(
        c.isascii() or (c not in _ALONE and len(forms(c, Folding.UNICODE)) == 1) for c in literal
    )


def method(literals: Iterable[str]) -> Method:
    """The cheapest function under which plain literals are found wherever they should be."""
    letters = set(fold("".join(literals), Folding.ASCII))
    if "s" not in letters:
        return Method.LOWER
    return Method.BOTH if "k" in letters else Method.UPPER


def risk(literals: Iterable[str], by: Method) -> str:
    """The letters in a text for which the function finds more than it should."""
    if not any("i" in fold(literal, Folding.ASCII) for literal in literals):
        return ""
    return {Method.LOWER: "İ", Method.UPPER: "ı", Method.BOTH: "İı"}[by]


def cased(literal: str, by: Method) -> str:
    """A plain literal as the function writes it."""
    lowered = fold(literal, Folding.ASCII)
    return lowered if by is not Method.UPPER else _ascii_upper(lowered)


def applied(value: exp.Expr, by: Method) -> exp.Expr:
    """The function of the value."""
    match by:
        case Method.LOWER:
            return word("text_lower", value)
        case Method.UPPER:
            return word("text_upper", value)
        case Method.BOTH:
            return word("text_lower", word("text_upper", value))


def without(value: exp.Expr, letters: str) -> exp.Expr:
    """The value has none of the letters."""
    if len(letters) == 1:
        return exp.Not(this=word("text_contains", value, sql.text(letters)))
    return exp.Not(this=sql.search(value, f"[{letters}]", ""))


def folded(value: exp.Expr, folding: Folding, literals: Iterable[str] | None = None) -> exp.Expr:
    """The value with its letters folded, to be compared with other values of this function; with
    literals: to be compared with those."""
    if folding is Folding.ASCII:
        return word("text_lower_ascii", value)
    known = None if literals is None else list(literals)
    if known is not None and all(map(is_plain, known)):
        by = method(known)
        if by is Method.LOWER and not risk(known, by):
            return word("text_lower", value)
        return word("text_lower", _translated(value, "İſ", "ıs"))
    return word("text_folded", value)


def _translated(value: exp.Expr, before: str, after: str) -> exp.Expr:
    return word("text_translated", value, sql.text(before), sql.text(after))


def _ascii_upper(text: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in text)
