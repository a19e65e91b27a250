"""Lowering: the surface tree becomes IR, with every meaning explicit (spec §1, §9, §10).

sequence by host.id with maxspan=5m [a where x] [b where y] by user.id
two stages, the first keyed by host.id, the second by host.id and user.id, 300,000 ms apart
"""

from __future__ import annotations

from eqlx.diagnostics import Severity
from eqlx.diagnostics.catalogue import typing as say
from eqlx.diagnostics.catalogue.structure import too_many_pipes
from eqlx.ir import nodes as ir
from eqlx.ir.kinds import describe
from eqlx.passes.context import Context
from eqlx.passes.expressions import Expressions
from eqlx.syntax import tree as surface

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


MOST_PIPES = 32
"""Each pipe is a query around a query in SQL; `head` and `tail` say all that they can in two."""


def lower(statement: surface.Statement, context: Context) -> ir.Query | None:
    """The statement's IR, with fields unresolved; None iff errors were reported."""
    before = len(context.report)
    query = _Statements(context).query(statement)
    added = context.report.diagnostics[before:]
    return None if any(item.severity is Severity.ERROR for item in added) else query


class _Statements:
    def __init__(self, context: Context) -> None:
        self._report = context.report
        self._expressions = Expressions(context.schema, context.report, context.model.folding)

    def query(self, statement: surface.Statement) -> ir.Query:
        if len(statement.pipes) > MOST_PIPES:
            last = statement.pipes[MOST_PIPES]
            self._report.add(too_many_pipes(len(statement.pipes), MOST_PIPES, span=last.span))
            return ir.EventQuery(ir.Filter(None, ir.Constant(value=True)), span=statement.span)
        limits = tuple(self._limit(pipe) for pipe in statement.pipes)
        match statement.query:
            case surface.EventFilter() as node:
                return ir.EventQuery(self._filter(node), limits, span=statement.span)
            case surface.SequenceQuery() as node:
                return self._sequence(node, limits)
            case surface.SampleQuery() as node:
                stages = tuple(self._stage(term, node.keys) for term in node.terms)
                return ir.Sample(stages, span=node.span)

    def _filter(self, node: surface.EventFilter) -> ir.Filter:
        condition = self._expressions.condition(node.condition)
        return ir.Filter(node.category, condition, span=node.span)

    def _sequence(self, node: surface.SequenceQuery, limits: tuple[ir.Limit, ...]) -> ir.Sequence:
        stages = tuple(self._stage(term, node.keys) for term in node.terms)
        until = None if node.until is None else self._stage(node.until, node.keys)
        maxspan = node.maxspan
        span = None if maxspan is None else maxspan.count * _MILLISECONDS[maxspan.unit]
        return ir.Sequence(stages, span, until, limits, span=node.span)

    def _stage(self, term: surface.Term, common: tuple[surface.FieldName, ...]) -> ir.Stage:
        """Keys of the whole sequence come first, those of the term after them."""
        keys = tuple(
            ir.Field(key.name, key.optional, span=key.span) for key in (*common, *term.keys)
        )
        runs = 1 if term.runs is None else term.runs
        return ir.Stage(self._filter(term.filter), keys, runs, term.missing, span=term.span)

    def _limit(self, pipe: surface.Pipe) -> ir.Limit:
        value = self._expressions.constant(pipe.argument, f"the count of `{pipe.name}`")
        count = value.value if isinstance(value, ir.Integer) else -1
        if count < 0:
            found = describe(value)
            self._report.add(say.limit_not_a_count(pipe.name, found, span=pipe.argument.span))
            count = 0
        return ir.Limit(ir.End(pipe.name), count, span=pipe.span)
