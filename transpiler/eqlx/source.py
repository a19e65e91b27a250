"""Text, offsets, lines and columns: where something stands in what a person wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets, ``start <= end``, in the text of one `Source`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            message = f"span {self.start}..{self.end} runs backwards or is negative"
            raise ValueError(message)

    def to(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)
"""The span of a node that nobody wrote (made in Python, not parsed)."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place as an editor shows it: line and column, both from 1; columns count code points."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """A named text. One that is embedded in another (a query in a rule file) knows its place.

    `offsets[i]` is the offset in `outer` of character `i` of `text`; it has one entry more than
    `text` has characters, for the end. Both are empty for a text that stands alone.
    """

    name: str
    text: str = field(repr=False)
    outer: Source | None = field(default=None, repr=False)
    offsets: Sequence[int] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.outer is not None and len(self.offsets) != len(self.text) + 1:
            message = "an embedded source needs one offset a character and one for the end"
            raise ValueError(message)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which the lines start; only a line feed ends a line."""
        lengths = [len(line) + 1 for line in self.text.split("\n")]
        return (0, *accumulate(lengths[:-1]))

    def position(self, offset: int) -> Position:
        """Line and column of an offset (clamped to the text)."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def outermost(self, span: Span) -> tuple[Source, Span]:
        """The file that a person can open, and the span there."""
        if self.outer is None:
            return self, span
        start = self.offsets[min(span.start, len(self.text))]
        end = self.offsets[min(span.end, len(self.text))]
        return self.outer.outermost(Span(start, max(start, end)))
