"""How far each key of a sequence came: the state machine of §9.3 watched at work, and §9.6 retraced."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as Row
from dataclasses import dataclass, replace

from eqlx.execution import Match
from eqlx.ir.nodes import Sequence, Stage
from eqlx.meaning.dates import MILLISECOND
from eqlx.meaning.values import published
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document, in_order
from eqlx.reference.explanation import KeyTrace, Reason, nearest
from eqlx.reference.keys import Identity, Keys, joined_by, key_tuples, rank
from eqlx.reference.sequences import Absence, Machine, Offer, Offered, Partial
from eqlx.reference.trace import Shown

_REJECTED = frozenset({Offer.TOO_LATE, Offer.ENDED})


@dataclass(frozen=True)
class _Step:
    """An event that was offered to a positive stage (from 0, runs unfolded)."""

    number: int
    document: Document
    offered: Offered


class _Watched(Machine):
    """The machine, with all that it did by key."""

    def __init__(self, query: Sequence, stages: Row[Stage], timed: Row[Document]) -> None:
        self.steps: dict[Identity, list[_Step]] = {}
        self.keys: dict[Identity, Keys] = {}
        super().__init__(query, stages, timed)

    def offer(self, number: int, keys: Keys, document: Document) -> Offered:
        offered = super().offer(number, keys, document)
        self.keys.setdefault(joined_by(keys), keys)
        self.steps.setdefault(joined_by(keys), []).append(_Step(number, document, offered))
        return offered


def sequence_keys(
    query: Sequence, documents: Row[Document], found: Row[Match]
) -> tuple[KeyTrace, ...]:
    """One trace a key that any positive stage has seen, in order of the keys."""
    return _Explainer(query, documents, found).run()


class _Explainer:
    def __init__(self, query: Sequence, documents: Row[Document], found: Row[Match]) -> None:
        self.query = query
        self.stages = [
            (number, replace(stage, runs=1))
            for number, stage in enumerate(query.stages, start=1)
            for _ in range(stage.runs)
        ]
        self.positive = [(number, stage) for number, stage in self.stages if not stage.missing]
        self.timed = in_order(d for d in documents if d.nanoseconds is not None)
        self.machine = _Watched(query, [stage for _, stage in self.positive], self.timed)
        self.absence = Absence(query, [stage for _, stage in self.stages], self.timed)
        self.results = {
            tuple(event.row for event in match.events if event.row is not None) for match in found
        }

    def run(self) -> tuple[KeyTrace, ...]:
        complete = self.machine.run()
        by_key: dict[Identity, list[Partial]] = {}
        for partial in complete:
            by_key.setdefault(joined_by(partial.keys), []).append(partial)
        keys = sorted(self.machine.keys.items(), key=lambda item: rank(item[1]))
        return tuple(self.key(identity, k, by_key.get(identity, [])) for identity, k in keys)

    def key(self, identity: Identity, keys: Keys, complete: list[Partial]) -> KeyTrace:
        shown = tuple(published(key) for key in keys)
        confirmed = [partial for partial in complete if self.absence.confirmed(partial)]
        matches = [rows for p in confirmed if (rows := _rows(p.documents)) in self.results]
        if matches:
            return KeyTrace(shown, Reason.MATCHED, matches[-1], tuple(matches))
        if confirmed:
            rows = _rows(confirmed[-1].documents)
            return KeyTrace(shown, Reason.CUT, rows, detail="a limit cut it off")
        if complete:
            return self.discarded(shown, complete[-1])
        return self.stalled(identity, shown)

    # --- a complete sequence, discarded for a missing event ------------------------------------

    def discarded(self, shown: tuple[Shown, ...], partial: Partial) -> KeyTrace:
        stage, found = self.unwanted(partial)
        detail = "an event is there that must be missing"
        rows, events = _rows(partial.documents), _rows(found)
        return KeyTrace(shown, Reason.MISSING_EVENT, rows, (), stage, detail, events)

    def unwanted(self, partial: Partial) -> tuple[int | None, list[Document]]:
        """The missing stage at fault, and its events, as §9.6 looks for them."""
        place = 0
        last: tuple[int | None, list[Document]] = (None, [])
        for number, stage in self.stages:
            if not stage.missing:
                place += 1
                continue
            found = [d for d in self.meeting(stage, partial.keys) if self.counts(d, place, partial)]
            if found:
                last = (number, found)
                if 0 < place < len(partial.documents):
                    return last
        return last

    def counts(self, document: Document, place: int, partial: Partial) -> bool:
        """Whether a missing stage before positive stage `place` looks at the document."""
        times = [_time(d) for d in partial.documents]
        now, span = _time(document), self.query.maxspan or 0
        if place == 0:
            return now < times[0] and times[-1] - now <= span
        if place == len(times):
            return now > times[-1] and now - times[0] <= span
        return times[place - 1] < now < times[place]

    def meeting(self, stage: Stage, keys: Keys) -> Iterable[Document]:
        wanted = joined_by(keys)
        for document in self.timed:
            if passes(stage.filter, document) and any(
                joined_by(k) == wanted for k in key_tuples(stage, document)
            ):
                yield document

    # --- a partial that went no further -----------------------------------------------------------

    def stalled(self, identity: Identity, shown: tuple[Shown, ...]) -> KeyTrace:
        steps = self.machine.steps[identity]
        made = [
            step
            for step in steps
            if step.offered.offer in {Offer.STARTED, Offer.EXTENDED} and step.offered.partial
        ]
        furthest = max((step.number for step in made), default=-1)
        partials = [s.offered.partial for s in made if s.number == furthest and s.offered.partial]
        last = partials[-1] if partials else None
        rejected = [s for s in steps if s.number == furthest + 1 and s.offered.offer in _REJECTED]
        if rejected and rejected[-1].offered.partial is not None:
            last = rejected[-1].offered.partial
        rows = () if last is None else _rows(last.documents)
        number, stage = self.positive[furthest + 1]
        reason, detail, events = self.reason(furthest + 1, stage, steps, last)
        runs = self.query.stages[number - 1].runs
        done = sum(1 for n, _ in self.positive[: furthest + 1] if n == number)
        if done:
            detail = f"after {done} of {runs} runs, {detail}"
        close = None
        if reason in {Reason.NO_EVENT, Reason.OTHER_KEY, Reason.EARLIER, Reason.RUNS}:
            close = nearest(stage, self.candidates(stage, identity, last))
        return KeyTrace(shown, reason, rows, (), number, detail, events, close)

    def reason(
        self, number: int, stage: Stage, steps: list[_Step], last: Partial | None
    ) -> tuple[Reason, str, tuple[int, ...]]:
        offered = [step for step in steps if step.number == number]
        refused = [step for step in offered if step.offered.offer in _REJECTED]
        if refused:
            return self.refused(refused[-1])
        if offered and last is not None:
            used = {document.row for document in last.documents}
            when = tuple(row for row in _rows(s.document for s in offered) if row not in used)
            if not when:
                return Reason.RUNS, "no further event with the key meets it", ()
            return Reason.EARLIER, "its events are not after the last one reached", when
        others = [d for d in self.timed if passes(stage.filter, d)]
        if others and not offered:
            keyless = [d for d in others if not key_tuples(stage, d)]
            detail = "its events have other values of the key"
            if len(keyless) == len(others):
                detail = "its events have no value of the key"
            return Reason.OTHER_KEY, detail, _rows(others)
        if offered:
            return Reason.EARLIER, "nothing came before", _rows(s.document for s in offered)
        return Reason.NO_EVENT, "no event meets it", ()

    def refused(self, step: _Step) -> tuple[Reason, str, tuple[int, ...]]:
        partial = step.offered.partial
        first = step.document if partial is None else partial.documents[0]
        if step.offered.offer is Offer.TOO_LATE:
            passed = _time(step.document) - _time(first)
            span = self.query.maxspan or 0
            detail = f"{duration(passed)} after the first event, more than {duration(span)}"
            return Reason.MAXSPAN, detail, (step.document.row,)
        return Reason.UNTIL, "an `until` event came before", self.until_rows(step, partial)

    def until_rows(self, step: _Step, partial: Partial | None) -> tuple[int, ...]:
        until = self.query.until
        if until is None or partial is None:
            return ()
        wanted = joined_by(partial.keys)
        return _rows(
            d
            for d in self.timed
            if partial.last.ordinal <= d.ordinal < step.document.ordinal
            and passes(until.filter, d)
            and any(joined_by(k) == wanted for k in key_tuples(until, d, null_joins=True))
        )

    def candidates(self, stage: Stage, identity: Identity, last: Partial | None) -> list[Document]:
        """The key's events after the partial."""
        return [
            d
            for d in self.timed
            if any(joined_by(k) == identity for k in key_tuples(stage, d))
            and (last is None or last.last.ordinal < d.ordinal)
        ]


def duration(milliseconds: int) -> str:
    """A span of time in its units, the largest first.

    >>> duration(90_000), duration(120_000), duration(86_400_001), duration(0)
    ('1m30s', '2m', '1d1ms', '0ms')
    """
    parts: list[str] = []
    rest = milliseconds
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0ms"


def _time(document: Document) -> int:
    return (document.nanoseconds or 0) // MILLISECOND


def _rows(documents: Iterable[Document]) -> tuple[int, ...]:
    return tuple(document.row for document in documents)
