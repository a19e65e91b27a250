"""What a fault is: a kind, a name, and the places where it can be put.

Three levels. A fault in the *query* is put between the passes and the lowering: a lowering that
drops a clause gives what a right one gives for the query without it. A fault in a *leaf* is put
into the SQL of one clause, one in the *tree* into the finished statement, at a named CTE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlglot import exp

from eqlx.ir import nodes as ir
from eqlx.ir.walk import Node


class Level(Enum):
    QUERY = "query"
    LEAF = "leaf"
    TREE = "tree"


QueryEdit = Callable[[Node, ir.Query], Iterable[Node]]
"""Every faulty form of a node of this query; none where the node cannot have the fault."""
LeafEdit = Callable[[exp.Expr], Iterable[exp.Expr]]
"""Every faulty form of a clause's SQL."""


@dataclass(frozen=True)
class Fault:
    """`ctes`: for a tree, the prefixes of the CTEs in which the fault is looked for; the empty one
    is the statement itself."""

    kind: str
    name: str
    level: Level
    edit: Callable[..., Iterable[Any]]
    ctes: tuple[str, ...] = ("",)


FAULTS: dict[str, Fault] = {}
"""By name."""


def _add(fault: Fault) -> None:
    assert fault.name not in FAULTS, fault.name
    FAULTS[fault.name] = fault


def in_query(kind: str) -> Callable[[QueryEdit], QueryEdit]:
    def register(edit: QueryEdit) -> QueryEdit:
        _add(Fault(kind, edit.__name__, Level.QUERY, edit))
        return edit

    return register


def in_leaf(kind: str) -> Callable[[LeafEdit], LeafEdit]:
    def register(edit: LeafEdit) -> LeafEdit:
        _add(Fault(kind, edit.__name__, Level.LEAF, edit))
        return edit

    return register


def in_tree(kind: str, *ctes: str) -> Callable[[LeafEdit], LeafEdit]:
    """`edit` is asked about every node of the CTEs, and gives the nodes that may replace it."""

    def register(edit: LeafEdit) -> LeafEdit:
        _add(Fault(kind, edit.__name__, Level.TREE, edit, ctes or ("",)))
        return edit

    return register


def kinds() -> list[str]:
    return list(dict.fromkeys(fault.kind for fault in FAULTS.values()))


def of_kind(kind: str) -> Iterator[Fault]:
    return (fault for fault in FAULTS.values() if fault.kind == kind)
