"""Runs a query of any kind over events in memory."""

from __future__ import annotations

from collections.abc import Sequence as Row
from typing import assert_never

from eqlx.execution import Event, Match
from eqlx.ir.nodes import EventQuery, Query, Sample, Sequence
from eqlx.reference.documents import numbered
from eqlx.reference.events import search_events
from eqlx.reference.samples import search_samples
from eqlx.reference.sequences import search_sequences
from eqlx.target import EventModel


def evaluate(
    query: Query, documents: Row[Event], model: EventModel, *, samples_per_key: int = 1
) -> list[Match]:
    """The matches of a query that has been through the passes, in the order of spec §1.

    Events are numbered from 1 in their given order, which decides between equal times and
    tiebreakers. Times are exact to the nanosecond. `samples_per_key`: how many different samples
    one key may give (Elasticsearch's `max_samples_per_key`).
    """
    events = numbered(documents, model)
    match query:
        case EventQuery():
            return search_events(query, events)
        case Sequence():
            return search_sequences(query, events)
        case Sample():
            return search_samples(query, events, samples_per_key)
        case _:
            assert_never(query)


def evaluate_lowered(query: Query, documents: Row[Event], model: EventModel) -> list[Match]:
    """The matches of a query as lowered, with its fields resolved: no other pass has seen it, and what
    constants and nulls come to (spec §5 phase A) is found by the interpreter itself.

    Raises:
        ConstantFailure: a constant expression fails, and so would the request.
    """
    from eqlx.reference.phase_a import in_phase_b

    return evaluate(in_phase_b(query), documents, model)
