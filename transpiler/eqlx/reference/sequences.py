"""Sequences, by the state machine of spec §9.3, and missing events, by §9.6."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Sequence as Row
from dataclasses import dataclass, field, replace
from enum import Enum

from eqlx.execution import Match, MatchKind
from eqlx.ir.nodes import Constant, Sequence, Stage
from eqlx.meaning.dates import MILLISECOND
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document, in_order
from eqlx.reference.keys import Identity, Keys, joined_by, key_tuples, rank
from eqlx.reference.results import limited, match_of


@dataclass(frozen=True)
class Partial:
    """A beginning of a sequence: the documents of its first stages."""

    keys: Keys
    documents: tuple[Document, ...]

    @property
    def last(self) -> Document:
        return self.documents[-1]


class Offer(Enum):
    """What an event that passes a stage's filter does to the partials of its key."""

    STARTED = "started"
    EXTENDED = "extended"
    TOO_EARLY = "too early"
    """No partial waits for this stage with its last event before this one."""
    TOO_LATE = "too late"
    """The latest partial is used up: the event is more than `maxspan` after its first."""
    ENDED = "ended"
    """The latest partial is used up: an `until` event stands in between."""


@dataclass(frozen=True)
class Offered:
    """An offer's outcome, with the partial that it made or used up."""

    offer: Offer
    partial: Partial | None = None


def search_sequences(query: Sequence, documents: Row[Document]) -> list[Match]:
    """The sequences by the place of their last event, then by key (§9.3, §13.9)."""
    stages = [s for stage in query.stages for s in [replace(stage, runs=1)] * stage.runs]
    if any(
        isinstance(s.filter.condition, Constant) and not s.filter.condition.value for s in stages
    ):
        return []  # an empty term empties the whole, a missing one too (§13.8)
    timed = in_order(d for d in documents if d.nanoseconds is not None)
    machine = Machine(query, [s for s in stages if not s.missing], timed)
    absence = Absence(query, stages, timed)
    found = [partial for partial in machine.run() if absence.confirmed(partial)]
    found.sort(key=lambda partial: (partial.last.ordinal, rank(partial.keys)))
    return [
        match_of(MatchKind.SEQUENCE, partial.keys, _slots(stages, partial))
        for partial in limited(found, query.limits)
    ]


def _slots(stages: Row[Stage], partial: Partial) -> Iterator[Document | None]:
    present = iter(partial.documents)
    return (None if stage.missing else next(present) for stage in stages)


