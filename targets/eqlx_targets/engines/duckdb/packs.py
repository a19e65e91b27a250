"""Raw documents become ECS documents inside DuckDB, by the projections of packs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue.packs import clocks_differ, not_recognised, pack_used
from eqlx.packs.model import Events, Pack, Shape, raws
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.documents import DOCUMENT, DOCUMENTS
from eqlx_targets.sql.expressions import text
from eqlx_targets.sql.packs.projection import (
    Keys,
    Projection,
    Resolve,
    fields_for,
    recognising_paths,
    without_empty,
)

_RAW = "raw_documents"
_KEYS_NAMED = 8


@dataclass(frozen=True, slots=True)
class Mapped:
    """What there is to say, whether any document was mapped, and whether the `whole` table was made by
    projections, so that nothing of the raw documents is left in it."""

    notes: tuple[Diagnostic, ...]
    changed: bool
    whole: bool


def map_documents(
    connection: Connection, packs: Sequence[Pack], category: str, seen: Container[Keys]
) -> Mapped:
    """Put the ECS documents in the place of those that a pack recognises. `category`: the field that events of a category have. `seen`: the paths of keys
    that occur in the documents.

    Raises:
        ExecutionError: DuckDB failed.
    """
    # Each look into a document costs time and memory: shapes whose keys do not occur take none.
    chosen = [
        (pack, shape)
        for pack in packs
        for shape in sorted(
            pack.shapes, key=lambda shape: not shape.is_text
        )  # the most exact first
        if all(keys in seen for keys in shape.has)
    ]
    with connection.within_bounds():
        connection.raw.execute(f"CREATE TABLE {_RAW} AS {_recognised(chosen)}")
        counts: Counter[int] = Counter()
        ids: dict[int, list[str | None]] = {}
        for number, event_id, count in connection.raw.execute(
            f"SELECT pack, event_id, count(*) FROM {_RAW} GROUP BY 1, 2"  # noqa: S608 names of ours
        ).fetchall():
            counts[number] += count
            ids.setdefault(number, []).append(event_id)
        used = [(number, *chosen[number]) for number in sorted(n for n in counts if n >= 0)]
        if used:
            parts = [
                part
                for number, pack, shape in used
                for part in _mapped(number, pack, shape, ids[number])
            ]
            rest = f"SELECT row, document AS made FROM {_RAW} WHERE pack < 0"  # noqa: S608
            union = " UNION ALL ".join([*parts, rest])
            connection.raw.execute(
                f"CREATE OR REPLACE TABLE {DOCUMENTS} AS"  # noqa: S608
                f" SELECT CAST(made AS JSON) AS {DOCUMENT} FROM ({union}) ORDER BY row"
            )
        notes = [pack_used(counts[number], pack.name, shape.name) for number, pack, shape in used]
        notes += [*_clocks(connection), *_unknown(connection, category)]
        connection.raw.execute(f"DROP TABLE {_RAW}")
    whole = all(number >= 0 and not chosen[number][0].keeps for number in counts)
    return Mapped(tuple(notes), changed=bool(used), whole=whole)


_CLOCKS = f"""
SELECT count(*) FILTER (utc IS NULL AND local IS NOT NULL),
  CAST(median(epoch(local) - epoch(utc)) AS BIGINT)
FROM (SELECT TRY_CAST(document ->> '$.UtcTime' AS TIMESTAMP) AS utc, TRY_CAST(coalesce(
    document ->> '$.TimeCreated', document ->> '$."@timestamp"', document ->> '$.EventTime'
  ) AS TIMESTAMP) AS local
  FROM {_RAW} WHERE pack >= 0)
"""  # noqa: S608 a name of ours
_SAME_CLOCK = 900
"""Seconds by which the clock of a collector may be late."""


def _clocks(connection: Connection) -> Sequence[Diagnostic]:
    """Where Sysmon's own time differs from the time that all events have, the others are not in UTC."""
    [(others, behind)] = connection.raw.execute(_CLOCKS).fetchall()
    if not others or behind is None or abs(behind) < _SAME_CLOCK:
        return ()
    return (clocks_differ(others, behind),)


def _recognised(chosen: Sequence[tuple[Pack, Shape]]) -> str:
    """SELECT of row, document, the place of the first pack and shape that recognise it (-1 for none), and
    the id that the pack's events are told apart by. Each document is parsed but once."""
    if not chosen:
        return (
            f"SELECT rowid AS row, {DOCUMENT} AS document, -1 AS pack,"  # noqa: S608 names of ours
            f" NULL::VARCHAR AS event_id FROM {DOCUMENTS}"
        )
    needed = dict.fromkeys(
        keys for pack, shape in chosen for keys in recognising_paths(pack, shape)
    )
    plain, structure = _structure(list(needed))
    read = f"from_json({DOCUMENT}, {text(json.dumps(structure)).sql('duckdb')})"
    source = f"SELECT rowid AS row, {DOCUMENT} AS document, {read} AS s FROM {DOCUMENTS}"  # noqa: S608 names of ours
    number, event_id = exp.Case(default=exp.Literal.number("-1")), exp.Case()
    for place, (pack, shape) in enumerate(chosen):
        projection = Projection(pack, shape, _from_parsed(pack, plain))
        literal = exp.Literal.number(place)
        number = number.when(projection.recognises(), literal, copy=False)
        is_it = exp.EQ(this=exp.column("pack"), expression=literal.copy())
        event_id = event_id.when(is_it, projection.event_id(), copy=False)
    packs = f"SELECT *, {number.sql('duckdb')} AS pack FROM ({source})"  # noqa: S608
    return f"SELECT row, document, pack, {event_id.sql('duckdb')} AS event_id FROM ({packs})"  # noqa: S608


