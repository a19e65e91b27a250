"""The target object of `sql`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eqlx.capability import Table
from eqlx.target import API_VERSION, Option, Request
from eqlx_targets.sql.capabilities import table

if TYPE_CHECKING:
    from sqlglot import exp

_OPTIONS = (
    Option("table", "events", "the table to search, schema-qualified or not"),
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
        "the bare `query`, a `view`, a `parameterised` query ($start, $end), or a `dbt` model",
        ("query", "view", "parameterised", "dbt"),
    ),
    Option(
        "comments",
        "header",
        "what is said beside the query: the rule's `header`, `full` with the EQL text, or `none`",
        ("header", "full", "none"),
    ),
)


class SQLTarget:
    """Event queries, sequences and samples as one SELECT each. sqlglot is imported on use."""

    api_version = API_VERSION
    name = "sql"
    summary = "SQL for DuckDB: events, sequences and samples as one SELECT"
    dialects = ("duckdb",)
    suffix = ".sql"
    options = _OPTIONS

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:  # noqa: ARG002 - one dialect
        """The table under `options`."""
        return table(options)

    def defines(self, request: Request) -> tuple[str, ...]:
        """See `eqlx.target.Defines`: a view replaces another of its name."""
        if request.options["envelope"] != "view":
            return ()
        from eqlx_targets.sql.envelopes import relation_name

        return (f"the view `{relation_name(request.rule)}`",)

    def lower(self, request: Request) -> exp.Expr:
        """The query as a sqlglot tree."""
        from eqlx_targets.sql.query import lower_query

        return lower_query(request)

    def emit(self, tree: object, request: Request) -> str:
        """SQL text, formatted, with the rule around it."""
        from sqlglot import exp

        from eqlx_targets.sql.emit import emit_query

        if not isinstance(tree, exp.Expr):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        return emit_query(tree, request)


TARGET = SQLTarget()
"""What the entry point `sql` gives."""
