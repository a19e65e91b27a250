"""Diagnostics about running rules over events."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


@entry("events-unreadable", Severity.ERROR)
def events_unreadable(message: str, path: str | None, span: Span | None = None) -> Body:
    """The events cannot be read: a file is missing, of an unknown kind, or broken at a line.

    Events are NDJSON (`.ndjson`, `.jsonl`, `.json`: one JSON object a line) or Parquet. A broken
    line is not skipped, because a skipped event might be the one that a rule is for.

        eqlx run rules --events events.ndjson
    """
    named = path is None or span is not None or path in message
    said = message if named else f"cannot read `{path}`: {message[:1].lower()}{message[1:]}"
    return Body(
        said,
        span,
        "this line" if span is not None else "",
        help="events are NDJSON (one JSON object a line) or Parquet files",
    )


@entry("execution-failed", Severity.ERROR)
def execution_failed(rule: str, engine: str, message: str) -> Body:
    """The engine refused or failed to run a rule over the events.

    The message is the engine's own. Other rules of the run were not affected.

    Example: `out of memory`; give the engine more with `--memory`.
    """
    return Body(f"`{engine}` failed on rule `{rule}`: {message}")


@entry("engine-failed", Severity.ERROR)
def engine_failed(engine: str, message: str) -> Body:
    """The engine did not start, so that no rule was run.

    The message is the engine's own. A frequent cause is a bound that it cannot keep to.

        eqlx run rules --events events.ndjson --memory 2GB
    """
    return Body(f"`{engine}` did not start: {message}", help="check `--memory` and `--engine`")


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


@entry("no-matches", Severity.NOTE)
def no_matches(rules: int) -> Body:
    """The rules ran, and no event matched.

    That may be right. If it is not: are the fields of the events named as in the rules
    (`eqlx fields infer` lists them), and is the category in `event.category`?

        eqlx run rules --events events.ndjson --event-category-field kind
    """
    return Body("no matches" if rules == 1 else f"no matches of {rules} rules")
