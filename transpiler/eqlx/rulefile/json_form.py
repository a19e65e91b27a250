"""Kibana's rule exports: NDJSON with one rule a line, and JSON objects and arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue.rulefile import broken_json, not_a_rule
from eqlx.rulefile.batch import Batch
from eqlx.rulefile.embedded import embed
from eqlx.rulefile.json_scanner import Object, decode, read_object, read_objects, skip_space
from eqlx.rulefile.metadata import Document
from eqlx.source import Source, Span

EXPECTED = "a rule of a Kibana export (`rule_id`, `type`, `query`)"
RULE_TYPES = frozenset(
    (
        "eql",
        "esql",
        "machine_learning",
        "new_terms",
        "query",
        "saved_query",
        "threat_match",
        "threshold",
    )
)
COMPANIONS = ("exported_count", "exported_rules_count", "list_id", "attributes")
"""Keys of what an export holds beside rules: its summary, exception lists, connectors."""


def read_json(file: Source, batch: Batch, *, asked_for: bool) -> None:
    """Add the rules of a JSON or NDJSON text to `batch`, and what is wrong with the others."""
    strangers: list[Span] = []
    rules = broken = 0
    at = skip_space(file.text, 0)
    by_line = file.name.endswith((".ndjson", ".jsonl"))
    while at < len(file.text):
        try:
            for found in _values(file.text, at):
                rule = found if isinstance(found, Object) and _is_rule(found.value) else None
                if rule is not None:
                    _check_characters(file.text, rule)
                    _add(file, rule, batch)
                    rules += 1
                elif not isinstance(found, Object) or not _is_companion(found.value):
                    strangers.append(found.span if isinstance(found, Object) else found)
            end = _end(file.text, at)
            by_line = by_line or "\n" not in file.text[at:end]
        except (ValueError, RecursionError) as error:
            broken += 1
            batch.say(_broken(error, file, at), file)
            if not by_line:
                return
            end = _line_end(file.text, at)
        at = skip_space(file.text, end)
    if not rules and not broken:
        batch.no_rule(file, EXPECTED, asked_for=asked_for)
    elif rules:
        for span in strangers:
            batch.say(not_a_rule(EXPECTED, span=_first_line(file.text, span)), file)


def _values(text: str, at: int) -> Iterator[Object | Span]:
    """The candidates of the JSON value at `at`: itself, or what it wraps."""
    if text.startswith("[", at):
        yield from read_objects(text, at)
        return
    if not text.startswith("{", at):
        _, end = json.JSONDecoder().raw_decode(text, at)
        yield Span(at, end)
        return
    found = read_object(text, at)
    if not _is_rule(found.value):
        # A saved object keeps the rule in `attributes`, an answer of the API rules in `data`.
        for key in ("attributes", "data"):
            if (inner := found.values.get(key)) is None:
                continue
            if text.startswith("[", inner.start):
                yield from read_objects(text, inner.start)
                return
            if text.startswith("{", inner.start):
                wrapped = read_object(text, inner.start)
                if _is_rule(wrapped.value):
                    yield wrapped
                    return
    yield found


def _end(text: str, at: int) -> int:
    return json.JSONDecoder().raw_decode(text, at)[1]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _first_line(text: str, span: Span) -> Span:
    return Span(span.start, min(span.end, _line_end(text, span.start)))


def _is_rule(value: Mapping[str, object]) -> bool:
    return "rule_id" in value or "query" in value or value.get("type") in RULE_TYPES


def _is_companion(value: Mapping[str, object]) -> bool:
    return any(key in value for key in COMPANIONS)


def _add(file: Source, found: Object, batch: Batch) -> None:
    document = Document(
        file=file,
        rule=found.value,
        locate=lambda key: found.values.get(key.removeprefix("rule.")),
        whole=_first_line(file.text, found.span),
        raw=found.value,
    )
    query = found.value.get("query")
    embedded = None
    if isinstance(query, str):
        embedded = embed(file, decode(file.text, found.values["query"]), query)
    batch.add_document(document, embedded)


def _check_characters(text: str, found: Object) -> None:
    """Half of a surrogate pair is no character, and could not be written out again."""
    if "\\ud" in text[found.span.start : found.span.end].lower():
        for key, span in found.values.items():
            try:
                json.dumps([key, found.value[key]], ensure_ascii=False).encode()
            except UnicodeEncodeError:
                reason = "half of a surrogate pair (`\\ud800` to `\\udfff`)"
                raise json.JSONDecodeError(reason, text, span.start) from None


def _broken(error: ValueError | RecursionError, file: Source, at: int) -> Diagnostic:
    if isinstance(error, json.JSONDecodeError):
        reason = error.msg[:1].lower() + error.msg[1:]
        start = min(error.pos, len(file.text))
        if start == len(file.text):
            start = len(file.text.rstrip())
        return broken_json(reason, span=Span(start, min(start + 1, len(file.text))))
    reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return broken_json(reason, span=_first_line(file.text, Span(at, len(file.text))))
