"""A document that gives conditions their wanted truth: choices at `or`, one solver a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from eqlx.ir.nodes import And, Condition, Constant, Leaf, Not, Or
from eqlx.synthesis.constraints import ABSENT, Atom, Judge
from eqlx.synthesis.model import Assignment

_MOST_STEPS: Final = 3000

Wish = tuple[Condition, bool]
"""A condition and the truth that it shall have."""


Undo = tuple[Atom, str | None, object]
"""A leaf that was taken; if it has a field alone, its name and the value before (None: there was none)."""


def satisfy(
    judge: Judge, wishes: Iterable[Wish], preferred: Assignment | None = None
) -> dict[str, object] | None:
    """Values that grant every wish, or None where the search finds none.

    `preferred`: values that fields keep where they can.
    """
    return _Search(judge, preferred or {}).run(list(wishes))


@dataclass
class _Search:
    """Depth first with undo: leaves go to their field's solver as soon as they are wished for."""

    judge: Judge
    preferred: Assignment
    alone: dict[str, list[Atom]] = field(default_factory=dict)
    linked: list[Atom] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    wanted: dict[int, bool] = field(default_factory=dict)
    steps: int = 0

    def run(self, wishes: list[Wish]) -> dict[str, object] | None:
        # A stack of our own: each choice is a step deeper than the one before.
        ways: list[Iterator[list[Wish]]] = [iter([wishes])]
        taken: list[list[Undo]] = []
        while ways:
            wished = next(ways[-1], None)
            if wished is None:
                ways.pop()
                if taken:
                    self.undo(taken.pop())
                continue
            self.steps += 1
            if self.steps > _MOST_STEPS:
                return None
            undo: list[Undo] = []
            choices = self.take(wished, undo)
            if choices is not None:
                open_ = [wish for wish in choices if not self.stands(wish)]
                if open_:
                    taken.append(undo)
                    ways.append(self.ways(open_))
                    continue
                found = self.finish()
                if found is not None:
                    return found
            self.undo(undo)
        return None

    def ways(self, choices: Sequence[Wish]) -> Iterator[list[Wish]]:
        """What may be wished for instead, one part of a choice at a time: the choice with the fewest
        parts first."""
        first = min(choices, key=lambda wish: len(_parts(wish[0])))
        rest = [wish for wish in choices if wish is not first]
        return ([(part, first[1]), *rest] for part in _parts(first[0]))

    def take(self, wishes: list[Wish], undo: list[Undo]) -> list[Wish] | None:
        """Everything that leaves no choice; gives the choices that remain, None if it is in vain."""
        stack = list(reversed(wishes))
        choices: list[Wish] = []
        while stack:
            condition, wanted = stack.pop()
            match condition:
                case Not(inner):
                    stack.append((inner, not wanted))
                case And(parts) | Or(parts):
                    if isinstance(condition, And) is wanted:
                        stack.extend((part, wanted) for part in reversed(parts))
                    else:
                        choices.append((condition, wanted))
                case Constant(value):
                    if (value is True) is not wanted:
                        return None
                case leaf:
                    if not self.add(Atom(leaf, wanted), undo):
                        return None
        return choices

    def add(self, atom: Atom, undo: list[Undo]) -> bool:
        known = self.wanted.get(id(atom.leaf))
        if known is not None:
            return known is atom.wanted
        fields = self.judge.fields(atom.leaf)
        if len(fields) != 1:
            self.wanted[id(atom.leaf)] = atom.wanted
            self.linked.append(atom)
            undo.append((atom, None, None))
            return bool(fields) or self.judge.truth(atom.leaf, {}) is atom.wanted
        name = fields[0].name
        atoms = [*self.alone.get(name, ()), atom]
        value = self.judge.value(fields[0], atoms, self.preferred.get(name, ABSENT))
        if value is None:
            return False
        self.wanted[id(atom.leaf)] = atom.wanted
        undo.append((atom, name, self.values.get(name)))
        self.alone[name] = atoms
        self.values[name] = value
        return True

    def undo(self, undo: list[Undo]) -> None:
        for atom, name, before in reversed(undo):
            del self.wanted[id(atom.leaf)]
            if name is None:
                self.linked.pop()
                continue
            self.alone[name] = self.alone[name][:-1]
            if before is None:
                del self.values[name]
            else:
                self.values[name] = before

    def stands(self, wish: Wish) -> bool:
        """Whether a part that grants the wish is already decided."""
        condition, wanted = wish
        return any(self.granted(part, wanted) for part in _parts(condition))

    def granted(self, condition: Condition, wanted: bool) -> bool:  # noqa: FBT001 a wish's own truth
        match condition:
            case Not(inner):
                return self.granted(inner, not wanted)
            case And() | Or() | Constant():
                return False
            case _:
                return self.wanted.get(id(condition)) is wanted

    def finish(self) -> dict[str, object] | None:
        assignment = {n: v for n, v in self.values.items() if v is not ABSENT}
        if not self.linked:
            return assignment
        return self.judge.linked(self.linked, self.alone, assignment)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return cast("And | Or", condition).conditions


# --- where a leaf decides -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spot:
    """A leaf at its place in a condition.

    `others`: what must hold around it so that it alone decides. `positive`: whether the condition
    is then true when the leaf is.
    """

    leaf: Leaf
    others: tuple[Wish, ...]
    positive: bool


def spots(condition: Condition) -> list[Spot]:
    """Every leaf of a condition, in order of writing."""
    found: list[Spot] = []
    stack: list[tuple[Condition, tuple[Wish, ...], bool]] = [(condition, (), True)]
    while stack:
        node, others, positive = stack.pop()
        match node:
            case Not(inner):
                stack.append((inner, others, not positive))
            case And(parts) | Or(parts):
                truth = isinstance(node, And)
                for place in reversed(range(len(parts))):
                    beside = tuple((part, truth) for at, part in enumerate(parts) if at != place)
                    stack.append((parts[place], (*others, *beside), positive))
            case Constant():
                pass
            case leaf:
                found.append(Spot(leaf, others, positive))
    return found


def decisive(judge: Judge, condition: Condition, assignment: Assignment) -> list[tuple[bool, bool]]:
    """For each leaf in order of writing: its truth, and whether it alone decides the condition."""
    found: list[tuple[bool, bool]] = []
    truths: dict[int, bool] = {}

    def value(node: Condition) -> bool:  # every part is asked, decided or not
        match node:
            case Not(inner):
                known = not value(inner)
            case And(parts):
                known = min([value(part) for part in parts])
            case Or(parts):
                known = max([value(part) for part in parts])
            case Constant(constant):
                known = constant is True
            case leaf:
                known = judge.truth(leaf, assignment)
        truths[id(node)] = known
        return known

    value(condition)
    stack: list[tuple[Condition, bool]] = [(condition, True)]
    while stack:
        node, matters = stack.pop()
        match node:
            case Not(inner):
                stack.append((inner, matters))
            case And(parts) | Or(parts):
                neutral = isinstance(node, And)
                against = sum(truths[id(part)] is not neutral for part in parts)
                for part in reversed(parts):
                    alone = against - (truths[id(part)] is not neutral) == 0
                    stack.append((part, matters and alone))
            case Constant():
                pass
            case leaf:
                found.append((truths[id(leaf)], matters))
    return found
