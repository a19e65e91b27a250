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
    """
    return Body(
        message=f"the data has no column for `{field}`: it reads as null",
        span=span,
        label="null in every event",
    )
