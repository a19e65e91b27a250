"""Sequences and samples for engines without EQL: a search a stage, and the join that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from eqlx.ir import nodes as ir
from eqlx.target import EventModel
from eqlx_targets.elasticsearch.clauses import MATCH_NONE, Json, exists
from eqlx_targets.elasticsearch.condition import Parts

ASSUMPTION = (
    "whoever sends the searches joins their hits as `join` says (the engine `elasticsearch` does)"
)


def is_by_stages(dialect: str, options: Mapping[str, str]) -> bool:
    """Whether a join takes the form `stages`: where it was asked for, or the dialect has no EQL."""
    return options["form"] == "stages" or (options["form"] == "auto" and dialect == "opensearch")


@dataclass(frozen=True)
class StageSearches:
    """One body a stage, in the order of writing, then one for `until`; `join` says how their hits
    make results."""

    index: tuple[str, ...]
    bodies: tuple[Mapping[str, Json], ...]
    join: Mapping[str, Json]


def searched_stages(query: ir.Sequence | ir.Sample) -> tuple[ir.Stage, ...]:
    """The stages that get a search of their own: `runs` share one, `until` is last."""
    until = query.until if isinstance(query, ir.Sequence) else None
    return query.stages if until is None else (*query.stages, until)


def is_empty(query: ir.Sequence | ir.Sample) -> bool:
    """Whether a term that nothing matches empties the whole, a missing one included (spec §13.8)."""
    return any(stage.filter.condition == ir.Constant(value=False) for stage in query.stages)


def stage_parts(
    stage: ir.Stage, query: ir.Sequence | ir.Sample, condition: Parts, model: EventModel
) -> Parts:
    """A stage's condition with what the join asks of its events: keys, and a time for sequences.

    `until` has no rule for keys without a value (spec §9.3).
    """
    if is_empty(query):
        return Parts((MATCH_NONE,))
    is_until = isinstance(query, ir.Sequence) and stage is query.until
    needed = [key.name for key in stage.keys if not key.optional and not is_until]
    if isinstance(query, ir.Sequence):
        needed.append(model.timestamp)
    present = tuple(exists(name) for name in dict.fromkeys(needed))
    known = tuple(clause for clause in present if clause not in condition.holding)
    return condition + Parts(known)


def join_of(query: ir.Sequence | ir.Sample, model: EventModel) -> Mapping[str, Json]:
    """The join as data, for programs that send the searches themselves (docs/elasticsearch.md)."""
    stages: list[Json] = [_stage(number, stage) for number, stage in enumerate(query.stages)]
    if isinstance(query, ir.Sample):
        return {"kind": "sample", "stages": stages}
    known: dict[str, Json] = {
        "kind": "sequence",
        "order": [model.timestamp, *([model.tiebreaker] if model.tiebreaker else [])],
        "stages": stages,
    }
    if query.maxspan is not None:
        known["maxspan_ms"] = query.maxspan
    if query.until is not None:
        known["until"] = {"search": len(stages), "keys": _keys(query.until.keys)}
    if query.limits:
        known["limits"] = [{limit.end.value: limit.count} for limit in query.limits]
    return known


def _stage(number: int, stage: ir.Stage) -> Mapping[str, Json]:
    known: dict[str, Json] = {"search": number, "keys": _keys(stage.keys)}
    optional: list[Json] = [key.name for key in stage.keys if key.optional]
    if optional:
        known["optional_keys"] = optional
    if stage.runs > 1:
        known["runs"] = stage.runs
    if stage.missing:
        known["missing"] = True
    return known


def _keys(keys: Iterable[ir.Field]) -> list[Json]:
    return [key.name for key in keys]


def needed_fields(query: ir.Sequence | ir.Sample, model: EventModel) -> Iterator[str]:
    """The fields that the join reads from the hits."""
    if isinstance(query, ir.Sequence):
        yield model.timestamp
        if model.tiebreaker is not None:
            yield model.tiebreaker
    for stage in searched_stages(query):
        for key in stage.keys:
            yield key.name
