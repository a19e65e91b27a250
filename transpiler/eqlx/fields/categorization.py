"""The values that ECS lists for its four categorization fields, and which types go with a category.

Elastic Common Schema 9.5 (Apache License 2.0, Copyright Elasticsearch B.V.; see NOTICE). ECS's list of
fields (`fields.csv`, from which the catalogue is made) has no values, so they are kept here by hand.
"""

from __future__ import annotations

from collections.abc import Mapping

_EXPECTED = {
    "api": "access admin allowed change creation deletion denied end info start user",
    "authentication": "end info start",
    "configuration": "access change creation deletion info",
    "database": "access change error info",
    "driver": "change end info start",
    "email": "info",
    "file": "access change creation deletion info",
    "host": "access change end info start",
    "iam": "admin change creation deletion group info user",
    "intrusion_detection": "allowed denied info",
    "library": "start",
    "malware": "info",
    "network": "access allowed connection denied end info protocol start",
    "package": "access change deletion info installation start",
    "process": "access change end info start",
    "registry": "access change creation deletion",
    "session": "end info start",
    "threat": "indicator",
    "vulnerability": "info",
    "web": "access error info",
}

EXPECTED_TYPES: Mapping[str, frozenset[str]] = {
    category: frozenset(types.split()) for category, types in _EXPECTED.items()
}
"""`event.category` to the values of `event.type` that ECS expects with it."""

CATEGORIES = frozenset(EXPECTED_TYPES)

_KINDS = "alert asset enrichment event metric pipeline_error signal state"
_OUTCOMES = "failure success unknown"
_TYPES = (
    "access admin allowed change connection creation deletion denied device end error group indicator"
    " info installation protocol start user"
)

ALLOWED_VALUES: Mapping[str, frozenset[str]] = {
    "event.category": CATEGORIES,
    "event.kind": frozenset(_KINDS.split()),
    "event.outcome": frozenset(_OUTCOMES.split()),
    "event.type": frozenset(_TYPES.split()),
}
"""Field to the values that ECS allows; other values are in real data, and mean nothing to ECS."""
