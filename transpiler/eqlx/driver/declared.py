"""Whether declared losses account for a difference: the interpreter's answer with the losses taken.

A loss at a leaf says that an engine may give the leaf another truth, in one direction. So each such
leaf gets a switch, and the query is searched again with the switches of some events on. If an
engine's answer comes out, the losses account for it; nothing else does, in whatever direction it
lies. A loss of the query's form (not of one leaf) is judged by its direction alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Row
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TypeAlias, cast

from eqlx.capability import Drift, Loss
from eqlx.driver.agreement import rows_of
from eqlx.driver.comparing import Batch
from eqlx.driver.verdict import Rows
from eqlx.execution import Event, Match
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import (
    And,
    Boolean,
    Compare,
    Comparison,
    Condition,
    Field,
    Leaf,
    Not,
    Or,
    Query,
    Truth,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LEAVES, Node, map_children, map_query_conditions, walk
from eqlx.source import Span
from eqlx.synthesis import Case
from eqlx.target import EventModel

_MOST_TRIED = 64
"""So many combinations of switches are tried for one case."""

Differing: TypeAlias = Mapping[int, tuple[list[Rows], list[Rows]]]
"""By case the matches that are extra and those that are missing, as `Batch.differences` has them."""
Switch: TypeAlias = tuple[int, int]
"""An event of a case (from 0), and a number in `Declared.loose`."""


@dataclass(frozen=True)
class Loose:
    """A leaf that losses may give another truth, and the field that switches it."""

    leaf: Leaf
    losses: tuple[Loss, ...]
    drift: Drift
    """That of the leaf itself."""
    switch: Field

    def loss_on(self, event: Event) -> Loss | None:
        """The first loss that can show on this event."""
        return next((x for x in self.losses if not x.beyond_ascii or self._is_odd(event)), None)

    def _is_odd(self, event: Event) -> bool:
        """Whether the leaf or what it reads has a text beyond ASCII."""
        if self._names_odd_letters:
            return True
        values = flatten(event)
        return any(
            isinstance(value, str) and not value.isascii()
            for name in self._fields
            for value in values.get(name, ())
        )

    @cached_property
    def _names_odd_letters(self) -> bool:
        return not repr(self.leaf).isascii()

    @cached_property
    def _fields(self) -> set[str]:
        return {node.name for node, _, _ in walk(self.leaf) if isinstance(node, Field)}

    @property
    def switched(self) -> Condition:
        """The leaf, with another truth in the losses' direction where the switch is on."""
        is_on: Condition = Compare(Comparison.EQUAL, self.switch, Boolean(value=True))
        narrowed = And((self.leaf, Not(is_on)))
        match self.drift:
            case Drift.WIDENS:
                return Or((self.leaf, is_on))
            case Drift.NARROWS:
                return narrowed
            case Drift.SHIFTS:
                return Or((narrowed, And((Not(self.leaf), is_on))))


