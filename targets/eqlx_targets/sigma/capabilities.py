"""What Sigma expresses, with ECS names kept.

Letter case is not in the table: whether a comparison loses it depends on its text and its field,
so the lowering records that drift, and what it assumes of the back end, leaf by leaf.
"""

from __future__ import annotations

from dataclasses import replace

from eqlx.capability import Drift, Exact, Feature, Lossy, Table, Unsupported

_EXACT = Exact()
_REGEX = Exact("`^(?:…)$` matches whole values in the back end, line ends included")
_COMPUTED = Unsupported("Sigma compares fields with constants, and computes nothing")
_DATES = Unsupported("Sigma has no dates")

TABLE: Table = {
    Feature.CATEGORY: _EXACT,
    Feature.MATCH_ALL: _EXACT,  # `any where true` is refused in lowering: no field is named
    Feature.MATCH_NONE: Unsupported("a Sigma rule that never matches cannot be written"),
    Feature.CONJUNCTION: _EXACT,
    Feature.DISJUNCTION: _EXACT,
    Feature.NEGATION: Exact(
        "`not` holds in the back end where the field is missing (`-O missing=explicit` says so)"
    ),
    Feature.MULTIVALUED_FIELD: Exact("the back end matches any value of an array"),
    Feature.EQUAL_TEXT: _EXACT,
    Feature.EQUAL_TEXT_IGNORE_CASE: _EXACT,
    Feature.EQUAL_NUMBER: _EXACT,
    Feature.EQUAL_BOOLEAN: _EXACT,
    Feature.EQUAL_DATE: _DATES,
    Feature.EQUAL_VERSION: Unsupported("Sigma has no order of versions"),
    Feature.ORDER_TEXT: Unsupported("Sigma orders numbers only"),
    Feature.ORDER_NUMBER: _EXACT,
    Feature.ORDER_DATE: _DATES,
    Feature.ORDER_IP: Unsupported("Sigma has networks, and no order of addresses"),
    Feature.ORDER_VERSION: Unsupported("Sigma has no order of versions"),
    Feature.WILDCARD: _EXACT,
    Feature.WILDCARD_IGNORE_CASE: _EXACT,
    Feature.REGEX: _REGEX,
    Feature.REGEX_IGNORE_CASE: _REGEX,
    Feature.REGEX_LUCENE_OPERATOR: _REGEX,
    Feature.STARTS_WITH: _EXACT,
    Feature.STARTS_WITH_IGNORE_CASE: _EXACT,
    Feature.ENDS_WITH: _EXACT,
    Feature.ENDS_WITH_IGNORE_CASE: _EXACT,
    Feature.CONTAINS: _EXACT,
    Feature.CONTAINS_IGNORE_CASE: _EXACT,
    Feature.NETWORK: Exact("the back end compares addresses, however they are written"),
    Feature.FIELD_MISSING: Exact("`null` means a missing field in the back end"),
    Feature.NULL_RESULT: _COMPUTED,
    Feature.COMPUTED_COMPARISON: _EXACT,  # the value that is computed has a row of its own
    Feature.TWO_FIELDS: _COMPUTED,
    Feature.CONDITION_AS_VALUE: _COMPUTED,
    Feature.ARITHMETIC: _COMPUTED,
    Feature.FUNCTION_BETWEEN: _COMPUTED,
    Feature.FUNCTION_CONCAT: _COMPUTED,
    Feature.FUNCTION_INDEX_OF: _COMPUTED,
    Feature.FUNCTION_LENGTH: Exact(
        "`$` is the very end of a value, and no text that is measured has characters beyond U+FFFF"
    ),
    Feature.FUNCTION_NUMBER: _COMPUTED,
    Feature.FUNCTION_STRING: _COMPUTED,
    Feature.FUNCTION_SUBSTRING: _COMPUTED,
    Feature.HEAD: Lossy(Drift.WIDENS, "Sigma has no limit of results", by_convention=True),
    Feature.TAIL: Lossy(Drift.WIDENS, "Sigma has no limit of results", by_convention=True),
    Feature.SEQUENCE: Lossy(
        Drift.WIDENS,
        "Sigma does not say how often a correlation fires, whether it groups by letter case, nor "
        "whether one event may count for two stages: the join keys agree, not the number of alerts",
        by_convention=True,
    ),
    Feature.SEQUENCE_WITHOUT_KEYS: Unsupported("a correlation needs a field to group by"),
    Feature.SEQUENCE_MAXSPAN: Exact("the back end takes a time span as inclusive"),
    Feature.SEQUENCE_WITHOUT_MAXSPAN: Lossy(
        Drift.NARROWS, "a correlation needs a time span, and gets the rule's own time window"
    ),
    Feature.SEQUENCE_RUNS: _EXACT,  # beside other stages lowering records that it widens
    Feature.SEQUENCE_UNTIL: Unsupported(
        "no correlation ends at an event (`-O sigma-spec=2.2` knows absence)"
    ),
    Feature.KEYS_DIFFER: _EXACT,  # aliases
    Feature.OPTIONAL_KEY: Lossy(Drift.NARROWS, "a group without a value is dropped"),
    Feature.MULTIVALUED_KEY: Exact("the back end groups by each value of an array"),
    Feature.MISSING_EVENT: Unsupported(
        "correlations before version 2.2 know no absence (`-O sigma-spec=2.2`)"
    ),
    Feature.SAMPLE: Lossy(
        Drift.SHIFTS,
        "a correlation needs a time span, gets the rule's own time window, and may count one "
        "event for several stages",
    ),
}

