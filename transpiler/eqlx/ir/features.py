"""Features: the meanings that a target may or may not be able to express."""

from __future__ import annotations

from enum import Enum


class Feature(Enum):
    """A meaning, not a syntax. `ir.feature_walk` says which node has which."""

    # events
    CATEGORY = "category"
    MATCH_ALL = "match-all"
    MATCH_NONE = "match-none"
    CONJUNCTION = "conjunction"
    DISJUNCTION = "disjunction"
    NEGATION = "negation"
    MULTIVALUED_FIELD = "multivalued-field"
    # comparison
    EQUAL_TEXT = "equal-text"
    EQUAL_TEXT_IGNORE_CASE = "equal-text-ignore-case"
    EQUAL_NUMBER = "equal-number"
    EQUAL_BOOLEAN = "equal-boolean"
    EQUAL_DATE = "equal-date"
    EQUAL_VERSION = "equal-version"
    ORDER_TEXT = "order-text"
    ORDER_NUMBER = "order-number"
    ORDER_DATE = "order-date"
    ORDER_IP = "order-ip"
    ORDER_VERSION = "order-version"
    # text
    WILDCARD = "wildcard"
    WILDCARD_IGNORE_CASE = "wildcard-ignore-case"
    REGEX = "regex"
    REGEX_IGNORE_CASE = "regex-ignore-case"
    REGEX_LUCENE_OPERATOR = "regex-lucene-operator"
    STARTS_WITH = "starts-with"
    STARTS_WITH_IGNORE_CASE = "starts-with-ignore-case"
    ENDS_WITH = "ends-with"
    ENDS_WITH_IGNORE_CASE = "ends-with-ignore-case"
    CONTAINS = "contains"
    CONTAINS_IGNORE_CASE = "contains-ignore-case"
    NETWORK = "network"
    # null
    FIELD_MISSING = "field-missing"
    NULL_RESULT = "null-result"
    # computed values
    COMPUTED_COMPARISON = "computed-comparison"
    TWO_FIELDS = "two-fields"
    CONDITION_AS_VALUE = "condition-as-value"
    ARITHMETIC = "arithmetic"
    FUNCTION_BETWEEN = "function-between"
    FUNCTION_CONCAT = "function-concat"
    FUNCTION_INDEX_OF = "function-index-of"
    FUNCTION_LENGTH = "function-length"
    FUNCTION_NUMBER = "function-number"
    FUNCTION_STRING = "function-string"
    FUNCTION_SUBSTRING = "function-substring"
    # results
    HEAD = "head"
    TAIL = "tail"
    # sequences and samples
    SEQUENCE = "sequence"
    SEQUENCE_WITHOUT_KEYS = "sequence-without-keys"
    SEQUENCE_MAXSPAN = "sequence-maxspan"
    SEQUENCE_WITHOUT_MAXSPAN = "sequence-without-maxspan"
    SEQUENCE_RUNS = "sequence-runs"
    SEQUENCE_UNTIL = "sequence-until"
    KEYS_DIFFER = "keys-differ"
    OPTIONAL_KEY = "optional-key"
    MULTIVALUED_KEY = "multivalued-key"
    MISSING_EVENT = "missing-event"
    SAMPLE = "sample"


class Polarity(Enum):
    """Whether a node stands under an even or odd number of `not`, `until` and missing events."""

    POSITIVE = "positive"
    NEGATIVE = "negative"

    @property
    def flipped(self) -> Polarity:
        return Polarity.NEGATIVE if self is Polarity.POSITIVE else Polarity.POSITIVE
