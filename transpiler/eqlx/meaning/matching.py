"""Matches whole texts against wildcards and regular expressions, with sets of positions.

A set of positions in the text is an integer whose bit *i* says that position *i* is in it: what a
pattern does to a set of starts is a handful of operations on such integers, so that no pattern
and no text makes the matcher go back and forth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from eqlx.patterns.folding import Folding, fold, forms
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
    matches_everything,
)
from eqlx.patterns.wildcard import Shape, Wild, Wildcard

LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")
"""What `.` and wildcards do not match where Java's regular expressions do the matching (spec §4)."""


def wildcard_matches(
    pattern: Wildcard, text: str, *, folding: Folding | None, crosses_lines: bool
) -> bool:
    """Whether the pattern takes the whole text (spec §4). One that accepts every text asks for a
    value only, so that line ends do not matter to it (spec §13.19).

    >>> wildcard_matches(Wildcard.parse("*.EX?"), "a.exe", folding=Folding.ASCII, crosses_lines=True)
    True
    """
    if pattern.shape is Shape.ANYTHING:
        return True
    if folding is not None:
        text = fold(text, folding)
    any_one = (1 << len(text)) - 1
    if not crosses_lines:
        any_one = _places(text, lambda c: c not in LINE_ENDS)
    positions = 1
    for piece in pattern.pieces:
        match piece:
            case Wild.ANY_RUN:
                positions = _through_run(positions, any_one)
            case Wild.ANY_ONE:
                positions = (positions & any_one) << 1
            case str():
                literal = piece if folding is None else fold(piece, folding)
                positions = (positions & _occurrences(text, literal)) << len(literal)
    return bool(positions >> len(text) & 1)


def _occurrences(text: str, literal: str) -> int:
    found = 0
    place = text.find(literal)
    while place >= 0:
        found |= 1 << place
        place = text.find(literal, place + 1)
    return found


def _places(text: str, accepts: Callable[[str], bool]) -> int:
    """The positions whose character is accepted."""
    verdicts = {character: accepts(character) for character in set(text)}
    bits = "".join("1" if verdicts[character] else "0" for character in reversed(text))
    return int(bits, 2) if bits else 0


def _through_run(starts: int, accepted: int) -> int:
    """Where one gets from `starts` over any number of accepted characters: the carry of an addition
    runs through the ones."""
    return (((starts & accepted) + accepted) ^ accepted) | starts


def regex_matches(regex: Regex, text: str, *, folding: Folding | None) -> bool:
    """Whether the regular expression takes the whole text (spec §4); line ends as for wildcards."""
    if matches_everything(regex.root):
        return True
    ends = _Matcher(text, folding, fold_ranges=regex.dialect is RegexDialect.JAVA).advance(
        regex.root, 1
    )
    return bool(ends >> len(text) & 1)


class _Matcher:
    """One text. `advance(node, starts)` is the set of ends of `node` from any of the starts."""

    def __init__(self, text: str, folding: Folding | None, *, fold_ranges: bool) -> None:
        self.text = text
        self.folding = folding
        self.fold_ranges = fold_ranges
        self.everywhere = (1 << (len(text) + 1)) - 1
        self.accepted: dict[RegexNode, int] = {}

    def advance(self, node: RegexNode, starts: int) -> int:
        match node:
            case Character() | AnyCharacter() | CharacterSet():
                return (starts & self.places(node)) << 1
            case Concatenation(parts):
                for part in parts:
                    starts = self.advance(part, starts)
                return starts
            case Alternation(parts):
                ends = 0
                for part in parts:
                    ends |= self.advance(part, starts)
                return ends
            case Repetition(part, minimum, maximum):
                return self.repeat(part, minimum, maximum, starts)
            case AnyString():
                return _from_lowest(starts) & self.everywhere
            case Nothing():
                return 0
            case Interval() | Complement() | Intersection():
                ends = 0
                for start in _bits(starts):
                    ends |= self.from_one(node, start)
                return ends
            case _:
                assert_never(node)

    def from_one(self, node: Interval | Complement | Intersection, start: int) -> int:
        """The ends of a node that must be looked at start by start."""
        match node:
            case Interval():
                return self.numbers(node, start)
            case Complement(part):
                after = _from_lowest(1 << start) & self.everywhere
                return after & ~self.advance(part, 1 << start)
            case Intersection(parts):
                ends = self.everywhere
                for part in parts:
                    ends &= self.advance(part, 1 << start)
                return ends

    def repeat(self, part: RegexNode, minimum: int, maximum: int | None, starts: int) -> int:
        reached = starts
        for _ in range(minimum):
            further = self.advance(part, reached)
            if further in (0, reached):
                reached = further
                break
            reached = further
        if maximum is None and isinstance(part, Character | AnyCharacter | CharacterSet):
            return _through_run(reached, self.places(part))
        ends = newest = reached
        count = minimum
        while newest and (maximum is None or count < maximum):
            newest = self.advance(part, newest) & ~ends
            ends |= newest
            count += 1
        return ends

    def numbers(self, node: Interval, start: int) -> int:
        ends = 0
        value = 0
        for place in range(start, len(self.text)):
            if self.text[place] not in "0123456789":
                break
            value = 10 * value + int(self.text[place])
            width = place + 1 - start
            if value > node.high or (node.digits and width > node.digits):
                break
            if value >= node.low and node.digits in (0, width):
                ends |= 1 << (place + 1)
        return ends

    def places(self, node: Character | AnyCharacter | CharacterSet) -> int:
        if node not in self.accepted:
            self.accepted[node] = _places(self.text, lambda c: self.accepts(node, c))
        return self.accepted[node]

    def accepts(self, node: Character | AnyCharacter | CharacterSet, character: str) -> bool:
        same = (character,) if self.folding is None else forms(character, self.folding)
        match node:
            case Character(value):
                return value in same
            case AnyCharacter(newline):
                return newline or character not in LINE_ENDS
            case CharacterSet(singles, ranges, negated):
                in_range = same if self.fold_ranges else (character,)
                listed = any(c in singles for c in same) or any(
                    low <= c <= high for c in in_range for low, high in ranges
                )
                return listed != negated


def _from_lowest(positions: int) -> int:
    """All positions from the lowest one of a set on, without end; 0 for the empty set."""
    return -(positions & -positions)


def _bits(positions: int) -> Iterator[int]:
    while positions:
        yield (positions & -positions).bit_length() - 1
        positions &= positions - 1
