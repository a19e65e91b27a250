"""Complements and intersections as ordinary regular expressions, by way of an automaton.

Derivatives give a deterministic automaton, merging of equal states makes it small, elimination of
its states gives an ordinary tree back. All steps are exact; what grows beyond the bounds is refused
by `TooLarge`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from eqlx.patterns.characters import ALL, NONE, Characters

MAX_STATES: Final = 60
MAX_SIZE: Final = 400
"""Nodes of the tree that elimination may build."""


class TooLarge(ValueError):  # noqa: N818  it names a state of the pattern
    """The automaton or the tree that comes of it passes the bounds."""


# --- languages: what the derivatives are taken of ------------------------------------------------


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set; the empty set is the empty language."""

    characters: Characters


@dataclass(frozen=True, slots=True)
class Row:
    """All in order; none: the empty text."""

    parts: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the parts."""

    parts: frozenset[Language]


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts at once."""

    parts: frozenset[Language]


@dataclass(frozen=True, slots=True)
class Not:
    """Every text but those of the part."""

    part: Language


@dataclass(frozen=True, slots=True)
class Times:
    """The part `minimum` to `maximum` times (None: without bound)."""

    part: Language
    minimum: int
    maximum: int | None


Language = One | Row | Either | Both | Not | Times

NOTHING: Final = One(NONE)
EMPTY: Final = Row(())
EVERYTHING: Final = Not(NOTHING)


