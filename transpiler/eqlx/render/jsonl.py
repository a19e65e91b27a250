"""A diagnostic as one JSON object on one line, for programs."""

from __future__ import annotations

import json

from eqlx.diagnostics import Diagnostic, Label
from eqlx.printable import escaped_json
from eqlx.render.place import Place, file_name, place_of, primary_place
from eqlx.source import Source


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:  # noqa: ARG001 all renderers' form
    """One line of JSON, without a line feed at the end."""
    return one_line(record(diagnostic))


def one_line(value: object) -> str:
    """`value` as JSON on one line, with what steers a terminal or is no character as escapes."""
    return escaped_json(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str))


def record(diagnostic: Diagnostic) -> dict[str, object]:
    """The diagnostic as JSON-able data; places are those of the outermost file, from 1."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "rule": diagnostic.rule,
        "file": file_name(diagnostic),
        **_range(primary_place(diagnostic)),
        "labels": [_label(diagnostic.source, label) for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
    }


def _label(source: Source | None, label: Label) -> dict[str, object]:
    place = None if source is None else place_of(source, label.span)
    return {"text": label.text, "primary": label.primary, **_range(place)}


def _range(place: Place | None) -> dict[str, object]:
    if place is None:
        return {"line": None, "column": None, "end_line": None, "end_column": None}
    return {
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
    }
