"""What `eqlx check` finds beyond errors: conditions that are valid and probably not what was meant."""

from __future__ import annotations

from collections.abc import Sequence

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("wildcard-in-equality", Severity.WARNING)
def wildcard_in_equality(text: str, operator: str, instead: str, *, span: Span) -> Body:
    """A string with `*` or `?` is compared with `==`, `!=`, `in` or `in~`, which do not expand wildcards.

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
    """A negation applies to a field that may hold several values in one event.

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
    """An optional field is used under `not`, and its marker `?` decides what matches.

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


# --- values of ECS's categorization fields ------------------------------------------------------


@entry("misspelt-event-value", Severity.WARNING)
def misspelt_event_value(field: str, value: str, nearest: str, *, span: Span) -> Body:
    """A category, or a value of `event.category`, `event.kind`, `event.outcome` or `event.type`, is
    not one that ECS lists, and looks like one.

    Nothing fails: the condition never matches, or under `not` always. Categories, `==` and `in` count
    letter case: ECS's values are lower-case.

        proces where event.type == "strat"
        process where event.type == "start"
    """
    return Body(
        f"`{value}` is no value that ECS lists for `{field}`",
        span,
        label="not in ECS",
        help=f"did you mean `{nearest}`?",
    )


@entry("unlisted-event-value", Severity.NOTE)
def unlisted_event_value(field: str, value: str, allowed: Sequence[str], *, span: Span) -> Body:
    """A category, or a value of `event.category`, `event.kind`, `event.outcome` or `event.type`, is
    not one that ECS lists.

    Data that keeps to ECS has no such event. Some data has (older agents write `process_started`),
    so this is a note.

        alarm where event.type == "start"
        process where event.type == "start"
    """
    return Body(
        f"`{value}` is no value that ECS lists for `{field}`",
        span,
        label="not in ECS",
        help=f"ECS lists {', '.join(f'`{known}`' for known in allowed)}",
    )


@entry("unexpected-event-type", Severity.WARNING)
def unexpected_event_type(
    category: str, value: str, expected: Sequence[str], *, span: Span, category_span: Span
) -> Body:
    """A value of `event.type` is one that ECS does not expect in events of this category.

    Data that keeps to ECS has no event with both, so the condition never matches, or under `not`
    always: a process that starts has the type `start`, not `creation`.

        process where event.type == "creation"
        process where event.type == "start"
    """
    return Body(
        f"ECS expects no event of the category `{category}` with the type `{value}`",
        span,
        label="not in this category",
        also=(Label(category_span, "the category"),),
        help=f"expected in `{category}`: {', '.join(f'`{known}`' for known in expected)}",
    )


# --- the window of a rule ----------------------------------------------------------------------


@entry("maxspan-beyond-window", Severity.WARNING)
def maxspan_beyond_window(maxspan: str, window: str, start: str, *, span: Span) -> Body:
    """A sequence may take longer than the time in which the rule looks for events.

    A rule sees, at each run, the events between its `from` and its `to`. Sequences that take longer
    than that are never found, whatever `maxspan` says. `from` must reach back by at least `maxspan`
    and the interval between two runs.

        from = "now-9m"     sequence with maxspan=24h …
        from = "now-1445m"  sequence with maxspan=24h …
    """
    return Body(
        f"`maxspan` is {maxspan}, and the rule looks at {window}",
        span,
        label="longer than the rule's window",
        notes=(f"the window begins at `{start}`",),
        help="let `from` reach back by `maxspan` and the interval, or shorten `maxspan`",
    )


@entry("maxspan-across-runs", Severity.NOTE)
def maxspan_across_runs(
    maxspan: str, window: str, interval: str, needed: str, *, span: Span
) -> Body:
    """Sequences that are nearly as long as `maxspan` can fall between two runs of the rule.

    A rule runs once an interval, and each run sees the events of its window. A sequence is in a window
    for sure only if the window is at least as long as `maxspan` and the interval together; otherwise
    it depends on when the rule runs.

        from = "now-9m", interval = "5m"    sequence with maxspan=5m …
        from = "now-10m", interval = "5m"   sequence with maxspan=5m …
    """
    return Body(
        f"`maxspan` of {maxspan} and the interval of {interval} are longer than the rule's window"
        f" of {window}",
        span,
        label="long sequences can fall between two runs",
        help=f"look back by {needed}, or shorten `maxspan`",
    )


@entry("absence-not-yet-known", Severity.WARNING)
def absence_not_yet_known(maxspan: str, *, span: Span) -> Body:
    """A sequence ends in a missing event, and the rule runs before it is known to be missing.

    `![…]` at the end is true if no such event comes until `maxspan` after the first event. A rule sees
    the events of its window only, so it finds the sequence as soon as the other events are there; an
    event that comes after the window's end rules nothing out, and the alert is false. An earlier `to`
    does not help: the events after it are not seen either. An event behind the absence ends the time
    in which it is looked for.

        sequence with maxspan=10m [a where x] ![b where y]
        sequence with maxspan=10m [a where x] ![b where y] [c where z]
    """
    return Body(
        f"whether this event is missing is known only {maxspan} after the first event",
        span,
        label="may still come after the rule has run",
        help="put an event behind it, or expect alerts that a later event would have ruled out",
    )


# --- names ---------------------------------------------------------------------------------------


HYPHENATED = "hyphenated-name"


@entry(HYPHENATED, Severity.WARNING)
def hyphenated_name(name: str, unknown: Sequence[str], *, known: bool, span: Span) -> Body:
    """A difference of two fields is written without blanks, and looks like a name with hyphens.

    `-` is minus. Put a field name that holds one in backticks.

        any where my-field == "y"
        any where `my-field` == "y"
    """
    parts = " and ".join(f"`{part}`" for part in unknown)
    missing = "there is no field" if len(unknown) == 1 else "there are no fields"
    return Body(
        f"`{name}` is a difference, and {missing} {parts}",
        span,
        label="`-` is minus",
        notes=(f"there is a field `{name}`",) if known else (),
        help=f"a name with `-` stands in backticks: `` `{name}` ``",
    )


@entry("rule-on-these-fields", Severity.NOTE)
def rule_on_these_fields(sentence: str) -> Body:
    """What a rule can mean on data that lack some of its fields.

    *Cannot match*: the rule is false for every event. *Exclusions without effect*: an exclusion reads a
    field that no event has, and excludes nothing, so that the rule matches more. *Narrowed*: an
    alternative reads such a field, and is gone, so that the rule matches less.

        eqlx check rules --fields fields.txt
        eqlx convert rules --to sql --like day.parquet
    """
    return Body(f"on these fields: {sentence}")


@entry("unused-suppression", Severity.WARNING)
def unused_suppression(slug: str, nearest: str | None, *, known: bool, span: Span) -> Body:
    """A comment `eqlx: ignore[…]` names a finding that is not there.

    In a query, `// eqlx: ignore[slug]` is about the findings of its line, and on a line of its own about those of
    the next line. In a TOML file, outside of the query, `# eqlx: ignore[slug]` is about the whole rule. Each names
    the slugs; errors cannot be ignored.

        process where process.name == "a*"   // eqlx: ignore[wildcard-in-equality]
    """
    tip = f"did you mean `{nearest}`?" if nearest else "remove it"
    unknown = f"no finding has the slug `{slug}`"
    message = f"there is no finding `{slug}` to ignore here" if known else unknown
    return Body(message, span, help=tip)
