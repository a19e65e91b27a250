"""The search for values that give conditions their wanted truth."""

from __future__ import annotations

from eqlx.driver import compile_rule
from eqlx.ir.nodes import Condition, EventQuery
from eqlx.reference.conditions import holds
from eqlx.reference.documents import Document
from eqlx.rulefile.loader import from_query
from eqlx.synthesis.constraints import Judge
from eqlx.synthesis.search import satisfy
from eqlx.target import EventModel

MODEL = EventModel()


def condition(text: str) -> Condition:
    query = compile_rule(from_query(f"any where {text}")).query
    assert isinstance(query, EventQuery)
    return query.filter.condition


def is_granted(text: str, *, truth: bool) -> bool:
    """Whether values are found, and the interpreter then gives the condition that truth."""
    wished = condition(text)
    values = satisfy(Judge(MODEL), [(wished, truth)])
    return values is not None and holds(wished, Document(1, values, MODEL)) is truth


def test_many_choices_are_no_deep_recursion() -> None:
    clauses = " and ".join(f'(a{n} == "x" or b{n} == "y")' for n in range(600))
    assert is_granted(clauses, truth=True)
    assert is_granted(clauses, truth=False)


def test_a_wrong_choice_is_undone() -> None:
    # The first part of each choice is in the way of the second condition.
    text = (
        '(a == "x" or b == "y") and (c == "x" or a == "z") and (b == "w" or c == "v") and a != "x"'
    )
    assert is_granted(text, truth=True)
    assert is_granted(text, truth=False)


def test_what_cannot_be_is_not_found() -> None:
    # One of two values would do for `b == "x" and b == "w"`: an event may have both.
    text = '(a == "x" or b == "y") and a == null and b == null'
    assert satisfy(Judge(MODEL), [(condition(text), True)]) is None
