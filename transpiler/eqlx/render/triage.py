"""What many rules found, a row a rule: the table by which a person decides where to look first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from eqlx.driver.run import RuleRun
from eqlx.render.cells import shown
from eqlx.render.view import host_of, mark, values_of

_SEVERITIES = ("critical", "high", "medium", "low")
_TITLES = ("severity", "matches", "first to last", "hosts")
_MAX_TECHNIQUES = 4


@dataclass
class _Row:
    """A rule with matches."""

    name: str
    severity: str
    techniques: Sequence[str]
    matches: int
    times: tuple[str, str] | None
    mark: str
    hosts: list[str] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, str]:
        """The most severe first, then the earliest."""
        known = self.severity in _SEVERITIES
        place = _SEVERITIES.index(self.severity) if known else len(_SEVERITIES)
        return place, self.times[0] if self.times else "~"

    @property
    def cells(self) -> tuple[str, ...]:
        hosts = self.hosts[0] if self.hosts else "-"
        more = f" +{len(self.hosts) - 1}" if len(self.hosts) > 1 else ""
        return self.severity or "-", str(self.matches), _span(self.times), f"{hosts}{more}"

    @property
    def attack(self) -> str:
        more = len(self.techniques) - _MAX_TECHNIQUES
        listed = " ".join(self.techniques[:_MAX_TECHNIQUES])
        return f"{listed} +{more}" if more > 0 else listed


class Triage:
    """Takes the runs in order; keeps a row of each that has matches, and no match."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []

    def take(self, run: RuleRun) -> None:
        """Count the matches of a rule."""
        if not run.matches:
            return
        events = [event for match in run.matches for event in match.events]
        times = sorted(event.timestamp for event in events if event.timestamp is not None)
        hosts = dict.fromkeys(host_of(values_of(event)) for event in events)
        self._rows.append(
            _Row(
                shown(run.rule.name or run.rule.label),
                shown(run.rule.severity or ""),
                techniques(run),
                len(run.matches),
                (times[0], times[-1]) if times else None,
                mark(run),
                [host for host in hosts if host is not None],
            )
        )

    def grid(self, *, one_line: bool) -> Grid | None:
        """The table; None without matches. `one_line`: for a pipe, where each rule is one line."""
        if not self._rows:
            return None
        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for title in _TITLES:
            right = title == "matches"
            grid.add_column(title, justify="right" if right else "left", no_wrap=title != "hosts")
        if one_line:
            grid.add_column("ATT&CK", no_wrap=True)
        grid.add_column("rule", overflow="fold", no_wrap=one_line)
        for row in sorted(self._rows, key=lambda row: row.rank):
            cells = [Text(cell) for cell in row.cells]
            cells[0].stylize(_STYLES.get(row.severity, ""))
            if one_line:
                named = f"{row.name}; {row.mark}" if row.mark else row.name
                grid.add_row(*cells, Text(row.attack or "-"), Text(named))
                continue
            name = Text(row.name, style="bold")
            for line in filter(None, (row.attack, row.mark)):
                name.append(f"\n{line}", style="not bold dim")
            grid.add_row(*cells, name)
        return grid


_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow"}


def techniques(run: RuleRun) -> Sequence[str]:
    """The ids of a rule's ATT&CK techniques, sub-techniques in place of theirs."""
    found = (
        [one.id for one in technique.subtechniques] or [technique.id]
        for threat in run.rule.threat
        for technique in threat.techniques
    )
    return list(dict.fromkeys(shown(each) for ids in found for each in ids))


def _span(times: tuple[str, str] | None) -> str:
    """The first and the last time to the second, the day once where it is the same."""
    if times is None:
        return "-"
    first, last = (time[:19].replace("T", " ") for time in times)
    if first == last:
        return first
    same_day = first[:10] == last[:10]
    return f"{first} to {last[11:] if same_day else last}"
