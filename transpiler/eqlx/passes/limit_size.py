"""The pass `limit_size`: the limit that an explicit `--size` asks for (spec §1 "Pipes and size").

process where true               with size 10 becomes      process where true | tail 10
process where true | head 50     with size 10 becomes      process where true | head 10 | head 50
"""

from __future__ import annotations

from eqlx.diagnostics.catalogue.typing import size_of_a_sample
from eqlx.ir.nodes import End, EventQuery, Limit, Query, Sample, Sequence
from eqlx.passes.context import Context


def limit_size(query: Query, context: Context) -> Query:
    """`query` with `context.size`, where there is one, as its first limit, of the same end as the
    first written pipe; without pipes the last results count, as in Elasticsearch."""
    if context.size is None:
        return query
    match query:
        case EventQuery():
            limits = (_implicit(query.limits, context.size), *query.limits)
            return EventQuery(query.filter, limits, span=query.span)
        case Sequence():
            limits = (_implicit(query.limits, context.size), *query.limits)
            return Sequence(query.stages, query.maxspan, query.until, limits, span=query.span)
        case Sample():
            context.report.add(size_of_a_sample(context.size))
            return query


def _implicit(limits: tuple[Limit, ...], size: int) -> Limit:
    return Limit(limits[0].end if limits else End.TAIL, size)
