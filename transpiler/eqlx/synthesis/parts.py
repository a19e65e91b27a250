"""A query as parts that are solved together: one condition a stage, keys under one name.

Every field of a part gets a name of its own (`2|process.name`), but for the join keys, which all
stages share (`key|0`): one search then finds documents for all stages with the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from eqlx.ir.nodes import (
    And,
    Compare,
    Comparison,
    Condition,
    Constant,
    EventQuery,
    Field,
    Filter,
    Leaf,
    Query,
    Sequence,
    Stage,
    Text,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children, walk
from eqlx.synthesis.model import Assignment
from eqlx.target import EventModel


@dataclass(frozen=True, eq=False)
class Part:
    """One filter of a query. `condition` is over pseudo-names, `names` maps fields to them.

    `stage` is None for an event query. `is_until` and `stage.missing` parts hold events that shall
    *not* be there.
    """

    number: int
    condition: Condition
    names: Mapping[str, str]
    stage: Stage | None
    is_until: bool = False

    @property
    def is_positive(self) -> bool:
        return self.stage is None or not (self.is_until or self.stage.missing)

    def values(self, solution: Assignment) -> dict[str, object]:
        """This part's share of a solution, under the fields' real names."""
        return {real: solution[pseudo] for real, pseudo in self.names.items() if pseudo in solution}

    def pseudo(self, values: Assignment) -> dict[str, object]:
        """A document's values under the part's pseudo-names."""
        return {self.names[name]: value for name, value in values.items() if name in self.names}


def parts_of(query: Query, model: EventModel) -> list[Part]:
    """The filters of a query: its stages in order of writing, `until` last."""
    if isinstance(query, EventQuery):
        condition = _with_category(query.filter, model)
        return [Part(0, condition, {n: n for n in _names(condition)}, None)]
    stages = list(query.stages)
    until = query.until if isinstance(query, Sequence) else None
    parts = [_part(number, stage, model) for number, stage in enumerate(stages)]
    if until is not None:
        parts.append(replace(_part(len(stages), until, model), is_until=True))
    return parts


def _part(number: int, stage: Stage, model: EventModel) -> Part:
    condition = _with_category(stage.filter, model)
    names = {name: f"{number}|{name}" for name in _names(condition)}
    names |= {key.name: f"key|{place}" for place, key in enumerate(stage.keys)}
    return Part(number, renamed(condition, names), names, stage)


def _with_category(wanted: Filter, model: EventModel) -> Condition:
    if wanted.category is None:
        return wanted.condition
    field = Field(model.category, type=FieldType.KEYWORD, span=wanted.span)
    span = replace(wanted.span, end=min(wanted.span.end, wanted.span.start + len(wanted.category)))
    leaf = Compare(Comparison.EQUAL, field, Text(wanted.category), span=span)
    match wanted.condition:
        case Constant(True):
            return leaf
        case And(conditions):
            return And((leaf, *conditions), span=wanted.condition.span)
        case other:
            return And((leaf, other), span=wanted.condition.span)


def _names(condition: Condition) -> list[str]:
    return list(dict.fromkeys(n.name for n, _, _ in walk(condition) if isinstance(n, Field)))


def renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    """The condition with its fields under other names."""

    def node(old: Node) -> Node:
        if isinstance(old, LITERALS):
            return old
        if isinstance(old, Field):
            return replace(old, name=names.get(old.name, old.name))
        return map_children(old, node)

    return cast("Condition", node(condition))


def joined(one: Part, other: Part) -> tuple[Condition, dict[str, str]]:
    """The condition of `other` over the names of `one`, and the names of both by field: for an event
    that is one of both."""
    names = {name: f"{one.number}|{name}" for name in other.names} | dict(one.names)
    pseudo = {pseudo: names[name] for name, pseudo in other.names.items()}
    return renamed(other.condition, pseudo), names


def clause_text(leaf: Leaf, names: Mapping[str, str], width: int = 72) -> str:
    """A leaf as EQL, cut to a readable width."""
    real = {pseudo: name for name, pseudo in names.items()}
    text = _printed(cast("Leaf", renamed(leaf, real)))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _printed(leaf: Leaf) -> str:
    from eqlx.passes.surface import to_surface
    from eqlx.syntax.printer import print_statement

    text = " ".join(print_statement(to_surface(EventQuery(Filter(None, leaf)))).split())
    return text.removeprefix("any where ")
