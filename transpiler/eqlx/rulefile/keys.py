"""The keys of rules: what each must hold, which `Rule` attribute it fills, which are just kept."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Kind(Enum):
    """What a key must hold, in the words of a message."""

    TEXT = "a string"
    TEXTS = "a list of strings"
    INTEGER = "an integer"
    COUNT = "an integer above 0"
    BOOLEAN = "true or false"
    VERSION = "an integer or a string"


RULE_KEYS: Mapping[str, tuple[str, Kind]] = {
    "rule_id": ("id", Kind.TEXT),
    "name": ("name", Kind.TEXT),
    "description": ("description", Kind.TEXT),
    "author": ("author", Kind.TEXTS),
    "license": ("license", Kind.TEXT),
    "severity": ("severity", Kind.TEXT),
    "risk_score": ("risk_score", Kind.INTEGER),
    "index": ("index", Kind.TEXTS),
    "interval": ("interval", Kind.TEXT),
    "from": ("from_", Kind.TEXT),
    "to": ("to", Kind.TEXT),
    "max_signals": ("max_signals", Kind.COUNT),
    "tags": ("tags", Kind.TEXTS),
    "references": ("references", Kind.TEXTS),
    "false_positives": ("false_positives", Kind.TEXTS),
    "note": ("note", Kind.TEXT),
    "setup": ("setup", Kind.TEXT),
    "building_block_type": ("building_block_type", Kind.TEXT),
    "timestamp_override": ("timestamp_override", Kind.TEXT),
    "timestamp_field": ("timestamp_field", Kind.TEXT),
    "event_category_override": ("event_category_override", Kind.TEXT),
    "tiebreaker_field": ("tiebreaker_field", Kind.TEXT),
    "version": ("version", Kind.VERSION),
    "enabled": ("enabled", Kind.BOOLEAN),
    "created_at": ("creation_date", Kind.TEXT),
    "updated_at": ("updated_date", Kind.TEXT),
}
"""Key in `[rule]` or in Kibana's object to the attribute of `Rule` and its kind."""

ESSENTIAL_KEYS = frozenset(
    {
        "event_category_override",
        "from",
        "index",
        "interval",
        "max_signals",
        "tiebreaker_field",
        "timestamp_field",
        "timestamp_override",
        "to",
    }
)
"""The keys that say which events a rule searches and how often it alerts: a wrong value cannot be
left out without a change of meaning, as one of the other keys can."""

METADATA_KEYS: Mapping[str, tuple[str, Kind]] = {
    "creation_date": ("creation_date", Kind.TEXT),
    "updated_date": ("updated_date", Kind.TEXT),
    "maturity": ("maturity", Kind.TEXT),
    "min_stack_version": ("min_stack_version", Kind.TEXT),
}
"""The same for detection-rules' `[metadata]`."""

KEPT_KEYS = frozenset(
    {
        "actions",
        "alert_suppression",
        "alert_suppression_fields_config",
        "anomaly_threshold",
        "concurrent_searches",
        "created_by",
        "data_view_id",
        "data_view_title",
        "exceptions_list",
        "execution_summary",
        "filters",
        "id",
        "immutable",
        "investigation_fields",
        "items_per_search",
        "language",
        "machine_learning_job_id",
        "min_endpoint_version",
        "meta",
        "namespace",
        "new_terms",
        "new_terms_fields",
        "os_list",
        "outcome",
        "output_index",
        "reference",
        "related_integrations",
        "required_fields",
        "response_actions",
        "revision",
        "risk_score_mapping",
        "rule_name_override",
        "rule_source",
        "saved_id",
        "severity_mapping",
        "threat_filters",
        "threat_index",
        "threat_indicator_path",
        "threat_language",
        "threat_mapping",
        "threat_query",
        "threshold",
        "throttle",
        "timeline_id",
        "timeline_title",
        "timestamp_override_fallback_disabled",
        "type",
        "updated_by",
    }
)
"""Keys of a rule that Kibana and detection-rules know and `Rule` does not name."""

KEPT_METADATA = frozenset(
    {
        "bypass_bbr_timing",
        "comments",
        "deprecated_reason",
        "deprecation_date",
        "extended",
        "integration",
        "min_endpoint_version",
        "min_stack_comments",
        "os_type_list",
        "promotion",
        "query_schema_validation",
        "relative_from",
    }
)
KEPT_TABLES = frozenset({"actions", "internal", "optional_actions", "threat", "transform"})
