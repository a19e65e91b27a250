"""What a query can mean on data that lacks fields, by its IR alone.

A leaf over an absent field is false, but for `field == null`, which is true (spec §5 B). Conditions
are two-valued, so what is false under every event can be followed through `and`, `or` and `not`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from enum import Enum

from eqlx.ir.nodes import (
    And,
    Condition,
    Constant,
    EventQuery,
    Field,
    Filter,
    IsNull,
    Not,
    Or,
    Query,
    Sample,
    Sequence,
    Truth,
    Value,
)
from eqlx.ir.walk import Node, children


class Applicability(Enum):
    """How much of a query is left. A query is given the first grade that fits, from the second on."""

    COMPLETE = "complete"
    CANNOT_MATCH = "cannot match"
    VOID_EXCLUSION = "exclusions without effect"
    NARROWED = "narrowed"


class Requirement(Enum):
    """Which rules are searched on data that lack fields."""

    ALL = "all"
    CAN_MATCH = "can-match"
    COMPLETE = "complete"

    def admits(self, grade: Applicability) -> bool:
        """Whether a rule of this grade is searched."""
        if self is Requirement.COMPLETE:
            return grade is Applicability.COMPLETE
        return self is Requirement.ALL or grade is not Applicability.CANNOT_MATCH


@dataclass(frozen=True, slots=True)
class Applied:
    """The grade, and the fields behind it: all `absent` ones, those of negations that exclude nothing
    (`void`: the query matches more), those of alternatives that are gone (`lost`: it matches less)."""

    grade: Applicability
    absent: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the grade rests on; none for a complete rule."""
        match self.grade:
            case Applicability.COMPLETE:
                return ()
            case Applicability.CANNOT_MATCH:
                return self.absent
            case Applicability.VOID_EXCLUSION:
                return self.void
            case Applicability.NARROWED:
                return self.lost or self.absent

    @property
    def words(self) -> str:
        """These fields, to put after a rule's name."""
        return f" ({', '.join(self.fields)})" if self.fields else ""

    @property
    def sentence(self) -> str:
        """The grade and its reason; empty for a complete rule."""
        if self.grade is Applicability.COMPLETE:
            return ""
        named = ", ".join(f"`{name}`" for name in self.fields[:_MAX_NAMED])
        more = len(self.fields) - _MAX_NAMED
        return f"{self.grade.value}: there is no {named}{f' and {more} more' if more > 0 else ''}"


_MAX_NAMED = 5
"""So many fields stand in a sentence; the record has all of them."""


@dataclass
class _Judge:
    present: Container[str]
    absent: dict[str, None] = field(default_factory=dict)
    void: dict[str, None] = field(default_factory=dict)
    lost: dict[str, None] = field(default_factory=dict)

    def truth(self, condition: Condition, *, negated: bool) -> bool | None:
        """What a condition is for every event; None where events differ."""
        match condition:
            case Constant():
                return bool(condition.value)
            case Not():
                inner = self.truth(condition.condition, negated=not negated)
                return None if inner is None else not inner
            case And() | Or():
                return self._junction(condition, negated=negated)
            case _:
                return self._leaf(condition, negated=negated)

    def _junction(self, condition: And | Or, *, negated: bool) -> bool | None:
        decisive = isinstance(condition, Or)
        found = [self.truth(each, negated=negated) for each in condition.conditions]
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    def _leaf(self, leaf: Condition, *, negated: bool) -> bool | None:
        missing = [name for name in _fields(leaf) if name not in self.present]
        if not missing:
            return None
        self.absent.update(dict.fromkeys(missing))
        if isinstance(leaf, IsNull) and isinstance(leaf.value, Field):
            # `not f == null` is false, `f == null` true: an alternative is gone, or a test is void.
            (self.lost if negated else self.void).update(dict.fromkeys(missing))
            return True
        if not _is_false(leaf):
            return None
        (self.void if negated else self.lost).update(dict.fromkeys(missing))
        return False


def applicability(
    query: Query, present: Container[str], category: str = "event.category"
) -> Applied:
    """What the query can mean where no event has a field beside the `present` ones."""
    judge = _Judge(present)
    possible = True
    for wanted, keys, required in _parts(query):
        for key in keys:
            if key.name not in present and not key.optional:
                judge.absent[key.name] = None
                possible = possible and not required
        if wanted.category is not None and category not in present:
            judge.absent[category] = None
            possible = possible and not required
        if judge.truth(wanted.condition, negated=False) is False and required:
            possible = False
    grade = Applicability.COMPLETE
    if not possible:
        grade = Applicability.CANNOT_MATCH
    elif judge.void:
        grade = Applicability.VOID_EXCLUSION
    elif judge.absent:
        grade = Applicability.NARROWED
    return Applied(grade, tuple(judge.absent), tuple(judge.void), tuple(judge.lost))


def _parts(query: Query) -> list[tuple[Filter, tuple[Field, ...], bool]]:
    """Filters with their join keys; whether an event must match each."""
    match query:
        case EventQuery():
            return [(query.filter, (), True)]
        case Sample():
            return [(stage.filter, stage.keys, True) for stage in query.stages]
        case Sequence():
            found = [(stage.filter, stage.keys, not stage.missing) for stage in query.stages]
            if query.until is not None:
                found.append((query.until.filter, query.until.keys, False))
            return found


def _fields(node: Node) -> list[str]:
    """The names of the fields below a node, in order."""
    if isinstance(node, Field):
        return [node.name]
    return [name for child in children(node) for name in _fields(child)]


def _is_false(leaf: Condition) -> bool:
    """Whether a leaf with an absent field is false for sure: null goes through every value but a
    `Truth` (`(a == null) == true`), and a leaf that compares with null itself."""
    return not isinstance(leaf, IsNull) and not _has_truth(leaf)


def _has_truth(node: Node | Value) -> bool:
    return isinstance(node, Truth) or any(_has_truth(child) for child in children(node))
