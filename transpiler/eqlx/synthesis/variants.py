"""Changes of one document around one leaf: its truth alone, its values, its presence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from eqlx.ir.nodes import (
    Compare,
    Comparison,
    Field,
    Integer,
    Leaf,
    Like,
    Membership,
    NetworkMatch,
    RegexMatch,
    Text,
    TextMatch,
    Where,
)
from eqlx.reference.conditions import outcomes
from eqlx.reference.documents import Document
from eqlx.synthesis.constraints import ABSENT, Judge
from eqlx.synthesis.model import Assignment, Unreached, Varies
from eqlx.synthesis.parts import Part, clause_text
from eqlx.synthesis.proposals import misses, proposals, sampled
from eqlx.synthesis.search import Spot, Wish, satisfy, spots
from eqlx.synthesis.texts import off_inside, swapped
from eqlx.synthesis.usual import usual

_MOST_VALUES: Final = 240
"""So many values of one leaf are tried."""
_MOST_MISSES: Final = 480
_MANY_RUNS: Final = 16
"""Beyond so many events a case, few cases fit: letter case first, then the finer points in turn."""
_PACK: Final = 24
"""So many texts just outside of a list's items are tried, so many in one event."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A solution (pseudo-names) for all parts, changed in `part` around one leaf."""

    part: Part
    spot: Spot
    varies: Varies
    label: str
    solution: Assignment
    clause: str

    @property
    def name(self) -> str:
        return f"{self.clause}: {self.label}"


@dataclass(frozen=True, slots=True)
class Explored:
    """The variants of one part, and the leaves that no document shows alone decisive."""

    variants: tuple[Variant, ...]
    unreached: tuple[Unreached, ...]


def explore(judge: Judge, part: Part, others: tuple[Wish, ...], base: Assignment) -> Explored:
    """Every leaf of `part`: decisive and true, decisive and false, its values, its presence.

    `others` are the wishes of the other parts, `base` a solution of everything.
    """
    explorer = _Explorer(judge, part, others, base)
    variants = tuple(explorer.run())
    return Explored(variants, tuple(explorer.unreached))


