"""Conditions of a leaf to Painless: three-valued, as when each is true and when it is false (spec §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Flag, auto
from operator import eq, ge, gt, le, lt
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.source import Span
from eqlx_targets.elasticsearch.painless.code import (
    FALSE,
    TRUE,
    Code,
    all_of,
    any_of,
    method,
    negated,
)
from eqlx_targets.elasticsearch.painless.comparisons import Comparisons
from eqlx_targets.elasticsearch.painless.patterns import LuceneOnlyError, pieces, tree
from eqlx_targets.elasticsearch.painless.program import Program
from eqlx_targets.elasticsearch.painless.value import Kind, Value
from eqlx_targets.elasticsearch.painless.values import Values, folded

_METHODS = {
    ir.Where.START: "startsWith",
    ir.Where.END: "endsWith",
    ir.Where.ANYWHERE: "contains",
}


class Wanted(Flag):
    """The outcomes of a condition with which its leaf may still be true."""

    TRUE = auto()
    FALSE = auto()
    NULL = auto()
    ALL = TRUE | FALSE | NULL


@dataclass(frozen=True, slots=True)
class Truth:
    """When a condition is true, when it is false, and when it is null; None where that is when it is
    neither of the other two."""

    true: Code
    false: Code
    null: Code | None = None


def _strict(test: Code, nulls: tuple[Code, ...]) -> Truth:
    """`test`, or null where one of `nulls` holds."""
    known = all_of(*map(negated, nulls))
    return Truth(all_of(known, test), all_of(known, negated(test)), any_of(*nulls))


@dataclass
class Conditions:
    """Lowers one leaf. Its parts are lowered in order of evaluation, all of them: what one of them
    comes to does not keep another from failing (spec §13.4)."""

    program: Program
    name: Callable[[ir.Field], str]
    refuse: Callable[[str, Span], None]

    def __post_init__(self) -> None:
        self.values = Values(self.program, self.name, self.refuse, self.as_value)
        self.comparisons = Comparisons(self.program, self.refuse)

    def leaf(self, leaf: ir.Leaf) -> Code:
        """When the leaf is true for a choice of values."""
        return self.condition(leaf, Wanted.TRUE).true

    def as_value(self, condition: ir.Condition, *, strict: bool) -> Value:
        """A condition as a value."""
        truth = self.condition(condition, Wanted.TRUE | Wanted.FALSE if strict else Wanted.ALL)
        if truth.null is not None:
            nulls = () if truth.null == FALSE else (truth.null,)
            return Value(Kind.BOOLEAN, truth.true, "boolean", nulls)
        holds = self.program.local("boolean", "holds", truth.true)
        fails = self.program.local("boolean", "fails", truth.false)
        return Value(Kind.BOOLEAN, holds, "boolean", (all_of(negated(holds), negated(fails)),))

    def condition(self, condition: ir.Condition, wanted: Wanted) -> Truth:
        strict = Wanted.NULL not in wanted
        match condition:
            case ir.And(conditions):
                inner = Wanted.TRUE if wanted is Wanted.TRUE else Wanted.ALL
                truths = [self.condition(each, inner) for each in conditions]
                true = all_of(*(truth.true for truth in truths))
                false = any_of(*(truth.false for truth in truths))
                return Truth(true, false, _null(truths))
            case ir.Or(conditions):
                inner = Wanted.FALSE if wanted is Wanted.FALSE else Wanted.ALL
                truths = [self.condition(each, inner) for each in conditions]
                true = any_of(*(truth.true for truth in truths))
                false = all_of(*(truth.false for truth in truths))
                return Truth(true, false, _null(truths))
            case ir.Not(inner_condition):
                truth = self.condition(inner_condition, _swapped(wanted))
                return Truth(truth.false, truth.true, truth.null)
            case ir.Constant(None):
                return Truth(FALSE, FALSE, TRUE)
            case ir.Constant(value):
                return _strict(TRUE if value else FALSE, ())
            case ir.IsNull(value):
                found = self.values.value(value, "value", strict=Wanted.TRUE not in wanted)
                return _strict(found.is_null, ())
            case ir.Compare():
                return self.compare(condition, strict=strict)
            case ir.Membership():
                return self.membership(condition, strict=strict)
            case ir.TextMatch():
                return self.text_match(condition, strict=strict)
            case ir.NetworkMatch(value, networks):
                found = self.values.value(value, "address", strict=strict)
                return _strict(self.comparisons.within(found, networks), found.nulls)
            case ir.Like() | ir.RegexMatch():
                found = self.values.value(condition.value, "text", strict=strict)
                return _strict(self.pattern(condition, found), found.nulls)
            case _:
                assert_never(condition)

    def compare(self, node: ir.Compare, *, strict: bool) -> Truth:
        left = self.values.value(node.left, "value", strict=strict)
        test = self.comparisons.comparison(node, left)
        if test is None:  # values of different kinds
            equality = node.operator is ir.Comparison.EQUAL
            if equality and (left.kind is Kind.BOOLEAN or isinstance(node.right, ir.Boolean)):
                return _strict(FALSE, left.nulls)
            self.program.guard(TRUE, left.nulls)
            return Truth(FALSE, FALSE, TRUE)
        truth = _strict(test, left.nulls)
        if _rules_out(left.absent, node):
            return replace(truth, true=test)
        return truth

    def membership(self, node: ir.Membership, *, strict: bool) -> Truth:
        value = self.values.value(node.value, "value", strict=strict)
        return _strict(self.comparisons.membership(node, value), value.nulls)

    # --- texts --------------------------------------------------------------------------------

    def text_match(self, node: ir.TextMatch, *, strict: bool) -> Truth:
        value = self.values.value(node.value, "text", strict=strict)
        part = self.values.text(node.text, "part", node.case, strict=strict)
        whole = folded(self.program, value, node.case)
        test = method(whole, _METHODS[node.where], part.code)
        if node.where is ir.Where.ANYWHERE:
            match node.text:
                case ir.Text(""):
                    test = FALSE
                case ir.Text():
                    pass
                case _:  # the empty text is nowhere
                    code = part.code
                    if not part.nulls:
                        code = self.program.local("String", "part", part.as_text)
                    found = method(whole, "contains", code)
                    test = all_of(negated(method(code, "isEmpty")), found)
        return _strict(test, tuple(dict.fromkeys(value.nulls + part.nulls)))

    def pattern(self, leaf: ir.Like | ir.RegexMatch, value: Value) -> Code:
        match leaf:
            case ir.Like(patterns=patterns, crosses_lines=crosses):
                if crosses:
                    self.refuse("a wildcard over lines inside a computed condition", leaf.span)
                listed = [pieces(each, leaf.case.folding) for each in patterns]
                text = folded(self.program, value, leaf.case)
                if len(listed) == 1:
                    return self.program.function(
                        "like", text, self.program.param("pattern", listed[0])
                    )
                return self.program.function(
                    "likeAny", text, self.program.param("patterns", listed)
                )
            case ir.RegexMatch(patterns=expressions):
                try:
                    trees = [tree(each, leaf.case.folding) for each in expressions]
                except LuceneOnlyError:
                    what = "an operator of Lucene's regular expressions on a computed value"
                    self.refuse(what, leaf.span)
                    return FALSE
                listed_trees = self.program.param("patterns", trees)
                return self.program.function("regex", value.code, listed_trees)


_HOLDS: Mapping[ir.Comparison, Callable[[int, int], bool]] = {
    ir.Comparison.EQUAL: eq,
    ir.Comparison.LESS: lt,
    ir.Comparison.LESS_OR_EQUAL: le,
    ir.Comparison.GREATER: gt,
    ir.Comparison.GREATER_OR_EQUAL: ge,
}


def _rules_out(absent: int | None, node: ir.Compare) -> bool:
    """Whether the comparison is false for what stands for null, so that no null is to be tested."""
    if absent is None or not isinstance(node.right, ir.Integer):
        return False
    return not _HOLDS[node.operator](absent, node.right.value)


def _null(truths: Sequence[Truth]) -> Code | None:
    """Never, where none of the conditions can be null."""
    return FALSE if all(truth.null == FALSE for truth in truths) else None


def _swapped(wanted: Wanted) -> Wanted:
    swapped = wanted & Wanted.NULL
    if Wanted.TRUE in wanted:
        swapped |= Wanted.FALSE
    if Wanted.FALSE in wanted:
        swapped |= Wanted.TRUE
    return swapped
