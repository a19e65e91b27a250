"""Sequences in the window form of spec §9.4: one `lag` a stage over merged rows, per key.

For stage i the partial sequences so far, the stage's events and the `until` events are merged, by
key, in order of (time, tiebreaker, row, kind) with event 0 < partial 1 < until 2 at equal ordinal.
An event extends a partial iff the row just before it is a partial; maxspan is looked at after that.
Only ids, keys and ordinals travel through the windows.
"""

from __future__ import annotations

from collections.abc import Sequence as Row
from dataclasses import dataclass, replace

from sqlglot import exp

from eqlx.ir.nodes import Constant, Sequence, Stage
from eqlx.ir.sequences import expanded
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.joins import forms
from eqlx_targets.sql.joins.absence import Absence
from eqlx_targets.sql.joins.output import output
from eqlx_targets.sql.joins.runs import Run, run_length
from eqlx_targets.sql.joins.stages import ID, TIME, Clause, Stages, columns, keys, ordered
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.words.vocabulary import word

EVENT, PARTIAL, UNTIL = 0, 1, 2
"""Kinds of merged rows, in their order at equal ordinal."""

KIND = "kind"
START = "start_time"
_WINDOW = "w"


def sequence_sql(
    query: Sequence, scope: Scope, clause: Clause = lambda _: "sequence"
) -> exp.Select:
    """The query as one SELECT: a row per stage event (`-O sequences=wide`: a row per sequence)."""
    stages = Stages(scope, clause, timed=True, terms=query.stages)
    terms = _without_impossible(expanded(query.stages))
    matching = Matching(query, terms, stages)
    matched = Absence(query, terms, stages).check(matching.match(), matching.carried)
    return output(query, terms, stages, matched)


def _without_impossible(terms: Row[Stage]) -> Row[Stage]:
    """One empty term, a missing one too, empties the whole sequence (spec §13.8)."""
    if not any(term.filter.condition == Constant(value=False) for term in terms):
        return terms
    first = next(number for number, term in enumerate(terms) if not term.missing)
    nothing = replace(terms[first].filter, condition=Constant(value=False))
    return tuple(
        replace(term, filter=nothing) if number == first else term
        for number, term in enumerate(terms)
    )


