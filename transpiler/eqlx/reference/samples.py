"""Samples: distinct documents, one a stage, that share the keys (spec §10)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Row
from itertools import islice

from eqlx.execution import Match, MatchKind
from eqlx.ir.nodes import Constant, Sample, Stage
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document
from eqlx.reference.keys import Identity, Keys, joined_by, key_tuples, rank
from eqlx.reference.results import match_of


def search_samples(query: Sample, documents: Row[Document], per_key: int = 1) -> list[Match]:
    """Up to `per_key` samples a key, by key in ascending order, null first. Time plays no part."""
    if any(
        isinstance(s.filter.condition, Constant) and not s.filter.condition.value
        for s in query.stages
    ):
        return []
    names: dict[Identity, Keys] = {}
    candidates = [_by_key(stage, documents, names) for stage in query.stages]
    found: list[Match] = []
    # So many documents a stage decide which choices exist (spec §10).
    enough = len(query.stages) + per_key - 1
    for key, keys in sorted(names.items(), key=lambda item: rank(item[1])):
        choices = _distinct_choices([stage.get(key, [])[:enough] for stage in candidates])
        found.extend(
            match_of(MatchKind.SAMPLE, keys, chosen) for chosen in islice(choices, per_key)
        )
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


def _distinct_choices(
    candidates: Row[Row[Document]], taken: tuple[Document, ...] = ()
) -> Iterator[tuple[Document, ...]]:
    """Every choice of one document a stage, all different, in order of the candidates."""
    if len(taken) == len(candidates):
        yield taken
        return
    for document in candidates[len(taken)]:
        if document not in taken:
            yield from _distinct_choices(candidates, (*taken, document))
