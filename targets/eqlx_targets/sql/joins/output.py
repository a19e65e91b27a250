"""What a sequence or sample query gives: rows an event, or wide rows, in order and cut to limits."""

from __future__ import annotations

from collections.abc import Sequence as Row

from sqlglot import exp

from eqlx.fields.layout import LayoutKind
from eqlx.ir.nodes import End, Limit, Sample, Sequence, Stage
from eqlx_targets.sql import names as naming
from eqlx_targets.sql.joins import forms
from eqlx_targets.sql.joins.result import KEY, SEQUENCE, STAGE
from eqlx_targets.sql.joins.stages import CANDIDATES, Stages, columns, keys, ordered, with_ctes
from eqlx_targets.sql.words.vocabulary import word

_EVENT_ID = "_event_id"
_RESULTS = "results"
_MEMBERS = "members"


def output(query: Sequence | Sample, terms: Row[Stage], stages: Stages, matched: str) -> exp.Select:
    """Number what `matched` holds, cut it to the limits, and join the events back."""
    names = keys(len(terms[0].keys))
    positive = [number for number, term in enumerate(terms) if not term.missing]
    ids = [f"id_{n}" for n in range(1, len(positive) + 1)]
    by_key = [exp.Ordered(this=column, nulls_first=True) for column in columns(*names)]
    by_time = columns(*stages.ordinal) if isinstance(query, Sequence) else []
    by_id = columns(*ids) if isinstance(query, Sample) else []
    before, after = (
        [exp.Ordered(this=column, nulls_first=False) for column in listed]
        for listed in (by_time, by_id)
    )
    order = exp.Order(expressions=[*before, *by_key, *after])
    number = exp.Window(this=exp.RowNumber(), order=order, over="OVER")
    numbered = exp.select(exp.alias_(number, SEQUENCE), *columns(*names, *ids)).from_(matched)
    how = "last event, then key" if isinstance(query, Sequence) else "key"
    results = stages.add(_RESULTS, numbered, f"in the order of the {how}")
    limits = query.limits if isinstance(query, Sequence) else ()
    for limit in limits:
        results = _cut(results, limit, stages, f"| {limit.end.value} {limit.count}")
    if stages.scope.most is not None:
        first = Limit(End.HEAD, stages.scope.most)
        results = _cut(results, first, stages, f"max_signals = {first.count}")
    if stages.scope.options.get("sequences") == "wide":
        return _wide(results, terms, names, stages)
    return _long(results, positive, names, ids, stages)


def _cut(results: str, limit: Limit, stages: Stages, comment: str) -> str:
    """The first or last results alone: `| head N`, `| tail N`, `-O max-signals=rule`."""
    descending = limit.end is End.TAIL
    first = exp.Ordered(this=exp.column(SEQUENCE), desc=descending, nulls_first=False)
    select = exp.select("*").from_(results).order_by(first).limit(limit.count)
    name = f"{limit.end.value}_{sum(n.startswith(limit.end.value) for n, _ in stages.ctes) + 1}"
    return stages.add(name, select, comment)


def _long(
    results: str, positive: Row[int], names: Row[str], ids: Row[str], stages: Stages
) -> exp.Select:
    """A row an event: sequence number, stage, keys, and the event's own columns."""
    outputs = [KEY.format(number) for number in range(1, len(names) + 1)]
    same = (exp.alias_(exp.column(name), out) for name, out in zip(names, outputs, strict=True))
    wanted = [exp.column(SEQUENCE), *same, exp.column(_EVENT_ID)]
    members = forms.per_number(results, positive, STAGE, wanted, columns(*ids))
    stages.add(_MEMBERS, members, "one row an event")
    source, event_id = _events(stages)
    here = [exp.column(name, table=_MEMBERS) for name in (SEQUENCE, STAGE, *outputs)]
    added = _added(source, stages)
    star = exp.Column(
        this=exp.Star(except_=added or None), table=exp.to_identifier(source.alias_or_name)
    )
    join = exp.EQ(this=event_id, expression=exp.column(_EVENT_ID, table=_MEMBERS))
    select = exp.select(*here, star).from_(_MEMBERS).join(source, on=join)
    order = [exp.column(name, table=_MEMBERS) for name in (SEQUENCE, STAGE)]
    select.set("order", ordered(order))
    return with_ctes(select, stages.with_sources())


def _wide(results: str, terms: Row[Stage], names: Row[str], stages: Stages) -> exp.Select:
    """A row a sequence, each event a struct `event_1` …; NULL for a missing one."""
    outputs: list[exp.Expr] = [exp.column(SEQUENCE, table=results)]
    for number, name in enumerate(names, start=1):
        outputs.append(exp.alias_(exp.column(name, table=results), KEY.format(number)))
    joins: list[tuple[exp.Expr, exp.Expr]] = []
    positive = 0
    for number, term in enumerate(terms, start=1):
        alias = f"event_{number}"
        if term.missing:
            outputs.append(exp.alias_(exp.null(), alias))
            continue
        positive += 1
        source, event_id = _events(stages)
        star = exp.Star(except_=_added(source, stages) or None)
        whole = exp.select(star, exp.alias_(event_id, _EVENT_ID)).from_(source)
        inner = exp.select(
            _EVENT_ID, exp.alias_(word("row_whole", exp.column("whole")), "event")
        ).from_(whole.subquery("whole"))
        on = exp.EQ(
            this=exp.column(_EVENT_ID, table=alias),
            expression=exp.column(f"id_{positive}", table=results),
        )
        joins.append((inner.subquery(alias), on))
        outputs.append(exp.alias_(exp.column("event", table=alias), alias))
    select = exp.select(*outputs).from_(results)
    for event, condition in joins:
        select = select.join(event, on=condition)
    select.set("order", ordered([exp.column(SEQUENCE, table=results)]))
    return with_ctes(select, stages.with_sources())


def _added(source: exp.Table, stages: Stages) -> list[exp.Expr]:
    """The columns of the source that are no part of the event."""
    scope = stages.scope
    added = columns(*stages.added) if source.name == CANDIDATES else []
    if scope.layout.kind is LayoutKind.JSON and source != scope.table:
        added += [exp.Column(this=name) for name in scope.projected]
    return added


def _events(stages: Stages) -> tuple[exp.Table, exp.Expr]:
    """What the events are joined back from, and their id there."""
    column = stages.scope.options.get("row-id", "")
    if column:
        # The user's own table: what the scope adds for its conditions is no part of the event.
        return stages.scope.table, exp.Column(this=naming.identifier(column))
    return stages.source(), stages.event_id()
