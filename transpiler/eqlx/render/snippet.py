"""The marked lines of a source, as compilers show them: line numbers, carets, labels, elisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eqlx.diagnostics import Label
from eqlx.render.cells import cell, shown, width
from eqlx.render.place import place_of
from eqlx.source import Source

MAX_WIDTH = 120
"""Columns of a line that are shown at most; what lies further from the mark is cut (`…`)."""
_BEFORE = 40
_MAX_GAP = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """One label on one line; `start`, `end` are character offsets in that line."""

    start: int
    end: int
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the snippet: `number` None for the rows of marks; `text` ready to print."""

    number: int | None
    text: str
    marks: bool = False


ELISION = Row(None, "...")


def snippet(source: Source, labels: Sequence[Label]) -> tuple[Row, ...]:
    """The rows for the lines that labels mark, in order; lines between far marks are elided."""
    lines: dict[int, list[Mark]] = {}
    for label in labels:
        for number, mark in _marks(source, label):
            lines.setdefault(number, []).append(mark)
    outer = source
    while outer.outer is not None:
        outer = outer.outer
    rows: list[Row] = []
    previous: int | None = None
    for number in sorted(lines):
        if previous is not None and number > previous + 1:
            if number - previous <= _MAX_GAP:
                between = range(previous + 1, number)
                rows += (_line_row(n, outer.line(n)) for n in between)
            else:
                rows.append(ELISION)
        rows += _line_rows(number, outer.line(number), lines[number])
        previous = number
    return tuple(rows)


def _marks(source: Source, label: Label) -> Iterator[tuple[int, Mark]]:
    """A label as marks: one line, or the first and the last line of a longer span."""
    place = place_of(source, label.span)
    first, last = place.start.line, place.end.line
    start, end = place.start.column - 1, place.end.column - 1
    if last > first and end == 0:
        # The span ends with a line feed: it covers nothing of the last line.
        last -= 1
        end = len(place.source.line(last))
    if first == last:
        yield first, Mark(start, max(end, start + 1), label.text, label.primary)
        return
    top = place.source.line(first)
    yield first, Mark(start, max(len(top), start + 1), "", label.primary)
    bottom = place.source.line(last)
    indent = len(bottom) - len(bottom.lstrip())
    begin = min(indent, max(end - 1, 0))
    yield last, Mark(begin, max(end, begin + 1), label.text, label.primary)


def _line_row(number: int, text: str) -> Row:
    cut, _ = _window(text, (Mark(0, 1, "", primary=False),))
    return Row(number, cut)


def _line_rows(number: int, text: str, marks: Sequence[Mark]) -> Iterator[Row]:
    cut, columns = _window(text, marks)
    yield Row(number, cut)
    placed = sorted(
        (
            (columns(mark.start), max(columns(mark.end), columns(mark.start) + 1), mark)
            for mark in marks
        ),
        key=lambda item: (item[0], -item[1]),
    )
    total = max(end for _, end, _ in placed)
    carets = [" "] * total
    for start, end, mark in sorted(placed, key=lambda item: item[2].primary):
        for column in range(start, end):
            carets[column] = "^" if mark.primary else "-"
    last_start, last_end, last = max(placed, key=lambda item: (item[1], item[0]))
    line = "".join(carets)
    waiting = [(start, mark) for start, _, mark in placed if mark is not last and mark.text]
    if last.text and last_end == total:
        line = f"{line} {shown(last.text)}"
    elif last.text:
        waiting.append((last_start, last))
    yield Row(None, line, marks=True)
    yield from _hanging(waiting)


def _hanging(waiting: Sequence[tuple[int, Mark]]) -> Iterator[Row]:
    """The texts of further labels on the line, each below its mark, the rightmost first."""
    ordered = sorted(waiting, key=lambda item: item[0])
    while ordered:
        column, mark = ordered.pop()
        bars = [" "] * column
        for other, _ in ordered:
            if other < column:
                bars[other] = "|"
        yield Row(None, f"{''.join(bars)}{shown(mark.text)}", marks=True)


class _Columns:
    """Display column of a character offset of a line, in the window that is shown."""

    def __init__(self, text: str, left: int, right: int) -> None:
        self._left = left
        self._columns = [2 if left > 0 else 0]
        for character in text[left:right]:
            self._columns.append(self._columns[-1] + cell(character)[1])

    def __call__(self, offset: int) -> int:
        place = max(0, offset - self._left)
        beyond = place - (len(self._columns) - 1)
        # A mark may stand just behind the end of the line.
        return self._columns[-1] + min(beyond, 1) if beyond > 0 else self._columns[place]


def _window(text: str, marks: Sequence[Mark]) -> tuple[str, _Columns]:
    """The part of a long line around its primary (else first) mark, ready to print."""
    if len(text) <= MAX_WIDTH and width(text) <= MAX_WIDTH:
        return shown(text).rstrip(), _Columns(text, 0, len(text))
    focus = next((mark for mark in marks if mark.primary), marks[0])
    left = max(0, min(focus.start - _BEFORE, len(text) - MAX_WIDTH))
    right, columns = left, 0
    while right < len(text) and columns < MAX_WIDTH:
        columns += cell(text[right])[1]
        right += 1
    cut = shown(text[left:right])
    prefix = "… " if left > 0 else ""
    suffix = " …" if right < len(text) else ""
    return f"{prefix}{cut}{suffix}".rstrip(), _Columns(text, left, right)
