"""Wildcard patterns of `:` and `like`: `*` any run, `?` one code point, no escape (spec §4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Wild(Enum):
    """A wildcard piece."""

    ANY_RUN = "*"
    ANY_ONE = "?"


Piece = str | Wild


class Shape(Enum):
    """The cheapest exact test for a pattern."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    CONTAINS = "contains"
    ANYTHING = "anything"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A pattern as pieces: literal stretches (non-empty, never two in a row) and wildcards.

    Consecutive `*` are one piece. The empty pattern has no pieces and matches the empty string.
    """

    pieces: tuple[Piece, ...]

    @classmethod
    def parse(cls, text: str) -> Wildcard:
        """Read a pattern; every text is one.

        >>> Wildcard.parse("php-**?").pieces
        ('php-', <Wild.ANY_RUN: '*'>, <Wild.ANY_ONE: '?'>)
        """
        pieces: list[Piece] = []
        literal: list[str] = []
        for character in text:
            if character in "*?":
                if literal:
                    pieces.append("".join(literal))
                    literal.clear()
                wild = Wild(character)
                if not (wild is Wild.ANY_RUN and pieces and pieces[-1] is Wild.ANY_RUN):
                    pieces.append(wild)
            else:
                literal.append(character)
        if literal:
            pieces.append("".join(literal))
        return cls(tuple(pieces))

    @property
    def text(self) -> str:
        """The pattern as EQL writes it.

        >>> Wildcard.parse("a**b?").text
        'a*b?'
        """
        return "".join(p if isinstance(p, str) else p.value for p in self.pieces)

    @property
    def shape(self) -> Shape:
        """How the pattern is built; `literal` is the text that all but GENERAL test for.

        >>> [Wildcard.parse(p).shape.value for p in ("a", "a*", "*a", "*a*", "**", "a*b", "?")]
        ['exact', 'prefix', 'suffix', 'contains', 'anything', 'general', 'general']
        """
        match self.pieces:
            case () | (str(),):
                return Shape.EXACT
            case (Wild.ANY_RUN,):
                return Shape.ANYTHING
            case (str(), Wild.ANY_RUN):
                return Shape.PREFIX
            case (Wild.ANY_RUN, str()):
                return Shape.SUFFIX
            case (Wild.ANY_RUN, str(), Wild.ANY_RUN):
                return Shape.CONTAINS
            case _:
                return Shape.GENERAL

    @property
    def literal(self) -> str:
        """All literal stretches joined; the text to test for where the shape is not GENERAL."""
        return "".join(p for p in self.pieces if isinstance(p, str))
