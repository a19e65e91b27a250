"""The table that queries search over JSON events: typed columns in one of the layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from duckdb import ColumnExpression, ConstantExpression, Expression, LambdaExpression, SQLExpression
from duckdb import FunctionExpression as Function
from sqlglot import exp

from eqlx.diagnostics import Diagnostic
from eqlx.events.forms import TimeForms, strptime_form
from eqlx.events.notes import clashes
from eqlx.events.times import TimeReader, Times, TimeUnit
from eqlx.execution import Event
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.types import FieldType
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb import columns as duckdb_columns
from eqlx_targets.engines.duckdb import times
from eqlx_targets.engines.duckdb.columns import FieldColumn
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.documents import DOCUMENT, DOCUMENTS, Documents, documents
from eqlx_targets.engines.duckdb.matches import READABLE, MatchReader
from eqlx_targets.engines.duckdb.shapes import Place

TABLE = "events"
TIMESTAMP = "TIMESTAMP_NS"
_JSON_COLUMN = "event"
_MOST_COLUMNS = 1_500
"""DuckDB holds a quarter of a megabyte a column, however few the rows: with more names than this, the
documents themselves are searched."""
_KINDS = {
    "UBIGINT": FieldType.LONG,
    "BIGINT": FieldType.LONG,
    "DOUBLE": FieldType.DOUBLE,
    "BOOLEAN": FieldType.BOOLEAN,
}


@dataclass(frozen=True)
class Loaded:
    """What a session needs to know. `in_place`: files that queries still read."""

    schema: Schema
    layout: Layout
    row: str
    documents: Callable[[Sequence[int]], Mapping[int, Event]]
    in_place: tuple[Path, ...] = ()
    table: str = TABLE
    times: Times | None = None
    reads: TimeReader | None = None
    wide: Wide = field(default_factory=Wide)
    notes: tuple[Diagnostic, ...] = ()

    @property
    def has_times(self) -> bool:
        """Whether the time of any event can be read, or there are no events, or nobody has looked."""
        return self.times is None or not self.times.none_readable

    def options(self, table: str | None = None) -> dict[str, str]:
        """The options of the target `sql` for this table, or for the copy of it that is called so."""
        return {"table": table or self.table, "row-id": self.row, **READABLE}

    def reader(self, model: EventModel) -> MatchReader:
        """What reads the results of such artifacts."""
        return MatchReader(self.row, model, self.documents, self.reads)


def load_json(
    found: Documents,
    connection: Connection,
    kind: LayoutKind | None,
    model: EventModel,
    *,
    with_units: bool,
    timestamp_format: str | None = None,
) -> Loaded:
    """Lay the documents out in columns.

    The timestamp becomes a timestamp column; every other column holds its JSON values without loss.
    `with_units`: its numbers may be other than milliseconds, its strings in other forms than Elasticsearch's.
    """
    fields = found.shapes.fields()
    types = field_types(fields, found.wide)
    columns = duckdb_columns.field_columns(fields, types, found.wide.ranges)
    row = free("_row", fields)
    _define_macros(connection)
    timed = next((column for column in columns if column.name == model.timestamp), None)
    own = None if timestamp_format is None else strptime_form(timestamp_format)
    reader = TimeReader(form=own)
    if with_units and own is None:
        reader = TimeReader(times.unit_of_column(connection, timed))
    forms = TimeForms(own) if with_units else None
    columns = [_timed(c, reader, forms) if c is timed else c for c in columns]
    timed = next((column for column in columns if column.name == model.timestamp), None)
    if kind is None:
        kind = LayoutKind.FLAT if len(columns) <= _MOST_COLUMNS else LayoutKind.JSON
    if kind is LayoutKind.JSON and (
        reader.unit is not TimeUnit.MILLISECONDS or times.needs_forms(connection, timed)
    ):
        kind = LayoutKind.FLAT  # the document itself would have to be changed
    read = times.read_times(connection, model.timestamp, columns, reader.unit)
    if kind is LayoutKind.JSON:
        columns = [replace(c, column=replace(c.column, path=None)) for c in columns]
    else:
        columns = placed(columns, kind, row)
    _create_table(connection, kind, columns, row)
    return Loaded(
        FieldList(types),
        _layout(kind, columns),
        row,
        lambda rows: documents(connection, rows),
        times=read,
        reads=reader if with_units else None,
        wide=found.wide,
        notes=clashes(fields) if with_units else (),
    )


def field_types(fields: Mapping[str, Sequence[Place]], wide: Wide) -> dict[str, FieldInfo]:
    """The catalogue's type where it knows the name, else what the JSON types say."""
    from eqlx.fields.catalogue import CATALOGUE

    types = {}
    for name, places in fields.items():
        kinds = {kind for place in places for kind in place.kinds}
        several = len(places) > 1 or any(any(place.depths) for place in places)
        known = CATALOGUE.lookup(name)
        found = {_KINDS.get(kind, FieldType.KEYWORD) for kind in kinds}
        if found == {FieldType.LONG}:
            found = {wide.type_of(name, negative="BIGINT" in kinds)}
        elif found == {FieldType.LONG, FieldType.DOUBLE}:
            found = {FieldType.DOUBLE}
        guess = found.pop() if len(found) == 1 else FieldType.KEYWORD
        types[name] = FieldInfo(known.type if known else guess, several)
    return types


