"""A diagnostic as an annotation of GitHub Actions, shown at its line in a pull request."""

from __future__ import annotations

import json

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.printable import UNSAFE
from eqlx.render.place import file_name, primary_place

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:  # noqa: ARG001 all renderers' form
    """One workflow command, `::error file=…,line=…::message`, without a line feed at the end."""
    place, name = primary_place(diagnostic), file_name(diagnostic)
    parts = [] if name is None else [f"file={value(name)}"]
    if place is not None:
        parts += [f"line={place.start.line}", f"col={place.start.column}"]
        parts += [f"endLine={place.end.line}"]
        if place.end.line == place.start.line:
            parts += [f"endColumn={place.end.column}"]
    parts.append(f"title={value(diagnostic.code)}")
    lines = [diagnostic.message, *diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"help: {diagnostic.help}")
    text = "\n".join(lines)
    return f"::{_COMMANDS[diagnostic.severity]} {','.join(parts)}::{data(text)}"


def data(text: str) -> str:
    """What is said, behind `::`. Line ends have escapes of their own; no other character steers a runner or
    its log."""
    kept = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], kept)


def value(text: str) -> str:
    """A property's value, in which `:` and `,` have a meaning too."""
    return data(text).replace(":", "%3A").replace(",", "%2C")