def _from_parsed(pack: Pack, plain: Container[Keys]) -> Resolve:
    def resolve(keys: Keys) -> exp.Expr:
        value = _member(keys) if keys in plain else _pointed("document", keys)
        return without_empty(value, pack.empty)

    return resolve


def _pointed(document: str, keys: Sequence[str]) -> exp.Expr:
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
    return exp.Anonymous(
        this="json_extract_string", expressions=[exp.column(document), text(pointer)]
    )


def _mapped(number: int, pack: Pack, shape: Shape, ids: Sequence[str | None]) -> Iterator[str]:
    """SELECTs of row and document for what one pack recognised in one shape: one for each kind of events
    among `ids`, with the fields of these alone."""
    kinds: dict[tuple[int, ...], list[str]] = {}
    for event_id in ids:
        if event_id is not None:
            holding = (place for place, e in enumerate(pack.events) if event_id in e.ids)
            kinds.setdefault(tuple(holding), []).append(event_id)
    for places, each in kinds.items():
        listed = ", ".join(text(one).sql("duckdb") for one in sorted(each))
        entries = [pack.events[place] for place in places]
        yield _selected(f"pack = {number} AND event_id IN ({listed})", pack, shape, entries)
    if None in ids:
        yield _selected(f"pack = {number} AND event_id IS NULL", pack, shape, [])


def _selected(where: str, pack: Pack, shape: Shape, entries: Sequence[Events]) -> str:
    fields = fields_for(pack, entries)
    needed = dict.fromkeys(keys for value in fields.values() for keys in raws(value, shape))
    plain, structure = _structure(list(needed))
    names = {keys: f"r{place}" for place, keys in enumerate(needed)}
    inner: list[exp.Expr] = [exp.column("row")]
    for keys, name in names.items():
        inner.append(exp.alias_(_from_parsed(pack, plain)(keys), name))
    parsed = f"from_json(document, {text(json.dumps(structure)).sql('duckdb')})"
    source = f"SELECT row, document, {parsed} AS s FROM {_RAW} WHERE {where}"  # noqa: S608
    values = ", ".join(each.sql("duckdb") for each in inner)
    kept = ", document" if pack.keeps else ""
    projection = Projection(pack, shape, lambda keys: exp.column(names[keys]))
    columns = projection.columns_of(fields)
    written = {name: _written(name, value) for name, value in columns.items()}
    if pack.keeps:
        made = f"json_merge_patch('{{}}', {_nested(written)}, document)"
    else:
        members = (f"{text(name).sql('duckdb')}, {value}" for name, value in written.items())
        made = f"json_merge_patch('{{}}', json_object({', '.join(members)}))"
    return f"SELECT row, {made} AS made FROM (SELECT {values}{kept} FROM ({source}))"  # noqa: S608


def _nested(written: Mapping[str, str]) -> str:
    """An object of objects: dotted names as paths."""
    inner: dict[str, dict[str, str]] = {}
    members: list[str] = []
    for name, value in written.items():
        first, _, rest = name.partition(".")
        if rest:
            inner.setdefault(first, {})[rest] = value
        else:
            members.append(f"{text(name).sql('duckdb')}, {value}")
    members += [f"{text(name).sql('duckdb')}, {_nested(each)}" for name, each in inner.items()]
    return f"json_object({', '.join(members)})"


def _written(name: str, value: exp.Expr) -> str:
    sql = value.sql("duckdb")
    if name == "@timestamp":
        return f"strftime({sql}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return sql


def _structure(needed: Sequence[Keys]) -> tuple[set[Keys], dict[str, object]]:
    """What one `from_json` can read: the paths, apart without letter case, none inside another."""
    taken: dict[tuple[str, ...], Keys | None] = {}
    plain: set[Keys] = set()
    structure: dict[str, object] = {}
    for keys in needed:
        folded = tuple(key.lower() for key in keys)
        outer = [folded[:end] for end in range(1, len(keys))]
        exact = [keys[:end] for end in range(1, len(keys))]
        if folded in taken or any(
            low in taken and taken[low] != name for low, name in zip(outer, exact, strict=True)
        ):
            continue
        taken.update(zip(outer, exact, strict=True))
        taken[folded] = None
        plain.add(keys)
        node = structure
        for key in keys[:-1]:
            child = node.setdefault(key, {})
            assert isinstance(child, dict)  # noqa: S101 - `taken` keeps a value from being an object
            node = child
        node[keys[-1]] = "VARCHAR"
    return plain, structure


def _member(keys: Keys) -> exp.Expr:
    value: exp.Expr = exp.column("s")
    for key in keys:
        value = exp.Anonymous(this="struct_extract", expressions=[value, text(key)])
    return value


def _unknown(connection: Connection, category: str) -> list[Diagnostic]:
    """What no pack knows, and is no ECS event either."""
    nested, flat = (
        _pointed("document", keys).sql("duckdb") for keys in (category.split("."), (category,))
    )
    where = (
        f"FROM {_RAW} WHERE pack < 0 AND json_type(document) = 'OBJECT'"
        f" AND {nested} IS NULL AND {flat} IS NULL"
    )
    [(count,)] = connection.raw.execute(f"SELECT count(*) {where}").fetchall()
    if not count:
        return []
    keys = connection.raw.execute(
        f"SELECT key FROM (SELECT unnest(json_keys(document)) AS key {where})"  # noqa: S608
        " GROUP BY key ORDER BY count(*) DESC, key LIMIT ?",
        [_KEYS_NAMED],
    ).fetchall()
    return [not_recognised(count, tuple(key for (key,) in keys))]
