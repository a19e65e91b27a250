"""A rule's metadata, whatever file it came from; targets put it around the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eqlx.source import Source


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


@dataclass(frozen=True)
class Rule:
    """A detection rule: an EQL text with what its file says about it.

    `query` is the EQL text as a `Source` that knows its place in the file. Durations stay as
    written (`5m`, `now-9m`); `extra` keeps keys that the model does not name, `raw` the whole
    document as it was read. Dates are as written (`2026/05/23`).
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
    version: int | None = None
    enabled: bool | None = None
    path: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """The shortest thing that names the rule: its id, else its name, else `query`."""
        return self.id or self.name or "query"
