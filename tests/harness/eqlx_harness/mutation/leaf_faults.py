"""Faults in the SQL of one clause: lists, nulls, escapes, regular expressions, letter case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from eqlx_harness.mutation.faults import in_leaf


def _each(
    tree: exp.Expr, wanted: type[exp.Expr], change: Callable[[exp.Expr], exp.Expr | None]
) -> Iterator[exp.Expr]:
    """The tree with each node of a class changed in turn."""
    count = sum(isinstance(node, wanted) for node in tree.walk())
    for place in range(count):
        copy = tree.copy()
        node = [n for n in copy.walk() if isinstance(n, wanted)][place]
        changed = change(node)
        if changed is None:
            continue
        if node is copy:
            yield changed
        else:
            node.replace(changed)
            yield copy


# --- lists ----------------------------------------------------------------------------------------


def one_value(values: exp.Expr, place: int) -> exp.Expr:
    """`[values[place]]`"""
    number: exp.Expr = exp.Literal.number(abs(place))
    number = exp.Neg(this=number) if place < 0 else number
    chosen = exp.Bracket(this=exp.Paren(this=values.copy()), expressions=[number], offset=1)
    return exp.Array(expressions=[chosen])


def _of_list(tree: exp.Expr, place: int) -> Iterator[exp.Expr]:
    def cut(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node.this, exp.Array):
            return None
        changed = node.copy()
        changed.set("this", one_value(node.this, place))
        return changed

    for kind in (exp.ArrayFilter, exp.ArrayContains, exp.ArrayOverlaps):
        yield from _each(tree, kind, cut)


@in_leaf("arrays")
def first_value_only(tree: exp.Expr) -> Iterator[exp.Expr]:
    yield from _of_list(tree, 1)


@in_leaf("arrays")
def last_value_only(tree: exp.Expr) -> Iterator[exp.Expr]:
    yield from _of_list(tree, -1)


@in_leaf("arrays")
def every_value_must(tree: exp.Expr) -> Iterator[exp.Expr]:
    """All values must pass where one is enough."""

    def every(node: exp.Expr) -> exp.Expr | None:
        length = node.this
        if isinstance(length, exp.Length) and isinstance(length.this, exp.ArrayFilter):
            whole = exp.Length(this=length.this.this.copy())
            some = exp.GT(this=whole.copy(), expression=exp.Literal.number(0))
            same = exp.EQ(this=length.copy(), expression=whole)
            return exp.Paren(this=exp.And(this=same, expression=some))
        return None

    yield from _each(tree, exp.GT, every)


@in_leaf("arrays")
def more_than_one_value(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`len(…) > 0` as `> 1`."""

    def more(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node.this, exp.Length) and isinstance(node.this.this, exp.ArrayFilter):
            return exp.GT(this=node.this.copy(), expression=exp.Literal.number(1))
        return None

    yield from _each(tree, exp.GT, more)


@in_leaf("arrays")
def nothing_is_a_value(tree: exp.Expr) -> Iterator[exp.Expr]:
    """An empty list counts as a value: the number of values forgotten in a null test."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        counted = node.this.this if isinstance(node.this, exp.Coalesce) else None
        if isinstance(counted, exp.Anonymous) and counted.name.lower() == "list_count":
            return exp.Is(this=counted.expressions[0].copy(), expression=exp.Null())
        return None

    yield from _each(tree, exp.EQ, changed)


# --- texts ----------------------------------------------------------------------------------------


def _like(node: exp.Expr, pattern: str) -> exp.Expr:
    return exp.Like(this=node.this.copy(), expression=exp.Literal.string(pattern))


@in_leaf("escapes")
def escape_forgotten(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`_` and `%` of the text as wildcards, in a pattern and in a place test."""

    def bare(node: exp.Expr) -> exp.Expr | None:
        like, mark = node.this, node.expression.name
        pattern = re.sub(re.escape(mark) + "(.)", r"\1", like.expression.name)
        changed = like.copy()
        changed.set("expression", exp.Literal.string(pattern))
        return changed

    yield from _each(tree, exp.Escape, bare)

    def placed(node: exp.Expr) -> exp.Expr | None:
        text = node.expression
        if not (isinstance(text, exp.Literal) and set(text.name) & set("_%")):
            return None
        before = "" if isinstance(node, exp.StartsWith) else "%"
        return _like(node, f"{before}{text.name}%")

    for kind in (exp.StartsWith, exp.Contains):
        yield from _each(tree, kind, placed)

    def suffix(node: exp.Expr) -> exp.Expr | None:
        if node.name.lower() != "suffix" or not isinstance(node.expressions[1], exp.Literal):
            return None
        text = node.expressions[1].name
        if not set(text) & set("_%"):
            return None
        value = node.expressions[0].copy()
        return exp.Like(this=value, expression=exp.Literal.string(f"%{text}"))

    yield from _each(tree, exp.Anonymous, suffix)


