"""The order of the passes, and the way from a text to the IR that targets are given."""

from __future__ import annotations

from collections.abc import Callable

from eqlx.ir.nodes import Query
from eqlx.passes.check_types import check_types
from eqlx.passes.coerce_literals import coerce_literals
from eqlx.passes.context import Context
from eqlx.passes.flatten import flatten
from eqlx.passes.fold import fold
from eqlx.passes.leave_out import leave_out
from eqlx.passes.limit_size import limit_size
from eqlx.passes.lower import lower
from eqlx.passes.resolve_fields import resolve_fields
from eqlx.passes.simplify_patterns import simplify_patterns
from eqlx.rule import Exceptions
from eqlx.source import Source

Pass = Callable[[Query, Context], Query]

PIPELINE: tuple[tuple[str, Pass], ...] = (
    ("resolve_fields", resolve_fields),
    ("check_types", check_types),
    ("fold", fold),
    ("simplify_patterns", simplify_patterns),
    ("coerce_literals", coerce_literals),
    ("flatten", flatten),
    ("limit_size", limit_size),
)
"""Types are judged on what was written, so before folding; literals are read when they are folded."""


def run(query: Query, context: Context) -> Query:
    """`query`, as lowered, through all passes in order."""
    for _, step in PIPELINE:
        query = step(query, context)
    return query


def compile_source(
    source: Source, context: Context, exceptions: Exceptions | None = None
) -> Query | None:
    """Parse, lower and run all passes; None iff `context.report` has errors from them.

    Every event filter of the query leaves out what the items of `exceptions` name.
    """
    query = _lowered(source, context, exceptions)
    if query is None:
        return None
    query = run(query, context)
    return None if context.report.has_errors else query


def lowered_source(
    source: Source, context: Context, exceptions: Exceptions | None = None
) -> Query | None:
    """Parse, lower and resolve the fields, and no more: the query that the interpreter can search
    (`eqlx.reference.evaluate_lowered`) to prove the other passes."""
    query = _lowered(source, context, exceptions)
    return None if query is None else resolve_fields(query, context)


def _lowered(source: Source, context: Context, exceptions: Exceptions | None) -> Query | None:
    from eqlx.syntax.parser import parse

    statement = parse(source, context.report)
    if statement is None:
        return None
    if exceptions is not None:
        statement = leave_out(statement, exceptions.items, context.schema)
    return lower(statement, context)
