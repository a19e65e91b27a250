"""Surface tree → EQL text, in one canonical form: short queries on one line, long ones laid out.

What is printed parses to an equal tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from eqlx.printable import UNSAFE
from eqlx.source import Span
from eqlx.syntax.keywords import KEYWORDS
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
    Maxspan,
    NotExpression,
    NullValue,
    NumberValue,
    PatternMatch,
    SampleQuery,
    SequenceQuery,
    Sign,
    Statement,
    StringValue,
    Term,
)

WIDTH = 100
"""Columns that a line may have before it is broken."""
_INDENT = "  "
_WORD = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPED = re.compile(f'{UNSAFE.pattern}|["\\\\]')

# How tightly an expression binds, as in the grammar (spec §1).
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGNED, _PREDICATE, _PRIMARY = range(9)


class _Layout:
    """Whether a node has to be laid out on several lines, whatever its length."""

    def __init__(self, breaks: Sequence[int]) -> None:
        self._breaks = breaks

    def fits(self, flat: str, indent: str, span: Span) -> bool:
        """Whether `flat`, the text of what was written at `span`, may stand on one line."""
        if len(indent) + len(flat) > WIDTH:
            return False
        return not self.is_broken(span)

    def is_broken(self, span: Span) -> bool:
        return any(span.start < offset < span.end for offset in self._breaks)


def print_statement(statement: Statement, breaks: Sequence[int] = ()) -> str:
    """The canonical text of a statement, without a line end at its end.

    A condition or a list that encloses one of `breaks` (offsets of the source that the statement was
    read from) is laid out on several lines even if one would do.

    >>> from eqlx.syntax.tree import EventFilter, BooleanValue, Pipe, NumberValue
    >>> condition = EventFilter("process", BooleanValue(True))
    >>> print_statement(Statement(condition, (Pipe("head", NumberValue(5)),)))
    'process where true | head 5'
    """
    layout = _Layout(breaks)
    match statement.query:
        case EventFilter() as query:
            text = _event_filter(query, layout, "", "")
        case SequenceQuery() | SampleQuery() as query:
            text = _terms(query, layout)
    pipes = [f"| {pipe.name} {print_expression(pipe.argument)}" for pipe in statement.pipes]
    if not pipes:
        return text
    if "\n" in text or len(text) + sum(len(pipe) + 1 for pipe in pipes) > WIDTH:
        return "\n".join([text, *pipes])
    return " ".join([text, *pipes])


def print_expression(expression: Expression) -> str:
    """An expression on one line."""
    return _flat(expression, _OR)


# --- statements -----------------------------------------------------------------------------------


def _event_filter(
    query: EventFilter, layout: _Layout, indent: str, opener: str, closer: str = ""
) -> str:
    """`category where condition` between `opener` and `closer`, the first line from `indent`."""
    head = f"{opener}{print_category(query.category)} where"
    flat = f"{head} {_flat(query.condition, _OR)}{closer}"
    if layout.fits(flat, indent, query.condition.span):
        return flat
    inner = indent + _INDENT
    lines = _broken(query.condition, layout, _OR, inner)
    return f"{head}\n{lines}" + (f"\n{indent}{closer}" if closer else "")


def print_category(category: str | None) -> str:
    """The category as it stands before `where`; None is `any`."""
    if category is None:
        return "any"
    if _WORD.fullmatch(category) and category not in KEYWORDS:
        return category
    return print_string(category)


def _terms(query: SequenceQuery | SampleQuery, layout: _Layout) -> str:
    head = "sequence" if isinstance(query, SequenceQuery) else "sample"
    head += _keys(query.keys)
    if isinstance(query, SequenceQuery) and query.maxspan is not None:
        head += f" with maxspan={_maxspan(query.maxspan)}"
    lines = [head, *(_INDENT + _term(term, layout) for term in query.terms)]
    if isinstance(query, SequenceQuery) and query.until is not None:
        lines += ["until", _INDENT + _term(query.until, layout)]
    return "\n".join(lines)


def _term(term: Term, layout: _Layout) -> str:
    text = _event_filter(term.filter, layout, _INDENT, "![" if term.missing else "[", "]")
    text += _keys(term.keys)
    return text if term.runs is None else f"{text} with runs={term.runs}"


def _keys(keys: tuple[FieldName, ...]) -> str:
    return f" by {', '.join(_field(key) for key in keys)}" if keys else ""


def _maxspan(maxspan: Maxspan) -> str:
    return f"{maxspan.count}{maxspan.unit}"


# --- constants and names --------------------------------------------------------------------------


def print_string(value: str, *, raw: bool = False) -> str:
    r'''A string constant; `raw` asks for three quotes around where the text allows it.

    >>> print(print_string("C:\\a", raw=True), print_string('say "hi"'))
    """C:\a""" "say \"hi\""
    '''
    if raw and _raw_is_legal(value):
        return f'"""{value}"""'
    return '"' + _ESCAPED.sub(_escape, value) + '"'


def _raw_is_legal(value: str) -> bool:
    """Whether the text can stand in triple quotes: no quotes in a row, none before the closer."""
    if '"""' in value or value.endswith('"') or value.startswith('"'):
        return False
    return not any(c not in {'"', "\\"} for c in _ESCAPED.findall(value))


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{{{ord(character):02x}}}"


def _string(node: StringValue, *, pattern: bool = False) -> str:
    backslashes = node.value.count("\\")
    return print_string(node.value, raw=(pattern and backslashes > 0) or backslashes > 2)


