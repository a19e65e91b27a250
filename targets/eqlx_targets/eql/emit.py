"""The surface tree as canonical EQL text."""

from __future__ import annotations

from eqlx.syntax.printer import print_statement
from eqlx.syntax.tree import Statement


def emit(tree: Statement) -> str:
    """The text, ending in one line feed."""
    return print_statement(tree).rstrip("\n") + "\n"
