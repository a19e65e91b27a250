"""Fixed SQL texts with `$names` for trees: parsed once, filled often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from sqlglot import exp, parse_one

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between)
_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.AtTimeZone)
_TIGHT = (
    exp.Dot,
    exp.Paren,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.Bracket,
    exp.RegexpFullMatch,
    exp.RegexpLike,
)

_NAME = re.compile(r"\$([a-z][a-z0-9_]*)")
_MARK = "_eqlx_"
"""Marks a `$name` for parsers, which know no such thing, or other things by it."""


@cache
def parsed(template: str, dialect: str) -> exp.Expr:
    """The tree of a template; copy it before it is changed.

    A function written `raw_f(…)` is `f` as it stands, where sqlglot would make a node of its own
    kind of it and print that in another way.
    """
    tree = parse_one(_NAME.sub(rf"{_MARK}\1", template), read=dialect)
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            node.set("this", node.name.removeprefix("raw_"))
        # Where the parser found a name: of no use here, and half the cost of each copy. There is no
        # public way to be rid of it: `meta.clear()` leaves a dictionary a node to be copied.
        node._meta = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return tree


def filled(template: exp.Expr, parts: Mapping[str, exp.Expr]) -> exp.Expr:
    """A copy of the template with each `$name` replaced by a copy of its part, in parentheses
    where the template's operators need them."""
    tree = template.copy()
    for node in list(tree.walk()):
        if isinstance(node, exp.Column) and node.name.startswith(_MARK):
            part = parts[node.name.removeprefix(_MARK)].copy()
            part = exp.Paren(this=part) if needs_parentheses(part, node.parent) else part
            if node is tree:
                return part
            node.replace(part)
    return tree


def needs_parentheses(node: exp.Expr, parent: exp.Expr | None) -> bool:
    """Whether a node has to stand in parentheses below `parent`: an operator in an operator, but
    arithmetic in a comparison."""
    if parent is None or not isinstance(node, _OPERATORS) or isinstance(node, _TIGHT):
        return False
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return False
    match parent:
        case exp.And():
            return isinstance(node, exp.Or)
        case exp.Or():
            return isinstance(node, exp.And)
        case exp.Not():
            return not isinstance(node, exp.Is)
        case _ if isinstance(parent, _COMPARISONS):
            return not isinstance(node, _ARITHMETIC)
        case _:
            return isinstance(parent, _OPERATORS) and not isinstance(parent, _TIGHT)
