"""What queries can mean where fields are absent, and that execution agrees."""

from __future__ import annotations

import pytest

from eqlx.applicability import Applicability, applicability
from eqlx.driver.convert import compile_rule
from eqlx.rule import Rule
from eqlx.source import Source

PRESENT = frozenset({"event.category", "process.name", "process.pid", "host.id", "@timestamp"})
COMPLETE, CANNOT, VOID, NARROWED = Applicability

CASES = [
    ('process where process.name == "a"', COMPLETE, ()),
    ('process where user.id == "a"', CANNOT, ("user.id",)),
    ('process where process.name == "a" and user.id == "a"', CANNOT, ("user.id",)),
    ('process where process.name == "a" and not user.id == "a"', VOID, ("user.id",)),
    ('process where process.name == "a" and user.id != "a"', VOID, ("user.id",)),
    ('process where process.name == "a" and not user.id : ("a*", "b")', VOID, ("user.id",)),
    (
        'process where process.name == "a" and not (user.id == "a" and process.pid > 1)',
        VOID,
        ("user.id",),
    ),
    ('process where process.name == "a" or user.id == "a"', NARROWED, ("user.id",)),
    ("process where process.pid == 1 and user.id == null", VOID, ("user.id",)),
    ("process where process.pid == 1 and user.id != null", CANNOT, ("user.id",)),
    (
        "process where process.pid == 1 and not (user.id == null and process.pid == 2)",
        NARROWED,
        ("user.id",),
    ),
    (
        'sequence by user.id [process where process.name == "a"] [process where true]',
        CANNOT,
        ("user.id",),
    ),
    (
        'sequence by host.id [process where user.id == "a"] [process where true]',
        CANNOT,
        ("user.id",),
    ),
    (
        'sequence by host.id with maxspan=1s [process where true] ![process where user.id == "a"]',
        NARROWED,
        ("user.id",),
    ),
    (
        'sequence by host.id [process where true] [process where true] until [process where user.id == "a"]',
        NARROWED,
        ("user.id",),
    ),
    ('sample by host.id [process where user.id == "a"] [process where true]', CANNOT, ("user.id",)),
]


@pytest.mark.parametrize(("query", "grade", "fields"), CASES)
def test_grades(query: str, grade: Applicability, fields: tuple[str, ...]) -> None:
    outcome = compile_rule(Rule(Source("q", query)))
    assert outcome.query is not None, outcome.diagnostics
    found = applicability(outcome.query, PRESENT)
    assert found.grade is grade
    assert found.absent == fields
    assert all(name in found.words for name in fields)


def test_nothing_is_searched_without_the_category() -> None:
    outcome = compile_rule(Rule(Source("q", "process where true")))
    assert outcome.query is not None
    assert applicability(outcome.query, frozenset()).grade is CANNOT
