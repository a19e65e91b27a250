"""detection-rules' TOML form: tables `[rule]` and `[metadata]`, found back in the text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from eqlx.diagnostics.catalogue.rulefile import broken_toml
from eqlx.rulefile.batch import Batch
from eqlx.rulefile.embedded import Decoded, embed
from eqlx.rulefile.metadata import Document
from eqlx.rulefile.toml_scanner import Path, ScanError, decode, value_spans
from eqlx.source import Source, Span

QUERY: Path = ("rule", "query")
UNFOLLOWED = (ScanError, ValueError, IndexError)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(file: Source, batch: Batch, *, asked_for: bool) -> None:
    """Add the rule of a TOML text to `batch`, or what is wrong with it."""
    try:
        raw = tomllib.loads(file.text)
    except RecursionError:
        batch.say(broken_toml("nested too deeply", span=None), file)
        return
    except ValueError as error:
        reason, span = _fault(str(error), file)
        batch.say(broken_toml(reason, span=span), file)
        return
    rule = raw.get("rule")
    if not isinstance(rule, dict):
        batch.no_rule(file, "a table `[rule]`", asked_for=asked_for)
        return
    document = Document(
        file=file,
        rule=rule,
        metadata=raw.get("metadata", {}),
        tables={key: value for key, value in raw.items() if key not in ("rule", "metadata")},
        locate=lambda key: _spans(file.text).get(tuple(key.split("."))),
        raw=raw,
    )
    batch.add_document(document, _query(file, rule))


def _query(file: Source, rule: Mapping[str, object]) -> Source | None:
    value = rule.get("query")
    if not isinstance(value, str):
        return None
    span = _spans(file.text, QUERY).get(QUERY)
    return embed(file, _decoded(file.text, span) if span else None, value)


def _decoded(text: str, span: Span) -> Decoded | None:
    try:
        return decode(text, span)
    except UNFOLLOWED:
        return None


def _spans(text: str, until: Path | None = None) -> dict[Path, Span]:
    """Places, where the text can be followed; without them diagnostics name the file alone."""
    try:
        return value_spans(text, until)
    except UNFOLLOWED:
        return {}


def _fault(message: str, file: Source) -> tuple[str, Span | None]:
    """The message of tomllib without its place, and the place."""
    match = _PLACE.search(message)
    if match is None:
        return message, None
    reason = message[: match.start()]
    reason = reason[:1].lower() + reason[1:]
    if match[1] is None:
        start = len(file.text.rstrip())
    else:
        start = file.line_starts[int(match[1]) - 1] + int(match[2]) - 1
    start = min(start, len(file.text))
    if "\\" in reason and file.text[start - 2 : start - 1] == "\\":
        # An unknown escape is reported behind it: the commonest fault, for Windows paths.
        return reason, Span(start - 2, start)
    return reason, Span(start, min(start + 1, len(file.text)))
