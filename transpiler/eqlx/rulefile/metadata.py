"""A rule's document (TOML or JSON) as a `Rule`: keys, their types, what is kept and what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict, TypeGuard, cast

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.rulefile import (
    rule_key_left_out,
    rule_parts_not_converted,
    unknown_rule_keys,
    wrong_key_type,
)
from eqlx.rule import Exceptions, Rule, Technique, Threat
from eqlx.rulefile.keys import (
    ESSENTIAL_KEYS,
    KEPT_KEYS,
    KEPT_METADATA,
    KEPT_TABLES,
    METADATA_KEYS,
    RULE_KEYS,
    Kind,
)
from eqlx.source import Source, Span


@dataclass(frozen=True)
class Document:
    """A rule as its file has it: Kibana's flat keys in `rule`, detection-rules' other tables aside.

    `locate` gives the span of a value by its dotted path (`rule.index`), `whole` is the rule's own.
    """

    file: Source
    rule: Mapping[str, object]
    metadata: object = field(default_factory=dict[str, object])
    tables: Mapping[str, object] = field(default_factory=dict)
    locate: Callable[[str], Span | None] = field(default=lambda _: None)
    whole: Span | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    exceptions: Exceptions | None = None

    def place(self, key: str) -> Span | None:
        """Where a key's value stands, or else the rule."""
        return self.locate(key) or self.whole


class Values(TypedDict, total=False):
    """The attributes of `Rule` that come from plain keys."""

    id: str
    name: str
    description: str
    author: tuple[str, ...]
    license: str
    severity: str
    risk_score: int
    index: tuple[str, ...]
    interval: str
    from_: str
    to: str
    max_signals: int
    tags: tuple[str, ...]
    references: tuple[str, ...]
    false_positives: tuple[str, ...]
    note: str
    setup: str
    building_block_type: str
    timestamp_override: str
    timestamp_field: str
    event_category_override: str
    tiebreaker_field: str
    creation_date: str
    updated_date: str
    maturity: str
    min_stack_version: str
    version: int | str
    enabled: bool


def read(document: Document, query: Source, report: Report) -> Rule | None:
    """The rule of a document; None where a key holds what it must not (reported)."""
    values = Values()
    _collect(document, "rule", document.rule, RULE_KEYS, values, report)
    metadata = _metadata(document, report)
    _collect(document, "metadata", metadata, METADATA_KEYS, values, report)
    threat = _threats(document, report)
    if report.has_errors:
        return None
    if not values.get("references") and _is(own := document.rule.get("reference"), Kind.TEXTS):
        # The name of the key in Elastic Endpoint's rules.
        values["references"] = tuple(cast("list[str]", own))
    if "id" not in values and isinstance(own := document.rule.get("id"), str):
        values["id"] = own
    rule = Rule(
        query=query,
        threat=threat,
        path=document.file.name,
        exceptions=document.exceptions,
        extra=_extra(document, metadata),
        raw=document.raw,
        **values,
    )
    _say_what_is_left(rule, document, metadata, report)
    return rule


def _collect(
    document: Document,
    table: str,
    given: Mapping[str, object],
    keys: Mapping[str, tuple[str, Kind]],
    values: Values,
    report: Report,
) -> None:
    for key, (attribute, kind) in keys.items():
        value = given.get(key)
        # Kibana writes null for what is not set.
        if value is None:
            continue
        if not _is(value, kind):
            span = document.place(f"{table}.{key}")
            say = wrong_key_type if key in ESSENTIAL_KEYS else rule_key_left_out
            found = (
                str(value) if kind is Kind.COUNT and _is(value, Kind.INTEGER) else describe(value)
            )
            report.add(say(key, kind.value, found, span=span))
            continue
        if isinstance(value, list):
            value = tuple(value)
        values[attribute] = value  # type: ignore[literal-required]  # the tables name its keys


def _is(value: object, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.TEXTS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool) and value > 0
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.VERSION:
            return isinstance(value, int | str) and not isinstance(value, bool)


