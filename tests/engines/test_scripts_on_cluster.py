"""Painless and Lucene at their edges: the cluster against the reference interpreter, case by case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cluster_engine import Searched, needs_scripts, searched

from eqlx.diagnostics import Report
from eqlx.driver.agreement import disagreement
from eqlx.execution import Event
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.source import Source
from eqlx.target import EventModel

pytestmark = [pytest.mark.node, needs_scripts]

SCHEMA = FieldList(
    {
        "@timestamp": FieldInfo(FieldType.DATE),
        "s": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "t": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "full": FieldInfo(FieldType.TEXT),
        "n": FieldInfo(FieldType.LONG, multivalued=True),
        "u": FieldInfo(FieldType.UNSIGNED_LONG),
        "d": FieldInfo(FieldType.DOUBLE),
        "b": FieldInfo(FieldType.BOOLEAN),
        "ip": FieldInfo(FieldType.IP, multivalued=True),
        "when": FieldInfo(FieldType.DATE),
        "fine": FieldInfo(FieldType.DATE_NANOS),
    }
)
VALUES: list[dict[str, object]] = [
    {},
    {"s": "abc", "t": "b", "n": 5, "u": 5, "d": 0.5, "b": True, "ip": "10.0.0.1"},
    {"s": ["abc", "xyz", ""], "t": ["z", "q"], "n": [1, -7], "u": 2**64 - 1, "d": -0.0, "b": False},
    {
        "s": "A\U0001f600b",
        "t": "\U0001f600",
        "n": 2**63 - 1,
        "u": 2**63,
        "ip": ["::1", "fe80::a:0"],
    },
    {"s": "a\nb", "t": "\n", "n": -(2**63), "ip": "::ffff:10.0.0.1", "when": "2026-01-01"},
    {"s": "É", "t": "é", "n": 0, "ip": "255.1.2.3", "when": "1969-12-31T23:59:59.999Z"},
    {"s": "0x1F", "t": "1e3", "d": 1e300, "fine": "2026-01-01T00:00:00.000000001Z"},
    {"s": " 7 ", "t": "-5", "d": 1e10, "fine": "2026-01-01T00:00:00Z", "full": "Some Text"},
    {"s": "k\u212a", "t": "K", "d": 12345678.9, "ip": "2001:db8::1:0:0:1", "full": "some text"},
]
EVENTS: tuple[Event, ...] = tuple(
    {"@timestamp": f"2026-01-01T00:00:{second:02}Z", **values}
    for second, values in enumerate(VALUES)
)
CONDITIONS = (
    # text
    "length(s) == 4",
    "length(s) != 4",
    "s == null",
    "length(s) == null",
    "indexOf(s, t) == 1",
    'indexOf(s, "b") == null',
    'indexOf(s, "b", 2) > 0',
    "indexOf~(s, t) >= 0",
    'substring(s, 1) : "*c"',
    'substring(s, -1) == "b"',
    'substring(s, 0, -1) : ("a?", "xy")',
    'concat(s, ":", n) == "abc:5"',
    'concat(s, d, b) like "abc0.5t*"',
    'between(s, "a", "c") == "b"',
    'between~(s, "A", "B") != ""',
    'between(s, "", "c") == "abc"',
    "startsWith(s, t)",
    "not startsWith(s, t)",
    "endsWith~(s, t)",
    "stringContains(s, t) == false",
    "stringContains~(full, s)",
    "length(full) == 9",
    'full : "some*"',
    'substring(s, 0) regex "a.b"',
    'substring(s, 0) regex~ "[a-b]+C?"',
    'substring(s, 0) regex~ "(a|x)[^b]*(b|yz)c{0,2}"',
    'substring(s, 0) like "a*b"',
    'substring(s, 0) like~ "?B*"',
    '(s in ("abc", "xyz")) == true',
    '(s : "a*") == null',
    # numbers
    "n + 1 == 6",
    "n + 1 > 0",
    "n - 1 < 0",
    "n * 2 == 10",
    "n / 2 == -3",
    "n % 3 == -1",
    "10 / n == 2",
    "n % n == 0",
    "n / d == 10.0",
    "-n == 7",
    "u + 1 > 5",
    "u - 1 >= 9223372036854775807",
    "u == 18446744073709551615",
    "u > 9223372036854775807",
    "d * 2 == 0",
    "d / 0 > 5",
    "number(s) == 31",
    "number(s) == 7",
    "number(t) == 1000",
    "number(t) < 0",
    "number(s, 16) == 31",
    "number(s) == null",
    'string(d) == "1.0E10"',
    'string(d) == "1.23456789E7"',
    'string(n) : "-*"',
    'string(b) == "true"',
    "((n > 4) == true) == false",
    "(n > 4) != null",
    "(n > 4 and d > 0) == null",
    "(n > 4 or d > 0) == true",
    "(not n > 4) == true",
    # addresses
    'string(ip) == "10.0.0.1"',
    'string(ip) == "fe80::a:0"',
    "length(string(ip)) > 8",
    '(ip > "10.0.0.0") == true',
    '(ip < "::ffff:10.0.0.2") == true',
    '(ip >= "FE80::") == true',
    '(cidrMatch(ip, "10.0.0.0/8")) == null',
    'cidrMatch(ip, "10.0.0.0/8", "fe80::/10") == true',
    '(ip == "::/0") == true',
    'ip > "10.0.0.0"',
    # dates
    '(when < "2026-01-01T00:00:00Z") == true',
    '(when == "2026") == true',
    '(fine > "2026-01-01") == true',
    'fine == "2026-01-01T00:00:00.000000001Z"',
    'string(when) == "2026-01-01T00:00:00.000Z"',
    'string(fine) : "*000000001Z"',
    "(when == null) == true",
    # Lucene
    's regex~ ""',
    's regex "()"',
    's regex~ "(a|())bc"',
    's regex "~(a.*)"',
    's regex "a~(b.*)"',
    's regex~ "~(A.*)"',
    's regex "a.*&.*c"',
    's regex "<0-9>"',
    's regex " <5-9> "',
    's regex "a@"',
    's regex "a#"',
    's regex "[a-c]+"',
    's regex~ "[A-C]+"',
    't regex~ "É"',
    's : "K\u212a"',
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Searched]:
    with searched(EVENTS, EventModel(), SCHEMA) as opened:
        yield opened


@pytest.mark.parametrize("condition", CONDITIONS)
def test_condition(condition: str, engine: Searched) -> None:
    report = Report()
    source = Source("query", f"any where {condition}")
    query = compile_source(source, Context(SCHEMA, report, EventModel()))
    assert query is not None, [d.message for d in report]
    expected = evaluate(query, EVENTS, EventModel())
    found = list(engine.run(query))
    assert disagreement(query, expected, found, EVENTS, EventModel()) is None