class Machine:
    """For each key and stage an ordered list of partials; events come one at a time."""

    def __init__(self, query: Sequence, stages: Row[Stage], timed: Row[Document]) -> None:
        self.stages = stages
        self.timed = timed
        self.maxspan = query.maxspan
        self.groups: dict[Identity, list[list[Partial]]] = {}
        self.until: dict[Identity, list[tuple[object, ...]]] = {}
        self.completed: list[Partial] = []
        if query.until is not None:
            self.mark_until(query.until)

    def mark_until(self, until: Stage) -> None:
        """Note where `until` events stand; their filter has no not-null rule for keys (§9.3)."""
        for document in self.timed:
            if passes(until.filter, document):
                for keys in key_tuples(until, document, null_joins=True):
                    self.until.setdefault(joined_by(keys), []).append(document.ordinal)

    def run(self) -> list[Partial]:
        # The stages of a run are one object: each is asked once an event.
        distinct = {id(stage): stage for stage in self.stages}
        for document in self.timed:
            taken = {
                identity: key_tuples(stage, document) if passes(stage.filter, document) else []
                for identity, stage in distinct.items()
            }
            # Later stages first, so that no event follows itself.
            for number in reversed(range(len(self.stages))):
                for keys in taken[id(self.stages[number])]:
                    self.offer(number, keys, document)
        return self.completed

    def offer(self, number: int, keys: Keys, document: Document) -> Offered:
        """One event for one stage under one key: start a partial, or extend the latest one."""
        joined = joined_by(keys)
        groups = self.groups.get(joined)
        if groups is None:
            groups = self.groups[joined] = [[] for _ in self.stages]
        if number == 0:
            return Offered(Offer.STARTED, self.keep(Partial(keys, (document,)), groups))
        before = groups[number - 1]
        earlier = [p for p in before if p.last.ordinal < document.ordinal]
        if not earlier:
            return Offered(Offer.TOO_EARLY)
        latest = earlier[-1]
        # The latest partial is used up, and every older one with it, even if it is then rejected.
        groups[number - 1] = before[len(earlier) :]
        if self.too_long(latest, document):
            return Offered(Offer.TOO_LATE, latest)
        if self.ended(latest, document):
            return Offered(Offer.ENDED, latest)
        extended = Partial(latest.keys, (*latest.documents, document))
        return Offered(Offer.EXTENDED, self.keep(extended, groups))

    def keep(self, partial: Partial, groups: list[list[Partial]]) -> Partial:
        """A partial of all stages is complete; any other waits for its next event."""
        if len(partial.documents) == len(self.stages):
            self.completed.append(partial)
        else:
            groups[len(partial.documents) - 1].append(partial)
        return partial

    def too_long(self, partial: Partial, document: Document) -> bool:
        if self.maxspan is None:
            return False
        # Only documents with a time come here.
        started, now = partial.documents[0].nanoseconds or 0, document.nanoseconds or 0
        return now - started > self.maxspan * MILLISECOND

    def ended(self, partial: Partial, document: Document) -> bool:
        """Whether an `until` event stands at or after the partial's last and before this one."""
        if not self.until:
            return False
        marks = self.until.get(joined_by(partial.keys), [])
        place = bisect_left(marks, partial.last.ordinal)
        return place < len(marks) and marks[place] < document.ordinal


@dataclass
class _Gap:
    """The missing terms in one place: the times (ms) of their events, by key."""

    times: list[dict[Identity, list[int]]] = field(default_factory=list)

    def between(self, keys: Identity, start: int, end: int) -> bool:
        """Whether an event stands strictly between two times."""
        return any(start < time < end for term in self.times for time in term.get(keys, ()))

    def latest_before(self, keys: Identity, end: int) -> int | None:
        return max((t for term in self.times for t in term.get(keys, ()) if t < end), default=None)

    def earliest_after(self, keys: Identity, start: int) -> int | None:
        return min(
            (t for term in self.times for t in term.get(keys, ()) if t > start), default=None
        )


class Absence:
    """The test that a completed sequence must pass for its missing terms (§9.6).

    Times are whole milliseconds here, exclusive at both ends: events in the same millisecond as
    their neighbour do not count.
    """

    def __init__(self, query: Sequence, stages: Row[Stage], timed: Row[Document]) -> None:
        self.maxspan = query.maxspan or 0
        self.gaps = [_Gap()]  # one before each positive stage, and one after the last
        for stage in stages:
            if stage.missing:
                self.gaps[-1].times.append(_times(stage, timed))
            else:
                self.gaps.append(_Gap())

    def confirmed(self, partial: Partial) -> bool:
        keys = joined_by(partial.keys)
        times = [d.milliseconds for d in partial.documents if d.milliseconds is not None]
        inner = zip(self.gaps[1:-1], times, times[1:], strict=False)
        if any(gap.between(keys, start, end) for gap, start, end in inner):
            return False
        before = self.gaps[0].latest_before(keys, times[0])
        after = self.gaps[-1].earliest_after(keys, times[-1])
        leading, trailing = bool(self.gaps[0].times), bool(self.gaps[-1].times)
        if leading and trailing:
            return before is None or after is None or after - before > self.maxspan
        if leading:
            return before is None or times[-1] - before > self.maxspan
        if trailing:
            return after is None or after - times[0] > self.maxspan
        return True


def _times(stage: Stage, timed: Row[Document]) -> dict[Identity, list[int]]:
    times: dict[Identity, list[int]] = {}
    for document in timed:
        if document.milliseconds is not None and passes(stage.filter, document):
            for keys in key_tuples(stage, document):
                times.setdefault(joined_by(keys), []).append(document.milliseconds)
    return times
