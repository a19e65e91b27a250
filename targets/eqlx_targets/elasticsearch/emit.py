"""Search requests as JSON text, in the envelope that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from eqlx.capability import Fidelity
from eqlx.rule import Rule
from eqlx.target import Request
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.lower import SearchRequest


def emit_request(search: SearchRequest, request: Request) -> str:
    """The JSON text, two spaces deep, ending in a line feed.

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
                "index": list(search.index),
                "body": search.body,
                "meta": _meta(request.rule, request.losses.fidelity()),
            }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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
