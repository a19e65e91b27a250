"""Join keys: the tuples of key values with which an event takes part (spec §9.2, §10)."""

from __future__ import annotations

from itertools import product

from eqlx.ir.nodes import Field, Stage
from eqlx.meaning.values import Scalar, identity, order
from eqlx.reference.documents import Document

Keys = tuple[Scalar | None, ...]
Identity = tuple[tuple[str, object], ...]


def key_tuples(stage: Stage, document: Document, *, null_joins: bool = False) -> list[Keys]:
    """One tuple for each combination of the key fields' values.

    A missing value gives null for an optional key (and for every key if `null_joins`), else no
    tuple at all. Without keys there is the one empty tuple.
    """
    return [
        tuple(chosen)
        for chosen in product(*(_key_values(k, document, null_joins) for k in stage.keys))
    ]


def _key_values(key: Field, document: Document, null_joins: bool) -> tuple[Scalar | None, ...]:  # noqa: FBT001
    values = document.values(key)
    if values:
        return values
    return (None,) if key.optional or null_joins else ()


def joined_by(keys: Keys) -> Identity:
    """What equal key tuples have in common; null joins null."""
    return tuple(identity(key) for key in keys)


def rank(keys: Keys) -> tuple[tuple[int, object], ...]:
    """A sort key: ascending, null first."""
    return tuple(order(key) for key in keys)
