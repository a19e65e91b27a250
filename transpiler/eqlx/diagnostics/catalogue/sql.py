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
    """A text holds half of a surrogate pair, which no UTF-8 text can.

    SQL is written and stored as UTF-8, where such a character does not exist, so that no value
    could ever equal it. Write the whole character.

    Example: `substring("😀", 0, 1) == process.name`, which cuts a character in two.
    """
    return Body(message="the query holds half of a surrogate pair", span=span)


@entry("table-name", Severity.ERROR)
def table_name(text: str) -> Body:
    """The value of `-O table=` is no table name.

    A name has one to three parts with dots between; a part with other characters stands in double
    quotes.

        eqlx convert rule.toml --to sql -O 'table=logs."my events"'
    """
    return Body(
        message=f"`{text}` is no table name",
        help="write `table`, `schema.table` or `database.schema.table`; quote odd parts",
    )
