"""What Elasticsearch expresses: Query DSL for events, EQL itself for sequences and samples."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.capability import Capability, Exact, Feature, Table, Unsupported
from eqlx_targets.elasticsearch.stages import ASSUMPTION, is_by_stages

_STAGES = Exact(ASSUMPTION)
_NO_EQL = Unsupported("OpenSearch has no EQL: `-O form=stages` gives a search a stage")
_NO_VERSIONS = Unsupported("OpenSearch has no field type for versions")
_EXACT = Exact()

_EVENTS: Table = {
    Feature.CATEGORY: _EXACT,
    Feature.MATCH_ALL: _EXACT,
    Feature.MATCH_NONE: _EXACT,
    Feature.CONJUNCTION: _EXACT,
    Feature.DISJUNCTION: _EXACT,
    Feature.NEGATION: _EXACT,  # `must_not` is the two-valued `not` of EQL (spec §5)
    Feature.MULTIVALUED_FIELD: _EXACT,  # any value may match, in both languages (spec §6)
    Feature.EQUAL_TEXT: _EXACT,
    Feature.EQUAL_TEXT_IGNORE_CASE: _EXACT,
    Feature.EQUAL_NUMBER: _EXACT,
    Feature.EQUAL_BOOLEAN: _EXACT,
    Feature.EQUAL_DATE: _EXACT,
    Feature.EQUAL_VERSION: _EXACT,
    Feature.ORDER_TEXT: _EXACT,
    Feature.ORDER_NUMBER: _EXACT,
    Feature.ORDER_DATE: _EXACT,
    Feature.ORDER_IP: _EXACT,
    Feature.ORDER_VERSION: _EXACT,
    Feature.WILDCARD: _EXACT,
    Feature.WILDCARD_IGNORE_CASE: _EXACT,
    Feature.REGEX: _EXACT,
    Feature.REGEX_IGNORE_CASE: _EXACT,  # letters are spelled out where engines fold differently
    Feature.REGEX_LUCENE_OPERATOR: Exact("`regexp` has all its operators, as in Elasticsearch"),
    Feature.STARTS_WITH: _EXACT,
    Feature.STARTS_WITH_IGNORE_CASE: _EXACT,
    Feature.ENDS_WITH: _EXACT,
    Feature.ENDS_WITH_IGNORE_CASE: _EXACT,
    Feature.CONTAINS: _EXACT,
    Feature.CONTAINS_IGNORE_CASE: _EXACT,
    Feature.NETWORK: _EXACT,
    Feature.FIELD_MISSING: _EXACT,
    # From here on: Painless, over every value of every field occurrence (spec §6).
    Feature.NULL_RESULT: _EXACT,
    Feature.COMPUTED_COMPARISON: _EXACT,  # the value that is computed has a row of its own
    Feature.TWO_FIELDS: _EXACT,
    Feature.CONDITION_AS_VALUE: _EXACT,
    Feature.ARITHMETIC: _EXACT,
    Feature.FUNCTION_BETWEEN: _EXACT,
    Feature.FUNCTION_CONCAT: _EXACT,
    Feature.FUNCTION_INDEX_OF: _EXACT,
    Feature.FUNCTION_LENGTH: _EXACT,
    Feature.FUNCTION_NUMBER: _EXACT,
    Feature.FUNCTION_STRING: _EXACT,
    Feature.FUNCTION_SUBSTRING: _EXACT,
    Feature.HEAD: _EXACT,
    Feature.TAIL: _EXACT,
}

_JOINS = (
    Feature.SEQUENCE,
    Feature.SEQUENCE_WITHOUT_KEYS,
    Feature.SEQUENCE_MAXSPAN,
    Feature.SEQUENCE_WITHOUT_MAXSPAN,
    Feature.SEQUENCE_RUNS,
    Feature.SEQUENCE_UNTIL,
    Feature.KEYS_DIFFER,
    Feature.OPTIONAL_KEY,
    Feature.MULTIVALUED_KEY,
    Feature.MISSING_EVENT,
    Feature.SAMPLE,
)


def table(dialect: str, options: Mapping[str, str]) -> Table:
    """The table for the chosen form of joins: EQL text says all of them, and so do stages."""
    if options["envelope"] == "kibana":  # the EQL text itself
        return dict.fromkeys(Feature, _EXACT)
    found = dict(_EVENTS)
    if dialect == "opensearch":
        found[Feature.EQUAL_VERSION] = found[Feature.ORDER_VERSION] = _NO_VERSIONS
    return {**found, **dict.fromkeys(_JOINS, _join(dialect, options))}


def _join(dialect: str, options: Mapping[str, str]) -> Capability:
    if options["envelope"] == "template":  # only the fields
        return _EXACT
    if is_by_stages(dialect, options):
        return _STAGES
    return _NO_EQL if dialect == "opensearch" else _EXACT
