"""Texts inside and just outside of a regular expression, made from its tree.

Nothing here decides what matches: every text is a proposal, which the interpreter judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import assert_never

from eqlx.ir.nodes import Case
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
    RegexNode,
    Repetition,
)
from eqlx.synthesis.texts import Labelled, near_misses, other_case

_MOST = 64
"""So many texts of one node are looked at."""
_LONGEST = 200
"""A repetition unfolds to no longer a text than this."""
_USUAL = "aA0_-. \\/:@"
_ANYWHERE = "data"


def regex_texts(regex: Regex, case: Case) -> Iterator[Labelled]:
    """Words of each branch, repetitions at and beyond their bounds, letter case, one off."""
    words = list(islice(dict.fromkeys(_words(regex.root)), _MOST))
    for number, word in enumerate(words, start=1):
        yield f"word {number} of the pattern", word
    for word in words[:3]:
        yield from other_case(word, case)
    if words:
        yield from near_misses(words[0])
        yield "a line break after", words[0] + "\n"
    for number, word in enumerate(dict.fromkeys(_beyond(regex.root)), start=1):
        yield f"beyond a bound, {number}", word


def _words(node: RegexNode) -> Iterator[str]:
    """Some words of a node, usual ones first."""
    match node:
        case Character(value):
            yield value
        case AnyCharacter():
            yield from "ax"
        case CharacterSet():
            yield from _members(node)
        case Concatenation(parts):
            yield from _rows([list(islice(_words(p), _MOST)) for p in parts])
        case Alternation(parts):
            yield from _in_turn([_words(p) for p in parts])
        case Repetition():
            yield from _repeated(node)
        case Interval(low, high, digits):
            for number in dict.fromkeys((low, high, (low + high) // 2)):
                yield str(number).zfill(digits)
        case Complement():
            yield from ("data", "", "x")
        case Intersection(parts):
            yield from _in_turn([_words(p) for p in parts])
        case AnyString():
            yield from (_ANYWHERE, "")
        case Nothing():
            return
        case _:
            assert_never(node)


def _members(node: CharacterSet) -> Iterator[str]:
    if node.negated:
        yield from (c for c in _USUAL if not _is_in(node, c))
        return
    yield from sorted(node.singles)
    for low, high in node.ranges:
        yield from (low, high)


def _is_in(node: CharacterSet, character: str) -> bool:
    ranged = any(low <= character <= high for low, high in node.ranges)
    return character in node.singles or ranged


def _rows(columns: list[list[str]]) -> Iterator[str]:
    """Each column's words in turn, the others at their first."""
    if not all(columns):
        return
    first = [column[0] for column in columns]
    yield "".join(first)
    for place, column in enumerate(columns):
        for word in column[1:]:
            yield "".join((*first[:place], word, *first[place + 1 :]))


def _in_turn(sources: list[Iterator[str]]) -> Iterator[str]:
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            word = next(source, None)
            if word is None:
                waiting.remove(source)
            else:
                yield word


def _repeated(node: Repetition) -> Iterator[str]:
    words = list(islice(_words(node.part), _MOST))
    if not words:
        if node.minimum == 0:
            yield ""
        return
    counts = [max(1, node.minimum), node.minimum]
    counts.append(node.minimum + 2 if node.maximum is None else node.maximum)
    if node.maximum == 0:
        counts = [0]
    for count in dict.fromkeys(counts):
        if count * max(1, len(words[0])) <= _LONGEST:
            yield words[0] * count
    if node.maximum != 0 and node.minimum <= 1:
        yield from words[1:]


def _beyond(node: RegexNode) -> Iterator[str]:
    """Words with one repetition below or above its bounds, or one set left by its neighbour."""
    match node:
        case Concatenation(parts):
            columns = [next(_words(p), "") for p in parts]
            for place, part in enumerate(parts):
                for word in _beyond(part):
                    yield "".join((*columns[:place], word, *columns[place + 1 :]))
        case Alternation(parts) | Intersection(parts):
            for part in parts:
                yield from _beyond(part)
        case Repetition():
            yield from _too_often(node)
        case CharacterSet():
            yield from _neighbours(node)
        case Interval(low, high, digits):
            yield from (str(high + 1).zfill(digits), str(max(0, low - 1)).zfill(digits))
        case Character(value):
            yield "q" if value != "q" else "z"
        case AnyCharacter():
            yield from ("", "\n")
        case Complement(part):
            yield from islice(_words(part), 4)
        case AnyString() | Nothing():
            return
        case _:
            assert_never(node)


def _too_often(node: Repetition) -> Iterator[str]:
    word = next(_words(node.part), "")
    if node.minimum:
        yield word * (node.minimum - 1)
    if node.maximum is not None and (node.maximum + 1) * len(word) <= _LONGEST:
        yield word * (node.maximum + 1)
    yield from (w * max(1, node.minimum) for w in islice(_beyond(node.part), 4))


def _neighbours(node: CharacterSet) -> Iterator[str]:
    """Characters next to the ends of the set's ranges, and its members where it is negated."""
    if node.negated:
        yield from sorted(node.singles)
        for low, high in node.ranges:
            yield from (low, high)
        return
    ends: list[str] = []
    for low, high in node.ranges:
        ends += [chr(max(1, ord(low) - 1)), chr(min(0x10FFFF, ord(high) + 1))]
        ends += [low.swapcase(), high.swapcase()]
    yield from (c for c in ends if not 0xD800 <= ord(c) < 0xE000)
    yield next((c for c in "!#~" if not _is_in(node, c)), "!")
