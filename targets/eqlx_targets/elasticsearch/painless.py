"""Leaves that no clause of Query DSL has: `script` queries, whose source is ours and constant.

A leaf goes to the script as data (`params.leaf`, field names included), and the script walks over
it. The source has only those of our functions that the leaf needs, so that a cluster compiles few
different ones, and nothing that somebody wrote into a rule is ever a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns import regex as rx
from eqlx.patterns.network import Network
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.source import Span
from eqlx_targets.elasticsearch.clauses import Clause, Json

_COMPARISONS = {
    ir.Comparison.EQUAL: "same",
    ir.Comparison.LESS: "less",
    ir.Comparison.LESS_OR_EQUAL: "less_or_same",
    ir.Comparison.GREATER: "greater",
    ir.Comparison.GREATER_OR_EQUAL: "greater_or_same",
}
_ARITHMETIC = {
    ir.Operator.ADD: "add",
    ir.Operator.SUBTRACT: "subtract",
    ir.Operator.MULTIPLY: "multiply",
    ir.Operator.DIVIDE: "divide",
    ir.Operator.MODULO: "modulo",
}
_FUNCTIONS = {
    ir.Function.BETWEEN: "between",
    ir.Function.CONCAT: "concat",
    ir.Function.INDEX_OF: "index_of",
    ir.Function.LENGTH: "length",
    ir.Function.NUMBER: "number",
    ir.Function.STRING: "string",
    ir.Function.SUBSTRING: "substring",
}
_WHERE = {ir.Where.START: "starts", ir.Where.END: "ends", ir.Where.ANYWHERE: "contains"}

Refuse = Callable[[str, Span], None]
Node = dict[str, Json]


def script_clause(leaf: ir.Leaf, name: Callable[[ir.Field], str], refuse: Refuse) -> Clause:
    """The leaf as a `script` query. `name` gives the doc values' name of a field.

    What no script here can say goes to `refuse`.
    """
    writer = _Writer(name, refuse)
    tree = writer.condition(leaf)
    params: Node = {"fields": list(writer.fields), "leaf": tree}
    script: Node = {"lang": "painless", "source": source(writer.operations), "params": params}
    return {"script": {"script": script}}


@dataclass
class _Writer:
    """One leaf as data. Every occurrence of a field chooses its value on its own (spec §6)."""

    name: Callable[[ir.Field], str]
    refuse: Refuse
    fields: list[str] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    def node(self, operation: str, *operands: Node, **more: Json) -> Node:
        self.operations.add(operation)
        return {"op": operation, **more, "of": list(operands)}

    def condition(self, condition: ir.Condition) -> Node:
        match condition:
            case ir.And(conditions):
                return self.node("and", *map(self.condition, conditions))
            case ir.Or(conditions):
                return self.node("or", *map(self.condition, conditions))
            case ir.Not(inner):
                return self.node("not", self.condition(inner))
            case ir.Constant(value):
                return {"value": value}
            case ir.Compare(operator, left, right, case):
                compared = self.addresses if _is_address(left) or _is_address(right) else self.value
                operands = (compared(left), compared(right))
                return self.node(_COMPARISONS[operator], *operands, **_fold(case))
            case ir.Membership(value, choices, case):
                wanted = [self.value(c) for c in choices if not isinstance(c, ir.Null)]
                return self.node("in", self.value(value), *wanted, **_fold(case))
            case ir.TextMatch(where, value, text, case):
                return self.node(_WHERE[where], self.value(value), self.value(text), **_fold(case))
            case ir.IsNull(value):
                return self.node("null", self.value(value))
            case ir.NetworkMatch(value, networks):
                listed: list[Json] = [[f"{n.first:x}", f"{n.last:x}"] for n in networks]
                return self.node("network", self.value(value), networks=listed)
            case ir.Like() | ir.RegexMatch():
                return self.patterns(condition)
            case _:
                assert_never(condition)

    def patterns(self, leaf: ir.Like | ir.RegexMatch) -> Node:
        folded = leaf.case is ir.Case.INSENSITIVE
        value = self.value(leaf.value)
        match leaf:
            case ir.Like(patterns=patterns, crosses_lines=crosses):
                if crosses:
                    self.refuse("a wildcard over lines inside a computed condition", leaf.span)
                listed: list[Json] = [_pieces(pattern, folded=folded) for pattern in patterns]
                return self.node("like", value, patterns=listed, **_fold(leaf.case))
            case ir.RegexMatch(patterns=expressions):
                trees: list[Json] = [self.regex(each, leaf.span) for each in expressions]
                return self.node("regex", value, patterns=trees, **_fold(leaf.case))

    def regex(self, regex: rx.Regex, span: Span) -> Node:
        try:
            return _regex_node(regex.root, wide=regex.dialect is rx.RegexDialect.JAVA)
        except _LuceneOnly:
            self.refuse("an operator of Lucene's regular expressions on a computed value", span)
            return {}

    def value(self, value: ir.Value) -> Node:
        match value:
            case ir.Field():
                return self.field(value)
            case ir.Text() | ir.Integer() | ir.Decimal() | ir.Boolean():
                return {"value": value.value}
            case ir.Null():
                return {"value": None}
            case ir.Instant(nanoseconds):
                seconds, rest = divmod(nanoseconds, 1_000_000_000)
                return {"seconds": seconds, "nanoseconds": rest}
            case ir.Call(function, arguments, case):
                operands = map(self.value, arguments)
                return self.node(_FUNCTIONS[function], *operands, **_fold(case))
            case ir.Arithmetic(operator, left, right):
                return self.node(_ARITHMETIC[operator], self.value(left), self.value(right))
            case ir.Negation(inner):
                return self.node("negate", self.value(inner))
            case ir.Truth(condition):
                return self.condition(condition)
            case _:
                assert_never(value)

    def addresses(self, value: ir.Value) -> Node:
        """A side of a comparison of addresses, as a number (spec §2)."""
        if isinstance(value, ir.Text):
            number = Network.parse(value.value).first
            return self.node("hex", {"value": f"{number:x}"})
        if _is_address(value):
            return self.node("address", self.value(value))
        return self.value(value)

    def field(self, occurrence: ir.Field) -> Node:
        if occurrence.type in (FieldType.VERSION, FieldType.UNSUPPORTED):
            what = f"a field of type `{occurrence.type.value}` in a computed value"
            self.refuse(what, occurrence.span)
        self.fields.append(self.name(occurrence))
        return {"field": len(self.fields) - 1}


def _is_address(value: ir.Value) -> bool:
    return isinstance(value, ir.Field) and value.type is FieldType.IP


def _fold(case: ir.Case) -> Node:
    return {"fold": True} if case is ir.Case.INSENSITIVE else {}


def _pieces(pattern: Wildcard, *, folded: bool) -> list[Json]:
    return [_piece(piece, folded=folded) for piece in pattern.pieces]


def _piece(piece: str | Wild, *, folded: bool) -> Node:
    match piece:
        case str():
            text = "".join(c.lower() if folded and c.isascii() else c for c in piece)
            return {"kind": "text", "text": text}
        case Wild.ANY_ONE:
            return {"kind": "one"}
        case Wild.ANY_RUN:
            return {"kind": "run"}


class _LuceneOnly(Exception):  # noqa: N818 a verdict on a pattern, seen by nobody
    """The pattern has an operator that the script does not run."""


def _regex_node(node: rx.RegexNode, *, wide: bool) -> Node:
    """A pattern as data; `wide`: ranges fold too, as in Java (spec §3).

    Raises:
        _LuceneOnly: see there.
    """
    match node:
        case rx.Character(value):
            return {"t": "char", "c": ord(value)}
        case rx.AnyCharacter(newline):
            return {"t": "any", "line": newline}
        case rx.CharacterSet(singles, ranges, negated):
            spans: list[Json] = [[ord(low), ord(high)] for low, high in ranges]
            return {
                "t": "set",
                "singles": sorted(map(ord, singles)),
                "ranges": spans,
                "negated": negated,
                "wide": wide,
            }
        case rx.Concatenation(parts):
            return {"t": "row", "parts": [_regex_node(p, wide=wide) for p in parts]}
        case rx.Alternation(parts):
            return {"t": "or", "parts": [_regex_node(p, wide=wide) for p in parts]}
        case rx.Repetition(part, least, most):
            if most == 0:
                return {"t": "row", "parts": []}
            return {"t": "many", "part": _regex_node(part, wide=wide), "least": least, "most": most}
        case rx.Interval() | rx.Complement() | rx.Intersection() | rx.AnyString() | rx.Nothing():
            raise _LuceneOnly
        case _:
            assert_never(node)


# --- the source -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    needs: tuple[str, ...]
    text: str


@cache
def _sections() -> dict[str, _Section]:
    """The parts of `painless/leaf.painless` by name, in order, without comments and indentation."""
    whole = files("eqlx_targets.elasticsearch").joinpath("painless/leaf.painless")
    found: dict[str, _Section] = {}
    for part in re.split(r"(?m)^//: ", whole.read_text("utf-8"))[1:]:
        head, _, body = part.partition("\n")
        name, *needs = head.split()
        text = re.sub(r"/\*.*?\*/", "", body)
        lines = [line.strip() for line in text.splitlines()]
        found[name] = _Section(tuple(needs), " ".join(line for line in lines if line))
    return found


def source(operations: Iterable[str]) -> str:
    """The script for leaves that use these operations: constant text of ours, nothing else."""
    return _source(frozenset(operations))


@cache
def _source(operations: frozenset[str]) -> str:
    sections = _sections()
    wanted = {"main"} | {f"op_{operation}" for operation in operations}
    waiting = list(wanted)
    while waiting:
        for name in sections[waiting.pop()].needs:
            if name not in wanted:
                wanted.add(name)
                waiting.append(name)
    branches = " ".join(
        f'if (op == "{name.removeprefix("op_")}") {{ return {name}(n, v); }}'
        for name in sections
        if name in wanted and name.startswith("op_")
    )
    texts = (section.text for name, section in sections.items() if name in wanted)
    return " ".join(texts).replace("//@ branches", branches)
