"""Cases searched together, and what an engine's matches differ in from the expected ones."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as Row
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from eqlx.driver.agreement import disagreement, keys_of, last_row, rows_of, sample_fault
from eqlx.driver.verdict import Disagreement, Rows
from eqlx.execution import Event, Match, MatchKind
from eqlx.ir.nodes import EventQuery, Query, Sample
from eqlx.reference import evaluate
from eqlx.reference.documents import in_order, numbered
from eqlx.reference.results import match_of
from eqlx.synthesis import Case
from eqlx.target import EventModel

_MOST_LIMITED = 1000
"""Larger limits are never reached by synthesised events."""

Search = Callable[[Row[Event]], Row[Match]]
"""An engine's matches for one rule over these events."""


@dataclass(frozen=True)
class Batch:
    """Cases whose events are searched as one set, and the interpreter's answer on that set."""

    query: Query
    model: EventModel
    cases: tuple[Case, ...]
    events: tuple[Event, ...]
    expected: tuple[Match, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, query: Query, model: EventModel, cases: Row[Case]) -> Batch:
        events = tuple(event for case in cases for event in case.events)
        starts = tuple(accumulate((len(case.events) for case in cases), initial=0))
        expected = tuple(evaluate(query, events, model))
        return cls(query, model, tuple(cases), events, expected, starts)

    @classmethod
    def joined(cls, query: Query, model: EventModel, cases: Row[Case]) -> Batch:
        """The same, where the cases' own answers need not be found again: an event query without a
        limit asks each event by itself, and only their order is another."""
        if not isinstance(query, EventQuery) or query.limits:
            return cls.of(query, model, cases)
        events = tuple(event for case in cases for event in case.events)
        starts = tuple(accumulate((len(case.events) for case in cases), initial=0))
        rows = {
            start + row
            for case, start in zip(cases, starts, strict=False)
            for match in case.expected
            for row in rows_of(match)
            if row is not None
        }
        found = (d for d in in_order(numbered(events, model)) if d.row in rows)
        expected = tuple(match_of(MatchKind.EVENT, (), (d,)) for d in found)
        return cls(query, model, tuple(cases), events, expected, starts)

    def differences(self, found: Row[Match]) -> dict[int, tuple[list[Rows], list[Rows]]]:
        """By case: extra and missing matches (rows over the whole batch). Matches in another order
        are a difference of the first case that is out of place."""
        if disagreement(self.query, self.expected, found, self.events, self.model) is None:
            return {}
        if isinstance(self.query, Sample):
            return self._sample_differences(found)
        ours, theirs = [rows_of(m) for m in self.expected], [rows_of(m) for m in found]
        differing: dict[int, tuple[list[Rows], list[Rows]]] = {}
        expected, given = Counter(ours), Counter(theirs)
        for rows in (given - expected).elements():
            differing.setdefault(self.case_of(rows), ([], []))[0].append(rows)
        for rows in (expected - given).elements():
            differing.setdefault(self.case_of(rows), ([], []))[1].append(rows)
        # What both have must be in the same order, whatever else differs.
        shared = set(expected & given)
        both = zip(
            (r for r in ours if r in shared), (r for r in theirs if r in shared), strict=False
        )
        turned = next(((a, b) for a, b in both if last_row(a) != last_row(b)), None)
        if turned is None and not differing:  # the order of such that end together, or the keys
            places = zip(ours, theirs, strict=True)
            turned = next((pair for pair in places if pair[0] != pair[1]), (ours[0], theirs[0]))
        if turned is not None:
            differing.setdefault(self.case_of(turned[0]), ([turned[1]], [turned[0]]))
        return differing

    def _sample_differences(self, found: Row[Match]) -> dict[int, tuple[list[Rows], list[Rows]]]:
        """By key, since samples may choose other events."""
        assert isinstance(self.query, Sample)  # noqa: S101 - asked for samples only
        differing: dict[int, tuple[list[Rows], list[Rows]]] = {}
        types = [key.type for key in self.query.stages[0].keys]
        documents = numbered(self.events, self.model)
        ours = {keys_of(m, types): rows_of(m) for m in self.expected}
        theirs: dict[tuple[object, ...], Rows] = {}
        for match in found:
            keys, rows = keys_of(match, types), rows_of(match)
            # One sample a key, of different events that meet its terms.
            fault = sample_fault(self.query, match, documents)
            if keys not in ours or keys in theirs or fault is not None:
                differing.setdefault(self.case_of(rows), ([], []))[0].append(rows)
            theirs[keys] = rows
        for keys, rows in ours.items():
            if keys not in theirs:
                differing.setdefault(self.case_of(rows), ([], []))[1].append(rows)
        if not differing:  # the order alone
            first, other = next(
                (rows_of(a), rows_of(b))
                for a, b in zip(self.expected, found, strict=True)
                if keys_of(a, types) != keys_of(b, types)
            )
            differing[self.case_of(first)] = ([other], [first])
        return differing

    def case_of(self, rows: Rows) -> int:
        """The case that a match's first event belongs to."""
        row = next((row for row in rows if row is not None), 1)
        return bisect_left(self.starts, row, hi=len(self.cases)) - 1

    @cached_property
    def reaches_across(self) -> bool:
        """Whether the cases' answers may depend on each other: under a limit, or where without key
        and maxspan the events of several make matches."""
        if not isinstance(self.query, Sample) and self.query.limits:
            return True
        alone = [
            tuple(None if row is None else row + start for row in rows_of(match))
            for case, start in zip(self.cases, self.starts, strict=False)
            for match in case.expected
        ]
        return Counter(alone) != Counter(map(rows_of, self.expected))

    def within(self, case: int, rows: Rows) -> Rows:
        """Rows of the batch as rows of a case."""
        return tuple(None if row is None else row - self.starts[case] for row in rows)


