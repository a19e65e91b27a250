"""What is said about fields: names that no schema knows, field lists that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


def _alternatives(names: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


@entry("unknown-field", Severity.NOTE)
def unknown_field(
    name: str, nearest: Sequence[str], taken_for: str = "keyword", *, span: Span
) -> Body:
    """A field that neither the field catalogue nor a given schema knows, nor a similar one.

    The rule is converted all the same; the field is taken for a keyword with one value, or for a
    number, boolean or address if that is how the rule uses it everywhere. A field that no event has
    makes a condition that never matches, or under `not` always, and no engine reports it.

    Example: `acme.gate.state == "open"`. For fields of your own, give their types with
    `--schema FILE`; `eqlx fields infer` makes such a file from events.
    """
    article = "an" if taken_for == "ip" else "a"
    return Body(
        f"unknown field `{name}`, taken for {article} {taken_for} with one value",
        span,
        label="not in the field catalogue",
        help=f"did you mean {_alternatives(nearest)}?"
        if nearest
        else "give the types of your own fields with `--schema FILE`",
    )


@entry("misspelt-field", Severity.WARNING)
def misspelt_field(
    name: str, nearest: Sequence[str], taken_for: str = "keyword", *, span: Span
) -> Body:
    """A field that neither the field catalogue nor a given schema knows, and that looks like one that
    is known.

    The rule is converted all the same (see `unknown-field` for what the field is taken for). A typing
    error in a field name makes a condition that never matches, or under `not` always, and no engine
    reports it.

    Example: `process.nmae == "cmd.exe"`; write `process.name`. For a field of your own, give its type
    with `--schema FILE`.
    """
    article = "an" if taken_for == "ip" else "a"
    return Body(
        f"unknown field `{name}`, taken for {article} {taken_for} with one value",
        span,
        label="not in the field catalogue",
        help=f"did you mean {_alternatives(nearest)}?",
    )


@entry("broken-field-list", Severity.ERROR)
def broken_field_list(reason: str, *, span: Span | None, hint: str | None = None) -> Body:
    """A file of fields (`--schema`) has a place that cannot be understood.

    A field list has one field a line: its name, blanks or a tab, its type, and `[]` behind the
    type if one event may hold several values. Types are Elasticsearch's: `keyword`, `text`,
    `long`, `double`, `boolean`, `date`, `ip`, `version` and their kin. Elasticsearch mappings
    (JSON) and ECS's `fields.csv` are read as well.

    Example: `process.args  keyword[]`.
    """
    return Body(reason, span, help=hint or "a line is a field name and a type: `process.pid  long`")


@entry("too-many-fields", Severity.ERROR)
def too_many_fields(limit: int, example: str) -> Body:
    """Events have more field names than a list of fields can sensibly hold.

    Such data has values where names should be: an object whose keys are ids, addresses or dates.
    No detection rule can name these, and Elasticsearch refuses such data as well.

    Example: `{"sessions": {"8f14": {}, "a0c2": {}}}`; write `{"sessions": [{"id": "8f14"}]}`.
    """
    return Body(
        f"more than {limit} different field names, `{example}` among them",
        help="are there ids in the place of names?",
    )
