"""Letter case: the two levels by which a run compares letters (spec §3, §13.2)."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Final

from eqlx.patterns.case_folding import RUNS


class Folding(Enum):
    """How letters are compared where case does not matter.

    `UNICODE`: Unicode simple case folding, one code point to one; Elasticsearch after 9.4.
    `ASCII`: A to Z alone; Elasticsearch up to 9.4, and OpenSearch.
    """

    UNICODE = "unicode"
    ASCII = "ascii"


_ASCII: Final = {code: code + 0x20 for code in range(ord("A"), ord("Z") + 1)}


def _unicode() -> dict[int, int]:
    return {
        code: code + delta
        for first, last, step, delta in RUNS
        for code in range(first, last + 1, step)
    }


_TABLES: Final = {Folding.UNICODE: _unicode(), Folding.ASCII: _ASCII}


def fold(text: str, folding: Folding) -> str:
    """`text` with each letter folded: two texts are equal but for case if these are equal. As many
    code points as before.

    >>> fold("PowerShell É", Folding.ASCII), fold("ΣΊΣΥΦΟΣ İ", Folding.UNICODE)
    ('powershell É', 'σίσυφοσ İ')
    """
    if folding is Folding.UNICODE and text.isascii():
        return text.lower()
    return text.translate(_TABLES[folding])


def forms(character: str, folding: Folding) -> tuple[str, ...]:
    """All characters that are one but for case, in order of code points; itself alone if it has no
    case.

    >>> forms("k", Folding.ASCII)
    ('K', 'k')
    >>> [hex(ord(form)) for form in forms("k", Folding.UNICODE)]
    ['0x4b', '0x6b', '0x212a']
    """
    return _classes(folding).get(fold(character, folding), (character,))


def has_case(text: str, folding: Folding) -> bool:
    """Whether folding can change anything in comparisons with the text."""
    return any(len(forms(character, folding)) > 1 for character in text)


def levels_differ(text: str) -> bool:
    """Whether the text has a letter that folds otherwise by Unicode than in ASCII."""
    return any(forms(c, Folding.UNICODE) != forms(c, Folding.ASCII) for c in text)


def codes(folding: Folding) -> dict[int, tuple[int, ...]]:
    """Each code point that has other forms, with all its forms (itself too)."""
    return _codes(folding)


@cache
def sorted_codes(folding: Folding) -> tuple[int, ...]:
    """The code points of `codes`, in ascending order."""
    return tuple(sorted(_codes(folding)))


@cache
def _classes(folding: Folding) -> dict[str, tuple[str, ...]]:
    found: dict[int, set[int]] = {}
    for code, folded in _TABLES[folding].items():
        found.setdefault(folded, {folded}).add(code)
    return {chr(key): tuple(map(chr, sorted(found[key]))) for key in found}


@cache
def _codes(folding: Folding) -> dict[int, tuple[int, ...]]:
    return {
        ord(one): tuple(map(ord, alike)) for alike in _classes(folding).values() for one in alike
    }