class _Explorer:
    def __init__(
        self, judge: Judge, part: Part, others: tuple[Wish, ...], base: Assignment
    ) -> None:
        self.judge = judge
        self.part = part
        self.others = others
        self.base = base
        self.unreached: list[Unreached] = []
        self.leaves: dict[str, list[Leaf]] = {}
        for spot in spots(part.condition):
            for field in judge.fields(spot.leaf):
                self.leaves.setdefault(field.name, []).append(spot.leaf)

    def run(self) -> Iterator[Variant]:
        bases: list[tuple[Spot, str, dict[str, object]]] = []
        for spot in spots(self.part.condition):
            clause = clause_text(spot.leaf, self.part.names)
            hit = self.solved(spot, spot.positive, self.base)
            flip = self.solved(spot, not spot.positive, self.base if hit is None else hit)
            if hit is not None:
                yield Variant(self.part, spot, Varies.WAY, "decides a hit", hit, clause)
            if flip is not None:
                yield Variant(self.part, spot, Varies.CLAUSE, "flipped alone", flip, clause)
            for truth, solution in ((spot.positive, hit), (not spot.positive, flip)):
                if solution is None:
                    self.unreached.append(Unreached(clause, truth, spot.leaf.span))
            found = hit if hit is not None else flip
            bases.append((spot, clause, dict(self.base) if found is None else found))
        # The plain flips of every leaf come before the finer points of any.
        finer = [self.finer(spot, clause, solution) for spot, clause, solution in bases]
        runs = 1 if self.part.stage is None else self.part.stage.runs
        if runs <= _MANY_RUNS:
            yield from chain.from_iterable(finer)
        else:
            yield from sorted(_in_turn(finer), key=lambda v: "letter case" not in v.label)

    def solved(self, spot: Spot, wanted: bool, near: Assignment) -> dict[str, object] | None:  # noqa: FBT001 a leaf's truth
        wishes = [(spot.leaf, wanted), *spot.others, *self.others]
        found = satisfy(self.judge, wishes, near)
        if found is None:
            found = satisfy(self.judge, wishes)
        return None if found is None else {**self.rest_of(near, found), **found}

    def rest_of(self, near: Assignment, found: Assignment) -> dict[str, object]:
        """Nothing is kept beside what the wishes decide: leftovers could make other clauses true."""
        return {name: near[name] for name in near if name.startswith("key|") and name not in found}

    def finer(self, spot: Spot, clause: str, base: dict[str, object]) -> Iterator[Variant]:
        yield from self.items(spot, clause, base)
        for field in self.judge.fields(spot.leaf):
            yield from self.values(spot, clause, base, field)
            yield from self.presence(spot, clause, base, field)
            yield from self.packed(spot, clause, base, field)
        yield from self.both_texts(spot, clause, base)

    def packed(
        self, spot: Spot, clause: str, base: dict[str, object], field: Field
    ) -> Iterator[Variant]:
        """Texts just outside of a list's items, as few arrays: none of them must make the leaf true."""
        if not _is_list(spot.leaf):
            return
        outside = [
            text
            for text in islice(dict.fromkeys(misses(spot.leaf)), _MOST_MISSES)
            if text.isascii() and not self.judge.truth(spot.leaf, {**base, field.name: text})
        ]
        for start in range(0, len(outside), _PACK):
            values = self.beside(spot, base, field, outside[start : start + _PACK])
            solution = {**base, field.name: values}
            yield Variant(self.part, spot, Varies.PRESENCE, "only near misses", solution, clause)

    def both_texts(self, spot: Spot, clause: str, base: dict[str, object]) -> Iterator[Variant]:
        """For a computed text inside a field's: longer, in other places, in other letter case."""
        match spot.leaf:
            case TextMatch(_, Field() as whole, part) if not isinstance(part, Text):
                pass
            case _:
                return
        if isinstance(part, Field) and not isinstance(base.get(part.name), str):
            base = {**base, part.name: "sample"}
        document = Document(1, base, self.judge.model)
        found = [t for t in outcomes(part, document) if isinstance(t, str) and t][:1]
        for text in found:
            values = (
                ("the same text", text),
                ("at the start", f"{text} and more"),
                ("at the end", f"before {text}"),
                ("inside", f"before {text} after"),
                ("other letter case", f"before {swapped(text)} after"),
                ("last character gone", text[:-1]),
            )
            for label, value in values:
                solution = {**base, whole.name: value}
                yield Variant(self.part, spot, Varies.VALUE, label, solution, clause)
            if isinstance(part, Field):
                turned = {**base, whole.name: text, part.name: f"{text} and more"}
                yield Variant(self.part, spot, Varies.VALUE, "the two swapped", turned, clause)

    def items(self, spot: Spot, clause: str, base: dict[str, object]) -> Iterator[Variant]:
        """For each item of a list a document on which that item alone decides, where putting the
        item in place of the value is not enough: other clauses may need values of the same field."""
        for label, alone, rest in _items(spot.leaf, self.judge.seed):
            wishes = [(alone, True), *spot.others, *self.others]
            apart = () if rest is None else ((rest, False),)
            solution = satisfy(self.judge, [*wishes, *apart], base)
            if solution is None:
                solution = satisfy(self.judge, wishes, base)
            if solution is not None:
                found = {**self.rest_of(base, solution), **solution}
                yield Variant(self.part, spot, Varies.VALUE, label, found, clause)

    def values(
        self, spot: Spot, clause: str, base: dict[str, object], field: Field
    ) -> Iterator[Variant]:
        seen: set[tuple[str, object]] = set()
        several = len(self.judge.fields(spot.leaf)) > 1
        prefix = f"{field.name.partition('|')[2] or field.name} = " if several else ""
        own = base.get(field.name)
        for label, value in (
            *proposals(spot.leaf, field, self.judge.seed),
            *damaged_inside(spot.leaf, own),
        ):
            key = (type(value).__name__, value)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > _MOST_VALUES:
                return
            together = self.beside(spot, base, field, value)
            solution = {**base, field.name: together}
            yield Variant(self.part, spot, Varies.VALUE, prefix + label, solution, clause)
            alone = {**base, field.name: value}
            if isinstance(together, list) and self.judge.truth(spot.leaf, alone):
                # The other value may serve the clause's neighbours so well that this one shows nothing.
                name = f"{prefix}{label}, alone"
                yield Variant(self.part, spot, Varies.VALUE, name, alone, clause)

    def beside(self, spot: Spot, base: dict[str, object], field: Field, value: object) -> object:
        """The value in place of those that make the leaf true; others that the field holds stay."""
        own = base.get(field.name)
        if not isinstance(own, list):
            return [own, value] if self.disturbs(spot, base, field, value) else value
        kept = [v for v in own if not self.judge.truth(spot.leaf, {**base, field.name: v})]
        added = value if isinstance(value, list) else [value]
        return [*kept, *added] if kept else value

    def disturbs(self, spot: Spot, base: dict[str, object], field: Field, value: object) -> bool:
        """Whether the value changes other leaves on the field, which its value in `base` serves and
        which leaves this one false: then both values show more."""
        if isinstance(value, list) or field.name not in base or self.judge.truth(spot.leaf, base):
            return False
        changed = {**base, field.name: value}
        return any(
            self.judge.truth(leaf, base) is not self.judge.truth(leaf, changed)
            for leaf in self.leaves.get(field.name, ())
            if leaf is not spot.leaf
        )

    def presence(
        self, spot: Spot, clause: str, base: dict[str, object], field: Field
    ) -> Iterator[Variant]:
        own = base.get(field.name, ABSENT)
        value = own[0] if isinstance(own, list) and own else own
        value = usual(field) if value is ABSENT or value is None or value == [] else value
        other = self.opposite(spot, base, field, value)
        without = {n: v for n, v in base.items() if n != field.name}
        shapes: tuple[tuple[str, dict[str, object]], ...] = (
            ("field missing", without),
            ("null", {**base, field.name: None}),
            ("empty array", {**base, field.name: []}),
            ("array of one", {**base, field.name: [value]}),
            ("array, another value after", {**base, field.name: [value, other]}),
            ("array, another value before", {**base, field.name: [other, value]}),
            ("array with null", {**base, field.name: [None, value]}),
            ("array of other values only", {**base, field.name: [other, usual(field)]}),
        )
        for label, solution in shapes:
            yield Variant(self.part, spot, Varies.PRESENCE, label, solution, clause)

    def opposite(self, spot: Spot, base: dict[str, object], field: Field, value: object) -> object:
        """A value that gives the leaf the other truth."""
        truth = self.judge.truth(spot.leaf, {**base, field.name: value})
        for other in (*self.judge.proposed(spot.leaf, field), usual(field), "unrelated"):
            if isinstance(other, str) and not other.isascii():
                continue  # engines may fold these letters, which would hide what the array shows
            if self.judge.truth(spot.leaf, {**base, field.name: other}) is not truth:
                return other
        return usual(field)


