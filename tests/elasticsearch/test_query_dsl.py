"""What each EQL construct becomes in Query DSL: flat, minimal, explicit."""

from __future__ import annotations

import pytest

INSENSITIVE = {"case_insensitive": True}


def folded(value):
    return {"value": value, **INSENSITIVE}


def either(*clauses):
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


LEAVES = [
    ('process.name == "a"', {"term": {"process.name": "a"}}),
    ("process.pid == 5", {"term": {"process.pid": 5}}),
    ("process.pid < 5", {"range": {"process.pid": {"lt": 5}}}),
    ("process.pid <= 5", {"range": {"process.pid": {"lte": 5}}}),
    ("5 < process.pid", {"range": {"process.pid": {"gt": 5}}}),
    ("process.pid >= -5", {"range": {"process.pid": {"gte": -5}}}),
    ("process.pid == 9223372036854775808", {"match_none": {}}),
    ("process.pid == 1.5", {"match_none": {}}),
    ("process.pid < 9223372036854775808", {"exists": {"field": "process.pid"}}),
    ("process.pid > -1e308", {"exists": {"field": "process.pid"}}),
    ("process.pid >= 1e308", {"match_none": {}}),
    ("process.pid < -9223372036854775808", {"match_none": {}}),
    (
        "process.pid > -9223372036854775808",
        {"range": {"process.pid": {"gt": -9223372036854775808}}},
    ),
    ("process.pid in (4, 9223372036854775808)", {"term": {"process.pid": 4}}),
    ('process.name in ("a", "b")', {"terms": {"process.name": ["a", "b"]}}),
    ("process.pid in (4, 5)", {"terms": {"process.pid": [4, 5]}}),
    ('process.name == "a" or process.name == "b"', {"terms": {"process.name": ["a", "b"]}}),
    ('process.name : "Abc"', {"term": {"process.name": folded("Abc")}}),
    ('process.name like~ "Abc"', {"term": {"process.name": folded("Abc")}}),
    ('process.name : "123"', {"term": {"process.name": "123"}}),
    ('process.name in~ ("a*", "9")', None),
    ('process.name like "a*"', {"prefix": {"process.name": "a"}}),
    ('process.name : "a*"', {"prefix": {"process.name": folded("a")}}),
    ('process.name like "*a"', {"wildcard": {"process.name": "*a"}}),
    ('process.name : "*a?b*"', {"wildcard": {"process.name": folded("*a?b*")}}),
    ('process.name like "*"', {"exists": {"field": "process.name"}}),
    ("process.name != null", {"exists": {"field": "process.name"}}),
    (
        'process.executable like "*\\\\a.exe"',
        {"wildcard": {"process.executable": "*\\\\a.exe"}},
    ),
    ('process.name regex "a[0-9]+"', {"regexp": {"process.name": "a[0-9]+"}}),
    ('process.name regex~ ""', {"term": {"process.name": ""}}),
    ('process.name regex~ "(a[b-d]|())e"', {"regexp": {"process.name": "([Aa][b-d]|())[Ee]"}}),
    ('process.name regex~ "a[0-9]+"', {"regexp": {"process.name": folded("a[0-9]+")}}),
    # Lucene 10 folds these by Unicode, so that the flag would take the Kelvin sign and the long s
    ('process.name regex~ "ak[0-9]+"', {"regexp": {"process.name": "[Aa][Kk\u212a][0-9]+"}}),
    ('process.name regex~ "a[^s]"', {"regexp": {"process.name": "[Aa][^Ss\u017f]"}}),
    ('process.name regex~ "aé+"', {"regexp": {"process.name": "[Aa][Éé]+"}}),
    ('startsWith(process.name, "a*")', {"prefix": {"process.name": "a*"}}),
    ('startsWith~(process.name, "a")', {"prefix": {"process.name": folded("a")}}),
    ('endsWith(process.name, "\\\\a?*")', {"wildcard": {"process.name": "*\\\\a\\?\\*"}}),
    ('stringContains(process.name, "k=*")', {"wildcard": {"process.name": "*k=\\**"}}),
    ('stringContains~(process.name, "K")', {"wildcard": {"process.name": folded("*K*")}}),
    (
        'cidrMatch(source.ip, "10.1.2.3/8", "FE80::/10", "::1")',
        {"terms": {"source.ip": ["10.0.0.0/8", "fe80::/10", "::1"]}},
    ),
    ('source.ip == "127.0.0.1"', {"term": {"source.ip": "127.0.0.1"}}),
    (
        'process.name : ("a*", "b")',
        either({"prefix": {"process.name": folded("a")}}, {"term": {"process.name": folded("b")}}),
    ),
    (
        'process.name like ("a", "b", "c*")',
        either({"terms": {"process.name": ["a", "b"]}}, {"prefix": {"process.name": "c"}}),
    ),
]