@dataclass
class Matching:
    """The chain of CTEs `stage_1`, `stage_2`, `matched_2`, … for the positive stages."""

    query: Sequence
    terms: Row[Stage]
    stages: Stages

    def __post_init__(self) -> None:
        self.positive = [term for term in self.terms if not term.missing]
        self.names = keys(len(self.positive[0].keys))
        self.uses_start = self.query.maxspan is not None
        self.timed = _neighbours_of_missing(self.terms)

    @property
    def carried(self) -> list[str]:
        """The columns of the last `matched_N` beside keys and ordinal."""
        return self._carried(len(self.positive))

    def match(self) -> str:
        """Make the CTEs; the name of the last one."""
        until = None
        if self.query.until is not None and not _never(self.query.until):
            until = self.stages.stage("until_events", self.query.until, ends=True)
        previous = self.stages.stage("stage_1", self.positive[0])
        if len(self.positive) == 1:
            return self._alone(previous)
        first = 1
        while first <= len(self.positive):
            last = first + run_length(self.positive, first - 1) - 1
            events = self.stages.stage(f"stage_{first}", self.positive[first - 1])
            for term in self.positive[first:last]:
                self.stages.stage(events, term)  # for the losses at its own place
            begun = None if first == 1 else self._extend(first, previous, events, until)
            if last > first:
                previous = self._repeat(first, last, begun, events, until)
            elif begun is not None:
                previous = begun
            first = last + 1
        return previous

    def _carried(self, number: int) -> list[str]:
        """What a partial of `number` stages carries: its start, its ids, the times asked for."""
        start = [START] if self.uses_start and number < len(self.positive) else []
        times = [time_of(n) for n in self.timed if n <= number]
        return [*start, *(id_of(n) for n in range(1, number + 1)), *times]

    def _extend(self, number: int, previous: str, events: str, until: str | None) -> str:
        """`matched_<number>`: events of the stage whose preceding row is a partial."""
        carried = self._carried(number - 1)
        kept = self._carried(number)
        fixed = [*self.names, *self.stages.ordinal]
        merged = self._merged(number, previous, events, until, carried)
        window = exp.Window(
            this=exp.to_identifier(_WINDOW),
            partition_by=columns(*self.names),
            order=ordered(columns(*self.stages.ordinal, KIND)),
        )
        passed = [name for name in carried if name in kept]
        tested = START if self.uses_start else KIND
        lagged = [*passed, *([] if tested in passed else [tested])]
        before = [exp.alias_(_lag(name), previous_of(name)) for name in lagged]
        pairs = exp.select(*columns(*fixed, KIND), *before)
        pairs = pairs.from_(merged.subquery("merged", copy=False), copy=False)
        pairs.set("windows", [window])
        outputs = [
            *columns(*fixed),
            *(exp.alias_(exp.column(previous_of(name)), name) for name in passed),
            exp.alias_(exp.column(ID), id_of(number)),
        ]
        if number in self.timed:
            outputs.append(exp.alias_(exp.column(TIME), time_of(number)))
        accepted = sql.conjunction(self._accepted())
        select = forms.selected_by_window(pairs, "pairs", outputs, accepted)
        comment = self._comment(f"{events} after the latest {previous}", until)
        return self.stages.add(f"matched_{number}", select, comment)

    def _comment(self, what: str, until: str | None) -> str:
        parts = [what]
        parts += [] if self.query.maxspan is None else [f"maxspan={_span(self.query.maxspan)}"]
        parts += [f"no {until} between"] if until else []
        return ", ".join(parts)

    def _repeat(
        self, first: int, last: int, begun: str | None, events: str, until: str | None
    ) -> str:
        """`matched_<last>`: events of a stage that ends a run which started at stage `first`."""
        run = Run(
            self.stages,
            self.names,
            events,
            until,
            first,
            last,
            begun,
            self._carried(first),
            START if self.uses_start else None,
            self._within_maxspan,
        )
        own = {id_of(n): (ID, last - n) for n in range(first, last + 1)}
        own |= {time_of(n): (TIME, last - n) for n in range(first, last + 1)}
        if begun is None:
            own[START] = (TIME, last - first)
        outputs = [(n, *own.get(n, (n, last - first))) for n in self._carried(last)]
        return run.matched(outputs, self._comment(f"{last - first + 1} {events} in a row", until))

    def _merged(
        self, number: int, previous: str, events: str, until: str | None, carried: list[str]
    ) -> exp.Query:
        fixed = [*self.names, *self.stages.ordinal]
        # The first stage's events are the first partials.
        partial = self._begun(carried) if number == 2 else columns(*carried)
        rows: exp.Query = exp.select(*columns(*fixed), _kind(PARTIAL), *partial).from_(previous)
        for kind, table in ((EVENT, events), (UNTIL, until)):
            if table is not None:
                nulls = [exp.null() for _ in carried]
                branch = exp.select(*columns(*fixed), _kind(kind), *nulls).from_(table)
                rows = exp.union(rows, branch, distinct=False, copy=False)
        return rows

    def _alone(self, events: str) -> str:
        """The one positive stage of a query whose other stages are missing ones."""
        fixed = columns(*self.names, *self.stages.ordinal)
        select = exp.select(*fixed, *self._begun(self._carried(1))).from_(events)
        return self.stages.add("matched_1", select, "every event of the only stage")

    def _begun(self, carried: Row[str]) -> list[exp.Expr]:
        """What a partial of one stage carries, from the event's own columns."""
        times = (START, time_of(1))
        return [exp.alias_(exp.column(TIME if name in times else ID), name) for name in carried]

    def _accepted(self) -> list[exp.Expr]:
        event = exp.EQ(this=exp.column(KIND), expression=sql.whole(EVENT))
        if self.query.maxspan is not None:
            # Only partials carry a start, so that the test of the time is one of the kind as well.
            return [event, self._within_maxspan(*columns(TIME, previous_of(START)))]
        before = exp.column(previous_of(KIND))
        return [event, exp.EQ(this=before, expression=sql.whole(PARTIAL))]

    def _within_maxspan(self, now: exp.Expr, start: exp.Expr) -> exp.Expr:
        """Inclusive (spec §9.3); nanoseconds are compared as numbers, intervals would cut them."""
        milliseconds = self.query.maxspan or 0
        if not self.stages.has_nanoseconds:
            return forms.within(now, start, milliseconds)
        now, start = (word("time_nanoseconds", time) for time in (now, start))
        limit = sql.whole(milliseconds * 1_000_000)
        return exp.LTE(this=exp.Sub(this=now, expression=start), expression=limit)


def id_of(number: int) -> str:
    """The column with the id of the event of positive stage `number`, from 1."""
    return f"id_{number}"


def time_of(number: int) -> str:
    return f"time_{number}"


def previous_of(name: str) -> str:
    """The column with the value in the preceding merged row."""
    return f"previous_{name}"


def _lag(name: str) -> exp.Expr:
    """The value in the preceding merged row."""
    return exp.Window(
        this=exp.Lag(this=word("nullable", exp.column(name))),
        alias=exp.to_identifier(_WINDOW),
        over="OVER",
    )


def _span(milliseconds: int) -> str:
    """As EQL writes it: `30s`."""
    interval = forms.duration(milliseconds)
    unit = interval.args["unit"].name
    return f"{interval.this.name}{'ms' if unit == 'MILLISECOND' else unit[0].lower()}"


def _kind(kind: int) -> exp.Expr:
    return exp.alias_(sql.whole(kind), KIND)


def _never(stage: Stage) -> bool:
    return stage.filter.condition == Constant(value=False)


def _neighbours_of_missing(terms: Row[Stage]) -> set[int]:
    """The positive stages (from 1) whose time the test of missing events needs (spec §9.6)."""
    needed: set[int] = set()
    count = sum(not term.missing for term in terms)
    number = 0
    for term in terms:
        if not term.missing:
            number += 1
        else:
            needed |= {number, number + 1} & set(range(1, count + 1))
            needed |= {1, count} if number in (0, count) else set()
    return needed
