"""Matches as tables for people: one table a rule, as wide as the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from eqlx.applicability import Applicability
from eqlx.driver.records import plain
from eqlx.driver.run import RuleRun
from eqlx.execution import Match
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import Field, Query
from eqlx.ir.walk import walk
from eqlx.render.cells import shown
from eqlx.render.summary import counted

_MAX_VALUE = 60
_MAX_FIELDS = 6
_MAX_NAMED = 3
_MIN_DETAIL = 20
_MAX_WIDTHS = {"time": 30, "keys": 20, "events": 34}


class Table:
    """Time, join keys, events, and what tells the matches apart (80 columns without a terminal)."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._console = Console(file=out, highlight=False, emoji=False, markup=False)

    def take(self, run: RuleRun) -> None:
        if not run.matches:
            return
        title = (
            f"{run.rule.name or run.rule.label}: {counted(len(run.matches), 'match')}{_mark(run)}"
        )
        with self._console.capture() as captured:
            self._console.print(Text(shown(title), style="bold"))
            self._console.print(_grid(run, self._console.width))
        lines = [line.rstrip() for line in captured.get().rstrip().split("\n")]
        self._out.write("\n".join((*lines, "", "")))

    def close(self) -> None:
        """Nothing is left to write."""


def _mark(run: RuleRun) -> str:
    """What a person must know of the rule on these data, before the matches."""
    if run.applied is None or run.applied.grade is Applicability.COMPLETE:
        return ""
    shown_fields = run.applied.fields[:_MAX_NAMED]
    more = len(run.applied.fields) - len(shown_fields)
    named = ", ".join(shown_fields) + (f" and {more} more" if more else "")
    return f"; {run.applied.grade.value}: no event has {named}"


def _grid(run: RuleRun, width: int) -> Grid:
    columns = {
        "time": [_time(match) for match in run.matches],
        "keys": [_keys(match) for match in run.matches],
        "events": [_events(match) for match in run.matches],
    }
    if not any(columns["keys"]):
        del columns["keys"]
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    left = width - 3
    for title, cells in columns.items():
        # What names an event is folded rather than cut; what describes it is cut.
        needed = min(max(map(cell_len, (title, *cells))), _MAX_WIDTHS[title])
        grid.add_column(title, overflow="fold", width=needed)
        left -= needed + 2
    left = max(left, _MIN_DETAIL)
    grid.add_column("fields of the rule", no_wrap=True, overflow="ellipsis", width=left)
    for row in zip(*columns.values(), _details(run), strict=True):
        grid.add_row(*map(Text, row))
    return grid


def _time(match: Match) -> str:
    """The time of the last event that is there."""
    times = [event.timestamp for event in match.events if event.timestamp is not None]
    return shown(times[-1]) if times else "-"


def _keys(match: Match) -> str:
    return ", ".join("null" if key is None else shown(str(plain(key))) for key in match.keys)


def _events(match: Match) -> str:
    names = [
        "(missing)" if event.missing else shown(str(plain(event.id))) for event in match.events
    ]
    return " → ".join(names)


def _details(run: RuleRun) -> Iterator[str]:
    """For each match, the last event's values of the rule's fields, those first that differ most
    from match to match."""
    documents = [_last(match) for match in run.matches]
    names = _names(run.outcome.query)
    seen = {name: {_value(document.get(name)) for document in documents} for name in names}
    telling = sorted((name for name in names if seen[name] != {""}), key=lambda n: -len(seen[n]))
    for document in documents:
        values = ((name, _value(document.get(name))) for name in telling)
        yield "  ".join([f"{name}={value}" for name, value in values if value][:_MAX_FIELDS])


def _names(query: Query | None) -> Sequence[str]:
    if query is None:
        return ()
    return tuple(dict.fromkeys(node.name for node, _, _ in walk(query) if isinstance(node, Field)))


def _last(match: Match) -> Mapping[str, Sequence[object]]:
    present = [event for event in match.events if not event.missing]
    return flatten(present[-1].fields) if present else {}


def _value(values: Sequence[object] | None) -> str:
    text = ",".join(shown(str(plain(value))) for value in values or ())
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
