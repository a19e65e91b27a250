"""The IR as stable, indented text: what `eqlx dump` prints and the casebooks hold.

Conditions indent, leaves and values stand on one line. A field says its type after a colon, and
`[]` where it may hold several values: `process.args: keyword[]`.
"""

from __future__ import annotations

import json
from typing import assert_never

from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Case,
    Compare,
    Condition,
    Constant,
    Decimal,
    EventQuery,
    Field,
    Filter,
    Instant,
    Integer,
    IsNull,
    Leaf,
    Like,
    Limit,
    Membership,
    Negation,
    NetworkMatch,
    Not,
    Null,
    Or,
    Query,
    RegexMatch,
    Sample,
    Sequence,
    Stage,
    Text,
    TextMatch,
    Truth,
    Value,
    Where,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import Node
from eqlx.printable import escaped_json, is_safe

_WHERE = {Where.START: "starts-with", Where.END: "ends-with", Where.ANYWHERE: "contains"}


def dump(node: Node) -> str:
    """`node` as text that ends without a line feed; equal trees give equal text."""
    lines: list[str] = []
    match node:
        case EventQuery() | Sequence() | Sample():
            _query(node, lines)
        case Filter():
            _filter(node, 0, lines)
        case Stage():
            _stage("stage", node, 0, lines)
        case Limit():
            lines.append(_limit(node))
        case And() | Or() | Not() | Constant():
            _condition(node, 0, lines)
        case Compare() | Membership() | Like() | RegexMatch() | NetworkMatch():
            _condition(node, 0, lines)
        case TextMatch() | IsNull():
            _condition(node, 0, lines)
        case _:
            lines.append(_value(node))
    return "\n".join(lines)


def _query(query: Query, lines: list[str]) -> None:
    match query:
        case EventQuery():
            lines.append("event")
            _filter(query.filter, 1, lines)
            lines.extend(f"  {_limit(limit)}" for limit in query.limits)
        case Sequence():
            span = "" if query.maxspan is None else f" maxspan {query.maxspan}ms"
            lines.append(f"sequence{span}")
            for stage in query.stages:
                _stage("missing" if stage.missing else "stage", stage, 1, lines)
            if query.until is not None:
                _stage("until", query.until, 1, lines)
            lines.extend(f"  {_limit(limit)}" for limit in query.limits)
        case Sample():
            lines.append("sample")
            for stage in query.stages:
                _stage("stage", stage, 1, lines)
        case _:
            assert_never(query)


def _stage(word: str, stage: Stage, depth: int, lines: list[str]) -> None:
    runs = f" runs {stage.runs}" if stage.runs != 1 else ""
    keys = f" by {', '.join(_field(key) for key in stage.keys)}" if stage.keys else ""
    lines.append(f"{'  ' * depth}{word}{runs}{keys}")
    _filter(stage.filter, depth + 1, lines)


def _filter(node: Filter, depth: int, lines: list[str]) -> None:
    category = "any" if node.category is None else f"category {_text(node.category)}"
    lines.append(f"{'  ' * depth}{category}")
    _condition(node.condition, depth, lines)


def _limit(limit: Limit) -> str:
    return f"{limit.end.value} {limit.count}"


def _condition(node: Condition, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    match node:
        case And() | Or():
            lines.append(f"{indent}{'and' if isinstance(node, And) else 'or'}")
            for condition in node.conditions:
                _condition(condition, depth + 1, lines)
        case Not():
            lines.append(f"{indent}not")
            _condition(node.condition, depth + 1, lines)
        case _:
            lines.append(indent + _inline(node))


def _inline(node: Condition) -> str:
    match node:
        case And() | Or():
            word = " and " if isinstance(node, And) else " or "
            return f"({word.join(_inline(condition) for condition in node.conditions)})"
        case Not():
            return f"not({_inline(node.condition)})"
        case Constant():
            return "null" if node.value is None else str(node.value).lower()
        case _:
            return _leaf(node)


def _leaf(node: Leaf) -> str:
    match node:
        case Compare():
            return (
                f"{_value(node.left)} {node.operator.value}{_case(node.case)} {_value(node.right)}"
            )
        case Membership():
            choices = ", ".join(_value(choice) for choice in node.choices)
            return f"{_value(node.value)} in{_case(node.case)} ({choices})"
        case Like():
            patterns = ", ".join(_text(pattern.text) for pattern in node.patterns)
            lines = "" if node.crosses_lines else " within-lines"
            return f"{_value(node.value)} like{_case(node.case)}{lines} ({patterns})"
        case RegexMatch():
            dialect = node.patterns[0].dialect.value if node.patterns else "empty"
            patterns = ", ".join(_text(pattern.text) for pattern in node.patterns)
            return f"{_value(node.value)} regex{_case(node.case)} {dialect} ({patterns})"
        case NetworkMatch():
            networks = ", ".join(network.canonical for network in node.networks)
            return f"{_value(node.value)} network ({networks})"
        case TextMatch():
            word = f"{_WHERE[node.where]}{_case(node.case)}"
            return f"{_value(node.value)} {word} {_value(node.text)}"
        case IsNull():
            return f"{_value(node.value)} is-null"
        case _:
            assert_never(node)


def _value(node: Value) -> str:
    match node:
        case Field():
            return _field(node)
        case Text():
            return _text(node.value)
        case Integer():
            return str(node.value)
        case Decimal():
            return repr(node.value)
        case Boolean():
            return "true" if node.value else "false"
        case Null():
            return "null"
        case Instant():
            return f"instant({node.nanoseconds}ns)"
        case Call():
            arguments = ", ".join(_value(argument) for argument in node.arguments)
            return f"{node.function.value}{_case(node.case)}({arguments})"
        case Arithmetic():
            return f"({_value(node.left)} {node.operator.value} {_value(node.right)})"
        case Negation():
            return f"-({_value(node.value)})"
        case Truth():
            return f"truth({_inline(node.condition)})"
        case _:
            assert_never(node)


def _field(node: Field) -> str:
    optional = "?" if node.optional else ""
    if node.type is FieldType.UNRESOLVED:
        return f"{optional}{_name(node.name)}"
    many = "[]" if node.multivalued else ""
    return f"{optional}{_name(node.name)}: {node.type.value}{many}"


def _name(name: str) -> str:
    return name if is_safe(name) else _text(name)


def _text(value: str) -> str:
    return escaped_json(json.dumps(value, ensure_ascii=False))


def _case(case: Case) -> str:
    return {Case.SENSITIVE: "", Case.INSENSITIVE: "~", Case.INSENSITIVE_ASCII: "~ascii"}[case]