def row(parts: Iterable[Language]) -> Language:
    flat: list[Language] = []
    for part in parts:
        if part == NOTHING:
            return NOTHING
        flat.extend(part.parts if isinstance(part, Row) else (part,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def any_of(parts: Iterable[Language]) -> Language:
    flat: set[Language] = set()
    characters = NONE
    for part in parts:
        for inner in part.parts if isinstance(part, Either) else (part,):
            if isinstance(inner, One):
                characters |= inner.characters
            else:
                flat.add(inner)
    if EVERYTHING in flat:
        return EVERYTHING
    if characters != NONE:
        flat.add(One(characters))
    if not flat:
        return NOTHING
    return next(iter(flat)) if len(flat) == 1 else Either(frozenset(flat))


def all_of(parts: Iterable[Language]) -> Language:
    flat: set[Language] = set()
    for part in parts:
        flat.update(part.parts if isinstance(part, Both) else (part,))
    flat.discard(EVERYTHING)
    if NOTHING in flat:
        return NOTHING
    if not flat:
        return EVERYTHING
    return next(iter(flat)) if len(flat) == 1 else Both(frozenset(flat))


def not_(part: Language) -> Language:
    return part.part if isinstance(part, Not) else Not(part)


def times(part: Language, minimum: int, maximum: int | None) -> Language:
    if maximum == 0 or part == EMPTY:
        return EMPTY
    if part == NOTHING:
        return EMPTY if minimum == 0 else NOTHING
    if part == One(ALL) and (minimum, maximum) == (0, None):
        return EVERYTHING
    return part if minimum == maximum == 1 else Times(part, minimum, maximum)


# --- derivatives --------------------------------------------------------------------------------


def nullable(language: Language) -> bool:
    """Whether the empty text belongs to it."""
    match language:
        case One():
            return False
        case Row(parts):
            return all(nullable(p) for p in parts)
        case Either(parts):
            return any(nullable(p) for p in parts)
        case Both(parts):
            return all(nullable(p) for p in parts)
        case Not(part):
            return not nullable(part)
        case Times(part, minimum, _):
            return minimum == 0 or nullable(part)
        case _:
            assert_never(language)


def after(language: Language, code: int) -> Language:
    """The texts that complete the character `code` to a text of the language."""
    match language:
        case One(characters):
            taken = any(low <= code <= high for low, high in characters.intervals)
            return EMPTY if taken else NOTHING
        case Row(parts):
            return _after_row(parts, code)
        case Either(parts):
            return any_of(after(p, code) for p in parts)
        case Both(parts):
            return all_of(after(p, code) for p in parts)
        case Not(part):
            return not_(after(part, code))
        case Times(part, minimum, maximum):
            fewer = None if maximum is None else maximum - 1
            return row([after(part, code), times(part, max(0, minimum - 1), fewer)])
        case _:
            assert_never(language)


def _after_row(parts: tuple[Language, ...], code: int) -> Language:
    if not parts:
        return NOTHING
    first, rest = parts[0], parts[1:]
    ahead = row([after(first, code), *rest])
    return any_of([ahead, after(row(rest), code)]) if nullable(first) else ahead


def sets(language: Language) -> frozenset[Characters]:
    """The character sets that occur in it."""
    match language:
        case One(characters):
            return frozenset((characters,))
        case Row(parts) | Either(parts) | Both(parts):
            return frozenset(s for p in parts for s in sets(p))
        case Not(part) | Times(part, _, _):
            return sets(part)
        case _:
            assert_never(language)


# --- the automaton -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Automaton:
    """State 0 is the start; `moves[state]` maps the next state to the characters that lead there."""

    moves: tuple[dict[int, Characters], ...]
    final: frozenset[int]


def automaton(language: Language) -> Automaton:
    """The smallest deterministic automaton of the language.

    Raises:
        TooLarge: more than `MAX_STATES` states.
    """
    classes = _classes(language)
    numbers: dict[Language, int] = {language: 0}
    waiting = [language]
    targets: list[list[int]] = []
    while waiting:
        state = waiting.pop(0)
        reached = []
        for kind in classes:
            following = after(state, kind.intervals[0][0])
            if following not in numbers:
                if len(numbers) == MAX_STATES:
                    raise TooLarge
                numbers[following] = len(numbers)
                waiting.append(following)
            reached.append(numbers[following])
        targets.append(reached)
    accepting = {number for state, number in numbers.items() if nullable(state)}
    return _merged(targets, accepting, classes)


def _classes(language: Language) -> list[Characters]:
    """The code points, in classes that the language does not tell apart."""
    classes = [ALL]
    for characters in sets(language):
        halves = [
            half
            for kind in classes
            for half in (kind & characters, kind & characters.complement)
            if half != NONE
        ]
        classes = halves
    return classes


def _merged(targets: list[list[int]], accepting: set[int], classes: list[Characters]) -> Automaton:
    """States that lead to acceptance by the same texts become one (Moore's partition)."""
    block = [int(state in accepting) for state in range(len(targets))]
    while True:
        views = [(block[s], *(block[t] for t in row_)) for s, row_ in enumerate(targets)]
        names: dict[tuple[int, ...], int] = {}
        finer = [names.setdefault(view, len(names)) for view in views]
        if len(names) == len(set(block)):
            break
        block = finer
    moves: list[dict[int, Characters]] = [{} for _ in names]
    for state, row_ in enumerate(targets):
        for kind, target in zip(classes, row_, strict=True):
            known = moves[finer[state]].get(finer[target], NONE)
            moves[finer[state]][finer[target]] = known | kind
    return Automaton(tuple(moves), frozenset(finer[s] for s in accepting))


# --- back to an expression -----------------------------------------------------------------------


def expression(machine: Automaton) -> Language:
    """An expression without `Both` and `Not` for what the automaton accepts.

    Raises:
        TooLarge: it has more than `MAX_SIZE` nodes.
    """
    start, end = -1, -2
    edges: dict[tuple[int, int], Language] = {
        (state, target): One(characters)
        for state, row_ in enumerate(machine.moves)
        for target, characters in row_.items()
    }
    edges[start, 0] = EMPTY
    edges.update({(state, end): EMPTY for state in machine.final})
    left = set(range(len(machine.moves)))
    while left:
        state = min(left, key=lambda s: (_cost(edges, s), s))
        left.remove(state)
        _bypass(edges, state)
        if sum(_size(e) for e in edges.values()) > MAX_SIZE:
            raise TooLarge
    return edges.get((start, end), NOTHING)


def _cost(edges: dict[tuple[int, int], Language], state: int) -> int:
    into = sum(1 for a, b in edges if b == state != a)
    out = sum(1 for a, b in edges if a == state != b)
    return into * out


def _bypass(edges: dict[tuple[int, int], Language], state: int) -> None:
    """Take a state out; what led through it leads past it."""
    loop = edges.pop((state, state), NOTHING)
    around = _repeated(loop)
    into = [(a, e) for (a, b), e in edges.items() if b == state]
    out = [(b, e) for (a, b), e in edges.items() if a == state]
    for a, _ in into:
        del edges[a, state]
    for b, _ in out:
        del edges[state, b]
    for a, first in into:
        for b, last in out:
            path = row([first, around, last])
            edges[a, b] = any_of([edges[a, b], path]) if (a, b) in edges else path


def _repeated(loop: Language) -> Language:
    """Any number of times; kept in sight of `Times`, not as the complement of nothing."""
    return EMPTY if loop == NOTHING else Times(loop, 0, None)


def _size(language: Language) -> int:
    match language:
        case One():
            return 1
        case Row(parts) | Either(parts) | Both(parts):
            return 1 + sum(_size(p) for p in parts)
        case Not(part) | Times(part, _, _):
            return 1 + _size(part)
        case _:
            assert_never(language)
