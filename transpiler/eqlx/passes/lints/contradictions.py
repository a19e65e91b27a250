"""Lint on conditions that exclude each other, or that leave nothing out (spec §5, §6).

Only fields with one value count: of a field with several, one value may meet one condition and
another value the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.lint import always_matches, never_matches
from eqlx.ir.nodes import (
    And,
    Case,
    Compare,
    Comparison,
    Condition,
    Decimal,
    Field,
    Instant,
    Integer,
    IsNull,
    Literal,
    Membership,
    Not,
    Or,
    Query,
)
from eqlx.ir.walk import LEAVES, children, walk


def contradictions(query: Query, report: Report) -> None:
    """`and` whose sides exclude each other, `or` whose sides cover everything."""
    for node, _, leaf in walk(query):
        if leaf is None and isinstance(node, And):
            _exclusive(node.conditions, report)
        elif leaf is None and isinstance(node, Or):
            _exhaustive(node.conditions, report)


def _exclusive(conditions: tuple[Condition, ...], report: Report) -> None:
    _opposites(conditions, report, conjunction=True)
    values: dict[str, tuple[frozenset[Literal], Condition]] = {}
    missing: dict[str, Condition] = {}
    ranges: dict[str, list[Compare]] = {}
    present: dict[str, Condition] = {}
    for condition in conditions:
        field = _single_field(condition)
        if field is None:
            continue
        name = field.name
        if isinstance(condition, IsNull):
            missing.setdefault(name, condition)
            continue
        present.setdefault(name, condition)
        if isinstance(condition, Compare) and condition.operator is not Comparison.EQUAL:
            ranges.setdefault(name, []).append(condition)
        choices = _choices(condition)
        if choices is None:
            continue
        if name in values:
            before, first = values[name]
            if not before & choices:
                _never(f"`{name}` cannot be both", condition, first, report)
            choices = before & choices or choices
        values[name] = (choices, condition)
    for name in missing.keys() & present.keys():
        _never(f"`{name}` is missing here", present[name], missing[name], report)
    for name, bounds in ranges.items():
        _apart(name, bounds, values.get(name), report)


def _exhaustive(conditions: tuple[Condition, ...], report: Report) -> None:
    _opposites(conditions, report, conjunction=False)
    excluded: dict[str, tuple[frozenset[Literal], Condition]] = {}
    for condition in conditions:
        if not isinstance(condition, Not):
            continue
        field, choices = _single_field(condition.condition), _choices(condition.condition)
        if field is None or choices is None:
            continue
        if field.name in excluded:
            before, first = excluded[field.name]
            if not before & choices:
                reason = f"whatever `{field.name}` is, it is not both"
                report.add(
                    always_matches(
                        reason, span=condition.span, other=first.span, word="or this is true"
                    )
                )
            choices |= before
        excluded[field.name] = (choices, condition)


def _opposites(conditions: tuple[Condition, ...], report: Report, *, conjunction: bool) -> None:
    """`a and not a`, `a or not a`: true of every condition, whatever its fields hold."""
    positive = {condition: condition for condition in conditions if not isinstance(condition, Not)}
    for condition in conditions:
        if isinstance(condition, Not) and condition.condition in positive:
            other = positive[condition.condition]
            first, second = sorted((condition, other), key=lambda node: node.span.start)
            if conjunction:
                _never("one side is the other's negation", second, first, report)
            else:
                report.add(
                    always_matches(
                        "one side is the other's negation",
                        span=second.span,
                        other=first.span,
                        word="its negation",
                    )
                )


def _never(reason: str, here: Condition, there: Condition, report: Report) -> None:
    report.add(never_matches(reason, span=here.span, other=there.span, word="together with this"))


def _single_field(condition: Condition) -> Field | None:
    """The field that a leaf tests, if it has one value at most."""
    if not isinstance(condition, LEAVES):
        return None
    value = children(condition)[0]
    return value if isinstance(value, Field) and not value.multivalued else None


def _choices(condition: Condition) -> frozenset[Literal] | None:
    if isinstance(condition, Compare) and condition.operator is Comparison.EQUAL:
        literals: Iterable[Literal] = (condition.right,)  # type: ignore[assignment]  # after the passes
    elif isinstance(condition, Membership):
        literals = condition.choices
    else:
        return None
    return frozenset(literals) if condition.case is Case.SENSITIVE else None


# --- ranges -----------------------------------------------------------------------------------


def _apart(
    name: str,
    bounds: list[Compare],
    values: tuple[frozenset[Literal], Condition] | None,
    report: Report,
) -> None:
    """Ranges that do not meet, or that leave out every value that the field must have."""
    for lower in bounds:
        for upper in bounds:
            if _is_lower(lower) and not _is_lower(upper) and _gap(lower, upper):
                first, second = sorted((lower, upper), key=lambda node: node.span.start)
                _never(f"no value of `{name}` is in both ranges", second, first, report)
                return
    if values is None:
        return
    literals, condition = values
    for bound in bounds:
        if all(_outside(literal, bound) for literal in literals):
            _never(f"`{name}` is outside of this range", bound, condition, report)
            return


def _is_lower(bound: Compare) -> bool:
    return bound.operator in {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}


def _gap(lower: Compare, upper: Compare) -> bool:
    low, high = _amount(lower.right), _amount(upper.right)
    if low is None or high is None:
        return False
    touching = lower.operator is Comparison.GREATER_OR_EQUAL
    touching = touching and upper.operator is Comparison.LESS_OR_EQUAL
    return low > high or (low == high and not touching)


def _outside(literal: Literal, bound: Compare) -> bool:
    value, limit = _amount(literal), _amount(bound.right)
    if value is None or limit is None:
        return False
    match bound.operator:
        case Comparison.LESS:
            return value >= limit
        case Comparison.LESS_OR_EQUAL:
            return value > limit
        case Comparison.GREATER:
            return value <= limit
        case Comparison.GREATER_OR_EQUAL:
            return value < limit
        case Comparison.EQUAL:
            return value != limit


def _amount(literal: object) -> float | None:
    match literal:
        case Integer() | Decimal():
            return literal.value
        case Instant():
            return literal.nanoseconds
        case _:
            return None
