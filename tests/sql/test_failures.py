"""Calculations that fail inside a leaf, and whole numbers beyond what a double holds (spec §7, §13.4)."""

from __future__ import annotations

import pytest

from eqlx.driver import convert_rule
from eqlx.driver.convert import Status
from eqlx.rulefile.loader import from_query
from eqlx_harness.searching import Search
from eqlx_targets.sql import emit
from eqlx_targets.sql.target import TARGET

EVENTS = [
    {"process": {"name": "x", "pid": 0}},
    {"process": {"name": "7", "pid": 1}},
    {"process": {"pid": 1}},
]


def test_an_operand_that_fails_fails_the_leaf(search: Search) -> None:
    """Elasticsearch computes every operand of an `or` that is used as a value; SQL might not."""
    number = "number(process.name) == 1"
    cases = [
        # null for the second and third event; for the first, a failure
        (f'((process.pid >= 0 or {number}) and user.name == "a") == null', [2, 3]),
        (f'(({number} or process.pid >= 0) and user.name == "a") == null', [2, 3]),
        (f'((process.pid > 5 and {number}) or user.name == "a") == null', [2, 3]),
        (f'not ((process.pid >= 0 or {number}) and user.name == "a") == null', [1]),
        ('((process.pid >= 0 or 1 / process.pid == 1) and user.name == "a") == null', [2, 3]),
        (f'string(process.pid >= 0 or {number}) == "true"', [2, 3]),
    ]
    search(cases, EVENTS)


def test_operands_that_may_fail_are_computed_before_they_are_joined() -> None:
    text = (
        'any where ((process.pid >= 0 or number(process.name) == 1) and user.name == "a") == null'
    )
    outcome = convert_rule(from_query(text), TARGET)
    assert outcome.artifact is not None
    assert "LAMBDA c : c[1] OR c[2]" in outcome.artifact.text


def test_whole_numbers_beyond_two_to_the_53rd(search: Search) -> None:
    names = ["9007199254740993", "9007199254740992", "0x20000000000001", "9007199254740993.0"]
    events = [{"process": {"name": name}} for name in names]
    wanted = 2**53 + 1
    cases = [
        # the last text is a double, which meets the literal as a double (spec §7)
        (f"number(process.name) == {wanted}", [1, 3, 4]),
        (f"number(process.name) != {wanted}", [2]),
        (f"number(process.name) < {wanted}", [2]),
        (f"number(process.name) >= {wanted}", [1, 3, 4]),
        (f"number(process.name) in ({wanted}, 4)", [1, 3, 4]),
        (f'string(number(process.name)) == "{wanted}"', [1, 3]),
        (f'concat("", number(process.name)) == "{wanted}"', [1, 3]),
    ]
    search(cases, events)


def test_whole_numbers_beyond_64_bits_fail(search: Search) -> None:
    """Found by fuzzing: the exact form of a number failed outside of TRY."""
    cases = [
        (f"number(process.name, 16) >= {2**53}", [2]),
        (f"not number(process.name, 16) >= {2**53}", [1, 3]),
        (f"number(process.name) != {2**53}", [1, 2, 3]),
    ]
    names = ["9007199254740992a", "20000000000000", "x"]
    search(cases, [{"process": {"name": name}} for name in names])


def test_arithmetic_on_texts_is_declared() -> None:
    outcome = convert_rule(from_query("any where number(process.name) + 1 == 2"), TARGET)
    assert any("number(…) stays within 2^53" in a for a in outcome.fidelity.assumptions)


def test_sql_that_does_not_read_back_is_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emit, "difference", lambda *_: "`a` became `b`")
    outcome = convert_rule(from_query("any where true"), TARGET)
    assert outcome.status is Status.FAILED
    [diagnostic] = [d for d in outcome.diagnostics if d.code == "internal-error"]
    assert "does not read back" in f"{diagnostic.message} {diagnostic.notes}"
