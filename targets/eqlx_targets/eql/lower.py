"""IR to the target's tree, which for EQL is the surface tree."""

from __future__ import annotations

from eqlx.passes.surface import to_surface
from eqlx.syntax.tree import Statement
from eqlx.target import Request


def lower(request: Request) -> Statement:
    """The query as a surface tree that means the same."""
    return to_surface(request.query)
