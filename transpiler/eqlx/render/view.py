"""What a person wants to see of matches, and the fields that tell a person what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eqlx.applicability import Applicability
from eqlx.driver.records import plain
from eqlx.driver.run import RuleRun
from eqlx.execution import MatchedEvent
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import Field, Query
from eqlx.ir.walk import walk
from eqlx.render.cells import shown

PERSONAL = (
    "host.name",
    "user.name",
    "process.name",
    "process.parent.name",
    "process.command_line",
)
"""Shown of every event that has them, before the fields that the rule reads."""
HOSTS = ("host.name", "host.hostname", "agent.name", "winlog.computer_name", "host.id")
"""Where an event's host is named, the best name first."""
_MAX_NAMED = 3

Values = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class View:
    """`fields`: these fields of the events, in place of those that are shown by themselves. `wide`: no
    value is cut. `matches`: the matched events are shown where rules are many, too. `alone`: there
    is one rule."""

    fields: tuple[str, ...] = ()
    wide: bool = False
    matches: bool = False
    alone: bool = False

    @property
    def shows_matches(self) -> bool:
        return self.matches or self.alone or bool(self.fields)


def mark(run: RuleRun) -> str:
    """What a person must know of the rule on these data; empty where there is nothing."""
    if run.applied is None or run.applied.grade is Applicability.COMPLETE:
        return ""
    named = run.applied.fields[:_MAX_NAMED]
    more = len(run.applied.fields) - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    return f"{run.applied.grade.value}: no event has {listed}"


def host_of(values: Values) -> str | None:
    """The name of an event's host."""
    found = (values[name][0] for name in HOSTS if values.get(name))
    return next((text_of([value]) for value in found), None)


def values_of(event: MatchedEvent) -> Values:
    """The fields of an event; none for a missing one."""
    return {} if event.missing else flatten(event.fields)


def text_of(values: Sequence[object] | None) -> str:
    """A field's values as text that is safe to print."""
    return ",".join(shown(_text(plain(value))) for value in values or ())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def fields_read(query: Query | None) -> Sequence[str]:
    """The fields that a rule reads, in order of writing."""
    if query is None:
        return ()
    return tuple(dict.fromkeys(node.name for node, _, _ in walk(query) if isinstance(node, Field)))


def details(query: Query | None, events: Sequence[Values]) -> Iterator[list[tuple[str, str]]]:
    """For each event the fields with a value that a person needs, then those that the rule reads: first
    the ones that differ most from event to event."""
    names = [name for name in fields_read(query) if name not in PERSONAL]
    distinct = {name: {text_of(event.get(name)) for event in events} for name in names}
    telling = sorted((n for n in names if distinct[n] != {""}), key=lambda n: -len(distinct[n]))
    for event in events:
        pairs = ((name, text_of(event.get(name))) for name in (*PERSONAL, *telling))
        yield [(name, value) for name, value in pairs if value]
