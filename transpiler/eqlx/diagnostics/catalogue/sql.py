"""What the SQL target has to say: absent columns, patterns that no SQL engine can run."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


@entry("column-missing", Severity.NOTE)
def column_missing(field: str, span: Span) -> Body:
    """The data has no column for a field of the rule.

    The field reads as null in every event: `f == "x"` never matches and `f != "x"` always does,
    as in Elasticsearch for documents that lack the field. Where the data should hold the field,
    look at its spelling there (letter case counts) and at `-O layout=`.

    Example: a table with `ProcessName` for a rule on `process.name`.
    """
    return Body(
        message=f"the data has no column for `{field}`: it reads as null",
        span=span,
        label="null in every event",
    )


@entry("column-unreadable", Severity.ERROR)
def column_unreadable(field: str, reason: str, span: Span) -> Body:
    """The data has a field of the rule, and no one column that a query could read it from.

    This happens where a field is in several columns (`"process.name"` beside a struct `process` with
    a member `name`), in lists within lists, in a column of JSON beside others, or in a map. `eqlx run`
    makes a column for such fields; a query for a table as it is would have to leave values out.

    Example: a table with the columns `"process.name"` and `process STRUCT(name VARCHAR)`. Give the
    table one column for the field, for instance in a view.
    """
    return Body(
        message=f"the field `{field}` cannot be read from the table: {reason}",
        span=span,
        help="give the table one column for it, for instance in a view",
    )


@entry("broken-definition", Severity.ERROR)
def broken_definition(reason: str, *, span: Span | None) -> Body:
    """A file of SQL that was given with `--like` is not the definition of one table.

    Such a file holds one statement `CREATE TABLE` with columns and their types, in the dialect of the
    target. Constraints and further statements are read over.

    Example: `CREATE TABLE events ("@timestamp" TIMESTAMP, event STRUCT(category VARCHAR))`.
    """
    return Body(
        message=reason,
        span=span,
        help="write one statement `CREATE TABLE name (column type, ...)`",
    )


@entry("window-not-understood", Severity.ERROR)
def window_not_understood(text: str) -> Body:
    """The rule's `from` or `to` is a time that the SQL target cannot write.

    Understood are `now` and `now-` with a whole number and one of the units `s`, `m`, `h`, `d`, `w`.

        eqlx convert rule.toml --to sql -O window=none
    """
    return Body(
        message=f"`{text}` is no time window that can be written in SQL",
        help="leave the window out with `-O window=none`",
    )


@entry("text-not-encodable", Severity.ERROR)
def text_not_encodable(span: Span) -> Body:
    """A string holds half of a surrogate pair, which UTF-8 cannot encode.

    SQL is written and stored as UTF-8, where such a character does not exist, so that no value
    could ever equal it. Write the whole character.

    Example: `substring("😀", 0, 1) == process.name`, which cuts a character in two.
    """
    return Body(message="the query holds half of a surrogate pair", span=span)


@entry("name-not-printable", Severity.ERROR)
def name_not_printable(span: Span) -> Body:
    r"""A field's name holds a control or format character, such as a carriage return.

    A column's name cannot be spelled with escapes in SQL, and such a character is never raw in
    an output: a reader with universal newlines would look for another column.

    Example: ``process.`a\rb` ``; rename the column in a view, and the field in the rule.
    """
    return Body(
        message="the name of a field holds a control or format character",
        span=span,
        help="rename the column in a view of the events",
    )


@entry("table-name", Severity.ERROR)
def table_name(text: str) -> Body:
    """The value of `-O table=` is not a table name.

    A name has one to three parts with dots between; a part with other characters than letters,
    digits, `_`, `$` and `-` stands in double quotes. An expression such as `read_parquet('x')` is no
    name. DuckDB reads a file whose name stands in double quotes; any other expression becomes a
    view first: `CREATE VIEW events AS FROM read_parquet('x')`. In `-O envelope=dbt`, a name is also
    `{{ source('a', 'b') }}` or `{{ ref('m') }}`.

        eqlx convert rule.toml --to sql -O 'table=logs."my events"'
    """
    return Body(
        message=f"`{text}` is no table name",
        help="write `table`, `schema.table` or `database.schema.table`, odd parts in double quotes "
        '(a file too: `"events.parquet"`)',
    )


@entry("dbt-relation", Severity.ERROR)
def dbt_relation(text: str) -> Body:
    """The table is a `source` or `ref` of dbt, and the output is not a dbt model.

    Only dbt replaces it by a table. In the other envelopes it would be an error of the engine.

        eqlx convert rule.toml --to sql -O envelope=dbt -O "table={{ ref('events') }}"
    """
    return Body(
        message=f"`{text}` is a relation of dbt, and this output is no dbt model",
        help="add `-O envelope=dbt`, or name a table",
    )


@entry("no-row-id", Severity.ERROR)
def no_row_id() -> Body:
    """An incremental dbt model needs a column that tells rows apart.

    Its runs overlap, as the runs of a rule do (`from` reaches further back than `interval`), so that
    without a key an event would be in the model several times.

        eqlx convert rule.toml --to sql -O envelope=dbt -O materialized=incremental -O row-id=event_id
    """
    return Body(
        message="an incremental model needs a column that tells rows apart",
        help="name it with `-O row-id=COLUMN`",
    )