def batches(query: Query, model: EventModel, cases: Row[Case]) -> Iterator[Batch]:
    """The cases in few sets: those with arrays apart from the others, since one array makes a list
    of its column. Under a limit the whole set first without the limit, which would hide nearly all
    of it, then as it is."""
    plain = [case for case in cases if not _has_array(case)]
    arrays = [case for case in cases if _has_array(case)]
    for group in (plain, arrays):
        if not group:
            continue
        if not isinstance(query, Sample) and query.limits:
            # The cases' own answers are cut to the limit: these are found again.
            yield Batch.of(replace(query, limits=()), model, [_unlimited(c) for c in group])
            yield Batch.of(query, model, _beyond(group, max(n.count for n in query.limits)))
        else:
            yield Batch.joined(query, model, group)


def _beyond(cases: Row[Case], limit: int) -> list[Case]:
    """The cases, and hits again until there are more matches than the limit lets through."""
    hits = [case for case in cases if case.expected]
    found = list(cases)
    matches = sum(len(case.expected) for case in hits)
    while hits and matches <= limit + 2 <= _MOST_LIMITED:
        found.append(hits[len(found) % len(hits)])
        matches += len(found[-1].expected)
    return found


def _unlimited(case: Case) -> Case:
    return replace(case, name=f"{case.name} (without the rule's limit)")


def _has_array(case: Case) -> bool:
    return any(_holds_list(event) for event in case.events)


def _holds_list(event: Event) -> bool:
    stack: list[object] = [event]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            return True
        if isinstance(node, Mapping):
            stack.extend(node.values())
    return False


# --- the smallest events --------------------------------------------------------------------------


def smallest(
    query: Query, model: EventModel, case: Case, search: Search, *, most: int = 40
) -> Disagreement | None:
    """The case with as few events and fields as still show the difference; None if the case alone
    does not show it. At most `most` searches."""
    events = list(case.events)
    shown = _differ(query, model, events, search)
    if shown is None:
        return None
    tries = 0
    for at in reversed(range(len(events))):
        if len(events) > 1 and tries < most:
            tries += 1
            fewer = [*events[:at], *events[at + 1 :]]
            found = _differ(query, model, fewer, search)
            if found is not None:
                events, shown = fewer, found
    for at, event in enumerate(events):
        for name in [*event]:
            if tries >= most or name == model.timestamp.partition(".")[0]:
                continue
            tries += 1
            less = {key: value for key, value in events[at].items() if key != name}
            fewer = [*events[:at], less, *events[at + 1 :]]
            found = _differ(query, model, fewer, search)
            if found is not None:
                events, shown = fewer, found
    extra, missing = shown
    return Disagreement(case.name, case.clause_text, tuple(events), extra, missing)


def _differ(
    query: Query, model: EventModel, events: Row[Event], search: Search
) -> tuple[tuple[Rows, ...], tuple[Rows, ...]] | None:
    right, given = evaluate(query, events, model), search(events)
    if disagreement(query, right, given, events, model) is None:
        return None
    expected = Counter(rows_of(m) for m in right)
    found = Counter(rows_of(m) for m in given)
    return tuple((found - expected).elements()), tuple((expected - found).elements())
