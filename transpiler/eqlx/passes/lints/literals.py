"""Lints on constants as written: wildcards where none are expanded, values said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import lint as say
from eqlx.patterns.folding import Folding, fold
from eqlx.syntax.tree import (
    Arithmetic,
    BooleanValue,
    Comparison,
    EventFilter,
    Expression,
    FieldName,
    FunctionCall,
    InList,
    Logical,
    NotExpression,
    NullValue,
    NumberValue,
    PatternMatch,
    SampleQuery,
    SequenceQuery,
    Sign,
    Statement,
    StringValue,
)


def wildcards_in_equality(statement: Statement, report: Report) -> None:
    """`*` and `?` in texts that a field is compared with by `==`, `!=`, `in`, `in~`."""
    for node in expressions(statement):
        if isinstance(node, Comparison) and node.operator in {"==", "!="}:
            for value, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(other, FieldName):
                    _wildcard(value, node.operator, "`like` or `:`", report)
        elif isinstance(node, InList) and isinstance(node.operand, FieldName):
            operator = "in~" if node.insensitive else "in"
            for choice in node.choices:
                _wildcard(choice, operator, "`:`" if node.insensitive else "`like`", report)


def _wildcard(value: Expression, operator: str, instead: str, report: Report) -> None:
    if isinstance(value, StringValue) and ("*" in value.value or "?" in value.value):
        report.add(say.wildcard_in_equality(value.value, operator, instead, span=value.span))


def duplicate_values(statement: Statement, report: Report) -> None:
    """Values that a list holds twice, and patterns that another pattern of the list covers."""
    for node in expressions(statement):
        if isinstance(node, InList):
            _repeated(node.choices, report, insensitive=node.insensitive)
        elif isinstance(node, PatternMatch) and len(node.patterns) > 1:
            insensitive = node.operator in {":", "like~"}
            left = _repeated(node.patterns, report, insensitive=insensitive)
            if not node.operator.startswith("regex"):
                _covered(left, report, insensitive=insensitive)


def _repeated(
    choices: tuple[Expression, ...], report: Report, *, insensitive: bool
) -> list[StringValue]:
    """Reports repetitions; the first of each string comes back."""
    seen: dict[object, Expression] = {}
    strings: list[StringValue] = []
    for choice in choices:
        if isinstance(choice, StringValue):
            key: object = _key(choice.value, insensitive=insensitive)
        else:
            key = choice
        first = seen.setdefault(key, choice)
        if first is choice:
            if isinstance(choice, StringValue):
                strings.append(choice)
            continue
        text = choice.value if isinstance(choice, StringValue) else _spelled(choice)
        how = "twice in the list"
        if insensitive and isinstance(first, StringValue) and first.value != text:
            how = "twice in the list, as letter case does not matter here"
        report.add(say.duplicate_list_value(text, how, span=choice.span, first=first.span))
    return strings


def _key(text: str, *, insensitive: bool) -> str:
    if not insensitive:
        return text
    return fold(text, Folding.ASCII)


def _spelled(choice: Expression) -> str:
    if isinstance(choice, NumberValue):
        return choice.text or str(choice.value)
    return str(choice.value).lower() if isinstance(choice, BooleanValue) else "this"


_MAX_PATTERNS = 400
"""Longer lists are not searched for covered patterns: the time grows with the square."""


def _covered(patterns: list[StringValue], report: Report, *, insensitive: bool) -> None:
    if len(patterns) > _MAX_PATTERNS:
        return
    folded = [_key(pattern.value, insensitive=insensitive) for pattern in patterns]
    wide = [(index, _Cover(text)) for index, text in enumerate(folded) if "*" in text]
    for index, text in enumerate(folded):
        narrow = text.replace("*", _RUN)
        for other, cover in wide:
            if other != index and cover(narrow):
                here, first = patterns[index], patterns[other]
                how = f"covered by `{first.value}`"
                report.add(
                    say.duplicate_list_value(here.value, how, span=here.span, first=first.span)
                )
                break


_RUN = "\ue000"
"""Stands for `*` in a pattern that is tested as a text; a `?` stands for itself there."""


class _Cover:
    """Tells whether everything that another pattern matches is matched by this one.

    The stretches between its `*` must be found in order in the other; its `?` takes any character
    of the other but a `*`.
    """

    def __init__(self, text: str) -> None:
        first, *middle, last = text.split("*")
        self._first, self._last = self._stretch(first), self._stretch(last)
        self._middle = [self._stretch(part) for part in middle if part]
        self._ends = len(first) + len(last)
        self._last_size = len(last)

    @staticmethod
    def _stretch(part: str) -> re.Pattern[str]:
        return re.compile(re.escape(part).replace(r"\?", f"[^{_RUN}]"))

    def __call__(self, narrow: str) -> bool:
        if len(narrow) < self._ends or not (start := self._first.match(narrow)):
            return False
        end = len(narrow) - self._last_size
        if not self._last.match(narrow, end):
            return False
        position = start.end()
        for part in self._middle:
            found = part.search(narrow, position, end)
            if found is None:
                return False
            position = found.end()
        return True


def expressions(statement: Statement) -> Iterator[Expression]:
    """Every expression of a statement, in order of writing, outer ones first."""
    match statement.query:
        case EventFilter() as node:
            roots = [node.condition]
        case SequenceQuery() as node:
            roots = [term.filter.condition for term in node.terms]
            roots += [] if node.until is None else [node.until.filter.condition]
        case SampleQuery() as node:
            roots = [term.filter.condition for term in node.terms]
    yield from inner(roots)


def inner(roots: Sequence[Expression]) -> Iterator[Expression]:
    """Every expression of some trees, in order of writing, outer ones first."""
    stack: list[Expression] = [*roots][::-1]
    while stack:
        expression = stack.pop()
        yield expression
        stack.extend(reversed(_below(expression)))


def _below(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Logical():
            return node.operands
        case NotExpression() | Sign():
            return (node.operand,)
        case Comparison() | Arithmetic():
            return (node.left, node.right)
        case InList():
            return (node.operand, *node.choices)
        case PatternMatch():
            return (node.operand, *node.patterns)
        case FunctionCall():
            return node.arguments
        case FieldName() | StringValue() | NumberValue() | BooleanValue() | NullValue():
            return ()
        case _:
            assert_never(node)
