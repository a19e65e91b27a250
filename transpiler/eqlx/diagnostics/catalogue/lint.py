"""What `eqlx check` finds beyond errors: conditions that are valid and probably not what was meant."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("wildcard-in-equality", Severity.WARNING)
def wildcard_in_equality(text: str, operator: str, instead: str, *, span: Span) -> Body:
    """A text with `*` or `?` is compared with `==`, `!=`, `in` or `in~`, which expand no wildcards.

    Only `:` and `like` do. Such a comparison looks for the asterisk or the question mark itself, so
    it almost never matches, and under `not` it excludes nothing.

        process where process.name == "cmd*"
        process where process.name like "cmd*"
    """
    return Body(
        f"`{operator}` expands no wildcards, found `{text}`",
        span,
        label="`*` and `?` are literal here",
        help=f"use {instead}",
    )


@entry("never-matches", Severity.WARNING)
def never_matches(reason: str, *, span: Span, other: Span | None = None, word: str = "") -> Body:
    """A condition can never be true, so what depends on it never matches.

    The usual causes are `and` in place of `or`, ranges that do not meet, and a comparison with a
    field that does not exist.

        process where process.name == "a" and process.name == "b"
        process where process.name in ("a", "b")
    """
    also = () if other is None else (Label(other, word),)
    return Body(f"this condition never matches: {reason}", span, label="always false", also=also)


@entry("always-matches", Severity.WARNING)
def always_matches(reason: str, *, span: Span, other: Span | None = None, word: str = "") -> Body:
    """A condition is true for every event, so it selects nothing.

    The usual cause is `or` between two `!=`: whatever the value is, it differs from one of them.

        process where process.name != "a" or process.name != "b"
        process where process.name not in ("a", "b")
    """
    also = () if other is None else (Label(other, word),)
    return Body(f"this condition always matches: {reason}", span, label="always true", also=also)


@entry("not-on-multivalued-field", Severity.NOTE)
def not_on_multivalued_field(name: str, *, span: Span) -> Body:
    """A negation stands on a field that may hold several values in one event.

    It is true only where no value matches: `event.type != "end"` leaves out an event whose types
    are `start` and `end`. That may be meant; to find events that have another value, name it.

        process where event.type != "end"
        process where event.type == "start"
    """
    return Body(
        f"`{name}` may hold several values: the negation is true only if none of them matches",
        span,
        label="true if no value matches",
    )


@entry("duplicate-list-value", Severity.WARNING)
def duplicate_list_value(text: str, how: str, *, span: Span, first: Span) -> Body:
    """A list holds a value twice, or a pattern that an earlier one covers.

    The second changes nothing; often another value was meant.

        process where process.name in ("a", "b", "a")
        process where process.name : ("cmd*", "cmd.exe")
    """
    return Body(
        f"`{text}` is {how}",
        span,
        label="changes nothing",
        also=(Label(first, "here first"),),
    )


@entry("optional-changes-result", Severity.NOTE)
def optional_changes_result(name: str, *, span: Span) -> Body:
    """An optional field stands under `not`, and its marker `?` decides what matches.

    Where an index maps the field and an event lacks it, the negation is true. Where no index maps
    it, the comparison is null, so is the negation, and with it everything that `and` joins to it:
    the query matches nothing there. Only `!=` and `== null` are free of that.

        process where event.action == "start" and not ?process.Ext.token.level : "high"
        process where event.action == "start" and ?process.Ext.token.level != "high"
    """
    return Body(
        f"where no index maps `{name}`, this does not match events that lack the field",
        span,
        label="null where the field is not mapped",
        help="`!=` is true there; `not … : …` and `not in` are not",
    )
