"""A diagnostic on one line: `file:line:column: severity[slug]: message`."""

from __future__ import annotations

from eqlx.diagnostics import Diagnostic
from eqlx.render.cells import shown
from eqlx.render.place import file_name, primary_place


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:  # noqa: ARG001 all renderers' form
    """One line, without a line feed at the end; never coloured."""
    place, name = primary_place(diagnostic), file_name(diagnostic)
    where = str(place) if place is not None else name
    head = "" if where is None else f"{shown(where)}: "
    return f"{head}{diagnostic.severity.value}[{diagnostic.code}]: {shown(diagnostic.message)}"
