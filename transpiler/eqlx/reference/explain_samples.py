"""How far each key of a sample came (spec §10)."""

from __future__ import annotations

from collections.abc import Sequence as Row

from eqlx.execution import Match
from eqlx.ir.nodes import Sample, Stage
from eqlx.meaning.values import published
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document
from eqlx.reference.explanation import KeyTrace, Reason, nearest
from eqlx.reference.keys import Identity, Keys, joined_by, key_tuples, rank
from eqlx.reference.trace import Shown


def sample_keys(query: Sample, documents: Row[Document], found: Row[Match]) -> tuple[KeyTrace, ...]:
    """One trace a key that any stage has seen, in order of the keys."""
    names: dict[Identity, Keys] = {}
    by_stage = [_by_key(stage, documents, names) for stage in query.stages]
    matches: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    for match in found:
        rows = tuple(event.row for event in match.events if event.row is not None)
        matches.setdefault(match.keys, []).append(rows)
    traces = []
    for identity, keys in sorted(names.items(), key=lambda item: rank(item[1])):
        shown = tuple(published(key) for key in keys)
        if shown in matches:
            own = matches[shown]
            traces.append(KeyTrace(shown, Reason.MATCHED, own[-1], tuple(own)))
            continue
        traces.append(_missed(query, documents, shown, identity, by_stage))
    return tuple(traces)


def _missed(
    query: Sample,
    documents: Row[Document],
    shown: tuple[Shown, ...],
    identity: Identity,
    by_stage: Row[dict[Identity, list[Document]]],
) -> KeyTrace:
    rows: list[int] = []
    for number, (stage, seen) in enumerate(zip(query.stages, by_stage, strict=True), start=1):
        if identity in seen:
            rows.append(seen[identity][0].row)
            continue
        others = tuple(d.row for found in seen.values() for d in found)
        reason = Reason.OTHER_KEY if others else Reason.NO_EVENT
        detail = "its events have other values of the key" if others else "no event meets it"
        with_key = [
            d for d in documents if any(joined_by(k) == identity for k in key_tuples(stage, d))
        ]
        close = nearest(stage, with_key)
        return KeyTrace(shown, reason, tuple(rows), (), number, detail, others, close)
    events = tuple(sorted({d.row for seen in by_stage for d in seen[identity]}))
    detail = "the stages have too few different events"
    return KeyTrace(shown, Reason.SAME_EVENT, (), (), None, detail, events)


def _by_key(
    stage: Stage, documents: Row[Document], names: dict[Identity, Keys]
) -> dict[Identity, list[Document]]:
    found: dict[Identity, list[Document]] = {}
    for document in documents:
        if passes(stage.filter, document):
            for keys in key_tuples(stage, document):
                names.setdefault(joined_by(keys), keys)
                found.setdefault(joined_by(keys), []).append(document)
    return found
