"""How fields, the table and the roles of an `EventModel` become SQL expressions in one layout.

A `Scope` is made once per query and shared by the event, sequence and sample lowerings. It notes
which columns are read; `with_source` then puts the `FROM` under a query, with an inner projection
where the layout needs one (JSON).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from eqlx.capability import Losses
from eqlx.diagnostics import Report
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Field
from eqlx.ir.types import FieldType
from eqlx.target import EventModel, Request
from eqlx_targets.sql import conversion, json_fields, names
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.reading import Reading
from eqlx_targets.sql.tables import table_parts
from eqlx_targets.sql.words.vocabulary import word

FIELDS = "fields"
"""The CTE that spreads a JSON column over one column a field."""
WITHIN = "events_in_window"
"""The CTE of the events in the rule's time window."""


@dataclass
class Scope:
    """One query's view of the data. `dialect` is a sqlglot dialect name (`duckdb`).

    `columns` collects the top-level columns that were read, in order of first use. `within` is the
    condition that all events must meet, for queries of several stages; `most`, how many of their
    results are wanted (option `max_signals`).
    """

    dialect: str
    options: Mapping[str, str]
    schema: Schema
    model: EventModel
    layout: Layout
    report: Report
    losses: Losses
    columns: dict[str, Column] = field(default_factory=dict)
    within: exp.Expr | None = None
    most: int | None = None
    _spread_names: dict[str, str] = field(default_factory=dict)
    _readings: dict[tuple[str, FieldType | None], Reading] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> Scope:
        """The scope for a request; the option `layout` (`auto`: the data's own, else nested)."""
        chosen = request.options.get("layout", "auto")
        layout = request.layout
        if layout is None or chosen not in ("auto", layout.kind.value):
            kind = LayoutKind.NESTED if chosen == "auto" else LayoutKind(chosen)
            layout = Layout(kind, json_column=request.options.get("json-column", "event"))
        return cls(
            dialect=request.dialect,
            options=request.options,
            schema=request.schema,
            model=request.model,
            layout=layout,
            report=request.report,
            losses=request.losses,
        )

    # --- fields -------------------------------------------------------------------------------

    def read(self, wanted: Field) -> Reading:
        """The field as SQL, however it lies in the data."""
        key = (wanted.name, wanted.type if self.layout.kind is not LayoutKind.JSON else None)
        if key not in self._readings:
            self._readings[key] = self._read(wanted)
        return self._readings[key]

    def field(self, wanted: Field) -> exp.Expr:
        """`read(wanted).expression`: scalar or list, see `Reading.is_list`."""
        return self.read(wanted).expression

    def _read(self, wanted: Field) -> Reading:
        why = self.layout.why_unreadable(wanted.name)
        column = None if why else self._column(wanted)
        if column is None:
            self._note_absent(wanted, why)
            kind = conversion.COLUMN_TYPES[wanted.type]
            return Reading(
                wanted, sql.cast(exp.null(), kind), Column(kind, is_list=False), absent=True
            )
        parts = list(column.path or self._parts(wanted.name))
        self.columns[parts[0]] = column
        if self.layout.kind is LayoutKind.NESTED and column.path is None:
            return self._nested(wanted, parts, column)
        if self.layout.kind is LayoutKind.JSON:
            return Reading(wanted, exp.Column(this=self._spread(wanted.name)), column)
        return Reading(wanted, names.dotted(parts), column)

    def _spread(self, name: str) -> exp.Identifier:
        """The column of the CTE `fields` for a field; not the name of a column beside the JSON, and
        apart from others without letter case."""
        column = f"{self.layout.json_column}.{name}"
        while self._spread_names.setdefault(column.lower(), name) != name:
            column += "_"
        return names.identifier(column)

    def _parts(self, name: str) -> list[str]:
        return name.split(".") if self.layout.kind is LayoutKind.NESTED else [name]

    def _column(self, wanted: Field) -> Column | None:
        """The real column, the one that the schema asks for, or None where the data lacks it."""
        if self.layout.columns is not None:
            real = self.layout.columns.get(wanted.name)
            if real is None or self.layout.kind is not LayoutKind.JSON:
                return real
            return Column(conversion.converted_type("VARCHAR", wanted.type), real.is_list)
        if self._is_nowhere(wanted):
            return None
        if self.layout.kind is LayoutKind.JSON:
            return Column(conversion.converted_type("VARCHAR", wanted.type), is_list=True)
        info = self.schema.lookup(wanted.name)
        if info is not None and info.column is not None:
            return info.column
        return Column(conversion.COLUMN_TYPES[wanted.type], wanted.multivalued)

    def _is_nowhere(self, wanted: Field) -> bool:
        """Whether no data can have the column: an optional field that a closed schema does not know
        (it stays a field where it is a join key), and a name with an empty part, since no column,
        no field of a struct and no field of a document in Elasticsearch has an empty name."""
        if wanted.optional and self.schema.closed and self.schema.lookup(wanted.name) is None:
            return True
        return self.layout.kind is not LayoutKind.FLAT and not all(wanted.name.split("."))

    def _nested(self, wanted: Field, parts: Sequence[str], column: Column) -> Reading:
        """Struct access; a list of structs on the way (in `layout.columns` under its own name, with
        `is_list`) is mapped over."""
        known = self.layout.columns or {}
        for end in range(1, len(parts)):
            outer = known.get(".".join(parts[:end]))
            if outer is not None and outer.is_list and outer.path is None:
                item = exp.to_identifier("item")
                inner = exp.Lambda(
                    this=exp.Dot.build([item.copy(), *map(names.identifier, parts[end:])]),
                    expressions=[item],
                )
                mapped = word("list_map", names.dotted(parts[:end]), inner)
                return Reading(wanted, mapped, Column(column.type, is_list=True))
        return Reading(wanted, names.dotted(parts), column)

    def _note_absent(self, wanted: Field, why: str | None) -> None:
        from eqlx.diagnostics.catalogue import sql as catalogue

        if why:
            self.report.add(catalogue.column_unreadable(wanted.name, why, wanted.span))
            return
        self.report.add(catalogue.column_missing(wanted.name, wanted.span))

    # --- roles --------------------------------------------------------------------------------

    def role(self, name: str, default: FieldType) -> Field:
        """The field that plays a role, typed by the schema (else `default`)."""
        info = self.schema.lookup(name)
        if info is None:
            return Field(name, type=default)
        return Field(name, type=info.type, multivalued=info.multivalued)

    @property
    def timestamp(self) -> exp.Expr:
        """When the event happened: a timestamp without zone, in UTC (one value)."""
        return self.time(self.model.timestamp)

    def time(self, name: str) -> exp.Expr:
        """A field as a timestamp without zone, in UTC (one value)."""
        field = self.role(name, FieldType.DATE)
        if not field.type.is_date:
            field = Field(field.name, type=FieldType.DATE, multivalued=field.multivalued)
        return self.read(field).scalar

    @property
    def tiebreaker(self) -> exp.Expr | None:
        if self.model.tiebreaker is None:
            return None
        return self.read(self.role(self.model.tiebreaker, FieldType.LONG)).scalar

    @property
    def row_id(self) -> exp.Expr | None:
        """A column that tells rows apart (option `row-id`), else the id field, else None."""
        column = self.options.get("row-id", "")
        if column:
            return exp.Column(this=names.identifier(column))
        if self.model.id is None:
            return None
        return self.read(self.role(self.model.id, FieldType.KEYWORD)).scalar

    @property
    def order(self) -> list[exp.Expr]:
        """The total order of events: timestamp, tiebreaker, row id (those that exist)."""
        keys = (self.timestamp, self.tiebreaker, self.row_id)
        return [key for key in keys if key is not None]

    # --- the source ---------------------------------------------------------------------------

    @property
    def table(self) -> exp.Table:
        """The table that the user named (option `table`), schema-qualified or not."""
        parts = table_parts(self.options)
        parts_ = [names.identifier(part) for part in parts]
        return exp.Table(
            this=parts_[-1],
            db=parts_[-2] if len(parts_) > 1 else None,
            catalog=parts_[-3] if len(parts_) > 2 else None,
        )

    def source(self) -> exp.Table:
        """What to select from (`FROM …`). Columns of the original table are all there."""
        if self.within is not None:
            return exp.to_table(WITHIN)
        return self._unwindowed()

    def _unwindowed(self) -> exp.Table:
        if self.layout.kind is LayoutKind.JSON:
            return exp.to_table(FIELDS)
        table = self.table
        first_segments = {name.lower() for name in self.columns}
        if table.name.lower() in first_segments:
            # `event.category` would else be the column `category` of the table `event`.
            alias = next(a for a in _aliases() if a not in first_segments)
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
        return table

    @property
    def projected(self) -> list[exp.Identifier]:
        """The columns that the CTE `fields` adds."""
        readings = [reading for reading in self._readings.values() if not reading.absent]
        return [self._spread(reading.field.name) for reading in readings]

    def ctes(self) -> list[tuple[str, exp.Select]]:
        """The CTEs that `source()` needs, in order; call when all fields have been read."""
        found: list[tuple[str, exp.Select]] = []
        if self.layout.kind is LayoutKind.JSON:
            found.append((FIELDS, self._fields()))
        if self.within is not None:
            rows = exp.Select(expressions=[exp.Star()]).from_(self._unwindowed(), copy=False)
            found.append((WITHIN, rows.where(self.within.copy(), copy=False)))
        return found

    def _fields(self) -> exp.Select:
        document = exp.Column(this=names.identifier(self.layout.json_column))
        readings = [reading for reading in self._readings.values() if not reading.absent]
        projections: list[exp.Expr] = [exp.Star()]
        for reading in readings:
            name = self._spread(reading.field.name)
            if json_fields.assumes(reading.field.name):
                self.losses.assume(json_fields.ASSUMPTION)
            projections.append(exp.Alias(this=json_fields.values(document, reading), alias=name))
        return exp.Select(expressions=projections).from_(self.table, copy=False)


def _aliases() -> Iterator[str]:
    number = 1
    while True:
        yield f"e{number}" if number > 1 else "e"
        number += 1