def damaged_inside(leaf: Leaf, own: object) -> Iterator[tuple[str, str]]:
    """The field's own value with the text that the leaf looks for damaged in place, since other clauses
    may look for other parts of the same value."""
    match leaf:
        case TextMatch(_, Field(), Text(text)) if isinstance(own, str) and text and text != own:
            for label, damaged in off_inside(text):
                if text in own:
                    yield f"in its place, {label}", own.replace(text, damaged)
        case Like(_, patterns) if isinstance(own, str):
            for piece in (p for pattern in patterns[:4] for p in pattern.pieces):
                if isinstance(piece, str) and piece in own and piece != own:
                    for label, damaged in off_inside(piece):
                        yield f"in its place, {label}", own.replace(piece, damaged)
        case _:
            return


def _in_turn(rows: list[Iterator[Variant]]) -> Iterator[Variant]:
    """The first of each row, then the second of each …"""
    while rows:
        for row in list(rows):
            variant = next(row, None)
            if variant is None:
                rows.remove(row)
            else:
                yield variant


def _is_list(leaf: Leaf) -> bool:
    match leaf:
        case Membership(Field(), items) | Like(Field(), items) | RegexMatch(Field(), items):
            return len(items) > 1
        case NetworkMatch(Field(), networks):
            return len(networks) > 1
        case _:
            return False


def _items(leaf: Leaf, seed: int) -> Iterator[tuple[str, Leaf, Leaf | None]]:
    """Each item of a leaf's list: a label, the leaf with it alone, the leaf without it."""
    match leaf:
        case Compare(_, _, Integer(number)):
            for value in (number, number + 1, number - 1):
                same = replace(leaf, operator=Comparison.EQUAL, right=Integer(value))
                yield f"exactly {value}", same, None
        case TextMatch(where, _, Text()):
            for other in (w for w in Where if w is not where):
                moved = replace(leaf, where=other)
                yield f"not at this place: {other.value}", leaf, moved
                yield f"at this place instead: {other.value}", moved, leaf
        case Membership(_, choices) if len(choices) > 1:
            for number, choice in sampled(choices, seed):
                rest = tuple(c for c in choices if c != choice)
                if rest:
                    alone = replace(leaf, choices=(choice,))
                    yield f"item {number + 1} alone", alone, replace(leaf, choices=rest)
        case Like(_, patterns) if len(patterns) > 1:
            for number, pattern in sampled(patterns, seed):
                others = tuple(p for p in patterns if p != pattern)
                if others:
                    one = replace(leaf, patterns=(pattern,))
                    yield f"item {number + 1} alone", one, replace(leaf, patterns=others)
        case RegexMatch(_, expressions) if len(expressions) > 1:
            for number, regex in sampled(expressions, seed):
                left = tuple(r for r in expressions if r != regex)
                if left:
                    single = replace(leaf, patterns=(regex,))
                    yield f"item {number + 1} alone", single, replace(leaf, patterns=left)
        case _:
            return
