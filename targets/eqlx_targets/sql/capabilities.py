"""What the SQL target expresses, feature by feature, with the reason a line.

Letter case is exact at both of its levels (`lower/letters.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from eqlx.capability import Exact, Feature, Table, Unsupported

_EXACT = Exact()
_FAILS = Exact(
    "runtime-error-becomes-no-match: where Elasticsearch would fail the whole request (overflow, "
    "division by zero, a text that is no number), the condition does not match"
)
_HALVES = Exact("no position cuts a character beyond U+FFFF in two: SQL has no half characters")

_TABLE: Table = {
    Feature.CATEGORY: _EXACT,  # equality on the category column
    Feature.MATCH_ALL: _EXACT,  # no WHERE
    Feature.MATCH_NONE: _EXACT,  # WHERE FALSE
    Feature.CONJUNCTION: _EXACT,  # AND, where NULL counts as false
    Feature.DISJUNCTION: _EXACT,  # OR, where NULL counts as false
    Feature.NEGATION: _EXACT,  # NOT coalesce(…, FALSE): two-valued (spec §5)
    Feature.MULTIVALUED_FIELD: _EXACT,  # list functions, one variable an occurrence (spec §6)
    Feature.EQUAL_TEXT: _EXACT,  # `=`, IN, list_contains: VARCHAR compares by bytes
    Feature.EQUAL_TEXT_IGNORE_CASE: _EXACT,  # ILIKE, upper or RE2, by the text's letters
    Feature.EQUAL_NUMBER: _EXACT,  # 64 bits exact; bounds move where a double meets a whole number
    Feature.EQUAL_BOOLEAN: _EXACT,
    Feature.EQUAL_DATE: _EXACT,  # exact instants in UTC
    Feature.EQUAL_VERSION: _EXACT,  # equal versions are equal texts
    Feature.ORDER_TEXT: _EXACT,  # VARCHAR sorts by bytes, as keywords do
    Feature.ORDER_NUMBER: _EXACT,
    Feature.ORDER_DATE: _EXACT,
    Feature.ORDER_IP: _EXACT,  # over 32 hexadecimal digits
    Feature.ORDER_VERSION: _EXACT,  # over a key that sorts as semver does
    Feature.WILDCARD: _EXACT,  # LIKE, or one RE2 alternation
    Feature.WILDCARD_IGNORE_CASE: _EXACT,  # ILIKE, LIKE over upper, or RE2 with `i`
    Feature.REGEX: _EXACT,  # rewritten for RE2; what RE2 lacks is refused pattern by pattern
    Feature.REGEX_IGNORE_CASE: _EXACT,  # letter case is written out in the pattern
    Feature.REGEX_LUCENE_OPERATOR: _EXACT,  # rewritten by automata where RE2 has no operator
    Feature.STARTS_WITH: _EXACT,
    Feature.STARTS_WITH_IGNORE_CASE: _EXACT,
    Feature.ENDS_WITH: _EXACT,
    Feature.ENDS_WITH_IGNORE_CASE: _EXACT,
    Feature.CONTAINS: _EXACT,
    Feature.CONTAINS_IGNORE_CASE: _EXACT,
    Feature.NETWORK: _EXACT,  # exact RE2 for IPv4, a range of hexadecimal digits for IPv6
    Feature.FIELD_MISSING: _EXACT,  # IS NULL, or no element in a list
    Feature.NULL_RESULT: _EXACT,  # a field without a value contributes one NULL
    Feature.COMPUTED_COMPARISON: _EXACT,
    Feature.TWO_FIELDS: _EXACT,  # nested list_filter: every combination
    Feature.CONDITION_AS_VALUE: _EXACT,  # SQL's three values inside the leaf
    Feature.ARITHMETIC: _FAILS,
    Feature.FUNCTION_BETWEEN: _EXACT,
    Feature.FUNCTION_CONCAT: _EXACT,
    Feature.FUNCTION_INDEX_OF: _EXACT,  # UTF-16 positions
    Feature.FUNCTION_LENGTH: _EXACT,  # UTF-16 length
    Feature.FUNCTION_NUMBER: _FAILS,
    Feature.FUNCTION_STRING: _EXACT,  # Java's text of numbers and dates
    Feature.FUNCTION_SUBSTRING: _HALVES,
    Feature.HEAD: _EXACT,  # ORDER BY … LIMIT
    Feature.TAIL: _EXACT,  # ORDER BY … DESC LIMIT, turned round
    Feature.SEQUENCE: _EXACT,  # one lag a stage (spec §9.4)
    Feature.SEQUENCE_WITHOUT_KEYS: _EXACT,
    Feature.SEQUENCE_MAXSPAN: _EXACT,
    Feature.SEQUENCE_WITHOUT_MAXSPAN: _EXACT,
    Feature.SEQUENCE_RUNS: _EXACT,  # unfolded into stages
    Feature.SEQUENCE_UNTIL: _EXACT,  # rows of a kind of their own in the same window
    Feature.KEYS_DIFFER: _EXACT,  # each stage names its own key columns
    Feature.OPTIONAL_KEY: _EXACT,  # a window partitions NULL with NULL
    Feature.MULTIVALUED_KEY: _EXACT,  # a row a value
    Feature.MISSING_EVENT: _EXACT,  # checked after the match (spec §9.6)
    Feature.SAMPLE: _EXACT,
}


_NULLS_AND_FAILURES = (
    Feature.NULL_RESULT,
    Feature.CONDITION_AS_VALUE,
    Feature.FUNCTION_SUBSTRING,
    Feature.FUNCTION_INDEX_OF,
)
"""Where a missing value can make a condition true, so that a failure must not look like one."""
MAY_ASK: Mapping[str, tuple[Feature, ...]] = {"attempt_null": _NULLS_AND_FAILURES}
"""The features whose lowering may ask for an operation, for each operation that a dialect lacks."""
LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "json": ("json_document", "json_text", "json_at", "json_opened", "json_inside", "json_is_value")
}
"""The operations that every field of a layout asks for."""


def table(dialect: str, layout: str = "auto") -> Table:
    """The complete table: the rows above, by what the dialect lacks."""
    return _TABLE if dialect == "duckdb" else _limited(dialect, layout)


@cache
def _limited(name: str, layout: str) -> Table:
    """Each row, less the operations that the dialect lacks: a layout that it cannot read takes all rows
    with it, an operation that is asked for at some places leaves the decision to the lowering."""
    from eqlx_targets.sql.dialects import DIALECTS

    dialect = DIALECTS[name]
    lacking = {o: why for o in MAY_ASK if (why := dialect.why_missing(o)) is not None}
    unread = [dialect.why_missing(operation) for operation in LAYOUTS.get(layout, ())]
    whole = next((why for why in unread if why is not None), None)
    rows = dict(_TABLE)
    for operation, why in lacking.items():
        rows |= {feature: Unsupported(why, deferred=True) for feature in MAY_ASK[operation]}
    if whole is not None:
        rows |= {feature: Unsupported(whole) for feature in rows}
    return rows
