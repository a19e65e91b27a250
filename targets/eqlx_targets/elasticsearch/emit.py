"""Search requests as JSON text, in the envelope that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eqlx.capability import Fidelity
from eqlx.printable import json_text
from eqlx.rule import Rule
from eqlx.target import Request
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.lower import SearchRequest
from eqlx_targets.elasticsearch.stages import StageSearches

WIDTH = 100
"""Columns; a single value may be longer."""


def emit_request(search: SearchRequest, request: Request) -> str:
    """The JSON text, ending in a line feed.

    `request` wraps the body with the index patterns, the name of the API, and what is known of
    the rule; `body` and `query` print only that part, for a client that has the rest.
    """
    match request.options["envelope"]:
        case "body":
            document: Json = search.body
        case "query":
            document = search.query
        case _:
            document = {
                "api": search.api,
                **_index(search.index),
                "body": search.body,
                "meta": _meta(request.rule, request.losses.fidelity()),
            }
    return _pretty(document, 0, 0) + "\n"


@dataclass(frozen=True)
class Document:
    """A JSON document as it is printed: over lines, or on one."""

    content: Json
    one_line: bool = False


def emit_document(content: Json, *, one_line: bool) -> str:
    """The JSON text, ending in a line feed."""
    if one_line:
        return json_text(content) + "\n"
    return _pretty(content, 0, 0) + "\n"


def emit_stages(searches: StageSearches, request: Request) -> str:
    """`body` is what `_msearch` takes, two lines a search; `request` adds the join and the rule."""
    if request.options["envelope"] == "body":
        header = _index(searches.index)
        lines = [line for body in searches.bodies for line in (header, body)]
        return "".join(json_text(x) + "\n" for x in lines)
    document: Json = {
        "api": "_msearch",
        **_index(searches.index),
        "searches": list(searches.bodies),
        "join": searches.join,
        "meta": _meta(request.rule, request.losses.fidelity()),
    }
    return _pretty(document, 0, 0) + "\n"


def _index(patterns: Sequence[str]) -> Mapping[str, Json]:
    """Nothing where no index is known: an empty list would be every index."""
    return {"index": list(patterns)} if patterns else {}


def _pretty(value: Json, indent: int, column: int) -> str:
    """JSON with everything on one line that fits there: a query's leaves read as lines.

    `column` is where the text starts on its line.
    """
    line = json_text(value)
    if column + len(line) <= WIDTH or isinstance(value, str | int | float | None):
        return line
    deeper = indent + 2
    if isinstance(value, Mapping):
        names = [json_text(key) + ": " for key in value]
        starts = zip(names, value.values(), strict=True)
        entries = [name + _pretty(child, deeper, deeper + len(name) + 1) for name, child in starts]
        return _enclosed("{", entries, "}", indent)
    return _enclosed("[", [_pretty(child, deeper, deeper + 1) for child in value], "]", indent)


def _enclosed(opening: str, entries: list[str], closing: str, indent: int) -> str:
    gap = "\n" + " " * (indent + 2)
    return f"{opening}{gap}{f',{gap}'.join(entries)}\n{' ' * indent}{closing}"


def _meta(rule: Rule, fidelity: Fidelity) -> Mapping[str, Json]:
    known: dict[str, Json] = {
        "rule_id": rule.id,
        "name": rule.name,
        "description": rule.description or None,
        "author": list(rule.author),
        "license": rule.license,
        "severity": rule.severity,
        "risk_score": rule.risk_score,
        "interval": rule.interval,
        "max_signals": rule.max_signals,
        "tags": list(rule.tags),
        "references": list(rule.references),
        "techniques": [
            identifier
            for threat in rule.threat
            for technique in threat.techniques
            for identifier in (technique.id, *(sub.id for sub in technique.subtechniques))
        ],
    }
    present = {key: value for key, value in known.items() if value is not None and value != []}
    return {**present, "fidelity": _fidelity(fidelity)}


def _fidelity(fidelity: Fidelity) -> Mapping[str, Json]:
    record: dict[str, Json] = {"grade": fidelity.grade.value}
    if fidelity.losses:
        record["losses"] = [
            {"code": loss.slug, "drift": loss.drift.value, "reason": loss.reason}
            for loss in fidelity.losses
        ]
    if fidelity.assumptions:
        record["assumptions"] = list(fidelity.assumptions)
    return record
