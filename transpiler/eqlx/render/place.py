"""Where a diagnostic points in the file that a person can open."""

from __future__ import annotations

from dataclasses import dataclass

from eqlx.diagnostics import Diagnostic
from eqlx.source import Position, Source, Span


@dataclass(frozen=True, slots=True)
class Place:
    """A span of the outermost source, with its first and last position (lines, columns from 1).

    `end` is the position just behind the last character.
    """

    source: Source
    span: Span
    start: Position
    end: Position

    def __str__(self) -> str:
        return f"{self.source.name}:{self.start.line}:{self.start.column}"


def place_of(source: Source, span: Span) -> Place:
    """The place of a span of `source` in the outermost source."""
    outer, there = source.outermost(span)
    return Place(outer, there, outer.position(there.start), outer.position(there.end))


def primary_place(diagnostic: Diagnostic) -> Place | None:
    """The place of the primary label; None if the diagnostic points at nothing."""
    if diagnostic.source is None or diagnostic.span is None:
        return None
    return place_of(diagnostic.source, diagnostic.span)


def file_name(diagnostic: Diagnostic) -> str | None:
    """The name of the outermost source; None if there is no source."""
    source = diagnostic.source
    while source is not None and source.outer is not None:
        source = source.outer
    return None if source is None else source.name
