"""Missing events `![…]` (spec §9.6): tests of completed sequences, at whole milliseconds.

Between two events: the first missing event after the earlier one must not be before the later one.
Before the first and after the last event: no missing event within maxspan of the sequence. One
window a gap finds the nearest missing event, so that the cost stays linear in the rows.
"""

from __future__ import annotations

from collections.abc import Sequence as Row
from dataclasses import dataclass

from sqlglot import exp

from eqlx.ir.nodes import Sequence, Stage
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.joins import forms
from eqlx_targets.sql.joins.stages import TIME, Stages, columns, keys
from eqlx_targets.sql.words.vocabulary import word

_AT = "at_ms"
_MISSING = "missing_ms"
_BEFORE = "missing_before_ms"
_AFTER = "missing_after_ms"


@dataclass
class Absence:
    """The tests of one sequence query, as CTEs after the last `matched_N`."""

    query: Sequence
    terms: Row[Stage]
    stages: Stages

    def __post_init__(self) -> None:
        self.names = keys(len(self.terms[0].keys))
        self.gaps: list[list[tuple[int, Stage]]] = [[]]
        for number, term in enumerate(self.terms, start=1):
            if term.missing:
                self.gaps[-1].append((number, term))
            else:
                self.gaps.append([])

    def check(self, matched: str, carried: Row[str]) -> str:
        """Make the CTEs; the name of the one that holds the sequences that pass."""
        last = len(self.gaps) - 1
        passed = [*self.names, *self.stages.ordinal, *carried]
        for number in range(1, last):
            if self.gaps[number]:
                matched = self._between(number, matched, passed)
        if self.gaps[0]:
            matched = self._nearest(0, matched, passed, _BEFORE)
            passed.append(_BEFORE)
        if self.gaps[last]:
            matched = self._nearest(last, matched, passed, _AFTER)
            passed.append(_AFTER)
        if self.gaps[0] or self.gaps[last]:
            matched = self._outside(matched, passed)
        return matched

    def _between(self, number: int, matched: str, passed: list[str]) -> str:
        """No missing event strictly between the positive stages `number` and `number + 1`."""
        later = self._milliseconds(f"time_{number + 1}")
        late = exp.GTE(this=exp.column(_AFTER), expression=later)
        free = exp.Coalesce(this=late, expressions=[exp.true()])
        merged = self._merged(number, matched, passed, number)
        accepted = sql.conjunction([sql.is_null(exp.column(_MISSING)), free])
        select = self._with_nearest(merged, passed, _AFTER, columns(*passed), accepted)
        return self.stages.add(
            f"matched_{number}_{number + 1}", select, f"none of {self._named(number)} in between"
        )

    def _nearest(self, gap: int, matched: str, passed: list[str], name: str) -> str:
        """`matched` with the time of the nearest missing event before (after) the sequence."""
        merged = self._merged(gap, matched, passed, 1 if name == _BEFORE else gap)
        accepted = sql.is_null(exp.column(_MISSING))
        select = self._with_nearest(merged, passed, name, columns(*passed, name), accepted)
        where = "last before the sequence" if name == _BEFORE else "first after the sequence"
        cte = "matched_after" if name == _BEFORE else "matched_before"
        return self.stages.add(cte, select, f"with the {where} of {self._named(gap)}")

    def _merged(self, gap: int, matched: str, passed: list[str], near: int) -> exp.Query:
        """The sequences, at the time of their event `near`, and the gap's missing events."""
        at = self._milliseconds(f"time_{near}")
        rows: exp.Query = exp.select(
            *columns(*passed), exp.alias_(at, _AT), exp.alias_(exp.null(), _MISSING)
        ).from_(matched)
        for number, term in self.gaps[gap]:
            table = self.stages.stage(f"missing_{number}", term)
            nulls = [exp.null() for _ in passed[len(self.names) :]]
            time = self._milliseconds(TIME)
            branch = exp.select(*columns(*self.names), *nulls, time, time.copy()).from_(table)
            rows = exp.union(rows, branch, distinct=False, copy=False)
        return rows

    def _with_nearest(
        self,
        merged: exp.Query,
        passed: list[str],
        name: str,
        outputs: Row[exp.Expr],
        accepted: exp.Expr,
    ) -> exp.Select:
        before = name == _BEFORE
        nearest = exp.Window(
            this=(exp.Max if before else exp.Min)(this=word("nullable", exp.column(_MISSING))),
            partition_by=columns(*self.names),
            order=exp.Order(expressions=[exp.Ordered(this=exp.column(_AT), nulls_first=False)]),
            spec=_FRAMES[before].copy(),
            over="OVER",
        )
        inner = exp.select(*columns(*passed, _MISSING), exp.alias_(nearest, name))
        inner = inner.from_(merged.subquery("merged", copy=False), copy=False)
        return forms.selected_by_window(inner, "gaps", outputs, accepted)

    def _outside(self, matched: str, passed: list[str]) -> str:
        """No missing event within maxspan of the sequence, before it or after it."""
        span = sql.whole(self.query.maxspan or 0)
        last = len(self.gaps) - 1
        edges: list[exp.Expr] = []
        if self.gaps[0]:
            edges.append(exp.column(_BEFORE))
        if self.gaps[last]:
            edges.append(exp.column(_AFTER))
        start = exp.column(_BEFORE) if self.gaps[0] else self._milliseconds("time_1")
        end = exp.column(_AFTER) if self.gaps[last] else self._milliseconds(f"time_{last}")
        distance = exp.GT(this=exp.Sub(this=end, expression=start), expression=span)
        free = sql.disjunction([*(sql.is_null(edge) for edge in edges), distance])
        kept = [name for name in passed if name not in (_BEFORE, _AFTER)]
        select = exp.select(*columns(*kept)).from_(matched).where(free)
        named = ", ".join(self._named(gap) for gap in (0, last) if self.gaps[gap])
        return self.stages.add("matched_alone", select, f"none of {named} within maxspan")

    def _milliseconds(self, name: str) -> exp.Expr:
        """The time in this column in whole milliseconds since 1970."""
        nanoseconds = self.stages.has_nanoseconds
        name_ = "time_milliseconds_exact" if nanoseconds else "time_milliseconds"
        return word(name_, exp.column(name))

    def _named(self, gap: int) -> str:
        return ", ".join(f"missing_{number}" for number, _ in self.gaps[gap])


_FRAMES = {
    False: exp.WindowSpec(
        kind="RANGE",
        start=exp.Literal.number(1),
        start_side="FOLLOWING",
        end="UNBOUNDED",
        end_side="FOLLOWING",
    ),
    True: exp.WindowSpec(
        kind="RANGE",
        start="UNBOUNDED",
        start_side="PRECEDING",
        end=exp.Literal.number(1),
        end_side="PRECEDING",
    ),
}
