"""Regular expressions as trees: Lucene's dialect on fields, Java's on computed values (spec §4).

One tree serves both; what differs between the dialects is decided by the parser and stands in the
tree explicitly. Parsers: `patterns.lucene`, `patterns.java`. Printers to other dialects:
`patterns.regex_printer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class RegexDialect(Enum):
    LUCENE = "lucene"
    JAVA = "java"


@dataclass(frozen=True, slots=True)
class Character:
    """One literal code point; folds under a case-insensitive match."""

    value: str


@dataclass(frozen=True, slots=True)
class AnyCharacter:
    """`.`: one code point; `newline` says whether line ends are among them (Lucene yes, Java no)."""

    newline: bool


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """`[…]`: `singles` fold under a case-insensitive match, `ranges` (inclusive) do not: Lucene
    keeps ranges case-sensitive (spec §3)."""

    singles: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Concatenation:
    """All in order; empty matches the empty string."""

    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """`minimum` to `maximum` times (None: without bound)."""

    part: RegexNode
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Interval:
    """Lucene `<1-20>`: a decimal number from `low` to `high`; with `digits` > 0 exactly that many
    digits, zero-padded; with 0 any number of leading zeros."""

    low: int
    high: int
    digits: int


@dataclass(frozen=True, slots=True)
class Complement:
    """Lucene `~x`: every string that `x` does not match."""

    part: RegexNode


@dataclass(frozen=True, slots=True)
class Intersection:
    """Lucene `a&b`."""

    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class AnyString:
    """Lucene `@`."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Lucene `#`: the empty language, matches no string."""


_MAX_REPEATED = 100
"""Longer repetitions are left to the engines."""

RegexNode = (
    Character
    | AnyCharacter
    | CharacterSet
    | Concatenation
    | Alternation
    | Repetition
    | Interval
    | Complement
    | Intersection
    | AnyString
    | Nothing
)


@dataclass(frozen=True, slots=True)
class Regex:
    """A parsed pattern. Equality is by dialect and tree; `text` is as written."""

    dialect: RegexDialect
    root: RegexNode
    text: str = field(compare=False, default="")


def joined(parts: Sequence[RegexNode]) -> RegexNode:
    """The parts in a row, nested rows laid flat; one part stays itself."""
    flat: list[RegexNode] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Concatenation) else (part,))
    return flat[0] if len(flat) == 1 else Concatenation(tuple(flat))


def united(parts: Sequence[RegexNode]) -> RegexNode:
    """Any of the parts (one or more), nested choices laid flat; one part stays itself."""
    flat: list[RegexNode] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Alternation) else (part,))
    return flat[0] if len(flat) == 1 else Alternation(tuple(flat))


def only_text(node: RegexNode) -> str | None:
    """The one string that `node` matches, letter case aside, where that is plain to see.

    >>> only_text(Concatenation((Character("a"), Repetition(Character("b"), 2, 2))))
    'abb'
    """
    match node:
        case Character(value):
            return value
        case CharacterSet(singles, (), False) if len(singles) == 1:
            return next(iter(singles))
        case Concatenation(parts):
            texts = [only_text(part) for part in parts]
            return None if None in texts else "".join(filter(None, texts))
        case Repetition(part, minimum, maximum) if maximum == minimum <= _MAX_REPEATED:
            text = only_text(part)
            return None if text is None else text * minimum
        case _:
            return None


def matches_everything(node: RegexNode) -> bool:
    """Whether `node` plainly matches every string: in Elasticsearch it then asks for a value only, so
    that a `.` which ends at line ends counts too (spec §4, §13.19).

    >>> matches_everything(Repetition(AnyCharacter(newline=True), 0, None))
    True
    """
    match node:
        case AnyString() | Repetition(AnyCharacter(), 0, None):
            return True
        case Concatenation(parts):
            return bool(parts) and all(matches_everything(part) for part in parts)
        case Alternation(parts):
            return any(matches_everything(part) for part in parts)
        case Repetition(part, _, maximum):
            return maximum != 0 and matches_everything(part)
        case _:
            return False


class RegexError(ValueError):
    """The pattern cannot be read, or means something that eqlx refuses to guess.

    `offset` is the character in the pattern that is at fault.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset
