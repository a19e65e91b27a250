"""What the SQL target expresses, feature by feature, with the reason a line.

Letter case is exact at both of its levels (`lower/letters.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.capability import Exact, Feature, Table

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


def table(options: Mapping[str, str]) -> Table:  # noqa: ARG001 no option changes what can be said
    """The complete table."""
    return _TABLE
