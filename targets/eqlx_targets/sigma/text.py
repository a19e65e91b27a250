"""Text as Sigma writes it: literal text and wildcards with their escapes (Sigma specification,
"Escaping")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eqlx.patterns.wildcard import Piece, Wild, Wildcard


def literal(text: str) -> str:
    r"""`text` as a Sigma string without wildcards.

    >>> print(literal(r"C:\Windows\*"), literal(r"\\host\share"), literal("why?"))
    C:\Windows\\\* \\\\host\share why\?
    """
    return _escaped((text,) if text else ())


def pattern(wildcard: Wildcard) -> str:
    r"""An EQL pattern as a Sigma string with wildcards.

    >>> print(pattern(Wildcard.parse(r"*\system32\*.ex?")))
    *\system32\\*.ex?
    """
    return _escaped(wildcard.pieces)


def has_letters(text: str) -> bool:
    """Whether the case of ASCII letters can matter."""
    return any(c.isascii() and c.isalpha() for c in text)


def _escaped(pieces: Iterable[Piece]) -> str:
    """A literal `*` or `?` takes one backslash. A run of literal backslashes is doubled where it is
    longer than one or stands before `*` or `?`, literal or wildcard; elsewhere a single backslash
    is plain text."""
    out: list[str] = []
    backslashes = 0
    for character, wild in _characters(pieces):
        if character == "\\":
            backslashes += 1
            continue
        special = character in "*?"
        out.append("\\" * _written(backslashes, before_special=special))
        backslashes = 0
        out.append(f"\\{character}" if special and not wild else character)
    out.append("\\" * _written(backslashes, before_special=False))
    return "".join(out)


def _written(count: int, *, before_special: bool) -> int:
    return 2 * count if count > 1 or before_special else count


def _characters(pieces: Iterable[Piece]) -> Iterator[tuple[str, bool]]:
    for piece in pieces:
        if isinstance(piece, Wild):
            yield piece.value, True
        else:
            for character in piece:
                yield character, False
