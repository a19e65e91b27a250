"""The shortest texts that several patterns accept and several others do not (a last resort).

Breadth first over derivatives (`eqlx.patterns.regex_language`), within a bound on states.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from eqlx.ir.nodes import Case, Compare, Comparison, Leaf, Like, Membership, Text, TextMatch, Where
from eqlx.patterns.characters import ALL, Characters
from eqlx.patterns.regex_language import (
    EVERYTHING,
    NOTHING,
    Language,
    One,
    after,
    all_of,
    any_of,
    not_,
    nullable,
    row,
    sets,
)
from eqlx.patterns.wildcard import Wild, Wildcard

_MOST_STATES: Final = 1500
_READABLE: Final = tuple(
    map(ord, "abcdefghijklmnopqrstuvwxyz0123456789 -_.\\/:ABCDEFGHIJKLMNOPQRSTUVWXYZ")
)


def shortest(wanted: Sequence[tuple[Leaf, bool]], most: int = 8) -> Iterator[str]:
    """Texts for which each leaf has its wanted truth, as far as the leaves are plain patterns."""
    parts: list[Language] = []
    for leaf, truth in wanted:
        language = _language(leaf)
        if language is not None:
            parts.append(language if truth else not_(language))
    if parts:
        yield from islice(_words(all_of(parts)), most)


def _language(leaf: Leaf) -> Language | None:
    """The texts that a leaf takes, or None for leaves of other kinds."""
    match leaf:
        case Compare(Comparison.EQUAL, _, Text(value), case):
            return _literal(value, case)
        case Membership(_, choices, case) if all(isinstance(c, Text) for c in choices):
            return any_of(_literal(c.value, case) for c in choices if isinstance(c, Text))
        case Like(_, patterns, case):
            return any_of(_pattern(p, case) for p in patterns)
        case TextMatch(where, _, Text(value), case):
            before = [] if where is Where.START else [EVERYTHING]
            behind = [] if where is Where.END else [EVERYTHING]
            return row([*before, _literal(value, case), *behind])
        case _:
            return None


def _literal(text: str, case: Case) -> Language:
    return row([_one(c, case) for c in text])


def _one(character: str, case: Case) -> Language:
    characters = Characters.single(character)
    return One(characters.folded if case is Case.INSENSITIVE else characters)


def _pattern(pattern: Wildcard, case: Case) -> Language:
    parts: list[Language] = []
    for piece in pattern.pieces:
        match piece:
            case Wild.ANY_RUN:
                parts.append(EVERYTHING)
            case Wild.ANY_ONE:
                parts.append(One(ALL))
            case str():
                parts.extend(_one(c, case) for c in piece)
    return row(parts)


def _words(language: Language) -> Iterator[str]:
    """Accepted texts by length, over characters that people can read."""
    codes = _alphabet(language)
    waiting: deque[tuple[Language, str]] = deque([(language, "")])
    seen = {language}
    while waiting:
        state, text = waiting.popleft()
        if nullable(state):
            yield text
        for code in codes:
            following = after(state, code)
            if following == NOTHING or following in seen or len(seen) > _MOST_STATES:
                continue
            seen.add(following)
            waiting.append((following, text + chr(code)))


def _alphabet(language: Language) -> list[int]:
    """One readable character for each set that the language tells apart, and one beyond all."""
    apart = sets(language)
    chosen: dict[frozenset[Characters], int] = {}
    for code in _READABLE:
        chosen.setdefault(frozenset(s for s in apart if _has(s, code)), code)
    for characters in apart:
        if (len(characters.intervals) == 1 and characters.intervals[0][0] > 127) or (
            characters.intervals and not any(_has(characters, c) for c in _READABLE)
        ):
            code = characters.intervals[0][0]
            chosen.setdefault(frozenset(s for s in apart if _has(s, code)), code)
    return list(chosen.values())


def _has(characters: Characters, code: int) -> bool:
    return any(low <= code <= high for low, high in characters.intervals)
