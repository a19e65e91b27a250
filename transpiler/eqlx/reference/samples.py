"""Samples: distinct documents, one a stage, that share the keys (spec §10)."""

from __future__ import annotations

from collections.abc import Sequence as Row

from eqlx.execution import Match, MatchKind
from eqlx.ir.nodes import Constant, Sample, Stage
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document
from eqlx.reference.keys import Identity, Keys, joined_by, key_tuples, rank
from eqlx.reference.results import match_of


def search_samples(query: Sample, documents: Row[Document]) -> list[Match]:
    """One sample a key that has one, by key in ascending order, null first. Time plays no part."""
    if any(
        isinstance(s.filter.condition, Constant) and not s.filter.condition.value
        for s in query.stages
    ):
        return []
    names: dict[Identity, Keys] = {}
    candidates = [_by_key(stage, documents, names) for stage in query.stages]
    found = []
    for key, keys in sorted(names.items(), key=lambda item: rank(item[1])):
        chosen = _distinct_choice([stage.get(key, []) for stage in candidates])
        if chosen is not None:
            found.append(match_of(MatchKind.SAMPLE, keys, chosen))
    return found


def _by_key(
    stage: Stage, documents: Row[Document], names: dict[Identity, Keys]
) -> dict[Identity, list[Document]]:
    """A stage's documents by key; `names` gathers the values behind each key."""
    found: dict[Identity, list[Document]] = {}
    for document in documents:
        if passes(stage.filter, document):
            for keys in key_tuples(stage, document):
                names.setdefault(joined_by(keys), keys)
                found.setdefault(joined_by(keys), []).append(document)
    return found


def _distinct_choice(
    candidates: Row[Row[Document]], taken: tuple[Document, ...] = ()
) -> tuple[Document, ...] | None:
    """The first choice of one document a stage, all different, by backtracking; None if none."""
    if len(taken) == len(candidates):
        return taken
    # As many documents as there are stages decide whether a choice exists.
    for document in candidates[len(taken)][: len(candidates)]:
        if document not in taken:
            chosen = _distinct_choice(candidates, (*taken, document))
            if chosen is not None:
                return chosen
    return None
