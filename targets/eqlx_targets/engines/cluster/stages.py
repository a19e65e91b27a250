"""Joins: the hits of each stage become events of DuckDB, where the SQL target's own join runs.

The cluster has decided which events belong to which stage. What is left of a sequence is its order,
keys, span, `until` and absences, none of which looks at a condition: so each condition becomes "the
event is one of stage N", and the query is the SQL target's from there on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from eqlx.capability import Losses
from eqlx.diagnostics import Report, Severity
from eqlx.execution import Bounds, Dataset, Event, ExecutionError, Job, Match, MatchedEvent
from eqlx.fields.documents import flatten
from eqlx.fields.schema import Schema
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import Artifact, EventModel, Request
from eqlx_targets.engines.duckdb.executor import EXECUTOR, DuckDBSession
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.joins.sample import sample_sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.spelling import spelled
from eqlx_targets.sql.target import TARGET

STAGE_FIELD = "eqlx_stage"


def join(
    query: ir.Sequence | ir.Sample,
    hits: Sequence[Sequence[int]],
    events: Sequence[Event],
    schema: Schema,
    model: EventModel,
    bounds: Bounds,
    *,
    samples_per_key: int = 1,
) -> list[Match]:
    """The matches of a join. `hits`: row numbers (from 1), a list for each stage as written, and a
    last one for `until`. `samples_per_key`: Elasticsearch's `max_samples_per_key`.

    Raises:
        ExecutionError: DuckDB failed.
    """
    members: defaultdict[int, list[int]] = defaultdict(list)
    for stage, rows in enumerate(hits):
        for row in rows:
            members[row].append(stage)
    kept = sorted(members)
    if not kept:
        return []
    needed = _needed(query, model)
    facts = tuple(_facts(events[row - 1], members[row], needed) for row in kept)
    with EXECUTOR.open(Dataset(events=facts), model, bounds) as session:
        found = session.run(_job(_by_stage(query), session, schema, model, samples_per_key))
    return [_restored(match, kept, events, model) for match in found]


def _needed(query: ir.Sequence | ir.Sample, model: EventModel) -> frozenset[str]:
    """The fields that a join looks at."""
    until = query.until if isinstance(query, ir.Sequence) else None
    stages = query.stages if until is None else (*query.stages, until)
    keys = {key.name for stage in stages for key in stage.keys}
    return frozenset(keys | {model.timestamp} | ({model.tiebreaker} if model.tiebreaker else set()))


def _facts(event: Event, stages: list[int], needed: frozenset[str]) -> Event:
    known: Mapping[str, object] = {
        name: values for name, values in flatten(event).items() if name in needed
    }
    return {**known, STAGE_FIELD: stages}


def _by_stage(query: ir.Sequence | ir.Sample) -> ir.Sequence | ir.Sample:
    stages = tuple(_member(stage, number) for number, stage in enumerate(query.stages))
    if isinstance(query, ir.Sample):
        return replace(query, stages=stages)
    until = None if query.until is None else _member(query.until, len(stages))
    return replace(query, stages=stages, until=until)


def _member(stage: ir.Stage, number: int) -> ir.Stage:
    """The stage with its condition decided; an empty term stays one, it empties the whole (§13.8)."""
    if stage.filter.condition == ir.Constant(value=False):
        return stage
    field = ir.Field(STAGE_FIELD, type=FieldType.LONG, multivalued=True)
    condition = ir.Compare(ir.Comparison.EQUAL, field, ir.Integer(number))
    return replace(stage, filter=ir.Filter(None, condition))


def _job(
    query: ir.Sequence | ir.Sample,
    session: DuckDBSession,
    schema: Schema,
    model: EventModel,
    samples_per_key: int,
) -> Job:
    report, losses = Report(), Losses()
    rule = Rule(Source("the join of a sequence's stages", ""))
    defaults = {option.name: option.default for option in TARGET.options}
    request = Request(
        query=query,
        rule=rule,
        dialect="duckdb",
        options={**defaults, "comments": "none", **session.options},
        model=model,
        schema=schema,
        eql=lambda: "",
        report=report,
        losses=losses,
        layout=session.layout,
    )
    tree = (
        spelled(sample_sql(query, Scope.of(request), per_key=samples_per_key), DUCKDB)
        if isinstance(query, ir.Sample) and samples_per_key > 1
        else TARGET.lower(request)
    )
    if (errors := [d.message for d in report if d.severity is Severity.ERROR]) != []:
        raise ExecutionError("; ".join(errors))
    text = TARGET.emit(tree, request)
    artifact = Artifact("sql", "duckdb", text, tree, query, rule, losses.fidelity())
    return Job(query, artifact)


def _restored(
    match: Match, kept: Sequence[int], events: Sequence[Event], model: EventModel
) -> Match:
    """The match with the documents and row numbers of the dataset."""
    return replace(match, events=tuple(_slots(match.events, kept, events, model)))


def _slots(
    slots: Sequence[MatchedEvent], kept: Sequence[int], events: Sequence[Event], model: EventModel
) -> Iterator[MatchedEvent]:
    for slot in slots:
        if slot.row is None:
            yield slot
            continue
        row = kept[slot.row - 1]
        event = events[row - 1]
        named = flatten(event).get(model.id, []) if model.id is not None else []
        yield replace(slot, row=row, id=named[0] if named else row, fields=event)