_ABSENT = (
    "an event must be absent from the whole time span, whatever its place, and the order of the "
    "stages is lost"
)
TABLE_2_2: Table = {
    **TABLE,
    Feature.MISSING_EVENT: Lossy(Drift.SHIFTS, _ABSENT),
    Feature.SEQUENCE_UNTIL: Lossy(Drift.SHIFTS, _ABSENT),
}
"""From version 2.2 of the specification on, with conditions over rule names."""

_BY_TEST = (
    Feature.EQUAL_DATE, Feature.EQUAL_VERSION, Feature.ORDER_TEXT, Feature.ORDER_DATE, Feature.ORDER_IP,
    Feature.ORDER_VERSION, Feature.NULL_RESULT, Feature.TWO_FIELDS, Feature.CONDITION_AS_VALUE,
    Feature.ARITHMETIC, Feature.FUNCTION_BETWEEN, Feature.FUNCTION_CONCAT, Feature.FUNCTION_INDEX_OF,
    Feature.FUNCTION_NUMBER, Feature.FUNCTION_STRING, Feature.FUNCTION_SUBSTRING,
)  # fmt: skip
"""What `-O unmapped=auto` decides about test by test, in lowering."""


def decided_by_test(table: Table) -> Table:
    """A table for `-O unmapped=auto`: what Sigma has no words for is left to lowering, which leaves
    it out on record or refuses it."""
    deferred = {
        feature: replace(row, deferred=True)
        for feature, row in table.items()
        if feature in _BY_TEST and isinstance(row, Unsupported)
    }
    optional = Lossy(Drift.NARROWS, "a group without a value is dropped", by_convention=True)
    return {**table, **deferred, Feature.OPTIONAL_KEY: optional}


def in_any_order(table: Table) -> Table:
    """A table for `-O order=any`, which asks for correlations of what happens within a time span: that
    the time span is the rule's own time window is then a part of what was asked for."""
    spans = (Feature.SEQUENCE_WITHOUT_MAXSPAN, Feature.SAMPLE)
    rows = {feature: row for feature in spans if isinstance(row := table[feature], Lossy)}
    return {**table, **{f: replace(row, by_convention=True) for f, row in rows.items()}}
