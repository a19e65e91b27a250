"""Lints on sequences and the time in which their rule looks for events (`from`, `to`, `interval`).

They are no question of meaning: the query is right, and the rule's runs cannot find what it describes.
A query that is no rule of a detection engine has no window.
"""

from __future__ import annotations

import re

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import lint as say
from eqlx.rule import KIBANA_FROM, KIBANA_INTERVAL, Rule
from eqlx.syntax.tree import Maxspan, SequenceQuery, Statement

_UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_DURATION = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>[smhdw])")
_MOMENT = re.compile(r"now(?:-(?P<ago>[0-9]{1,9}[smhdw]))?")


def windows(statement: Statement, rule: Rule, report: Report) -> None:
    """What a sequence and its rule's window have against each other."""
    query = statement.query
    if not rule.raw or not isinstance(query, SequenceQuery) or query.maxspan is None:
        return
    if query.terms[-1].missing:
        report.add(say.absence_not_yet_known(_written(query.maxspan), span=query.terms[-1].span))
    start = rule.from_ or KIBANA_FROM
    begin, end = _ago(start), _ago(rule.to or "now")
    interval = _milliseconds(rule.interval or KIBANA_INTERVAL)
    if begin is None or end is None or interval is None or begin <= end:
        return
    maxspan = query.maxspan.count * _UNITS[query.maxspan.unit]
    window, span = begin - end, query.maxspan.span
    if maxspan > window:
        report.add(
            say.maxspan_beyond_window(_written(query.maxspan), spelled(window), start, span=span)
        )
    elif maxspan + interval > window:
        report.add(
            say.maxspan_across_runs(
                _written(query.maxspan),
                spelled(window),
                spelled(interval),
                spelled(end + maxspan + interval),
                span=span,
            )
        )


def _written(maxspan: Maxspan) -> str:
    return f"{maxspan.count}{maxspan.unit}"


def _ago(moment: str) -> int | None:
    """Milliseconds before now; None for dates, rounding and what cannot be read."""
    found = _MOMENT.fullmatch(moment.strip())
    if found is None:
        return None
    return 0 if found["ago"] is None else _milliseconds(found["ago"])


def _milliseconds(duration: str) -> int | None:
    found = _DURATION.fullmatch(duration.strip())
    return None if found is None else int(found["count"]) * _UNITS[found["unit"]]


def spelled(milliseconds: int) -> str:
    """A duration in its largest whole unit.

    >>> spelled(540_000), spelled(86_400_000), spelled(1_500)
    ('9m', '1d', '1500ms')
    """
    unit = next(
        (u for u in ("d", "h", "m", "s") if milliseconds and milliseconds % _UNITS[u] == 0), "ms"
    )
    return f"{milliseconds // _UNITS[unit]}{unit}"
