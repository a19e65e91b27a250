"""The table of case folding against the running Python's, for what its Unicode version knows."""

from __future__ import annotations

import unicodedata

from eqlx.patterns.folding import Folding, fold, forms

NEWER = {"\u1fd3": "\u0390", "\u1fe3": "\u03b0", "\ufb05": "\ufb06"}
"""Simple foldings that Unicode 15.1 added to letters that were there."""


def simple(character: str) -> str:
    """Simple folding by Python: its full folding where that is one letter, else the small letter."""
    for image in (character.casefold(), character.lower()):
        if len(image) == 1:
            return NEWER.get(character, image)
    return NEWER.get(character, character)


def test_known_letters_fold_as_python_has_them() -> None:
    known = [
        c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co")
    ]
    differing = {c for c in known if fold(c, Folding.UNICODE) != simple(c)}
    new = {
        c
        for c in differing
        if simple(c) == c and unicodedata.category(fold(c, Folding.UNICODE)) == "Cn"
    }
    assert differing == new
    assert len(known) > 140_000


def test_ascii_folds_nothing_else() -> None:
    assert all(fold(c, Folding.ASCII) == c for c in map(chr, range(0x80, 0x110000)))
    assert forms("k", Folding.UNICODE) == ("K", "k", "\u212a")
