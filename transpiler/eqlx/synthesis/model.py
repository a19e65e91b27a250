"""What synthesis gives: named cases of events with the reference interpreter's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from eqlx.execution import Event, Match
from eqlx.ir.nodes import Query
from eqlx.source import NOWHERE, Span
from eqlx.target import EventModel

Raw = str | int | float | bool
"""A JSON scalar."""

Assignment = Mapping[str, object]
"""Field path to its JSON value: a scalar, a list of scalars, or None; a missing field has no entry."""


class Varies(Enum):
    """What a case changes against a plain hit."""

    WAY = "way"
    """Another way for the condition to be true."""
    CLAUSE = "clause"
    """One clause's truth alone."""
    VALUE = "value"
    """The value that one clause tests: its list, boundary, letter case or pattern."""
    PRESENCE = "presence"
    """Whether the field has a value, and how many."""
    ORDER = "order"
    TIME = "time"
    KEY = "key"
    UNTIL = "until"
    MISSING = "missing"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Case:
    """Events, and what the rule answers on them alone.

    `name` is unique within a synthesis and says what the case varies. `expected` are the matches;
    their rows count from 1 over `events`. `part` and `subject`: the stage that the case is about
    (from 0, as written; `until` comes last) and the index of the event that stands for it, None
    where the case is about all of them. `clause` is the span of the clause that it is about.
    """

    name: str
    varies: Varies
    events: tuple[Event, ...]
    expected: tuple[Match, ...]
    part: int = 0
    subject: int | None = None
    clause: Span = NOWHERE
    clause_text: str = ""

    @property
    def is_hit(self) -> bool:
        """Whether the rule matches at all."""
        return bool(self.expected)


@dataclass(frozen=True, slots=True)
class Unreached:
    """What no event was found for. `wanted`: the truth that the clause should have had, alone
    decisive; None for the hit itself."""

    clause_text: str
    wanted: bool | None
    clause: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class LeafCoverage:
    """What the synthesised events show of one leaf (a clause that is not `and`, `or`, `not`).

    `decisive`: on some event the rule's (or the stage's) answer would change with this leaf alone.
    """

    clause_text: str
    clause: Span
    part: int
    seen_true: bool
    seen_false: bool
    decisive: bool


@dataclass(frozen=True)
class Synthesis:
    """All cases of a rule, in order. The events' times never overlap between cases, and each
    stream has keys of its own where the rule leaves the keys free, so that many cases can be
    searched as one set of events."""

    query: Query
    model: EventModel
    seed: int
    cases: tuple[Case, ...]
    leaves: tuple[LeafCoverage, ...]
    unreached: tuple[Unreached, ...] = ()

    @property
    def hits(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.is_hit)

    @property
    def reaches_hit(self) -> bool:
        return any(case.is_hit for case in self.cases)
