"""A diagnostic as a compiler shows it: message, place, marked lines, help and notes."""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.render.cells import shown, shown_lines
from eqlx.render.place import file_name, primary_place
from eqlx.render.snippet import ELISION, Row, snippet

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_BLUE = "34"


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Several lines, without a line feed at the end; ANSI colours only where `color` is set."""
    return "\n".join(_lines(diagnostic, _Paint(color)))


class _Paint:
    def __init__(self, enabled: bool) -> None:  # noqa: FBT001 private, one caller
        self._enabled = enabled

    def __call__(self, text: str, code: str, *, bold: bool = True) -> str:
        if not self._enabled or not text:
            return text
        return f"\x1b[{'1;' if bold else ''}{code}m{text}\x1b[0m"


def _lines(diagnostic: Diagnostic, paint: _Paint) -> Iterator[str]:
    accent = _COLORS[diagnostic.severity]
    head = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", accent)
    first, *rest = shown_lines(diagnostic.message)
    yield f"{head}: {first}"
    yield from rest
    rows = () if diagnostic.source is None else snippet(diagnostic.source, diagnostic.labels)
    gutter = max((len(str(row.number)) for row in rows if row.number is not None), default=1)
    margin = " " * gutter
    yield from _arrow(diagnostic, margin, paint)
    if rows:
        bar = paint("|", _BLUE)
        yield f"{margin} {bar}"
        yield from (_row(row, gutter, accent, paint) for row in rows)
        if diagnostic.help is not None or diagnostic.notes:
            yield f"{margin} {bar}"
    yield from _tail(diagnostic, margin, paint)


def _arrow(diagnostic: Diagnostic, margin: str, paint: _Paint) -> Iterator[str]:
    place, name = primary_place(diagnostic), file_name(diagnostic)
    where = str(place) if place is not None else name
    if where is not None:
        yield f"{margin}{paint('-->', _BLUE)} {shown(where)}"


def _row(row: Row, gutter: int, accent: str, paint: _Paint) -> str:
    if row is ELISION:
        return paint(row.text, _BLUE)
    bar = paint("|", _BLUE)
    number = "" if row.number is None else str(row.number)
    text = paint(row.text, accent) if row.marks else row.text
    return f"{paint(number.rjust(gutter), _BLUE)} {bar} {text}".rstrip()


def _tail(diagnostic: Diagnostic, margin: str, paint: _Paint) -> Iterator[str]:
    sign = paint("=", _BLUE)
    tips = () if diagnostic.help is None else (("help", diagnostic.help),)
    for kind, text in (*tips, *(("note", note) for note in diagnostic.notes)):
        first, *rest = shown_lines(text)
        yield f"{margin} {sign} {kind}: {first}"
        for line in rest:
            yield f"{margin}   {' ' * (len(kind) + 2)}{line}"
