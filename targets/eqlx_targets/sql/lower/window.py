"""The time in which a rule looks for events: its own `from` and `to`, or query parameters."""

from __future__ import annotations

import re

from sqlglot import exp

from eqlx.diagnostics.catalogue import sql as say
from eqlx.rule import KIBANA_FROM
from eqlx.target import Request, WindowFields
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.words.vocabulary import word

_RELATIVE = re.compile(r"now(?:-(?P<count>[0-9]{1,9})(?P<unit>[smhdw]))?\Z")
_UNITS = {"s": "SECOND", "m": "MINUTE", "h": "HOUR", "d": "DAY", "w": "WEEK"}


def window_sql(request: Request, scope: Scope) -> exp.Expr | None:
    """The condition on the timestamp that the options ask for, or None."""
    if request.options["envelope"] == "parameterised":
        time = sql.operand(_time(request, scope))
        after = exp.GTE(this=time, expression=exp.Placeholder(this="start"))
        before = exp.LT(this=time.copy(), expression=exp.Placeholder(this="end"))
        return sql.conjunction([after, before])
    if request.options["window"] == "none":
        return None
    rule = request.rule
    parts: list[exp.Expr] = []
    start = rule.from_ or KIBANA_FROM
    if rule.window_assumption:
        request.losses.assume(rule.window_assumption)
    for text, kind in ((start, exp.GTE), (rule.to, exp.LTE)):
        if text is None:
            continue
        moment = _moment(text)
        if moment is None:
            request.report.add(say.window_not_understood(text))
            return None
        parts.append(kind(this=sql.operand(_time(request, scope)), expression=moment))
    return sql.conjunction(parts)


def _time(request: Request, scope: Scope) -> exp.Expr:
    """The time by which an event is in the rule's window: its `timestamp_override`, without it
    `@timestamp`, unless the rule forbids that (spec §13.20)."""
    fields = WindowFields.of(request.rule, request.model)
    times = [scope.time(name) for name in fields.names]
    return times[0] if len(times) == 1 else exp.Coalesce(this=times[0], expressions=times[1:])


def _moment(text: str) -> exp.Expr | None:
    """`now-9m` as a timestamp in UTC."""
    found = _RELATIVE.match(text.strip())
    if found is None:
        return None
    now = word("time_now")
    if not found["unit"]:
        return now
    interval = exp.Interval(
        this=exp.Literal.string(found["count"]), unit=exp.Var(this=_UNITS[found["unit"]])
    )
    return exp.Sub(this=now, expression=interval)
