"""`verify` accepts what the passes give and names each rule that is broken."""

from __future__ import annotations

import pytest

from eqlx.ir import nodes as ir
from eqlx.ir.nodes import Case, Comparison
from eqlx.ir.types import FieldType
from eqlx.ir.verify import InvariantError, verify

F = ir.Field("f", type=FieldType.KEYWORD)
LEAF = ir.Compare(Comparison.EQUAL, F, ir.Text("x"))
TRUE = ir.Constant(value=True)
FALSE = ir.Constant(value=False)


def event(condition: ir.Condition) -> ir.EventQuery:
    return ir.EventQuery(ir.Filter(None, condition))


@pytest.mark.parametrize("condition", [LEAF, TRUE, ir.Not(LEAF), ir.And((LEAF, ir.Not(LEAF)))])
def test_accepted(condition: ir.Condition) -> None:
    verify(event(condition))


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        (event(ir.And((LEAF,))), "two operands"),
        (event(ir.And((LEAF, ir.And((LEAF, LEAF))))), "flat"),
        (event(ir.Not(ir.Not(LEAF))), "double negation"),
        (event(ir.Constant(None)), "no filter is null"),
        (event(ir.Not(TRUE)), "constants stand alone"),
        (event(ir.Compare(Comparison.EQUAL, ir.Field("f"), ir.Text("x"))), "resolved"),
        (event(ir.Compare(Comparison.EQUAL, F, F)), "literal stands on the right"),
        (event(ir.Compare(Comparison.EQUAL, ir.Text("x"), ir.Text("x"))), "of constants"),
        (event(ir.Compare(Comparison.EQUAL, F, ir.Null())), "with null"),
        (event(ir.Compare(Comparison.LESS, F, ir.Text("x"), Case.INSENSITIVE)), "case matters"),
        (event(ir.Membership(F, (ir.Null(),))), "null choices"),
        (event(ir.Membership(F, ())), "has choices"),
        (event(ir.Like(F, (), Case.SENSITIVE)), "has patterns"),
        (event(ir.IsNull(ir.Truth(TRUE))), "constants stand alone"),
        (ir.EventQuery(ir.Filter(None, TRUE), (ir.Limit(ir.End.HEAD, -1),)), "counts from 0"),
        (
            ir.Sequence((ir.Stage(ir.Filter(None, TRUE), (F,)), ir.Stage(ir.Filter(None, TRUE)))),
            "keys",
        ),
        (ir.Sequence((ir.Stage(ir.Filter(None, TRUE), runs=101),)), "runs"),
        (ir.Sequence((ir.Stage(ir.Filter(None, TRUE), missing=True),), 1), "positive"),
        (
            ir.Sequence(
                (ir.Stage(ir.Filter(None, TRUE)), ir.Stage(ir.Filter(None, TRUE), missing=True))
            ),
            "maxspan",
        ),
        (
            ir.Sequence((ir.Stage(ir.Filter(None, TRUE)), ir.Stage(ir.Filter(None, FALSE)))),
            "empty term",
        ),
    ],
)
def test_refused(query: ir.Query, rule: str) -> None:
    with pytest.raises(InvariantError, match=rule):
        verify(query)


def test_raw_ir_may_be_unresolved() -> None:
    verify(event(ir.Compare(Comparison.EQUAL, ir.Field("f"), ir.Null())), final=False)