class Declared:
    """The losses of one conversion, against the query whose answers are the expected ones."""

    def __init__(self, query: Query, model: EventModel, losses: tuple[Loss, ...]) -> None:
        self.model = model
        self.loose = tuple(_loose(query, losses))
        tied = {loss for loose in self.loose for loss in loose.losses}
        self.others = tuple(loss for loss in losses if loss not in tied)
        self._explained: dict[int, tuple[Row[Event], tuple[Switch, ...]]] = {}
        self._last: tuple[Batch, Row[Match], Row[Differing]] | None = None

    def accounts(
        self, batch: Batch, number: int, found: Row[Match], differing: Differing
    ) -> str | None:
        """The slug of the loss by which the engine's matches `found` over the batch are what they
        are in case `number`, which is `differing`; None if no declared loss explains it."""
        slug = self._alone(batch, number, found)
        if slug is None and self.loose and batch.reaches_across:
            slug = self._together(batch, number, found)
        extra, missing = differing[number]
        return slug or self._by_direction(batch.cases[number], extra, missing)

    def _alone(self, batch: Batch, number: int, found: Row[Match]) -> str | None:
        """The case by itself, with some of its switches on."""
        case = batch.cases[number]
        switches = self._switches(case)
        if not switches:
            return None
        mine = [within(batch, number, m) for m in found if batch.case_of(rows_of(m)) == number]
        for chosen in _combinations(switches):
            if not self._batch(batch.query, [(case, chosen)]).differences(mine):
                self._explained[id(case.events)] = case.events, chosen
                return self._slug(case, chosen[0])
        return None

    def _together(self, batch: Batch, number: int, found: Row[Match]) -> str | None:
        """Where cases reach into each other: all at once, with the switches on that explained them
        by themselves, or with every one."""
        marked = [
            [(case, self._explained.get(id(case.events), ((), ()))[1]) for case in batch.cases],
            [(case, self._switches(case)) for case in batch.cases],
        ]
        if self._last is None or self._last[0] is not batch or self._last[1] is not found:
            answers = [self._batch(batch.query, cases).differences(found) for cases in marked]
            self._last = batch, found, answers
        for cases, left in zip(marked, self._last[2], strict=True):
            used = [(case, switch) for case, switches in cases for switch in switches]
            if used and number not in left:
                return self._slug(*used[0])
        return None

    def _switches(self, case: Case) -> tuple[Switch, ...]:
        return tuple(
            (place, at)
            for place, event in enumerate(case.events)
            for at, loose in enumerate(self.loose)
            if loose.loss_on(event)
        )

    def _slug(self, case: Case, switch: Switch) -> str:
        place, at = switch
        loss = self.loose[at].loss_on(case.events[place])
        return "" if loss is None else loss.slug

    def _batch(self, query: Query, marked: Row[tuple[Case, Row[Switch]]]) -> Batch:
        cases = []
        for case, switches in marked:
            events = [dict(event) for event in case.events]
            for place, at in switches:
                events[place][self.loose[at].switch.name] = True
            cases.append(replace(case, events=tuple(events)))
        return Batch.of(self._switched(query), self.model, cases)

    def _switched(self, query: Query) -> Query:
        leaves = {id(loose.leaf): loose for loose in self.loose}

        def change(node: Node) -> Node:
            if isinstance(node, LEAVES):
                return leaves[id(node)].switched if id(node) in leaves else node
            return map_children(node, change)

        return map_query_conditions(query, lambda c: cast("Condition", change(c)))

    def _by_direction(self, case: Case, extra: Row[Rows], missing: Row[Rows]) -> str | None:
        for loss in self.others:
            widens = loss.drift in (Drift.WIDENS, Drift.SHIFTS)
            narrows = loss.drift in (Drift.NARROWS, Drift.SHIFTS)
            points_there = (widens or not extra) and (narrows or not missing)
            if points_there and _reaches(loss.span, case.clause):
                return loss.slug
        return None


def _loose(query: Query, losses: Row[Loss]) -> Iterator[Loose]:
    """The leaves that losses lie within."""
    leaves = {
        id(leaf): (leaf, polarity)
        for node, polarity, leaf in walk(query)
        if leaf is not None and node is leaf
    }
    for leaf, polarity in leaves.values():
        own = tuple(loss for loss in losses if _lies_within(loss.span, leaf.span))
        if not own:
            continue
        drifts = {loss.drift.under(polarity) for loss in own}
        # Inside a condition that is used as a value, either direction may come out.
        turned = any(isinstance(inner, Truth) for inner, _, _ in walk(leaf))
        drift = Drift.SHIFTS if turned or len(drifts) > 1 else drifts.pop()
        # No field of an event has such a name.
        switch = Field(f"\0{leaf.span.start}-{leaf.span.end}", type=FieldType.BOOLEAN)
        yield Loose(leaf, own, drift, switch)


def _combinations(switches: tuple[Switch, ...]) -> Iterator[tuple[Switch, ...]]:
    """All of them first, then the smaller sets, within the bound."""
    yield switches
    tried = 1
    for count in range(1, len(switches)):
        for chosen in combinations(switches, count):
            if tried == _MOST_TRIED:
                return
            tried += 1
            yield chosen


def within(batch: Batch, number: int, match: Match) -> Match:
    """A match over the batch as one over a case of it."""
    start = batch.starts[number]
    events = (replace(e, row=None if e.row is None else e.row - start) for e in match.events)
    return replace(match, events=tuple(events))


def _lies_within(inner: Span, outer: Span) -> bool:
    return inner.start < inner.end and outer.start <= inner.start and inner.end <= outer.end


def _reaches(loss: Span, clause: Span) -> bool:
    """Whether a loss of the query's form touches a clause; both may be of no place in particular."""
    if loss.end <= loss.start or clause.end <= clause.start:
        return True
    return loss.start < clause.end and clause.start < loss.end