@pytest.mark.parametrize(("eql", "clause"), LEAVES, ids=[eql for eql, _ in LEAVES])
def test_leaf(convert, eql, clause):
    found = convert(f"any where {eql}", envelope="query")
    if clause is None:  # values of `in~` are no patterns
        clause = either({"term": {"process.name": folded("a*")}}, {"term": {"process.name": "9"}})
    assert found == {"bool": {"filter": [clause]}}


A, B, C = ({"term": {f"process.name{i}": "x"}} for i in ("", ".b", ".c"))
CONDITIONS = [
    ("any where true", {"match_all": {}}),
    ("any where false", {"bool": {"filter": [{"match_none": {}}]}}),
    ("process where true", {"bool": {"filter": [{"term": {"event.category": "process"}}]}}),
    ('any where not agent.id == "x"', {"bool": {"must_not": [{"term": {"agent.id": "x"}}]}}),
    ('any where agent.id != "x"', {"bool": {"must_not": [{"term": {"agent.id": "x"}}]}}),
    ("any where agent.id == null", {"bool": {"must_not": [{"exists": {"field": "agent.id"}}]}}),
    (
        'any where agent.id == "x" and (host.id == "y" and not user.id == "z")',
        {
            "bool": {
                "filter": [{"term": {"agent.id": "x"}}, {"term": {"host.id": "y"}}],
                "must_not": [{"term": {"user.id": "z"}}],
            }
        },
    ),
    (
        'any where not (agent.id == "x" or host.id == "y")',
        {"bool": {"must_not": [{"term": {"agent.id": "x"}}, {"term": {"host.id": "y"}}]}},
    ),
    (
        'any where not (agent.id == "x" and host.id == "y")',
        {
            "bool": {
                "must_not": [
                    {"bool": {"filter": [{"term": {"agent.id": "x"}}, {"term": {"host.id": "y"}}]}}
                ]
            }
        },
    ),
    (
        'any where agent.id == "x" or not host.id == "y" or user.id == null',
        {
            "bool": {
                "filter": [
                    either(
                        {"term": {"agent.id": "x"}},
                        {"bool": {"must_not": [{"term": {"host.id": "y"}}]}},
                        {"bool": {"must_not": [{"exists": {"field": "user.id"}}]}},
                    )
                ]
            }
        },
    ),
]


@pytest.mark.parametrize(("eql", "query"), CONDITIONS, ids=[eql for eql, _ in CONDITIONS])
def test_condition(convert, eql, query):
    assert convert(eql, envelope="query") == query


@pytest.mark.parametrize(
    ("literal", "operator", "bounds"),
    [
        (
            "2026-01-02",
            "==",
            {"gte": "2026-01-02T00:00:00.000Z", "lte": "2026-01-02T00:00:00.000Z"},
        ),
        ("2026-01-02T03:04:05.678Z", ">", {"gt": "2026-01-02T03:04:05.678Z"}),
        ("1969-12-31T23:59:59.999Z", "<=", {"lte": "1969-12-31T23:59:59.999Z"}),
        ("2026-01-02T03:04:05.6789Z", "<", {"lte": "2026-01-02T03:04:05.678Z"}),
        ("2026-01-02T03:04:05.6789Z", ">=", {"gt": "2026-01-02T03:04:05.678Z"}),
    ],
)
def test_dates_are_exact_instants(convert, literal, operator, bounds):
    found = convert(f'any where process.start {operator} "{literal}"', envelope="query")
    assert found == {"bool": {"filter": [{"range": {"process.start": bounds}}]}}


def test_hostile_values_stay_values(convert):
    hostile = '"}]}, {"match_all": {}} \\ \u2028 \x00 é \U0001f600 </script>'
    escaped = hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\x00", "\\u{00}")
    found = convert(f'any where process.name == "{escaped}"', rule={"name": hostile})
    assert found["body"]["query"] == {"bool": {"filter": [{"term": {"process.name": hostile}}]}}
    assert found["meta"]["name"] == hostile
    field = convert('any where `a"} b` == 1', envelope="query")
    assert field == {"bool": {"filter": [{"term": {'a"} b': 1}}]}}
