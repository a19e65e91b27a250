"""A rule's metadata, whatever file it came from; targets put it around the query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from eqlx.source import Source

KIBANA_FROM = "now-6m"
KIBANA_INTERVAL = "5m"
KIBANA_MAX_SIGNALS = 100
"""What Kibana takes for a rule that does not say (`from`, `interval`, `max_signals`)."""


@dataclass(frozen=True, slots=True)
class Technique:
    """An ATT&CK technique or sub-technique."""

    id: str
    name: str = ""
    reference: str = ""
    subtechniques: tuple[Technique, ...] = ()


@dataclass(frozen=True, slots=True)
class Threat:
    """One ATT&CK entry: a tactic and its techniques."""

    tactic_id: str
    tactic_name: str
    tactic_reference: str = ""
    techniques: tuple[Technique, ...] = ()
    framework: str = "MITRE ATT&CK"


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """One condition of an exception item: `kind` is `match`, `match_any`, `exists` or `wildcard`.

    `excluded`: the entry holds where the condition does not (`operator: excluded`).
    """

    field: str
    kind: str
    values: tuple[str, ...] = ()
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The exception lists of a rule as far as its export holds them (spec §13.22).

    `items` are the items that the query can carry: an event that meets all entries of one is left
    out. `left` says, in words, which parts of the lists could not be converted.
    """

    items: tuple[tuple[ExceptionEntry, ...], ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A detection rule: an EQL text with what its file says about it.

    `query` is the EQL text as a `Source` that knows its place in the file. Durations stay as
    written (`5m`, `now-9m`); `extra` keeps keys that the model does not name, `raw` the whole
    document as it was read. Dates are as written (`2026/05/23`), and so is `version`, which is text
    in Elastic Endpoint's rules. `exceptions` is None where the file says nothing of them beside the
    references in `extra["exceptions_list"]`.
    """

    query: Source
    id: str | None = None
    name: str | None = None
    description: str = ""
    author: tuple[str, ...] = ()
    license: str | None = None
    severity: str | None = None
    risk_score: int | None = None
    index: tuple[str, ...] = ()
    interval: str | None = None
    from_: str | None = None
    to: str | None = None
    max_signals: int | None = None
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    threat: tuple[Threat, ...] = ()
    note: str | None = None
    setup: str | None = None
    building_block_type: str | None = None
    timestamp_override: str | None = None
    timestamp_field: str | None = None
    event_category_override: str | None = None
    tiebreaker_field: str | None = None
    creation_date: str | None = None
    updated_date: str | None = None
    maturity: str | None = None
    min_stack_version: str | None = None
    version: int | str | None = None
    enabled: bool | None = None
    path: str | None = None
    exceptions: Exceptions | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """The shortest thing that names the rule: its id, else its name, else `query`."""
        return self.id or self.name or "query"

    @property
    def window_start(self) -> str | None:
        """Where the rule's time window begins: its `from`, for a rule file without one what Kibana takes,
        for a bare query None."""
        return self.from_ or (KIBANA_FROM if self.raw else None)

    @property
    def window_assumption(self) -> str | None:
        """What a record says of a window that begins where Kibana lets it; None if the rule has `from`."""
        if self.from_:
            return None
        return f"the rule looks back to `{KIBANA_FROM}`, since it has no `from`"

    @property
    def has_window_fallback(self) -> bool:
        """Whether the time window takes events without `timestamp_override` by their `@timestamp`
        (spec §13.20)."""
        return self.extra.get("timestamp_override_fallback_disabled") is not True

    def beside_the_query(self) -> Iterator[str]:
        """What Kibana applies beside the query to keep events out and no target gets, in words.

        A filter that is disabled and an exception list without items do not exist (spec §13.22).
        """
        filters = self.extra.get("filters")
        if filters and not (isinstance(filters, list) and all(map(_is_disabled, filters))):
            yield "`filters` outside of the query is not converted"
        if self.exceptions is not None:
            yield from self.exceptions.left
        elif self.extra.get("exceptions_list"):
            yield "`exceptions_list` outside of the query is not converted"


def _is_disabled(kept: object) -> bool:
    meta = kept.get("meta") if isinstance(kept, Mapping) else None
    return isinstance(meta, Mapping) and meta.get("disabled") is True
