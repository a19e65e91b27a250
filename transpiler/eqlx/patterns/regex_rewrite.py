"""Rewrites a regular expression to the ordinary operators alone, without change of meaning.

What comes out consists of `CharacterSet` (inclusive ranges only, never negated, letter case
resolved), `Concatenation`, `Alternation`, `Repetition` and, for a language without strings,
`Nothing`.
"""

from __future__ import annotations

from typing import Final, assert_never

from eqlx.patterns import regex_language as language
from eqlx.patterns.characters import ALL, Characters, characters_of
from eqlx.patterns.folding import Folding
from eqlx.patterns.regex import (
    Alternation,
    AnyCharacter,
    AnyString,
    Character,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Interval,
    Nothing,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
    joined,
    united,
)

EMPTY: Final = Concatenation(())


class Inexpressible(ValueError):  # noqa: N818  it names a state of the pattern
    """The pattern has no exact form in the other dialect; `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def ordinary(regex: Regex, folding: Folding | None) -> RegexNode:
    """The pattern's tree in ordinary operators.

    Raises:
        Inexpressible: a complement or intersection has no ordinary form of bearable size.
    """
    return _Rewriter(folding, fold_ranges=regex.dialect is RegexDialect.JAVA).rewrite(regex.root)


def set_node(characters: Characters) -> RegexNode:
    """The node for a set of code points; `Nothing` for the empty set."""
    if not characters.intervals:
        return Nothing()
    ranges = tuple((chr(low), chr(high)) for low, high in characters.intervals)
    return CharacterSet(frozenset(), ranges, negated=False)


def code_points(node: RegexNode) -> Characters | None:
    """The set that a rewritten one-character node stands for, or None for any other node."""
    if isinstance(node, CharacterSet):
        return characters_of(node)
    return None


class _Rewriter:
    def __init__(self, folding: Folding | None, *, fold_ranges: bool) -> None:
        self.folding = folding
        self.fold_ranges = fold_ranges

    def rewrite(self, node: RegexNode) -> RegexNode:
        match node:
            case Character() | AnyCharacter() | CharacterSet():
                return set_node(characters_of(node, self.folding, fold_ranges=self.fold_ranges))
            case AnyString():
                return Repetition(set_node(ALL), 0, None)
            case Nothing():
                return node
            case Concatenation(parts):
                return concatenated([self.rewrite(p) for p in parts])
            case Alternation(parts):
                return alternated([self.rewrite(p) for p in parts])
            case Repetition(part, minimum, maximum):
                return repeated(self.rewrite(part), minimum, maximum)
            case Interval(low, high, digits):
                return interval(low, high, digits)
            case Complement(part):
                return complemented(self.rewrite(part))
            case Intersection(parts):
                return intersected([self.rewrite(p) for p in parts])
            case _:
                assert_never(node)


def concatenated(parts: list[RegexNode]) -> RegexNode:
    if any(isinstance(p, Nothing) for p in parts):
        return Nothing()
    return joined(parts)


def alternated(parts: list[RegexNode]) -> RegexNode:
    """The union, one-character alternatives merged into one set."""
    kept: list[RegexNode] = []
    for part in parts:
        points = code_points(part)
        if points is not None and kept and (before := code_points(kept[-1])) is not None:
            kept[-1] = set_node(before | points)
        elif not isinstance(part, Nothing) and part not in kept:
            kept.append(part)
    return united(kept) if kept else Nothing()


def repeated(part: RegexNode, minimum: int, maximum: int | None) -> RegexNode:
    if maximum == 0:
        return EMPTY
    if isinstance(part, Nothing):
        return EMPTY if minimum == 0 else part
    return part if minimum == maximum == 1 else Repetition(part, minimum, maximum)


def complemented(part: RegexNode) -> RegexNode:
    """Every string that `part` does not match.

    Raises:
        Inexpressible: the form is too large.
    """
    return _from_language(language.not_(_language(part)), "the complement `~`")


def intersected(parts: list[RegexNode]) -> RegexNode:
    """The strings that all parts match.

    Raises:
        Inexpressible: the form is too large.
    """
    return _from_language(language.all_of(_language(p) for p in parts), "the intersection `&`")


def _from_language(wanted: language.Language, what: str) -> RegexNode:
    try:
        found = language.expression(language.automaton(wanted))
    except language.TooLarge:
        reason = f"{what} of so much has no short form in ordinary operators"
        raise Inexpressible(reason) from None
    return _node(found)


def _language(node: RegexNode) -> language.Language:
    """A rewritten node as a language."""
    match node:
        case CharacterSet():
            return language.One(characters_of(node))
        case Concatenation(parts):
            return language.row(_language(p) for p in parts)
        case Alternation(parts):
            return language.any_of(_language(p) for p in parts)
        case Repetition(part, minimum, maximum):
            return language.times(_language(part), minimum, maximum)
        case _:
            return language.NOTHING


def _node(found: language.Language) -> RegexNode:
    """The reverse of `_language`, in a stable order."""
    match found:
        case language.One(characters):
            return set_node(characters)
        case language.Row(parts):
            return concatenated([_node(p) for p in parts])
        case language.Either(parts):
            return alternated(sorted((_node(p) for p in parts), key=repr))
        case language.Times(part, minimum, maximum):
            return repeated(_node(part), minimum, maximum)
        case _:
            return Repetition(set_node(ALL), 0, None)


def interval(low: int, high: int, digits: int) -> RegexNode:
    """The decimal numbers from `low` to `high` as alternatives of digit patterns."""
    branches: list[RegexNode] = []
    start = low
    while start <= high:
        end = _block_end(start, high)
        width = digits or len(str(high))
        branches.append(_digits(str(start).zfill(width), str(end).zfill(width)))
        start = end + 1
    if digits:
        return alternated(branches)
    zeros = Repetition(set_node(Characters.single("0")), 0, None)
    return alternated([_unpadded(branches, zeros)])


def _unpadded(branches: list[RegexNode], zeros: RegexNode) -> RegexNode:
    """Without a fixed width: any zeros, then the digits without their padding."""
    zero = set_node(Characters.single("0"))
    short: list[RegexNode] = []
    for branch in branches:
        parts = list(branch.parts) if isinstance(branch, Concatenation) else [branch]
        while len(parts) > 1 and parts[0] == zero:
            parts.pop(0)
        short.append(joined(parts))
    return concatenated([zeros, alternated(short)])


def _block_end(start: int, high: int) -> int:
    """The last number of the largest block `d…d[a-b][0-9]…[0-9]` from `start` up to `high`."""
    size = 1
    while start % (size * 10) == 0 and start + size * 10 - 1 <= high and size <= start:
        size *= 10
    last_digit = start // size % 10
    count = min(9 - last_digit, (high - start + 1) // size - 1)
    return start + (count + 1) * size - 1


def _digits(low: str, high: str) -> RegexNode:
    """The numbers between two of one width that agree but for a run of digits at the end."""
    free = 0
    while free < len(low) and (low[-1 - free], high[-1 - free]) == ("0", "9"):
        free += 1
    fixed = [_digit(a, b) for a, b in zip(low, high, strict=True)][: len(low) - free]
    return joined(
        [*fixed, Repetition(_digit("0", "9"), free, free)]
        if free > 1
        else [*fixed, *[_digit("0", "9")] * free]
    )


def _digit(low: str, high: str) -> RegexNode:
    return set_node(Characters.of([(ord(low), ord(high))]))
