"""What an explanation holds: each event's clauses, each stage's events, how far each key came."""

from __future__ import annotations

from collections.abc import Sequence as Row
from dataclasses import dataclass
from enum import Enum

from eqlx.ir.nodes import Stage
from eqlx.passes.surface import to_expression
from eqlx.reference.documents import Document
from eqlx.reference.trace import Clause, Shown, trace
from eqlx.source import Span
from eqlx.syntax.printer import print_category, print_expression


class Reason(Enum):
    """Why the furthest partial of a key did not go on, or a complete one was discarded."""

    MATCHED = "matched"
    CUT = "cut"
    """It matched, and a limit (`head`, `tail`) cut it off."""
    NO_EVENT = "no event"
    """No event at all meets the stage."""
    OTHER_KEY = "other key"
    """Events meet the stage, with other values of the key or none."""
    EARLIER = "earlier"
    """Events with the key meet the stage, but not after the partial."""
    RUNS = "too few runs"
    """Events meet the stage, and it asks for more of them."""
    MAXSPAN = "maxspan"
    UNTIL = "until"
    MISSING_EVENT = "missing event"
    """An event was found that must not be there."""
    SAME_EVENT = "same event"
    """Stages of a sample have too few different events."""


@dataclass(frozen=True)
class EventTrace:
    """An event and the clauses of the filter. `matched`: it is among the results; an event that
    passes the filter and is not was cut off by a limit."""

    row: int
    id: object
    timestamp: str | None
    matched: bool
    clause: Clause


@dataclass(frozen=True)
class StageTrace:
    """A stage as written, numbered from 1; `rows` are the events that meet it, whatever their key."""

    number: int
    text: str
    missing: bool
    runs: int
    rows: tuple[int, ...]
    span: Span


@dataclass(frozen=True)
class KeyTrace:
    """How far one key came. `rows` are the events of its furthest partial; `stage` is the number of
    the stage that stopped it, `events` the rows that had a part in that. `nearest` is the event that
    misses the stage by the fewest clauses, where there is one with the key."""

    keys: tuple[Shown, ...]
    reason: Reason
    rows: tuple[int, ...] = ()
    matches: tuple[tuple[int, ...], ...] = ()
    stage: int | None = None
    detail: str = ""
    events: tuple[int, ...] = ()
    nearest: tuple[int, Clause] | None = None


@dataclass(frozen=True)
class Explanation:
    """Of one query over events. `names` are the key fields; `ids` names the rows; `untimed` are the rows
    of events without a time, which no sequence sees."""

    kind: str
    matches: int
    ids: tuple[object, ...]
    events: tuple[EventTrace, ...] = ()
    stages: tuple[StageTrace, ...] = ()
    names: tuple[str, ...] = ()
    keys: tuple[KeyTrace, ...] = ()
    untimed: tuple[int, ...] = ()


def stage_text(stage: Stage) -> str:
    """A stage's filter on one line."""
    condition = print_expression(to_expression(stage.filter.condition))
    return f"{print_category(stage.filter.category)} where {condition}"


def nearest(stage: Stage, documents: Row[Document]) -> tuple[int, Clause] | None:
    """The document that misses the stage by the fewest clauses, with those."""
    traced = [(d.row, trace(stage.filter, d).deciding()) for d in documents]
    missed = [(row, clause) for row, clause in traced if not clause.truth]
    return min(missed, key=lambda item: sum(1 for _ in item[1].leaves()), default=None)
