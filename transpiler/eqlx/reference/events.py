"""Event queries: the documents that pass a filter, in order."""

from __future__ import annotations

from collections.abc import Sequence

from eqlx.execution import Match, MatchKind
from eqlx.ir.nodes import EventQuery
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document, in_order
from eqlx.reference.results import limited, match_of


def search_events(query: EventQuery, documents: Sequence[Document]) -> list[Match]:
    """One match a document; those without a time come last, in order of rows."""
    found = [d for d in in_order(documents) if passes(query.filter, d)]
    return [match_of(MatchKind.EVENT, (), (d,)) for d in limited(found, query.limits)]
