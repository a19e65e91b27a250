"""Diagnostics about running rules over events."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span

_HELP_FILE = "events are NDJSON, JSON, CSV, TSV or Parquet files"
_HELP_SKIP = "`--skip-broken` leaves broken events out and counts them"
_HELP_ENDS = (
    "correct the array, or write one event a line: nobody can tell where the next event begins"
)


@entry("events-unreadable", Severity.ERROR)
def events_unreadable(
    message: str,
    path: str | None,
    span: Span | None = None,
    *,
    ends: bool = False,
    advice: str | None = None,
) -> Body:
    """The events cannot be read: a file is missing, of an unknown kind, or broken at a line.

    Events are NDJSON (one JSON object a line), JSON (arrays of objects, or objects over several
    lines), plain or as `.gz` or `.zst`, or Parquet. What Elasticsearch refuses as a document is broken
    here: a key twice in one object, a number beyond a double, more than 512 levels of nesting, bytes
    that are not UTF-8. A broken event is not skipped of itself, because it might be the one that a
    rule is for; `--skip-broken` leaves such events out and says how many there were.

        eqlx run rules --events events.ndjson --skip-broken
    """
    named = path is None or span is not None or path in message
    said = message if named else f"cannot read `{path}`: {message[:1].lower()}{message[1:]}"
    return Body(
        said,
        span,
        "this line" if span is not None else "",
        help=advice or (_HELP_ENDS if ends else _HELP_FILE if span is None else _HELP_SKIP),
    )


@entry("broken-events-skipped", Severity.WARNING)
def broken_events_skipped(count: int, first: str) -> Body:
    """Events were left out because they are broken, as `--skip-broken` asks for.

    What they held was not searched.

        eqlx run rules --events events.ndjson --skip-broken
    """
    events = "1 broken event was" if count == 1 else f"{count} broken events were"
    return Body(f"{events} left out", notes=(f"the first: {first}",))


@entry("no-events", Severity.WARNING)
def no_events(places: tuple[str, ...]) -> Body:
    """The files of events hold no event, so that no rule can match.

    Example: an empty file, or one in which every event is broken and `--skip-broken` is given.
    """
    named = ", ".join(f"`{place}`" for place in places[:3])
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return Body(f"no events in {named}{more}")


@entry("times-in-unit", Severity.NOTE)
def times_in_unit(field: str, unit: str) -> Body:
    """The numbers in the field of an event's time are not milliseconds, by the size of all of them.

    Elasticsearch takes numbers for milliseconds since 1970. Where all numbers of the data are of
    the size of seconds (from 1985), microseconds or nanoseconds (from 1973), they are read as such.

    Example: `1714557600` is a moment of 2024 in seconds, and one of January 1970 in milliseconds.
    """
    return Body(f"the numbers in `{field}` are read as {unit} since 1970")


@entry("kibana-times", Severity.NOTE)
def kibana_times() -> Body:
    """Times in the form of Kibana's CSV export were read as UTC.

    Kibana writes `May 1, 2024 @ 10:00:00.000` in the time zone of the browser, and does not say which.
    Sequences are not affected, since all times are moved alike, but for a change to or from summer time.

        eqlx run rules --events export.csv
    """
    return Body(
        "times in the form of Kibana's export are read as UTC",
        help="export with Kibana's time zone set to UTC (Advanced Settings, `dateFormat:tz`)",
    )


@entry("names-differ-in-case", Severity.NOTE)
def names_differ_in_case(pairs: tuple[tuple[str, ...], ...]) -> Body:
    """Fields of the events have names that differ in letter case alone.

    They are different fields, as in Elasticsearch, and a rule that names the wrong one never matches. DuckDB
    does not tell such names apart: each gets a column under a name of its own, and only these fields take
    longer to read.

    Example: raw Sysmon records with both `SourceProcessGuid` and `SourceProcessGUID`.
    """
    named = " and ".join(f"`{name}`" for name in pairs[0])
    more = f", and {len(pairs) - 1} more such names" if len(pairs) > 1 else ""
    return Body(f"{named} differ in letter case alone{more}: they are searched as different fields")


@entry("times-unreadable", Severity.WARNING)
def times_unreadable(field: str, readable: int, events: int, example: str | None) -> Body:
    """Events have no time that can be read: the field is missing, or its value is not a date.

    Dates are ISO 8601, or numbers since 1970. An event without a time is in no sequence, and stands
    last in the order of events. Another field is named by `--timestamp-field`.

        eqlx run rules --events events.ndjson --timestamp-field event.created
    """
    notes = () if example is None else (f"as in `{example}`",)
    none = "no event has" if readable == 0 else f"{events - readable} of {events} events lack"
    return Body(
        f"{none} a time in `{field}` that can be read",
        notes=notes,
        help="dates are ISO 8601 or numbers since 1970; `--timestamp-format` gives another form, "
        "`--timestamp-field` another field",
    )


@entry("numbers-beyond-type", Severity.WARNING)
def numbers_beyond_type(field: str, kind: str, example: int, span: Span) -> Body:
    """A field holds whole numbers that its type cannot hold, and they read as missing.

    A `long` ends at 2^63-1, an `unsigned_long` at 2^64-1. An index with such a field refuses the event,
    or leaves the value out (`ignore_malformed`); eqlx leaves it out. A schema can give the field a wider
    type: `unsigned_long`, or `double`.

        eqlx run rules --events events.ndjson --schema fields.txt
    """
    return Body(
        f"`{field}` is `{kind}`, and has values beyond that, which read as missing",
        span,
        "this field",
        notes=(f"as in `{example}`",),
        help="correct the events, or give the field another type with `--schema` (`double`)",
    )


@entry("nothing-can-match", Severity.ERROR)
def nothing_can_match(rules: int, fields: tuple[str, ...]) -> Body:
    """No rule can match these events, since each asks for a field that no event has.

    This is known from the rules and the fields of the data, before any event is compared. Raw logs have
    other names than ECS: a pack says how they become ECS events (`eqlx pack list`). A field may be
    misspelt: `eqlx check` names the nearest known ones. `eqlx fields infer` prints the fields of the data.

        eqlx run rules --events raw.ndjson --pack mine.yaml
    """
    named = ", ".join(f"`{name}`" for name in fields[:3])
    subject = "the rule" if rules == 1 else "no rule"
    verb = "cannot match" if rules == 1 else "can match"
    return Body(
        f"{subject} {verb} these events: no event has {named}",
        help="`eqlx fields infer FILE` prints the fields of the data; raw logs need a pack (`eqlx pack list`)",
    )


@entry("id-field-missing", Severity.NOTE)
def id_field_missing(field: str) -> Body:
    """No matched event has the field of `--id-field`, so that all are named by their row numbers.

    The field may be misspelt, or another one may name the events.

        eqlx run rules --events events.ndjson --id-field event.id
    """
    return Body(
        f"no matched event has the field `{field}`: events are named by their row numbers",
        help="`--id-field` takes a field of the events, as `event.id`",
    )


@entry("no-readable-times", Severity.ERROR)
def no_readable_times(rule: str, field: str) -> Body:
    """A sequence was not searched, because no event has a time that can be read.

    A sequence is an order in time: an answer of "no matches" would say nothing. Another field is
    named by `--timestamp-field`.

        eqlx run rules --events events.ndjson --timestamp-field event.created
    """
    return Body(
        f"the sequence `{rule}` cannot be searched: no event has a time in `{field}`",
        help="dates are ISO 8601 or numbers since 1970; `--timestamp-format` gives another form, "
        "`--timestamp-field` another field",
    )


@entry("execution-failed", Severity.ERROR)
def execution_failed(rule: str, engine: str, message: str, advice: str | None = None) -> Body:
    """The engine refused or failed to run a rule over the events.

    The message is the engine's own. Other rules of the run were not affected.

    `--timeout` is the total time of a rule's search, on whatever engine: all statements, all pages of
    a cluster's answers and all repetitions of a request are in it. `--memory` is what the engine may
    use.

        eqlx run rules --events events.ndjson --timeout 600 --memory 8GB
    """
    return Body(f"`{engine}` failed on rule `{rule}`: {message}", help=advice)


@entry("engine-failed", Severity.ERROR)
def engine_failed(engine: str, message: str, advice: str | None = None) -> Body:
    """The engine did not start or could not load the events, so that no rule was run.

    The message is the engine's own. A frequent cause is a bound that it cannot keep to: `--timeout` is
    the total time of loading the events, too, and `--memory` is what the engine may use. A cluster
    may refuse the credentials, be no cluster at all, or go away.

        eqlx run rules --events events.ndjson --memory 2GB
    """
    return Body(
        f"`{engine}` did not start: {message}", help=advice or "check `--memory` and `--engine`"
    )


@entry("engine-version", Severity.ERROR)
def engine_version(engine: str, version: str, construct: str, promised: str) -> Body:
    """The installed version of an engine lacks a construct that generated queries need.

    It is looked for when the engine starts: each construct is run on one value. Another version of the
    engine than eqlx allows was installed, or a new one has changed a meaning.

        pip install 'duckdb>=2.0.1,<2.1'
    """
    return Body(
        f"`{engine}` {version} lacks {construct}, or reads it in another way",
        help=f"install a version that eqlx is tested with: `pip install '{engine}{promised}'`",
    )


@entry("engine-settings", Severity.ERROR)
def engine_settings(engine: str, message: str) -> Body:
    """An engine's settings are missing or do not fit together.

    `elasticsearch` needs the URL of a cluster (Elasticsearch or OpenSearch), from `--url` or from
    `EQLX_ELASTICSEARCH_URL`. Credentials come from the environment alone, since others can read a
    command line: `EQLX_ELASTICSEARCH_API_KEY`, or `EQLX_ELASTICSEARCH_USER` with
    `EQLX_ELASTICSEARCH_PASSWORD`. Certificates are verified; `EQLX_ELASTICSEARCH_CA` names a PEM file
    of an authority of your own. The user must be allowed to make and remove indices named `eqlx-*`.

        eqlx run rules --events e.ndjson --engine elasticsearch --url https://localhost:9200
    """
    return Body(f"`{engine}` cannot be used: {message}", help="`eqlx explain engine-settings`")


@entry("index-left", Severity.WARNING)
def index_left(name: str, reason: str) -> Body:
    """A temporary index with a copy of the events could not be removed from a cluster.

    `eqlx` removes it at the end of a run, also after Ctrl-C and SIGTERM, if the cluster answers within a
    few seconds. An index that was left holds the events until somebody removes it.

        curl -X DELETE 'https://localhost:9200/eqlx-0123456789abcdef0123456789abcdef'
    """
    return Body(
        f"the temporary index `{name}` may still be on the cluster: {reason}",
        help=f"remove it there: `DELETE /{name}`",
    )


@entry("no-matches", Severity.NOTE)
def no_matches(rules: int) -> Body:
    """The rules ran, and no event matched.

    That may be right. If it is not: are the fields of the events named as in the rules
    (`eqlx fields infer` lists them), and is the category in `event.category`?

        eqlx run rules --events events.ndjson --event-category-field kind
    """
    return Body("no matches" if rules == 1 else f"no matches of {rules} rules")
