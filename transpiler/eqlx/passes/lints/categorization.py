"""Lints on ECS's categorization fields: values that ECS does not list, types that no event has.

Events of a data set may hold anything, so a value that is near to none of ECS's is noted only; one
that looks like a misspelling of a listed value, or differs from it in letter case where case counts,
is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import lint as say
from eqlx.fields.categorization import ALLOWED_VALUES, CATEGORIES, EXPECTED_TYPES
from eqlx.fields.nearest import nearest
from eqlx.passes.lints.literals import inner
from eqlx.source import Span
from eqlx.syntax.tree import (
    Comparison,
    EventFilter,
    Expression,
    FieldName,
    InList,
    PatternMatch,
    SampleQuery,
    SequenceQuery,
    Statement,
    StringValue,
)
from eqlx.target import EventModel

_CATEGORY = "event.category"
_TYPE = "event.type"


def categorization(statement: Statement, model: EventModel, report: Report) -> None:
    """Categories and values of `event.category`, `event.kind`, `event.outcome` and `event.type`."""
    for event_filter in filters(statement):
        category = event_filter.category if model.category == _CATEGORY else None
        if category is not None and category not in CATEGORIES:
            _unlisted(_CATEGORY, category, event_filter.category_span, CATEGORIES, report)
        for field, value, takes in _values(event_filter.condition):
            allowed = ALLOWED_VALUES[field]
            meant = frozenset(filter(takes, allowed))
            if not meant:
                _unlisted(field, value.value, value.span, allowed, report)
            elif field == _TYPE and category is not None and category in EXPECTED_TYPES:
                expected = EXPECTED_TYPES[category]
                if not meant & expected:
                    report.add(
                        say.unexpected_event_type(
                            category,
                            value.value,
                            tuple(sorted(expected)),
                            span=value.span,
                            category_span=event_filter.category_span,
                        )
                    )


def filters(statement: Statement) -> Iterator[EventFilter]:
    """The filters of a statement, in order of writing."""
    match statement.query:
        case EventFilter() as node:
            yield node
        case SequenceQuery() as node:
            yield from (term.filter for term in node.terms)
            if node.until is not None:
                yield node.until.filter
        case SampleQuery() as node:
            yield from (term.filter for term in node.terms)


def _unlisted(field: str, value: str, span: Span, allowed: frozenset[str], report: Report) -> None:
    near = _nearest(value, allowed)
    if near is not None:
        report.add(say.misspelt_event_value(field, value, near, span=span))
    else:
        report.add(say.unlisted_event_value(field, value, tuple(sorted(allowed)), span=span))


_STEM = 4


def _nearest(value: str, allowed: frozenset[str]) -> str | None:
    """The listed value that was probably meant: within two edits, or another form of its word
    (`created` for `creation`)."""
    if near := nearest(value, sorted(allowed), limit=1):
        return near[0]
    relatives = [listed for listed in sorted(allowed) if listed[:_STEM] == value.lower()[:_STEM]]
    return next(iter(get_close_matches(value.lower(), relatives, n=1)), None)


def _values(
    condition: Expression,
) -> Iterator[tuple[str, StringValue, Callable[[str], bool]]]:
    """Each string that a categorization field is compared with, and what it takes for itself."""
    takes: Callable[[str, str], bool]
    for node in inner([condition]):
        match node:
            case Comparison(operator="==" | "!=", left=FieldName(name=name), right=other):
                choices, takes = (other,), _equal
            case Comparison(operator="==" | "!=", left=other, right=FieldName(name=name)):
                choices, takes = (other,), _equal
            case InList(operand=FieldName(name=name), choices=choices):
                takes = _equal_folded if node.insensitive else _equal
            case PatternMatch(
                operator=":" | "like" | "like~", operand=FieldName(name=name), patterns=choices
            ):
                takes = _like if node.operator == "like" else _like_folded
            case _:
                continue
        if name in ALLOWED_VALUES:
            for choice in choices:
                if isinstance(choice, StringValue):
                    yield name, choice, partial(takes, choice.value)


def _equal(value: str, listed: str) -> bool:
    return value == listed


def _equal_folded(value: str, listed: str) -> bool:
    return value.lower() == listed


def _like(pattern: str, listed: str) -> bool:
    return fnmatchcase(listed, pattern.replace("[", "[[]"))


def _like_folded(pattern: str, listed: str) -> bool:
    return _like(pattern.lower(), listed)
