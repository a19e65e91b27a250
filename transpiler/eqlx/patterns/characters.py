"""Sets of code points as sorted intervals, and the sets that one-character nodes stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eqlx.patterns.regex import AnyCharacter, Character, CharacterSet

LAST: Final = 0x10FFFF
LINE_ENDS: Final = "\n\r\x85\u2028\u2029"
"""What Java's `.` does not match."""


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of code points: disjoint inclusive intervals in ascending order, with gaps between."""

    intervals: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, intervals: Iterable[tuple[int, int]]) -> Characters:
        """The union of inclusive intervals, in any order.

        >>> Characters.of([(5, 9), (1, 4), (20, 20)]).intervals
        ((1, 9), (20, 20))
        """
        merged: list[tuple[int, int]] = []
        for low, high in sorted(intervals):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def single(cls, character: str) -> Characters:
        return cls(((ord(character), ord(character)),))

    @property
    def complement(self) -> Characters:
        gaps: list[tuple[int, int]] = []
        start = 0
        for low, high in self.intervals:
            if start < low:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= LAST:
            gaps.append((start, LAST))
        return Characters(tuple(gaps))

    def __or__(self, other: Characters) -> Characters:
        return Characters.of((*self.intervals, *other.intervals))

    def __and__(self, other: Characters) -> Characters:
        return (self.complement | other.complement).complement

    @property
    def folded(self) -> Characters:
        """Closed under ASCII folding: with a letter comes its other case."""
        added = [
            (code ^ 0x20, code ^ 0x20)
            for low, high in self.intervals
            for code in range(max(low, 0x41), min(high, 0x7A) + 1)
            if chr(code).isalpha()
        ]
        return Characters.of((*self.intervals, *added)) if added else self


ALL: Final = Characters(((0, LAST),))
NONE: Final = Characters(())


def characters_of(
    node: Character | AnyCharacter | CharacterSet, *, fold: bool, fold_ranges: bool
) -> Characters:
    """The code points that a one-character node matches.

    `fold`: letters match either case (ASCII); `fold_ranges`: those in ranges too (Java's rule;
    Lucene keeps ranges case-sensitive, spec §3).
    """
    match node:
        case Character(value):
            exact = Characters.single(value)
            return exact.folded if fold else exact
        case AnyCharacter(newline=True):
            return ALL
        case AnyCharacter():
            return Characters.of((ord(c), ord(c)) for c in LINE_ENDS).complement
        case CharacterSet(singles, ranges, negated):
            letters = Characters.of((ord(c), ord(c)) for c in singles)
            spans = Characters.of((ord(low), ord(high)) for low, high in ranges)
            if fold:
                letters = letters.folded
                spans = spans.folded if fold_ranges else spans
            together = letters | spans
            return together.complement if negated else together
