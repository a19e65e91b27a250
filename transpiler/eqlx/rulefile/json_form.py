"""Kibana's rule exports: NDJSON with one rule a line, and JSON objects and arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue.rulefile import broken_json, not_a_rule
from eqlx.rulefile.batch import Batch
from eqlx.rulefile.embedded import embed
from eqlx.rulefile.exceptions import Shelf
from eqlx.rulefile.json_scanner import Object, decode, read_array, read_object, skip_space
from eqlx.rulefile.metadata import Document
from eqlx.rulefile.saved_objects import alert_rule
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
    rules: list[Object] = []
    shelf = Shelf()
    broken = 0
    at = skip_space(file.text, 0)
    while at < len(file.text):
        try:
            found, end = _candidates(file.text, at)
        except (ValueError, RecursionError) as error:
            broken += 1
            end = _line_end(file.text, at)
            batch.say(_broken(error, file, Span(at, end)), file)
            if not _goes_on(file, end):
                break
        else:
            for candidate in found:
                if isinstance(candidate, Object) and _is_rule(candidate.value):
                    rules.append(candidate)
                elif isinstance(candidate, Span):
                    strangers.append(candidate)
                elif shelf.take(candidate.value):
                    pass
                elif not _is_companion(candidate.value):
                    strangers.append(candidate.span)
        at = skip_space(file.text, end)
    # Items of exception lists stand behind the rules that they belong to.
    for rule in rules:
        _add(file, rule, batch, shelf)
    if rules:
        for span in strangers:
            batch.say(not_a_rule(EXPECTED, span=_first_line(file.text, span)), file)
    elif not broken:
        batch.no_rule(file, EXPECTED, asked_for=asked_for)


def _goes_on(file: Source, end: int) -> bool:
    """Whether there is one value a line, so that reading can go on after a broken one."""
    return file.text.startswith("{", skip_space(file.text, end))


def _candidates(text: str, at: int) -> tuple[list[Object | Span], int]:
    """What may be a rule in the JSON value at `at` (itself, or what it wraps), and its end."""
    if text.startswith("[", at):
        return read_array(text, at)
    if not text.startswith("{", at):
        _, end = json.JSONDecoder().raw_decode(text, at)
        return [Span(at, end)], end
    found = read_object(text, at)
    if (alert := alert_rule(text, found)) is not None:
        return [alert], found.span.end
    if not _is_rule(found.value):
        # A saved object keeps the rule in `attributes`, an answer of the API rules in `data`.
        for key in ("attributes", "data"):
            if (inner := found.values.get(key)) is None:
                continue
            if text.startswith("[", inner.start):
                return read_array(text, inner.start)[0], found.span.end
            if text.startswith("{", inner.start):
                wrapped = read_object(text, inner.start)
                if _is_rule(wrapped.value):
                    return [wrapped], found.span.end
    return [found], found.span.end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _first_line(text: str, span: Span) -> Span:
    return Span(span.start, min(span.end, _line_end(text, span.start)))


def _is_rule(value: Mapping[str, object]) -> bool:
    return (
        "rule_id" in value
        or isinstance(value.get("query"), str)
        or (isinstance(kind := value.get("type"), str) and kind in RULE_TYPES)
    )


def _is_companion(value: Mapping[str, object]) -> bool:
    return any(key in value for key in COMPANIONS)


def _add(file: Source, found: Object, batch: Batch, shelf: Shelf) -> None:
    if (half := _half_pair(file.text, found)) is not None:
        batch.say(broken_json("half of a surrogate pair", span=half), file)
        return
    document = Document(
        file=file,
        rule=found.value,
        locate=lambda key: found.values.get(key.removeprefix("rule.")),
        whole=_first_line(file.text, found.span),
        raw=found.value,
        exceptions=shelf.of(found.value),
    )
    query = found.value.get("query")
    embedded = None
    if isinstance(query, str):
        embedded = embed(file, decode(file.text, found.values["query"]), query)
    batch.add_document(document, embedded)


def _half_pair(text: str, found: Object) -> Span | None:
    """Where half of a surrogate pair stands: it is no character and could not be written again."""
    if "\\ud" in text[found.span.start : found.span.end].lower():
        for key, span in found.values.items():
            try:
                json.dumps([key, found.value[key]], ensure_ascii=False).encode()
            except UnicodeEncodeError:
                return span
    return None


def _broken(error: ValueError | RecursionError, file: Source, line: Span) -> Diagnostic:
    if not isinstance(error, json.JSONDecodeError):
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return broken_json(reason, span=line)
    start = error.pos if error.pos < len(file.text) else len(file.text.rstrip())
    if start > line.end and _goes_on(file, line.end):
        # The value was not closed; the next line is another one.
        start = line.end
    return broken_json(
        error.msg[:1].lower() + error.msg[1:], span=Span(start, min(start + 1, len(file.text)))
    )
