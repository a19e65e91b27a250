"""Sets of code points as sorted intervals, and the sets that one-character nodes stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eqlx.patterns.folding import Folding, codes, sorted_codes
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

    def folded(self, folding: Folding | None) -> Characters:
        """Closed under folding: with a letter come its other forms. None folds nothing."""
        if folding is None:
            return self
        foldable, alike = sorted_codes(folding), codes(folding)
        added = [
            (form, form)
            for low, high in self.intervals
            for code in foldable[bisect_left(foldable, low) : bisect_right(foldable, high)]
            for form in alike[code]
        ]
        return Characters.of((*self.intervals, *added)) if added else self


ALL: Final = Characters(((0, LAST),))
NONE: Final = Characters(())


def characters_of(
    node: Character | AnyCharacter | CharacterSet,
    folding: Folding | None = None,
    *,
    fold_ranges: bool = False,
) -> Characters:
    """The code points that a one-character node matches.

    `folding`: the level at which letters match their other forms; `fold_ranges`: those in ranges too (Java's rule;
    Lucene keeps ranges case-sensitive, spec §3).
    """
    match node:
        case Character(value):
            return Characters.single(value).folded(folding)
        case AnyCharacter(newline=True):
            return ALL
        case AnyCharacter():
            return Characters.of((ord(c), ord(c)) for c in LINE_ENDS).complement
        case CharacterSet(singles, ranges, negated):
            letters = Characters.of((ord(c), ord(c)) for c in singles)
            spans = Characters.of((ord(low), ord(high)) for low, high in ranges)
            together = letters.folded(folding) | (spans.folded(folding) if fold_ranges else spans)
            return together.complement if negated else together
