"""One stage several times in a row (`with runs=N`, spec §9.3) as one window, not N chained ones.

Once an event has entered the run, the next event of the stage extends it, and no other can: in the
form of spec §9.4 the row before an event is the partial that ends at the event before it, if there
is one. So a run of N is an event with the N - 1 events before it, the first of which entered. Times
rise with the order and `until` events are counted, so the last event's tests are those of all.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Row
from dataclasses import dataclass

from sqlglot import exp

from eqlx.ir.nodes import Stage
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.joins.stages import ID, TIME, Stages, columns, ordered
from eqlx_targets.sql.words.vocabulary import word

KIND = "kind"
_UNTILS = "untils"
_WINDOW = "w"
_CHAINED = 2
"""A run as long as this is as cheap by chained windows, unless it starts the sequence."""


def run_length(terms: Row[Stage], first: int) -> int:
    """How many of `terms`, from index `first` on, are the same stage and worth one window."""
    length = 1
    while first + length < len(terms) and _same(terms[first], terms[first + length]):
        length += 1
    return length if first == 0 or length > _CHAINED else 1


def _same(one: Stage, other: Stage) -> bool:
    return one.filter == other.filter and one.keys == other.keys


@dataclass(frozen=True)
class Run:
    """Positive stages `first` to `last`, from 1, of one filter, whose events are in `events`.

    `begun`: the CTE of the partials whose last event is the run's first one; None where the run
    starts the sequence, so that every event begins one. `passed`: the columns of `begun`.
    `start`: the column of the start that maxspan counts from, `within`: the test of a time against it.
    """

    stages: Stages
    names: Row[str]
    events: str
    until: str | None
    first: int
    last: int
    begun: str | None
    passed: Row[str]
    start: str | None
    within: Callable[[exp.Expr, exp.Expr], exp.Expr]

    def matched(self, outputs: Row[tuple[str, str, int]], comment: str) -> str:
        """The CTE `matched_<last>` of the runs that hold.

        `outputs`: each output's name, the column it is taken from, and how many events before.
        """
        fixed = [*self.names, *self.stages.ordinal]
        taken = dict.fromkeys((column, back) for _, column, back in outputs)
        whole = self.last - self.first
        anchor = (self._own(self.passed[0]), whole) if self.begun else (ID, whole)
        taken[anchor] = None
        if self.start is not None:
            taken[self._own(self.start), whole] = None
        if self.until is not None:
            taken[_UNTILS, whole] = None
        lags = [exp.alias_(_lag(*pair), _before(*pair)) for pair in taken if pair[1]]
        own = [_UNTILS] if self.until is not None else []
        rows = exp.select(*columns(*fixed, *own), *lags).from_(self._rows(), copy=False)
        window = exp.Window(
            this=exp.to_identifier(_WINDOW),
            partition_by=columns(*self.names),
            order=ordered(columns(*self.stages.ordinal)),
        )
        rows.set("windows", [window])
        select = exp.select(
            *columns(*fixed),
            *(
                exp.alias_(exp.column(_before(column, back)), name)
                for name, column, back in outputs
            ),
        )
        select = select.from_(rows.subquery("runs", copy=False), copy=False)
        select = select.where(sql.conjunction(self._accepted(_before(*anchor), whole)), copy=False)
        return self.stages.add(f"matched_{self.last}", select, comment)

    def _own(self, column: str) -> str:
        """Where the rows of the run hold what a partial carries as `column`."""
        return column if self.begun else TIME if column == self.start else ID

    def _accepted(self, anchor: str, whole: int) -> list[exp.Expr]:
        tests: list[exp.Expr] = [exp.Not(this=sql.is_null(exp.column(anchor)))]
        if self.start is not None:
            start = exp.column(_before(self._own(self.start), whole))
            tests.append(self.within(exp.column(TIME), start))
        if self.until is not None:
            before = exp.column(_before(_UNTILS, whole))
            tests.append(exp.EQ(this=exp.column(_UNTILS), expression=before))
        return tests

    def _rows(self) -> exp.Expr:
        """The stage's events, each with what the partial that ends there carries (NULL where none
        does), and with the number of `until` events before it."""
        if self.begun is None and self.until is None:
            return exp.to_table(self.events)
        fixed = [*self.names, *self.stages.ordinal]
        carried = list(self.passed) if self.begun else []
        merged = self._merged(fixed, carried)
        found = [exp.alias_(_lead(name), f"at_{name}") for name in carried]
        if self.until is not None:
            found.append(exp.alias_(_untils(), _UNTILS))
        rows = exp.select(*columns(*fixed, KIND), *found)
        rows = rows.from_(merged.subquery("merged", copy=False), copy=False)
        window = exp.Window(
            this=exp.to_identifier(_WINDOW),
            partition_by=columns(*self.names),
            order=ordered(columns(*self.stages.ordinal, KIND)),
        )
        rows.set("windows", [window])
        own = [_UNTILS] if self.until is not None else []
        outputs = [exp.alias_(exp.column(f"at_{name}"), name) for name in carried]
        select = exp.select(*columns(*fixed), *outputs, *columns(*own))
        select = select.from_(rows.subquery("events", copy=False), copy=False)
        event = exp.EQ(this=exp.column(KIND), expression=sql.whole(0))
        return select.where(event, copy=False).subquery("entered", copy=False)

    def _merged(self, fixed: list[str], carried: list[str]) -> exp.Query:
        """Events 0, the partials that end at them 1, `until` events 2, as in the chained form."""
        flag = exp.alias_(sql.whole(0), KIND)
        nulls = [exp.alias_(exp.null(), name) for name in carried]
        rows: exp.Query = exp.select(*columns(*fixed), flag, *nulls).from_(self.events)
        others = [(1, self.begun), (2, self.until)]
        for kind, table in others:
            if table is not None:
                values = columns(*carried) if kind == 1 else [exp.null() for _ in carried]
                branch = exp.select(*columns(*fixed), sql.whole(kind), *values).from_(table)
                rows = exp.union(rows, branch, distinct=False, copy=False)
        return rows


def _before(column: str, back: int) -> str:
    """The name of what `column` holds `back` events before."""
    return f"{column}_{back}_before" if back else column


def _over(function: exp.Expr) -> exp.Expr:
    return exp.Window(this=function, alias=exp.to_identifier(_WINDOW), over="OVER")


def _lag(column: str, back: int) -> exp.Expr:
    offset = sql.whole(back) if back > 1 else None
    return _over(exp.Lag(this=word("nullable", exp.column(column)), offset=offset))


def _lead(column: str) -> exp.Expr:
    """What the partial carries that ends at this very event: the next of the merged rows. Where no
    partial ends there, the next row carries nothing."""
    return _over(exp.Lead(this=word("nullable", exp.column(column))))


def _untils() -> exp.Expr:
    """How many `until` events come before (spec §9.3: one at the event itself comes after it)."""
    one = exp.If(this=exp.EQ(this=exp.column(KIND), expression=sql.whole(2)), true=sql.whole(1))
    return _over(exp.Sum(this=exp.Case(ifs=[one], default=sql.whole(0))))
