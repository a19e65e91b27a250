"""Samples (spec §10): for each key that every term has, one event a term, all different.

Of each term only the first events of a key matter, as many as there are terms: with those, a choice
of different events exists iff it exists at all. The choice is the first in row order.
"""

from __future__ import annotations

from sqlglot import exp

from eqlx.ir.nodes import Constant, Sample
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.joins import forms
from eqlx_targets.sql.joins.output import output
from eqlx_targets.sql.joins.stages import ID, Clause, Stages, columns, keys, ordered
from eqlx_targets.sql.scope import Scope

_CHOSEN = "chosen"
_PLACE = "place"


def sample_sql(
    query: Sample, scope: Scope, clause: Clause = lambda _: "sample", per_key: int = 1
) -> exp.Select:
    """The query as one SELECT: a row per event, samples in ascending order of their keys.

    `per_key`: how many different samples one key may give (spec §10 `max_samples_per_key`).
    """
    stages = Stages(scope, clause, timed=False, terms=query.stages)
    names = keys(len(query.stages[0].keys))
    firsts = []
    for number, term in enumerate(query.stages, start=1):
        events = stages.stage(f"term_{number}", term)
        firsts.append(_first(number, events, names, len(query.stages) + per_key - 1, stages))
    return output(query, query.stages, stages, _choice(firsts, names, stages, query, per_key))


def _first(number: int, events: str, names: list[str], count: int, stages: Stages) -> str:
    """The term's first `count` events of each key."""
    window = exp.Window(
        this=exp.RowNumber(),
        partition_by=columns(*names),
        order=ordered(columns(ID)),
        over="OVER",
    )
    inner = exp.select(*columns(*names, ID), exp.alias_(window, _PLACE)).from_(events)
    first = exp.LTE(this=exp.column(_PLACE), expression=sql.whole(count))
    select = forms.selected_by_window(inner, "placed", columns(*names, ID), first)
    name = f"first_{number}"
    return stages.add(name, select, f"no more than {count} a key are needed")


def _choice(
    firsts: list[str], names: list[str], stages: Stages, query: Sample, per_key: int
) -> str:
    """The first combinations of different events of each key, in row order."""
    ids = [f"id_{number}" for number in range(1, len(firsts) + 1)]
    first = firsts[0]
    chosen = [exp.alias_(exp.column(ID, table=t), i) for t, i in zip(firsts, ids, strict=True)]
    kept = [exp.alias_(exp.column(name, table=first), name) for name in names]
    window = exp.Window(
        this=exp.RowNumber(),
        partition_by=columns(*names, table=first),
        order=ordered(exp.column(ID, table=table) for table in firsts),
        over="OVER",
    )
    select = exp.select(*kept, *chosen, exp.alias_(window, _PLACE)).from_(first)
    for number, table in enumerate(firsts[1:], start=1):
        same = [
            forms.same(exp.column(name, table=table), exp.column(name, table=first))
            for name in names
        ]
        different = [
            exp.NEQ(this=exp.column(ID, table=table), expression=exp.column(ID, table=earlier))
            for earlier in firsts[:number]
        ]
        select = select.join(table, on=sql.conjunction([*same, *different]))
    if any(term.filter.condition == Constant(value=False) for term in query.stages):
        select = select.where(exp.false())
    accepted = exp.LTE(this=exp.column(_PLACE), expression=sql.whole(per_key))
    select = forms.selected_by_window(select, "choices", columns(*names, *ids), accepted)
    return stages.add(_CHOSEN, select, "different events a key, the first choice in row order")