def _number(node: NumberValue) -> str:
    return node.text or repr(node.value)


def _field(node: FieldName) -> str:
    parts = [_segment(part) for part in node.name.split(".")]
    name = ".".join(parts) if all(parts) else _quoted(node.name)
    return f"?{name}" if node.optional else name


def _segment(part: str) -> str:
    if _WORD.fullmatch(part) and part not in KEYWORDS:
        return part
    return part and _quoted(part)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


# --- expressions on one line ----------------------------------------------------------------------


def _flat(node: Expression, outer: int) -> str:
    """`node` on one line, in brackets where it binds less tightly than `outer`."""
    text = _flat_bare(node)
    return f"({text})" if _binding(node) < outer else text


def _binding(node: Expression) -> int:
    match node:
        case Logical():
            return _OR if node.operator == "or" else _AND
        case NotExpression():
            return _NOT
        case Comparison():
            return _COMPARISON
        case Arithmetic():
            return _SUM if node.operator in {"+", "-"} else _PRODUCT
        case Sign():
            return _SIGNED
        case InList() | PatternMatch():
            return _PREDICATE
        case _:
            return _PRIMARY


def _flat_bare(node: Expression) -> str:
    match node:
        case FieldName():
            return _field(node)
        case StringValue():
            return _string(node)
        case NumberValue():
            return _number(node)
        case BooleanValue():
            return "true" if node.value else "false"
        case NullValue():
            return "null"
        case FunctionCall():
            return _call_head(node) + ", ".join(_flat(a, _OR) for a in node.arguments) + ")"
        case Sign():
            return f"-{_flat(node.operand, _SIGNED)}"
        case Arithmetic():
            binding = _binding(node)
            left, right = _flat(node.left, binding), _flat(node.right, binding + 1)
            return f"{left} {node.operator} {right}"
        case Comparison():
            left, right = _flat(node.left, _SUM), _flat(node.right, _SUM)
            return f"{left} {node.operator} {right}"
        case InList():
            return _in_head(node) + "(" + ", ".join(_flat(c, _OR) for c in node.choices) + ")"
        case PatternMatch():
            patterns = [_pattern(node, pattern) for pattern in node.patterns]
            text = patterns[0] if len(patterns) == 1 else f"({', '.join(patterns)})"
            return _match_head(node) + text
        case NotExpression():
            return f"not {_flat(node.operand, _NOT)}"
        case Logical():
            return f" {node.operator} ".join(_operands(node))
        case _:
            assert_never(node)


def _operands(node: Logical) -> list[str]:
    """The operands; one of the same operator keeps its brackets."""
    return [_flat(operand, _binding(node) + 1) for operand in node.operands]


def _call_head(node: FunctionCall) -> str:
    return f"{node.name}{'~' if node.insensitive else ''}("


def _in_head(node: InList) -> str:
    word = f"{'not ' if node.negated else ''}in{'~' if node.insensitive else ''}"
    return f"{_flat(node.operand, _PRIMARY)} {word} "


def _match_head(node: PatternMatch) -> str:
    return f"{_flat(node.operand, _PRIMARY)} {node.operator} "


def _pattern(node: PatternMatch, pattern: Expression) -> str:
    if isinstance(pattern, StringValue):
        return _string(pattern, pattern=node.operator.startswith("regex"))
    return _flat(pattern, _PRIMARY)


# --- expressions on several lines -----------------------------------------------------------------


def _broken(node: Expression, layout: _Layout, outer: int, indent: str) -> str:
    """`node` from column `indent` on, on as many lines as it needs; `indent` is written too."""
    flat = _flat(node, outer)
    if layout.fits(flat, indent, node.span):
        return indent + flat
    if _binding(node) < outer:
        return f"{indent}(\n{_broken(node, layout, _OR, indent + _INDENT)}\n{indent})"
    match node:
        case Logical():
            join = f" {node.operator}\n"
            return join.join(_broken(o, layout, _binding(node) + 1, indent) for o in node.operands)
        case NotExpression():
            inner = _broken(node.operand, layout, _NOT, indent)
            return f"{indent}not {inner[len(indent) :]}"
        case InList():
            items = [_flat(c, _OR) for c in node.choices]
            return _wrapped(_in_head(node) + "(", items, indent, apart=layout.is_broken(node.span))
        case PatternMatch() if len(node.patterns) > 1:
            patterns = [_pattern(node, pattern) for pattern in node.patterns]
            apart = layout.is_broken(node.span)
            return _wrapped(_match_head(node) + "(", patterns, indent, apart=apart)
        case FunctionCall():
            items = [_flat(a, _OR) for a in node.arguments]
            return _wrapped(_call_head(node), items, indent, apart=layout.is_broken(node.span))
        case _:
            return indent + flat


def _wrapped(head: str, items: list[str], indent: str, *, apart: bool) -> str:
    """A list in brackets, its items filled into lines, or each on a line of its own (`apart`)."""
    inner = indent + _INDENT
    lines: list[str] = []
    line = inner
    for index, item in enumerate(items):
        piece = item + ("," if index < len(items) - 1 else "")
        if line.strip() and (apart or len(line) + 1 + len(piece) > WIDTH):
            lines.append(line)
            line = inner
        line += (" " if line.strip() else "") + piece
    return "\n".join([indent + head, *lines, line, indent + ")"])