def free(name: str, taken: Mapping[str, object]) -> str:
    """`name`, with underscores after it until no column has that name."""
    used = {other.lower() for other in taken}
    while name in used:
        name += "_"
    return name


def placed(columns: Sequence[FieldColumn], kind: LayoutKind, row: str) -> list[FieldColumn]:
    """The columns, each with a place of its own: DuckDB cannot tell `Process` from `process`, nor
    can a name be struct and value. What would clash is a flat column under a free name."""
    # Structs that are made of names, and names that are taken; without letter case.
    taken: dict[tuple[str, ...], tuple[str, ...]] = {(row,): (row,)}
    values: set[tuple[str, ...]] = set()
    found = []
    for column in columns:
        keys = tuple(column.name.split(".")) if kind is LayoutKind.NESTED else (column.name,)
        folded = tuple(key.lower() for key in keys)
        prefixes = [(folded[:end], keys[:end]) for end in range(1, len(keys) + 1)]
        clash = (
            not all(keys)
            or len(keys) > duckdb_columns.MAX_STRUCT_DEPTH
            or any(taken.get(low, exact) != exact or low in values for low, exact in prefixes)
            or folded in taken
        )
        if clash:
            found.append(replace(column, column=replace(column.column, path=())))
            continue
        taken.update(prefixes)
        values.add(folded)
        found.append(column)
    names = {column.name.lower() for column in columns} | {low for low, *_ in taken}
    return [_with_free_name(column, names) for column in found]


def _with_free_name(column: FieldColumn, names: set[str]) -> FieldColumn:
    if column.column.path is None:
        return column
    number = 1
    while (name := f"{column.name}_{number}").lower() in names:
        number += 1
    names.add(name.lower())
    return replace(column, column=replace(column.column, path=(name,)))


def _layout(kind: LayoutKind, columns: Sequence[FieldColumn]) -> Layout:
    if kind is LayoutKind.JSON:
        texts = {c.name: Column("VARCHAR", c.column.is_list) for c in columns}
        return Layout(kind, texts, json_column=_JSON_COLUMN)
    return Layout(kind, {c.name: c.column for c in columns})


def _define_macros(connection: Connection) -> None:
    for macro in duckdb_columns.MACROS:
        connection.raw.execute(macro)


def _create_table(
    connection: Connection, kind: LayoutKind, columns: Sequence[FieldColumn], row: str
) -> None:
    number = (ColumnExpression("rowid") + ConstantExpression(1)).alias(row)
    documents = connection.raw.table(DOCUMENTS)
    with connection.within_bounds():
        if kind is LayoutKind.JSON:
            event = ColumnExpression(DOCUMENT).alias(_JSON_COLUMN)
            documents.project(number, event).create_view(TABLE)
            return
        structure = duckdb_columns.plain_structure(columns)
        parsed: Expression = ConstantExpression(None)
        if any(column.plain for column in columns):
            document = ColumnExpression(DOCUMENT)
            parsed = Function("from_json", document, ConstantExpression(structure))
        source = documents.project(
            number, ColumnExpression(DOCUMENT), parsed.alias(duckdb_columns.STRUCTURE)
        )
        values = [_value(column).alias(_flat_name(column)) for column in columns]
        table = source.project(ColumnExpression(row), *values)
        if kind is LayoutKind.NESTED:
            table = table.project(ColumnExpression(row), *nested(columns))
        table.create(TABLE)


def _timed(column: FieldColumn, reader: TimeReader, forms: TimeForms | None) -> FieldColumn:
    timed = replace(column.column, type=TIMESTAMP)
    kind = column.column.type
    return replace(column, column=timed, text_type=kind, unit=reader.unit, forms=forms)


def _value(column: FieldColumn) -> Expression:
    """The column's values; a timestamp by the same conversion that queries use."""
    value = duckdb_columns.expression(column, DOCUMENT)
    if column.text_type is None:
        return value
    lambda_ = LambdaExpression("v", SQLExpression(times.instant("v", column)))
    if column.column.is_list:
        return Function("list_transform", value, lambda_)
    listed = Function("list_transform", Function("list_value", value), lambda_)
    return Function("list_extract", listed, ConstantExpression(1)).cast(TIMESTAMP)


def _flat_name(column: FieldColumn) -> str:
    return column.column.path[0] if column.column.path else column.name


def nested(columns: Sequence[FieldColumn]) -> list[Expression]:
    """Flat columns as one column a first name, structs below."""
    tree: dict[str, object] = {}
    for each in columns:
        name = _flat_name(each)
        *outer, last = [name] if each.column.path else name.split(".")
        node = tree
        for key in outer:
            child = node.setdefault(key, {})
            assert isinstance(child, dict)  # noqa: S101 - `placed` keeps a field that is also an object flat
            node = child
        # Not ColumnExpression: some versions of DuckDB take the dots in its name for a path.
        column = exp.column(exp.to_identifier(name, quoted=True))
        node[last] = SQLExpression(column.sql("duckdb"))
    return [_struct(child).alias(name) for name, child in tree.items()]


def _struct(node: object) -> Expression:
    if isinstance(node, Expression):
        return node
    assert isinstance(node, dict)  # noqa: S101 - built by `nested`
    members = [_struct(child).alias(name) for name, child in node.items()]
    return Function("struct_pack", *members)
