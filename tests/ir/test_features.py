"""Every feature is found by at least one query, at the place that has the meaning."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Report
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.feature_walk import features
from eqlx.ir.features import Feature
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.source import Source

SCHEMA = FieldList(
    {
        "event.category": FieldInfo(FieldType.KEYWORD),
        "t": FieldInfo(FieldType.KEYWORD),
        "u": FieldInfo(FieldType.KEYWORD),
        "many": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "n": FieldInfo(FieldType.LONG),
        "b": FieldInfo(FieldType.BOOLEAN),
        "d": FieldInfo(FieldType.DATE),
        "a": FieldInfo(FieldType.IP),
        "v": FieldInfo(FieldType.VERSION),
    }
)

CASES: dict[Feature, tuple[str, str]] = {
    Feature.CATEGORY: ("process where true", "process where true"),
    Feature.MATCH_ALL: ("any where true", "true"),
    Feature.MATCH_NONE: ("any where false", "false"),
    Feature.CONJUNCTION: ("any where n == 1 and b", "n == 1 and b"),
    Feature.DISJUNCTION: ("any where n == 1 or b", "n == 1 or b"),
    Feature.NEGATION: ("any where n != 1", "n != 1"),
    Feature.MULTIVALUED_FIELD: ('any where many == "x"', "many"),
    Feature.EQUAL_TEXT: ('any where t in ("x", "y")', 't in ("x", "y")'),
    Feature.EQUAL_TEXT_IGNORE_CASE: ('any where t : "x"', 't : "x"'),
    Feature.EQUAL_NUMBER: ("any where n == 1", "n == 1"),
    Feature.EQUAL_BOOLEAN: ("any where b", "b"),
    Feature.EQUAL_DATE: ('any where d == "2026-01-01"', 'd == "2026-01-01"'),
    Feature.EQUAL_VERSION: ('any where v == "1.2"', 'v == "1.2"'),
    Feature.ORDER_TEXT: ('any where t < "x"', 't < "x"'),
    Feature.ORDER_NUMBER: ("any where 5 < n", "5 < n"),
    Feature.ORDER_DATE: ('any where d < "2026-01-01"', 'd < "2026-01-01"'),
    Feature.ORDER_IP: ('any where a < "10.0.0.1"', 'a < "10.0.0.1"'),
    Feature.ORDER_VERSION: ('any where v < "1.2"', 'v < "1.2"'),
    Feature.WILDCARD: ('any where t like "x*"', 't like "x*"'),
    Feature.WILDCARD_IGNORE_CASE: ('any where t : "x*"', 't : "x*"'),
    Feature.REGEX: ('any where t regex "x+"', 't regex "x+"'),
    Feature.REGEX_IGNORE_CASE: ('any where t regex~ "x+"', 't regex~ "x+"'),
    Feature.REGEX_LUCENE_OPERATOR: ('any where t regex "x(<1-5>|y)*"', 't regex "x(<1-5>|y)*"'),
    Feature.STARTS_WITH: ('any where startsWith(t, "x")', 'startsWith(t, "x")'),
    Feature.STARTS_WITH_IGNORE_CASE: ('any where startsWith~(t, "x")', 'startsWith~(t, "x")'),
    Feature.ENDS_WITH: ('any where endsWith(t, "x")', 'endsWith(t, "x")'),
    Feature.ENDS_WITH_IGNORE_CASE: ('any where endsWith~(t, "x")', 'endsWith~(t, "x")'),
    Feature.CONTAINS: ('any where stringContains(t, "x")', 'stringContains(t, "x")'),
    Feature.CONTAINS_IGNORE_CASE: ('any where stringContains~(t, "x")', 'stringContains~(t, "x")'),
    Feature.NETWORK: ('any where a == "10.0.0.0/8"', 'a == "10.0.0.0/8"'),
    Feature.FIELD_MISSING: ("any where t != null", "t != null"),
    Feature.NULL_RESULT: ("any where length(t) == null", "length(t) == null"),
    Feature.COMPUTED_COMPARISON: ("any where length(t) > 3", "length(t) > 3"),
    Feature.TWO_FIELDS: ("any where startsWith(t, u)", "startsWith(t, u)"),
    Feature.CONDITION_AS_VALUE: ("any where (n > 5) == null", "(n > 5)"),
    Feature.ARITHMETIC: ("any where n + 1 > 3", "n + 1"),
    Feature.FUNCTION_BETWEEN: ('any where between(t, "x", "y") == "z"', 'between(t, "x", "y")'),
    Feature.FUNCTION_CONCAT: ('any where concat(t, "x") == "z"', 'concat(t, "x")'),
    Feature.FUNCTION_INDEX_OF: ('any where indexOf(t, "x") == 1', 'indexOf(t, "x")'),
    Feature.FUNCTION_LENGTH: ("any where length(t) == 1", "length(t)"),
    Feature.FUNCTION_NUMBER: ("any where number(t) == 1", "number(t)"),
    Feature.FUNCTION_STRING: ('any where string(n) == "1"', "string(n)"),
    Feature.FUNCTION_SUBSTRING: ('any where substring(t, 1) == "1"', "substring(t, 1)"),
    Feature.HEAD: ("any where true | head 3", "| head 3"),
    Feature.TAIL: ("any where true | tail 3", "| tail 3"),
    Feature.SEQUENCE: ("sequence [any where b] [any where b]", ""),
    Feature.SEQUENCE_WITHOUT_KEYS: ("sequence [any where b] [any where b]", ""),
    Feature.SEQUENCE_MAXSPAN: ("sequence with maxspan=1s [any where b] [any where b]", ""),
    Feature.SEQUENCE_WITHOUT_MAXSPAN: ("sequence [any where b] [any where b]", ""),
    Feature.SEQUENCE_RUNS: (
        "sequence [any where b] [any where not b] with runs=2",
        "[any where not b] with runs=2",
    ),
    Feature.SEQUENCE_UNTIL: (
        "sequence [any where b] [any where b] until [any where not b]",
        "until [any where not b]",
    ),
    Feature.KEYS_DIFFER: ("sequence [any where b] by t [any where b] by u", "[any where b] by u"),
    Feature.OPTIONAL_KEY: ("sequence by ?t [any where b] [any where b]", "?t"),
    Feature.MULTIVALUED_KEY: ("sequence by many [any where b] [any where b]", "many"),
    Feature.MISSING_EVENT: (
        "sequence with maxspan=1s [any where b] ![any where not b]",
        "![any where not b]",
    ),
    Feature.SAMPLE: ("sample by t [any where b] [any where b]", ""),
}


@pytest.mark.parametrize("feature", Feature)
def test_found(feature: Feature) -> None:
    text, marked = CASES[feature]
    source = Source("query", text)
    report = Report(source)
    query = compile_source(source, Context(SCHEMA, report))
    assert query is not None, list(report)
    spans = [span for found, span, _ in features(query) if found is feature]
    assert spans
    assert text[spans[0].start : spans[0].end] == (marked or text)