def describe(value: object) -> str:
    """The kind of a value, in the words of a message."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an empty list" if not value else f"a list with {describe(value[0])}"
        case Mapping():
            return "a table"
        case None:
            return "null"
        case _:
            return f"a {type(value).__name__}"


def _threats(document: Document, report: Report) -> tuple[Threat, ...]:
    given = document.rule.get("threat")
    if given is None:
        # Elastic Endpoint's rules have it beside the rule.
        given = document.tables.get("threat")
    if given is None:
        return ()
    try:
        return tuple(_threat(entry) for entry in _objects(given))
    except TypeError:
        expected = "a list of ATT&CK entries with a tactic each"
        span = document.place("rule.threat")
        report.add(rule_key_left_out("threat", expected, describe(given), span=span))
        return ()


def _threat(entry: Mapping[str, object]) -> Threat:
    tactic = entry.get("tactic")
    if not _is_object(tactic):
        raise TypeError
    return Threat(
        tactic_id=_text(tactic, "id"),
        tactic_name=_text(tactic, "name"),
        tactic_reference=_text(tactic, "reference"),
        techniques=tuple(_technique(each) for each in _objects(entry.get("technique") or [])),
        framework=_text(entry, "framework") or "MITRE ATT&CK",
    )


def _technique(entry: Mapping[str, object]) -> Technique:
    return Technique(
        id=_text(entry, "id"),
        name=_text(entry, "name"),
        reference=_text(entry, "reference"),
        subtechniques=tuple(_technique(each) for each in _objects(entry.get("subtechnique") or [])),
    )


def _objects(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        raise TypeError
    entries: list[Mapping[str, object]] = []
    for entry in value:
        if not _is_object(entry):
            raise TypeError
        entries.append(entry)
    return entries


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise TypeError
    return value


def _metadata(document: Document, report: Report) -> Mapping[str, object]:
    if _is_object(document.metadata):
        return document.metadata
    span = document.place("metadata")
    report.add(rule_key_left_out("metadata", "a table", describe(document.metadata), span=span))
    return {}


def _extra(document: Document, metadata: Mapping[str, object]) -> dict[str, object]:
    """What `Rule` has no attribute for, by its dotted place: `alert_suppression`, `metadata.x`."""
    used = {"query", "threat", *RULE_KEYS}
    extra = {key: value for key, value in document.rule.items() if key not in used}
    extra |= {
        f"metadata.{key}": value for key, value in metadata.items() if key not in METADATA_KEYS
    }
    return extra | dict(document.tables)


def _key_place(document: Document, key: str) -> Span | None:
    """Where a key itself stands: shortly before its value, or at the end of a table's header."""
    inside = "." in key or (key in document.tables and key not in document.rule)
    value = document.locate(key if inside else f"rule.{key}")
    name = key.rpartition(".")[2]
    if value is None:
        return document.whole
    text = document.file.text
    header = text[value.start : value.end].endswith(name)
    start = text.rfind(name, 0, value.end if header else value.start)
    return value if start < 0 else Span(start, start + len(name))


def _say_what_is_left(
    rule: Rule, document: Document, metadata: Mapping[str, object], report: Report
) -> None:
    known = {"query", "threat", *RULE_KEYS, *KEPT_KEYS}
    unknown = [key for key in document.rule if key not in known]
    unknown += [
        f"metadata.{key}"
        for key in metadata
        if key not in METADATA_KEYS and key not in KEPT_METADATA
    ]
    unknown += [key for key in document.tables if key not in KEPT_TABLES]
    if unknown:
        report.add(unknown_rule_keys(unknown, span=_key_place(document, unknown[0])))
    beside = list(rule.beside_the_query())
    # In the order in which a rule has them.
    limiting = ["alert_suppression"] if rule.extra.get("alert_suppression") else []
    limiting += ["exceptions_list"] if any("exception" in part for part in beside) else []
    limiting += ["filters"] if any("`filters`" in part for part in beside) else []
    if limiting:
        span = document.place(f"rule.{limiting[0]}")
        report.add(rule_parts_not_converted(limiting, span=span))
