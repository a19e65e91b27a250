"""A text inside a file: its characters and where each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqlx.source import Source


@dataclass(frozen=True, slots=True)
class Decoded:
    """A string's value and, for each of its characters and its end, the offset in the document."""

    value: str
    offsets: Sequence[int]


def embed(file: Source, decoded: Decoded | None, value: str) -> Source:
    """The source of `value`, mapped into `file` where `decoded` is that very value.

    Anything else would point people at the wrong place, so such a text stands alone.
    """
    if decoded is None or decoded.value != value:
        return Source(file.name, value)
    return Source(file.name, value, file, decoded.offsets)
