"""Names of columns and tables as trees, quoted where they are not plain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def identifier(name: str) -> exp.Identifier:
    """A name, quoted unless it is plain lower-case ASCII; a dialect's reserved words are quoted when
    the tree is spelled."""
    return exp.to_identifier(name, quoted=not _PLAIN.match(name))


def dotted(parts: Sequence[str]) -> exp.Expr:
    """`a.b.c` as a column reference with struct access."""
    first, *rest = [identifier(part) for part in parts]
    column: exp.Expr = exp.Column(this=first)
    if not rest:
        return column
    column = exp.Column(this=rest[0], table=first)
    if len(rest) >= 2:
        column = exp.Column(this=rest[1], table=rest[0], db=first)
    if len(rest) >= 3:
        column = exp.Column(this=rest[2], table=rest[1], db=rest[0], catalog=first)
    for part in rest[3:]:
        column = exp.Dot(this=column, expression=part)
    return column
