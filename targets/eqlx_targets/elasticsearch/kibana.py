"""A rule as Kibana's detection engine imports it: one JSON object on a line, with the EQL text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from eqlx.rule import Technique, Threat
from eqlx.target import Request
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.indices import indices

_PASSED_ON = (
    "actions",
    "alert_suppression",
    "data_view_id",
    "exceptions_list",
    "filters",
    "investigation_fields",
    "namespace",
    "related_integrations",
    "required_fields",
    "response_actions",
    "risk_score_mapping",
    "rule_name_override",
    "severity_mapping",
    "throttle",
    "timeline_id",
    "timeline_title",
    "timestamp_override_fallback_disabled",
)
"""Parts of a rule that eqlx does not read and Kibana does."""

SEVERITY = "low"
RISK_SCORE = 21


def kibana_rule(request: Request) -> Mapping[str, Json]:
    """The object, keys in Kibana's own order of telling; what the rule lacks is left to Kibana,
    but for what the import demands."""
    rule = request.rule
    known: dict[str, Json] = {
        "rule_id": rule.id,
        "name": rule.name or rule.label,
        "description": rule.description or rule.name or rule.label,
        "type": "eql",
        "language": "eql",
        "query": request.eql(),
        "index": list(indices(request)),
        "severity": rule.severity,
        "risk_score": rule.risk_score,
        "interval": rule.interval,
        "from": rule.from_,
        "to": rule.to,
        "max_signals": rule.max_signals,
        "enabled": rule.enabled,
        "version": rule.version,
        "author": list(rule.author),
        "license": rule.license,
        "tags": list(rule.tags),
        "references": list(rule.references),
        "false_positives": list(rule.false_positives),
        "threat": [_threat(threat) for threat in rule.threat],
        "note": rule.note,
        "setup": rule.setup,
        "building_block_type": rule.building_block_type,
        "timestamp_override": rule.timestamp_override,
        "timestamp_field": rule.timestamp_field,
        "event_category_override": rule.event_category_override,
        "tiebreaker_field": rule.tiebreaker_field,
    }
    _demanded(known, request)
    kept = {key: value for key, value in known.items() if value not in (None, [])}
    return {**kept, **dict(_passed_on(request))}


def _demanded(known: dict[str, Json], request: Request) -> None:
    if known["rule_id"] is None:
        known["rule_id"] = str(uuid5(NAMESPACE_URL, f"eqlx:{known['name']}:{known['query']}"))
        request.losses.assume("the rule's `rule_id` follows from its name and query")
    for key, default in (("severity", SEVERITY), ("risk_score", RISK_SCORE)):
        if known[key] is None:
            known[key] = default
            request.losses.assume(f"the rule's `{key}` is {default}, since it has none")


def _passed_on(request: Request) -> Iterator[tuple[str, Json]]:
    rule = request.rule
    made_part_of_the_query = rule.exceptions is not None and not rule.exceptions.left
    for key in _PASSED_ON:
        if key == "exceptions_list" and made_part_of_the_query:
            continue
        if key == "data_view_id" and request.options["index"]:
            continue
        if (value := rule.extra.get(key)) is not None:
            # What came from TOML may hold dates, which JSON has as text.
            plain: Json = json.loads(json.dumps(value, default=str))
            yield key, plain


def _threat(threat: Threat) -> Json:
    return {
        "framework": threat.framework,
        "tactic": {
            "id": threat.tactic_id,
            "name": threat.tactic_name,
            "reference": threat.tactic_reference,
        },
        "technique": [
            {
                **_technique(technique),
                "subtechnique": [_technique(each) for each in technique.subtechniques],
            }
            for technique in threat.techniques
        ],
    }


def _technique(technique: Technique) -> dict[str, Json]:
    return {"id": technique.id, "name": technique.name, "reference": technique.reference}
