"""Matches made from documents, and the limits that cut a list of them (spec §1 "Pipes and size")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from eqlx.execution import Match, MatchedEvent, MatchKind
from eqlx.ir.nodes import End, Limit
from eqlx.meaning.values import Scalar, published
from eqlx.reference.documents import Document

Result = TypeVar("Result")


def limited(results: Sequence[Result], limits: Iterable[Limit]) -> Sequence[Result]:
    """The limits in turn; each cuts what the one before left, the order stays."""
    for limit in limits:
        match limit.end:
            case End.HEAD:
                results = results[: limit.count]
            case End.TAIL:
                results = results[max(0, len(results) - limit.count) :]
    return results


def match_of(
    kind: MatchKind, keys: Iterable[Scalar | None], documents: Iterable[Document | None]
) -> Match:
    """A match from one document a stage; None is the slot of a missing event."""
    return Match(
        kind,
        tuple(published(key) for key in keys),
        tuple(_slot(stage, document) for stage, document in enumerate(documents)),
    )


def _slot(stage: int, document: Document | None) -> MatchedEvent:
    if document is None:
        return MatchedEvent(stage, row=None, id=None, timestamp=None, missing=True, fields={})
    return MatchedEvent(
        stage,
        row=document.row,
        id=document.id,
        timestamp=document.timestamp,
        missing=False,
        fields=document.event,
    )
