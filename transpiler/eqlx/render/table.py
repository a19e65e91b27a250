"""Matches for people: a triage table of many rules, and the events of the matches of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from eqlx.driver.records import plain
from eqlx.driver.run import RuleRun
from eqlx.execution import Match, MatchedEvent, MatchKind
from eqlx.ir.nodes import EventQuery
from eqlx.meaning.dates import epoch_nanoseconds
from eqlx.render.cells import shown
from eqlx.render.summary import counted
from eqlx.render.triage import Triage
from eqlx.render.view import Values, View, details, mark, text_of, values_of

_MAX_VALUE = 60
_MAX_FIELDS = 6
_MIN_DETAIL = 20
_MAX_WIDTHS = {"match": 7, "time": 30, "event": 24}
_UNCUT = 1_000_000
"""Columns of a pipe or a file: nothing is cut there, nor put on a second line."""

Row = tuple[tuple[str, ...], Values]
"""The cells that name an event, and its fields."""


class Table:
    """Writes the matches of a rule as they come, and the triage table at the end. On a terminal a match
    is as wide as the terminal; in a pipe or a file nothing is cut."""

    def __init__(self, out: TextIO, view: View | None = None) -> None:
        self._out = out
        self._view = view or View(alone=True)
        self._uncut = self._view.wide or not out.isatty()
        # A terminal wraps what is wider than itself.
        width = _UNCUT if self._uncut else None
        self._console = Console(file=out, highlight=False, emoji=False, markup=False, width=width)
        self._triage = Triage()

    def take(self, run: RuleRun) -> None:
        """Take in what a rule found."""
        if not self._view.alone:
            self._triage.take(run)
        if not run.matches or not self._view.shows_matches:
            return
        found = mark(run)
        title = f"{run.rule.name or run.rule.label}: {counted(len(run.matches), 'match')}"
        self._print(
            Text(shown(f"{title}; {found}" if found else title), style="bold"), self._grid(run)
        )

    def close(self) -> None:
        """Write the triage table."""
        grid = self._triage.grid(one_line=self._uncut)
        if grid is not None:
            self._print(grid)

    def _print(self, *parts: Text | Grid) -> None:
        with self._console.capture() as captured:
            for part in parts:
                self._console.print(part, crop=False, soft_wrap=isinstance(part, Text))
        lines = [line.rstrip() for line in captured.get().rstrip().split("\n")]
        self._out.write("\n".join((*lines, "", "")))
        self._out.flush()

    def _grid(self, run: RuleRun) -> Grid:
        is_event = run.matches[0].kind is MatchKind.EVENT
        titles = ("time", "event") if is_event else ("match", "time", "event")
        rows = list(_events(run) if is_event else _groups(run))
        named = [cells for cells, _ in rows]
        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        left = self._console.width - 3
        for title, cells in zip(titles, zip(*named, strict=True), strict=True):
            # What names an event is folded rather than cut; what describes it is cut.
            needed = max(map(cell_len, (title, *cells)))
            needed = needed if self._uncut else min(needed, _MAX_WIDTHS[title])
            grid.add_column(title, overflow="fold", width=needed)
            left -= needed + 2
        described = [values for _, values in rows]
        if self._view.fields:
            for name in self._view.fields:
                grid.add_column(shown(name), overflow="fold", no_wrap=self._uncut)
            texts = [
                [text_of(values.get(name)) for name in self._view.fields] for values in described
            ]
        else:
            width = None if self._uncut else max(left, _MIN_DETAIL)
            grid.add_column("fields", no_wrap=True, overflow="ellipsis", width=width)
            texts = [[text] for text in self._details(run, described)]
        for cells, text in zip(named, texts, strict=True):
            grid.add_row(*map(Text, (*cells, *text)))
        return grid

    def _details(self, run: RuleRun, events: Sequence[Values]) -> Iterator[str]:
        for pairs in details(run.outcome.query, events):
            chosen = pairs if self._uncut else pairs[:_MAX_FIELDS]
            yield "  ".join(f"{name}={self._value(value)}" for name, value in chosen)

    def _value(self, text: str) -> str:
        return text if self._uncut or len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"


def _events(run: RuleRun) -> Iterator[Row]:
    """A row an event."""
    for match in run.matches:
        (event,) = match.events
        yield (_time(event), _id(event)), values_of(event)


def _groups(run: RuleRun) -> Iterator[Row]:
    """A row for each match with its keys, and below it one for each of its events, with the time since
    the event before."""
    query = run.outcome.query
    names = [] if query is None or isinstance(query, EventQuery) else query.stages[0].keys
    for number, match in enumerate(run.matches, 1):
        keys = {key.name: [value] for key, value in zip(names, match.keys, strict=False)}
        lasted = _lasted(match)
        yield (str(number), f"in {lasted}" if lasted else "", ""), keys
        before: str | None = None
        for event in match.events:
            since = None if event.missing else _between(before, event.timestamp)
            time = _time(event) if since is None else f"  + {since}"
            yield ("", time, "(missing)" if event.missing else _id(event)), values_of(event)
            before = event.timestamp or before


def _time(event: MatchedEvent) -> str:
    return "-" if event.timestamp is None else shown(event.timestamp)


def _id(event: MatchedEvent) -> str:
    return shown(str(plain(event.id)))


def _lasted(match: Match) -> str | None:
    """The time from the first to the last event of a sequence."""
    times = [event.timestamp for event in match.events if event.timestamp is not None]
    is_ordered = match.kind is MatchKind.SEQUENCE and len(times) > 1
    return _between(times[0], times[-1]) if is_ordered else None


def _between(first: str | None, last: str | None) -> str | None:
    """The time between two ISO texts in words; None where one is unknown or later.

    >>> _between("2026-01-01T00:00:00.000Z", "2026-01-01T01:02:03.500000001Z")
    '1 h 2 min 3.500000001 s'
    """
    start, end = epoch_nanoseconds(first), epoch_nanoseconds(last)
    if start is None or end is None or end < start:
        return None
    minutes, left = divmod(end - start, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    seconds, rest = divmod(left, 10**9)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    digits = f"{seconds}.{rest:09}".rstrip("0").rstrip(".")
    parts += [f"{digits} s"] if left or not parts else []
    return " ".join(parts)
