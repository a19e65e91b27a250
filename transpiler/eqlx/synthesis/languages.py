"""The shortest texts that several patterns accept and several others do not (a last resort).

Breadth first, all leaves read side by side. Each is a list of wildcard patterns, and what it has
read so far is one integer (Baeza-Yates and Gonnet, "A new approach to text searching", 1992): bit
*i* of a pattern says that its first *i* characters are read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from eqlx.ir.nodes import Case, Compare, Comparison, Leaf, Like, Membership, Text, TextMatch, Where
from eqlx.patterns.folding import forms
from eqlx.patterns.wildcard import Wild, Wildcard

_MOST_STATES: Final = 3000
_READABLE: Final = "abcdefghijklmnopqrstuvwxyz0123456789 -_.\\/:ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def shortest(wanted: Sequence[tuple[Leaf, bool]], most: int = 8) -> Iterator[str]:
    """Texts for which each leaf has its wanted truth, as far as the leaves are plain patterns."""
    readers: list[_Reader] = []
    for leaf, truth in wanted:
        patterns = _patterns(leaf)
        if patterns is not None:
            readers.append(_Reader.of(*patterns, wanted=truth))
    if readers:
        yield from islice(_words(readers), most)


def _patterns(leaf: Leaf) -> tuple[Sequence[Wildcard], Case] | None:
    """What a leaf compares with, as patterns; None for leaves of other kinds."""
    match leaf:
        case Compare(Comparison.EQUAL, _, Text(value), case):
            return [Wildcard((value,))], case
        case Membership(_, choices, case) if all(isinstance(c, Text) for c in choices):
            return [Wildcard((c.value,)) for c in choices if isinstance(c, Text)], case
        case Like(_, patterns, case):
            return patterns, case
        case TextMatch(where, _, Text(value), case):
            before = () if where is Where.START else (Wild.ANY_RUN,)
            behind = () if where is Where.END else (Wild.ANY_RUN,)
            return [Wildcard((*before, value, *behind))], case
        case _:
            return None


@dataclass(slots=True)
class _Reader:
    """One leaf's patterns, their bits side by side.

    `takes`: by character the bits that it moves on (`""`: every other character). `stays`: the
    bits that any character leaves standing, which are those before a `*`. `ends`: a pattern read.
    """

    wanted: bool
    start: int = 0
    stays: int = 0
    ends: int = 0
    takes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, patterns: Sequence[Wildcard], case: Case, *, wanted: bool) -> _Reader:
        reader = cls(wanted)
        moves: list[tuple[int, str]] = []
        bit = 1
        for pattern in patterns:
            reader.start |= bit
            for piece in pattern.pieces:
                if piece is Wild.ANY_RUN:
                    reader.stays |= bit
                    continue
                for character in ("",) if isinstance(piece, Wild) else piece:
                    moves.append((bit, character))
                    bit <<= 1
            reader.ends |= bit
            bit <<= 1
        anything = sum(bit for bit, character in moves if not character)
        reader.takes[""] = anything
        for bit, character in moves:
            for same in _same(character, case) if character else ():
                reader.takes[same] = reader.takes.get(same, anything) | bit
        return reader

    def read(self, state: int, character: str) -> int:
        """The state after one character more."""
        moved = state & self.takes.get(character, self.takes[""])
        return moved << 1 | state & self.stays

    def accepts(self, state: int) -> bool:
        """Whether the leaf has its wanted truth for what was read."""
        return bool(state & self.ends) is self.wanted

    def is_lost(self, state: int) -> bool:
        """Whether no text that goes on from here can have the wanted truth."""
        return not state if self.wanted else bool(state & self.stays & self.ends)


def _same(character: str, case: Case) -> set[str]:
    """The character, and its other forms where case is ignored (spec §13.2)."""
    return {character} if case.folding is None else set(forms(character, case.folding))


def _words(readers: Sequence[_Reader]) -> Iterator[str]:
    """Accepted texts by length, over characters that people can read."""
    characters = _alphabet(readers)
    start = tuple(reader.start for reader in readers)
    waiting: deque[tuple[tuple[int, ...], str]] = deque([(start, "")])
    seen = {start}
    while waiting:
        states, text = waiting.popleft()
        if all(reader.accepts(s) for reader, s in zip(readers, states, strict=True)):
            yield text
        for character in characters if len(seen) <= _MOST_STATES else ():
            following = tuple([r.read(s, character) for r, s in zip(readers, states, strict=True)])
            if following in seen:
                continue
            seen.add(following)
            if not any(r.is_lost(s) for r, s in zip(readers, following, strict=True)):
                waiting.append((following, text + character))


def _alphabet(readers: Sequence[_Reader]) -> list[str]:
    """One character, readable if it can be, for each kind that the patterns tell apart."""
    chosen: dict[tuple[int, ...], str] = {}
    named = sorted({c for reader in readers for c in reader.takes if c})
    for character in (*_READABLE, *named):
        kind = tuple(reader.takes.get(character, reader.takes[""]) for reader in readers)
        chosen.setdefault(kind, character)
    return list(chosen.values())
