"""Conditions as flat, minimal `bool` queries: `And`, `Or` and the two-valued `Not` (spec §5, §8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.source import Span
from eqlx_targets.elasticsearch.clauses import (
    MATCH_NONE,
    Clause,
    all_of,
    any_of,
    count,
    exists,
    merged,
    term,
)
from eqlx_targets.elasticsearch.leaves import Scope, alternatives

CLAUSE_LIMIT = 1024
"""`indices.query.bool.max_clause_count` of OpenSearch and of Elasticsearch before 8.1."""

_SHORT_LIST = 8
"""Longer case-insensitive lists are packed once a query is over the limit."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The two occurrence lists of a `bool` query: all of `holding`, none of `failing`."""

    holding: tuple[Clause, ...] = ()
    failing: tuple[Clause, ...] = ()

    def __add__(self, other: Parts) -> Parts:
        return Parts(self.holding + other.holding, self.failing + other.failing)


def filter_parts(
    event_filter: ir.Filter,
    category_field: str,
    *,
    refuse: Callable[[str, Span], None],
    assume: Callable[[str], None],
    has_complement: bool,
) -> Parts:
    """The category and the condition of a filter.

    Case-insensitive lists take a clause a value; where that makes a query too large for a cluster
    with the default limit, they are packed (`leaves.folded_list`).
    """
    category = (
        () if event_filter.category is None else (term(category_field, event_filter.category),)
    )
    scope = Scope(CLAUSE_LIMIT, refuse, assume, has_complement)
    parts = Parts(category) + _parts(event_filter.condition, scope)
    if _count(parts) > CLAUSE_LIMIT:
        packed = Scope(_SHORT_LIST, lambda _what, _span: None, assume, has_complement)
        parts = Parts(category) + _parts(event_filter.condition, packed)
        if _count(parts) > CLAUSE_LIMIT:
            assume(f"the cluster allows {_count(parts)} clauses in a query")
    return parts


def _count(parts: Parts) -> int:
    return sum(count(clause) for clause in parts.holding + parts.failing)


def _parts(condition: ir.Condition, scope: Scope) -> Parts:
    match condition:
        case ir.Constant(value):
            return Parts(() if value else (MATCH_NONE,))
        case ir.And(conditions):
            return sum((_parts(child, scope) for child in conditions), Parts())
        case ir.IsNull(ir.Field(name)):
            return Parts(failing=(exists(name),))
        case ir.Not(ir.IsNull(ir.Field(name))):
            return Parts((exists(name),))
        case ir.Not(ir.Not(inner)):
            return _parts(inner, scope)
        case ir.Not(inner):
            return Parts(failing=_alternatives(inner, scope))
        case _:
            return Parts((any_of(_alternatives(condition, scope)),))


def _alternatives(condition: ir.Condition, scope: Scope) -> tuple[Clause, ...]:
    match condition:
        case ir.Or(conditions):
            return merged(c for child in conditions for c in _alternatives(child, scope))
        case ir.And() | ir.Not() | ir.Constant() | ir.IsNull(ir.Field()):
            parts = _parts(condition, scope)
            return (all_of(parts.holding, parts.failing),)
        case (
            ir.Compare()
            | ir.Membership()
            | ir.Like()
            | ir.RegexMatch()
            | ir.NetworkMatch()
            | ir.TextMatch()
            | ir.IsNull()
        ):
            return alternatives(condition, scope)
        case _:
            assert_never(condition)
