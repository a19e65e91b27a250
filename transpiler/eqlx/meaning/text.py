"""Text as the interpreter compares and cuts it: folding and UTF-16 positions (spec §3, §7)."""

from __future__ import annotations

from eqlx.ir.nodes import Case
from eqlx.patterns.folding import fold


def folded(text: str, case: Case) -> str:
    """The text as it compares under the case mode: as it is, or folded at its level (spec §13.2).

    >>> folded("É", Case.SENSITIVE), folded("É", Case.INSENSITIVE)
    ('É', 'é')
    """
    folding = case.folding
    return text if folding is None else fold(text, folding)


def units(text: str) -> str:
    """The text with one character a UTF-16 unit, so that `len` and slices count as Java does.

    >>> len(units("a\U0001f600"))
    3
    """
    if text.isascii():
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    return "".join(
        chr(int.from_bytes(encoded[i : i + 2], "little")) for i in range(0, len(encoded), 2)
    )


def from_units(text: str) -> str:
    """The reverse of `units`: halves of a pair that stand together become one character."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
