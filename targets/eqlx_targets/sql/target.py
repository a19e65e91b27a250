"""The target object of `sql`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eqlx.capability import Table
from eqlx.diagnostics import Diagnostic
from eqlx.target import API_VERSION, Option, OutputFile, Request
from eqlx_targets.sql.capabilities import table

if TYPE_CHECKING:
    from sqlglot import exp

    from eqlx.fields.table import TableShape
    from eqlx.packs.model import Pack, Shape
    from eqlx.source import Source

_OPTIONS = (
    Option(
        "table",
        "events",
        "the table to search: `table`, `schema.table` or `database.schema.table`, odd parts in "
        "double quotes; in a dbt model also `{{ source('a', 'b') }}` or `{{ ref('m') }}`. A file is "
        'a table in DuckDB by its name: `"events.parquet"`',
    ),
    Option(
        "pack",
        "",
        "the pack that makes ECS events of the raw table, and after a slash the shape of its records "
        "(`sysmon/nxlog`; without it the first); empty: the table holds ECS events",
    ),
    Option(
        "pack-columns",
        "",
        "the raw table's columns, with commas; what a pack reads beside them is null (empty: it has "
        "all of them)",
    ),
    Option(
        "layout",
        "auto",
        "how events lie in columns: structs (`nested`), columns with dotted names (`flat`), one JSON "
        "column (`json`); `auto` is that of the data, else `nested`",
        ("auto", "nested", "flat", "json"),
    ),
    Option("json-column", "event", "the JSON column of the layout `json`"),
    Option(
        "row-id",
        "",
        "a column that tells rows apart, for a stable order and for joining sequences to their "
        "events; empty: there is none",
    ),
    Option(
        "window",
        "none",
        "`rule`: search only the rule's own time window (`from`, `to`), counted from now",
        ("none", "rule"),
    ),
    Option(
        "max-signals",
        "none",
        "`rule`: give no more results (events, sequences or samples, the first in order) than the "
        "rule's `max_signals`; 100 if it has none, as in Kibana",
        ("none", "rule"),
    ),
    Option("order", "time", "order events by `time`, or leave them unordered", ("time", "none")),
    Option(
        "sequences",
        "long",
        "a row a stage event (`long`), or a row a sequence (`wide`)",
        ("long", "wide"),
    ),
    Option(
        "envelope",
        "query",
        "the bare `query`, a `view`, a `parameterised` query ($start, $end), or a `dbt` model, with "
        "a YAML file that has its description, meta data and tests",
        ("query", "view", "parameterised", "dbt"),
    ),
    Option(
        "materialized",
        "view",
        "a dbt model as a `view`, a `table`, or `incremental`: its later runs search the rule's own "
        "time window, and rows are told apart by `row-id` (event queries)",
        ("view", "table", "incremental"),
    ),
    Option(
        "comments",
        "header",
        "what is said beside the query: the rule's `header`, `full` with the EQL text, or `none`",
        ("header", "full", "none"),
    ),
)


_DIALECTS_OF_PACKS = ("duckdb",)
"""Those for which the value functions of packs are spelled and executed."""


class SQLTarget:
    """Event queries, sequences and samples as one SELECT each. sqlglot is imported on use."""

    api_version = API_VERSION
    name = "sql"
    summary = "SQL for DuckDB, ClickHouse and Spark: events, sequences and samples as one SELECT"
    dialects = ("duckdb", "clickhouse", "spark")
    suffix = ".sql"
    options = _OPTIONS

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:
        """The table under `options`."""
        return table(dialect, options["layout"])

    def wrong_options(self, dialect: str, options: Mapping[str, str]) -> Sequence[Diagnostic]:
        """See `eqlx.target.ChecksOptions`."""
        from eqlx.diagnostics.catalogue.packs import pack_dialect
        from eqlx_targets.sql.query import wrong_table

        if options["pack"] and dialect not in _DIALECTS_OF_PACKS:
            return (pack_dialect(dialect, _DIALECTS_OF_PACKS),)
        found = wrong_table(options)
        return () if found is None else (found,)

    def table_shape(self, definition: Source, dialect: str) -> TableShape:
        """See `eqlx.target.ReadsDefinitions`."""
        from eqlx_targets.sql.definition import table_shape

        return table_shape(definition, dialect)

    def defines(self, request: Request) -> tuple[str, ...]:
        """See `eqlx.target.Defines`: a view replaces another of its name."""
        kind = {"view": "view", "dbt": "model"}.get(request.options["envelope"])
        if kind is None:
            return ()
        from eqlx_targets.sql.envelopes import relation_name

        return (f"the {kind} `{relation_name(request.rule)}`",)

    def lower(self, request: Request) -> exp.Expr:
        """The query as a sqlglot tree."""
        from eqlx_targets.sql.query import lower_query

        if request.options["pack"]:
            from eqlx_targets.sql.packs.query import lower_over_pack

            tree: exp.Expr = lower_over_pack(request)
        else:
            tree = lower_query(request)
        if request.options["envelope"] == "dbt" and tree.args.get("limit") is None:
            # A relation has no order.
            tree.set("order", None)
        return tree

    def emit(self, tree: object, request: Request) -> str:
        """SQL text, formatted, with the rule around it."""
        from sqlglot import exp

        from eqlx_targets.sql.emit import emit_query

        if not isinstance(tree, exp.Expr):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        windowed = None
        if _is_incremental(request.options):
            options = {**request.options, "window": "rule", "materialized": "view"}
            windowed = self.lower(replace(request, options=options))
        return emit_query(tree, request, windowed)

    def files(self, tree: object, request: Request) -> tuple[OutputFile, ...]:
        """See `eqlx.target.NamesFiles`: a dbt model and the YAML file that describes it. Its name
        is that of a relation in a warehouse, as a view's."""
        if request.options["envelope"] != "dbt":
            return ()
        from eqlx_targets.sql.dbt import SUFFIX, description
        from eqlx_targets.sql.envelopes import relation_name

        name = relation_name(request.rule)
        return (
            OutputFile(name, self.emit(tree, request)),
            OutputFile(name, description(request, name), SUFFIX),
        )

    def pack_view(
        self, pack: Pack, shape: Shape, table: str, columns: frozenset[str] | None, dialect: str
    ) -> str:
        """See `eqlx.packs.model.ProjectsPacks`."""
        from eqlx.diagnostics import EqlxError
        from eqlx.diagnostics.catalogue.packs import pack_dialect
        from eqlx_targets.sql.packs.query import view_sql

        if dialect not in _DIALECTS_OF_PACKS:
            raise EqlxError((pack_dialect(dialect, _DIALECTS_OF_PACKS),))
        return view_sql(pack, shape, table, columns, dialect)


def _is_incremental(options: Mapping[str, str]) -> bool:
    return options["envelope"] == "dbt" and options["materialized"] == "incremental"


TARGET = SQLTarget()
"""What the entry point `sql` gives."""
