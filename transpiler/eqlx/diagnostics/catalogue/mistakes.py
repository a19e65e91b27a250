"""What is said of forms that older EQL or another language has, each with the form to write."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


@entry("removed-function", Severity.ERROR)
def removed_function(name: str, instead: str, *, span: Span) -> Body:
    """A function of older EQL is called that Elasticsearch does not have.

    `wildcard` and `matchLite` became operators:

        process where process.name like~ ("cmd*", "power*")
    """
    return Body(
        f"found the function `{name}` of older EQL, which is no longer there",
        span,
        label="no longer there",
        help=instead,
    )