@in_leaf("escapes")
def equality_as_like(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`=` on a text with `_` or `%` as `LIKE`."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        text = node.expression
        is_text = isinstance(text, exp.Literal) and text.is_string
        if is_text and set(text.name) & set("_%"):
            return _like(node, text.name)
        return None

    yield from _each(tree, exp.EQ, changed)


@in_leaf("escapes")
def backslash_escapes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`LIKE` reads `\\x` as `x`, as it does in some engines."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        text = node.expression.name
        if isinstance(node.parent, exp.Escape) or not re.search(r"\\.", text):
            return None
        same = node.copy()
        same.set("expression", exp.Literal.string(re.sub(r"\\(.)", r"\1", text)))
        return same

    for kind in (exp.Like, exp.ILike):
        yield from _each(tree, kind, changed)


@in_leaf("escapes")
def dot_stands_for_any(tree: exp.Expr) -> Iterator[exp.Expr]:
    """A special character of the text left bare in RE2."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        pattern = node.expression.name
        if _is_address(pattern) or r"\." not in pattern:
            return None
        same = node.copy()
        same.set("expression", exp.Literal.string(pattern.replace(r"\.", ".", 1)))
        return same

    yield from _each(tree, exp.RegexpLike, changed)
    yield from _each(tree, exp.RegexpFullMatch, changed)


def _is_address(pattern: str) -> bool:
    return "25[0-5]" in pattern or "0-9a-f" in pattern or ":ffff:" in pattern


@in_leaf("letter case")
def folding_forgotten(tree: exp.Expr) -> Iterator[exp.Expr]:
    """One `ILIKE` as `LIKE`, one `lower` left out, the flag `i` of one pattern."""

    def exact(node: exp.Expr) -> exp.Expr | None:
        text = node.expression.name
        return _like(node, text) if text.lower() != text.upper() else None

    def bare(node: exp.Expr) -> exp.Expr | None:
        return node.this.copy()

    def unflagged(node: exp.Expr) -> exp.Expr | None:
        flag = node.args.get("flag")
        if flag is None or "i" not in flag.name or _is_address(node.expression.name):
            return None
        same = node.copy()
        same.set("flag", exp.Literal.string(flag.name.replace("i", "") or "c"))
        return same

    yield from _each(tree, exp.ILike, exact)
    if not any(_is_address(n.name) for n in tree.find_all(exp.Literal)):
        yield from _each(tree, exp.Lower, bare)
    yield from _each(tree, exp.RegexpLike, unflagged)


@in_leaf("regular expressions")
def unanchored(tree: exp.Expr) -> Iterator[exp.Expr]:
    """A match of the whole value as a match anywhere, at its start, at its end."""

    def at(before: str, behind: str) -> Callable[[exp.Expr], exp.Expr | None]:
        def changed(node: exp.Expr) -> exp.Expr | None:
            text = f"{before}(?:{node.expression.name}){behind}"
            pattern = exp.Literal.string(text)
            return exp.RegexpLike(this=node.this.copy(), expression=pattern)

        return changed

    if not any(_is_address(n.name) for n in tree.find_all(exp.Literal)):
        for before, behind in (("", ""), ("^", ""), ("", "$")):
            yield from _each(tree, exp.RegexpFullMatch, at(before, behind))


@in_leaf("regular expressions")
def anchor_lost(tree: exp.Expr) -> Iterator[exp.Expr]:
    """One `^` or `$` in an alternation of wildcard patterns."""

    def without(mark: str) -> Callable[[exp.Expr], exp.Expr | None]:
        def changed(node: exp.Expr) -> exp.Expr | None:
            pattern = node.expression.name
            at = pattern.find(mark)
            while mark == "$" and at > 0 and pattern[at - 1] == "\\":
                at = pattern.find(mark, at + 1)
            if at < 0 or _is_address(pattern) or node.args.get("flag") is None:
                return None
            same = node.copy()
            same.set("expression", exp.Literal.string(pattern[:at] + pattern[at + 1 :]))
            return same

        return changed

    for mark in "^$":
        yield from _each(tree, exp.RegexpLike, without(mark))


@in_leaf("regular expressions")
def dot_stops_at_lines(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The flag `s` forgotten: wildcards stop at a line end."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        flag = node.args.get("flag")
        if flag is None or "s" not in flag.name or "." not in node.expression.name:
            return None
        same = node.copy()
        same.set("flag", exp.Literal.string(flag.name.replace("s", "") or "c"))
        return same

    yield from _each(tree, exp.RegexpLike, changed)


# --- numbers, addresses ---------------------------------------------------------------------------


@in_leaf("boundaries")
def numbers_as_texts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`<` on numbers compares their digits as texts."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        number = node.expression
        if not isinstance(number, exp.Literal) or number.is_string or number.name in "01":
            return None  # beside 0 and 1, digits of whole numbers sort as the numbers do
        if not isinstance(node.this, exp.Column | exp.Dot | exp.Identifier):
            return None
        return type(node)(
            this=exp.cast(node.this.copy(), "VARCHAR"),
            expression=exp.Literal.string(number.name),
        )

    for kind in (exp.LT, exp.LTE, exp.GT, exp.GTE):
        yield from _each(tree, kind, changed)


@in_leaf("networks")
def mapped_forgotten(tree: exp.Expr) -> Iterator[exp.Expr]:
    """IPv6 and mapped addresses left out of a network test."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        test = node.args["ifs"][0].this
        is_prefix = isinstance(test, exp.RegexpLike) and test.expression.name.startswith("^")
        return exp.false() if is_prefix else None

    yield from _each(tree, exp.Case, changed)


@in_leaf("networks")
def dotted_forgotten(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Dotted addresses left out of a network test."""

    def changed(node: exp.Expr) -> exp.Expr | None:
        return exp.false() if _is_dotted(node.expression.name) else None

    yield from _each(tree, exp.RegexpFullMatch, changed)


def _is_dotted(pattern: str) -> bool:
    return pattern[:1].isdigit() or pattern.startswith(("(?:25[0-5]", "(?:[0-9]"))


# --- nulls ----------------------------------------------------------------------------------------


@in_leaf("null")
def null_in_not(tree: exp.Expr) -> Iterator[exp.Expr]:
    """`NOT coalesce(x, FALSE)` as `NOT x`, or with TRUE: three-valued `not`."""

    def bare(node: exp.Expr) -> exp.Expr | None:
        is_false = node.expressions and node.expressions[0] == exp.false()
        return exp.Paren(this=node.this.copy()) if is_false else None

    def true(node: exp.Expr) -> exp.Expr | None:
        is_false = node.expressions and node.expressions[0] == exp.false()
        return exp.Coalesce(this=node.this.copy(), expressions=[exp.true()]) if is_false else None

    inner = tree.this if isinstance(tree, exp.Not) else None
    inner = inner.unnest() if isinstance(inner, exp.Paren) else inner
    if isinstance(inner, exp.Coalesce):
        yield from (exp.Not(this=c) for c in (bare(inner), true(inner)) if c is not None)
