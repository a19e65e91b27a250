"""The keys of rules: what each must hold, which `Rule` attribute it fills, which are just kept."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Kind(Enum):
    """What a key must hold, in the words of a message."""

    TEXT = "a string"
    TEXTS = "a list of strings"
    INTEGER = "an integer"
    BOOLEAN = "true or false"


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
    "max_signals": ("max_signals", Kind.INTEGER),
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
    "version": ("version", Kind.INTEGER),
    "enabled": ("enabled", Kind.BOOLEAN),
    "created_at": ("creation_date", Kind.TEXT),
    "updated_at": ("updated_date", Kind.TEXT),
}
"""Key in `[rule]` or in Kibana's object to the attribute of `Rule` and its kind."""

METADATA_KEYS: Mapping[str, tuple[str, Kind]] = {
    "creation_date": ("creation_date", Kind.TEXT),
    "updated_date": ("updated_date", Kind.TEXT),
    "maturity": ("maturity", Kind.TEXT),
    "min_stack_version": ("min_stack_version", Kind.TEXT),
}
"""The same for detection-rules' `[metadata]`."""

FILTERING_KEYS = ("exceptions_list", "filters")
"""What Kibana applies beside the query to keep events out; without them a rule widens."""

LIMITING_KEYS = ("alert_suppression", *FILTERING_KEYS)
"""What Kibana applies beside the query to make fewer alerts."""

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
        "meta",
        "namespace",
        "new_terms",
        "new_terms_fields",
        "outcome",
        "output_index",
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
KEPT_TABLES = frozenset({"transform", "internal"})
