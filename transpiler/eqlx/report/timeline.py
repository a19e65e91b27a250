"""Matches of many rules as a timeline: hits of each host over time, one HTML file that loads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from eqlx.driver.run import RuleRun
from eqlx.render.view import host_of, values_of
from eqlx.rule import Rule

SEVERITIES = ("critical", "high", "medium", "low", "none")
UNKNOWN = "(no host)"
_BINS = 120
_LEFT, _RIGHT, _TOP, _ROW = 190, 20, 34, 34
"""Units of the picture, which is `_WIDTH` wide."""
_WIDTH = 1000
_TICKS = 4
_MOST_HOSTS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A rule on a host: how often it matched, and when."""

    host: str
    rule: str
    severity: str
    matches: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Dot:
    """Hits of one severity on a host within one part of the time."""

    x: float
    y: float
    radius: float
    severity: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass
class Timeline:
    """Takes the runs in order; keeps a count for each host, rule and second, and no match. A match counts
    on the host and at the time of its last event. What the page shows is asked for after the last run."""

    matches: int = 0
    timeless: int = 0
    _hits: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    _rules: list[Rule] = field(default_factory=list)

    def take(self, run: RuleRun) -> None:
        """Count the matches of a rule."""
        if not run.matches:
            return
        self._rules.append(run.rule)
        for match in run.matches:
            self.matches += 1
            present = [event for event in match.events if not event.missing]
            second = _second(present[-1].timestamp) if present else None
            if second is None:
                self.timeless += 1
                continue
            host = host_of(values_of(present[-1])) or UNKNOWN
            self._hits[host, len(self._rules) - 1, second] += 1

    # --- what the page shows --------------------------------------------------------------------

    @cached_property
    def hosts(self) -> Sequence[str]:
        """The hosts with a time, the one with the most severe hits first; no more than can be shown."""
        ranks: dict[str, list[int]] = {}
        for (host, rule, _), count in self._hits.items():
            ranks.setdefault(host, [0] * len(SEVERITIES))[self._rank(rule)] -= count
        return sorted(ranks, key=lambda host: (ranks[host], host))[:_MOST_HOSTS]

    @property
    def left_out(self) -> int:
        """How many hosts are too many."""
        return len({host for host, _, _ in self._hits}) - len(self.hosts)

    @property
    def width(self) -> int:
        return _WIDTH

    @property
    def height(self) -> int:
        return _TOP + _ROW * len(self.hosts) + 10

    @property
    def rows(self) -> Iterator[tuple[str, float]]:
        """Each host with the height of its line."""
        return ((host, self._y(place)) for place, host in enumerate(self.hosts))

    @property
    def ticks(self) -> Iterator[Tick]:
        first, last = self._range
        several_days = _text(first)[:10] != _text(last)[:10]
        for number in range(_TICKS + 1):
            second = first + (last - first) * number // _TICKS
            text = _text(second)
            yield Tick(self._x(second), text[5:16] if several_days else text[11:])

    @property
    def dots(self) -> Iterator[Dot]:
        """The hits, those of a host, a severity and a part of the time together."""
        places = {host: place for place, host in enumerate(self.hosts)}
        first, last = self._range
        size = max(1, -(-(last - first + 1) // _BINS))
        binned: dict[tuple[str, int, int], Counter[int]] = {}
        for (host, rule, second), count in self._hits.items():
            if host in places:
                key = host, (second - first) // size, self._rank(rule)
                binned.setdefault(key, Counter())[rule] += count
        for (host, part, rank), rules in sorted(binned.items(), key=lambda item: -item[0][2]):
            start = first + part * size
            names = "; ".join(
                f"{self._name(rule)}: {count}" for rule, count in sorted(rules.items())
            )
            yield Dot(
                self._x(min(start + size // 2, last)),
                self._y(places[host]),
                min(12.0, 4.0 + 1.5 * (rules.total().bit_length() - 1)),
                SEVERITIES[rank],
                f"{host}, {_text(start)} UTC: {names}",
            )

    @property
    def lines(self) -> Sequence[Line]:
        """A line for each rule on each host, the most severe first."""
        found: dict[tuple[str, int], list[int]] = {}
        for (host, rule, second), count in self._hits.items():
            line = found.setdefault((host, rule), [0, second, second])
            line[0] += count
            line[1], line[2] = min(line[1], second), max(line[2], second)
        order = sorted(found.items(), key=lambda item: (self._rank(item[0][1]), item[1][1]))
        return [
            Line(host, self._name(rule), SEVERITIES[self._rank(rule)], count, _text(a), _text(b))
            for (host, rule), (count, a, b) in order
        ]

    @property
    def first(self) -> str:
        return _text(self._range[0])

    @property
    def last(self) -> str:
        return _text(self._range[1])

    @cached_property
    def _range(self) -> tuple[int, int]:
        seconds = [second for _, _, second in self._hits]
        return min(seconds), max(seconds)

    def _rank(self, rule: int) -> int:
        severity = self._rules[rule].severity
        return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1

    def _name(self, rule: int) -> str:
        return self._rules[rule].name or self._rules[rule].label

    def _x(self, second: int) -> float:
        first, last = self._range
        share = (second - first) / (last - first) if last > first else 0.5
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def _y(self, place: int) -> float:
        return _TOP + _ROW * (place + 0.5)


def _second(timestamp: str | None) -> int | None:
    if timestamp is None:
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")


def timeline_page(timeline: Timeline, version: str) -> str:
    """The timeline as HTML, ending in a line feed; `version` is that of eqlx."""
    from eqlx.report.page import rendered

    return rendered("timeline.html.jinja", timeline=timeline, version=version)
