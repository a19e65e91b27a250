"""Faults that a lowering makes when it reads conditions: clauses, values, functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx.ir.walk import LITERALS, Node, walk
from eqlx.patterns import regex as rx
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_harness.mutation.faults import in_query

# --- clauses --------------------------------------------------------------------------------------


def _without_each(node: ir.And | ir.Or) -> Iterator[Node]:
    for at in range(len(node.conditions)):
        rest = (*node.conditions[:at], *node.conditions[at + 1 :])
        yield rest[0] if len(rest) == 1 else replace(node, conditions=rest)


@in_query("clauses")
def drop_clause(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.And):
        yield from _without_each(node)


@in_query("branches")
def drop_branch(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Or):
        yield from _without_each(node)


@in_query("connectives")
def and_as_or(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.And):
        yield ir.Or(node.conditions)


@in_query("connectives")
def or_as_and(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Or):
        yield ir.And(node.conditions)


@in_query("connectives")
def drop_not(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Not):
        yield node.condition


@in_query("connectives")
def not_the_first_only(node: Node, _: ir.Query) -> Iterator[Node]:
    """`not (a or b)` as `not a or b`: the parentheses lost."""
    if isinstance(node, ir.Not) and isinstance(node.condition, ir.And | ir.Or):
        first, *rest = node.condition.conditions
        yield replace(node.condition, conditions=(ir.Not(first), *rest))


@in_query("fields")
def another_field(node: Node, query: ir.Query) -> Iterator[Node]:
    """A field of the same type that the rule reads elsewhere, or its parent process's."""
    if isinstance(node, ir.Compare | ir.Membership | ir.Like | ir.RegexMatch | ir.TextMatch):
        name = "left" if isinstance(node, ir.Compare) else "value"
        own = getattr(node, name)
        if not isinstance(own, ir.Field):
            return
        fields = {n.name: n for n, _, _ in walk(query) if isinstance(n, ir.Field)}
        for other in fields.values():
            if other.type is own.type and other.name != own.name:
                yield replace(node, **{name: replace(own, name=other.name)})
                return


@in_query("category")
def drop_category(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Filter) and node.category is not None:
        yield replace(node, category=None)


@in_query("category")
def category_in_any_case(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Filter) and node.category is not None:
        yield replace(node, category=node.category.upper())


# --- values ---------------------------------------------------------------------------------------


@in_query("letter case")
def flip_case(node: Node, _: ir.Query) -> Iterator[Node]:
    match node:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Text(text)):
            texts = [text]
        case ir.Membership(_, choices):
            texts = [c.value for c in choices if isinstance(c, ir.Text)]
        case ir.Like(_, patterns):
            texts = [p.text for p in patterns]
        case ir.RegexMatch(_, expressions):
            texts = [r.text for r in expressions]
        case ir.TextMatch(_, _, ir.Text(text)):
            texts = [text]
        case ir.Call(ir.Function.BETWEEN | ir.Function.INDEX_OF, arguments):
            texts = [a.value for a in arguments if isinstance(a, ir.Text)]
        case _:
            return
    if any(c.isascii() and c.isalpha() for text in texts for c in text):
        insensitive = node.case is not ir.Case.SENSITIVE
        yield replace(node, case=ir.Case.SENSITIVE if insensitive else ir.Case.INSENSITIVE)


_STRICTNESS = {
    ir.Comparison.LESS: ir.Comparison.LESS_OR_EQUAL,
    ir.Comparison.LESS_OR_EQUAL: ir.Comparison.LESS,
    ir.Comparison.GREATER: ir.Comparison.GREATER_OR_EQUAL,
    ir.Comparison.GREATER_OR_EQUAL: ir.Comparison.GREATER,
}


@in_query("boundaries")
def strictness(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Compare) and node.operator in _STRICTNESS:
        yield replace(node, operator=_STRICTNESS[node.operator])


@in_query("boundaries")
def number_off(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.Compare) and isinstance(node.right, ir.Integer):
        yield replace(node, right=ir.Integer(node.right.value + 1))
        if node.right.value:
            yield replace(node, right=ir.Integer(node.right.value - 1))


@in_query("boundaries")
def at_least_for_equal(node: Node, _: ir.Query) -> Iterator[Node]:
    numeric = (ir.Integer, ir.Decimal, ir.Instant)
    if isinstance(node, ir.Compare) and isinstance(node.right, numeric):
        if node.operator is ir.Comparison.EQUAL:
            yield replace(node, operator=ir.Comparison.GREATER_OR_EQUAL)
            yield replace(node, operator=ir.Comparison.LESS_OR_EQUAL)
        else:
            yield replace(node, operator=ir.Comparison.EQUAL)


@in_query("lists")
def drop_item(node: Node, _: ir.Query) -> Iterator[Node]:
    match node:
        case ir.Membership(_, choices) if len(choices) > 1:
            for at in range(len(choices)):
                yield replace(node, choices=(*choices[:at], *choices[at + 1 :]))
        case ir.Like(_, patterns) | ir.RegexMatch(_, patterns) if len(patterns) > 1:
            for at in range(len(patterns)):
                yield replace(node, patterns=(*patterns[:at], *patterns[at + 1 :]))
        case ir.NetworkMatch(_, networks) if len(networks) > 1:
            for at in range(len(networks)):
                yield replace(node, networks=(*networks[:at], *networks[at + 1 :]))
        case _:
            return


@in_query("lists")
def first_item_only(node: Node, _: ir.Query) -> Iterator[Node]:
    match node:
        case ir.Membership(_, choices) if len(choices) > 2:
            yield replace(node, choices=choices[:1])
        case ir.Like(_, patterns) if len(patterns) > 2:
            yield replace(node, patterns=patterns[:1])
        case _:
            return


def _with_pattern(node: ir.Like, at: int, pieces: tuple[str | Wild, ...]) -> Iterator[Node]:
    if pieces:
        changed = Wildcard(_joined(pieces))
        yield replace(node, patterns=(*node.patterns[:at], changed, *node.patterns[at + 1 :]))


def _joined(pieces: tuple[str | Wild, ...]) -> tuple[str | Wild, ...]:
    """Two `*` in a row are one, two texts in a row are one."""
    joined: list[str | Wild] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if piece is Wild.ANY_RUN and before is Wild.ANY_RUN:
            continue
        if isinstance(piece, str) and isinstance(before, str):
            joined[-1] = before + piece
        else:
            joined.append(piece)
    return tuple(joined)


@in_query("wildcards")
def star_at_an_end(node: Node, _: ir.Query) -> Iterator[Node]:
    """A pattern's first or last `*` forgotten, or one added."""
    if isinstance(node, ir.Like):
        for at, pattern in enumerate(node.patterns):
            pieces = pattern.pieces
            last = pieces[:-1] if pieces[-1] is Wild.ANY_RUN else (*pieces, Wild.ANY_RUN)
            yield from _with_pattern(node, at, last)
            first = pieces[1:] if pieces[0] is Wild.ANY_RUN else (Wild.ANY_RUN, *pieces)
            yield from _with_pattern(node, at, first)


@in_query("wildcards")
def one_for_run(node: Node, _: ir.Query) -> Iterator[Node]:
    """`?` as `*`, and `*` as `?`."""
    other = {Wild.ANY_ONE: Wild.ANY_RUN, Wild.ANY_RUN: Wild.ANY_ONE}
    if isinstance(node, ir.Like):
        for at, pattern in enumerate(node.patterns):
            for place, piece in enumerate(pattern.pieces):
                if isinstance(piece, Wild):
                    pieces = (*pattern.pieces[:place], other[piece], *pattern.pieces[place + 1 :])
                    yield from _with_pattern(node, at, pieces)


@in_query("wildcards")
def inner_piece_lost(node: Node, _: ir.Query) -> Iterator[Node]:
    """`a*b*c` as `a*c`."""
    if isinstance(node, ir.Like):
        for at, pattern in enumerate(node.patterns):
            for place in range(1, len(pattern.pieces) - 1):
                if isinstance(pattern.pieces[place], str):
                    rest = (*pattern.pieces[:place], *pattern.pieces[place + 1 :])
                    yield from _with_pattern(node, at, rest)


@in_query("text places")
def text_place(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.TextMatch):
        for other in ir.Where:
            if other is not node.where:
                yield replace(node, where=other)


@in_query("networks")
def network_bound(node: Node, _: ir.Query) -> Iterator[Node]:
    """One address too many or too few at either end."""
    if not isinstance(node, ir.NetworkMatch):
        return
    for at, network in enumerate(node.networks):
        for first, last in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            low, high = network.first + first, network.last + last
            if 0 <= low <= high < 2**128:
                changed = replace(network, first=low, last=high)
                rest = (*node.networks[:at], changed, *node.networks[at + 1 :])
                yield replace(node, networks=rest)


@in_query("regular expressions")
def repetition_off(node: Node, _: ir.Query) -> Iterator[Node]:
    """`+` as `*`, `{2,4}` as `{2,3}`, and so on."""
    if not isinstance(node, ir.RegexMatch):
        return
    for at, pattern in enumerate(node.patterns):
        for root in _repeated_otherwise(pattern.root):
            changed = replace(pattern, root=root)
            rest = (*node.patterns[:at], changed, *node.patterns[at + 1 :])
            yield replace(node, patterns=rest)


def _repeated_otherwise(node: rx.RegexNode) -> Iterator[rx.RegexNode]:
    match node:
        case rx.Repetition(part, minimum, maximum):
            yield replace(node, minimum=0 if minimum else 1) if maximum != 0 else node
            if maximum is not None and maximum > max(1, minimum):
                yield replace(node, maximum=maximum - 1)
            yield from (replace(node, part=p) for p in _repeated_otherwise(part))
        case rx.Concatenation(parts) | rx.Alternation(parts):
            for at, part in enumerate(parts):
                for changed in _repeated_otherwise(part):
                    yield replace(node, parts=(*parts[:at], changed, *parts[at + 1 :]))
        case _:
            return


@in_query("regular expressions")
def alternative_lost(node: Node, _: ir.Query) -> Iterator[Node]:
    if not isinstance(node, ir.RegexMatch):
        return
    for at, pattern in enumerate(node.patterns):
        for root in _one_alternative_less(pattern.root):
            changed = replace(pattern, root=root)
            rest = (*node.patterns[:at], changed, *node.patterns[at + 1 :])
            yield replace(node, patterns=rest)


def _one_alternative_less(node: rx.RegexNode) -> Iterator[rx.RegexNode]:
    match node:
        case rx.Alternation(parts):
            for at in range(len(parts)):
                rest = (*parts[:at], *parts[at + 1 :])
                yield rest[0] if len(rest) == 1 else replace(node, parts=rest)
        case rx.Concatenation(parts):
            for at, part in enumerate(parts):
                for changed in _one_alternative_less(part):
                    yield replace(node, parts=(*parts[:at], changed, *parts[at + 1 :]))
        case rx.Repetition(part):
            yield from (replace(node, part=p) for p in _one_alternative_less(part))
        case _:
            return


@in_query("null")
def null_test_turned(node: Node, _: ir.Query) -> Iterator[Node]:
    if isinstance(node, ir.IsNull):
        yield ir.Not(node)


@in_query("null")
def null_is_a_match(node: Node, _: ir.Query) -> Iterator[Node]:
    """A field without a value lets its clause pass."""
    if isinstance(node, ir.Compare | ir.Membership | ir.Like | ir.NetworkMatch | ir.RegexMatch):
        value = node.left if isinstance(node, ir.Compare) else node.value
        if isinstance(value, ir.Field):
            yield ir.Or((node, ir.IsNull(value)))


# --- computed values ------------------------------------------------------------------------------


@in_query("computed values")
def argument_off(node: Node, _: ir.Query) -> Iterator[Node]:
    """A position of a function one off."""
    if isinstance(node, ir.Call):
        for at, argument in enumerate(node.arguments):
            if isinstance(argument, ir.Integer) and node.function is not ir.Function.NUMBER:
                changed = ir.Integer(argument.value + 1)
                rest = (*node.arguments[:at], changed, *node.arguments[at + 1 :])
                yield replace(node, arguments=rest)


@in_query("computed values")
def argument_lost(node: Node, _: ir.Query) -> Iterator[Node]:
    """The last argument of `concat`, the end of `substring`, the flag of `between`."""
    least = {
        ir.Function.CONCAT: 1,
        ir.Function.SUBSTRING: 2,
        ir.Function.BETWEEN: 3,
        ir.Function.INDEX_OF: 2,
        ir.Function.NUMBER: 1,
    }
    if isinstance(node, ir.Call) and len(node.arguments) > least.get(node.function, 9):
        yield replace(node, arguments=node.arguments[:-1])


@in_query("computed values")
def arguments_swapped(node: Node, _: ir.Query) -> Iterator[Node]:
    match node:
        case ir.Call(ir.Function.CONCAT, arguments):
            yield replace(node, arguments=arguments[::-1])
        case ir.Call(ir.Function.BETWEEN, (value, left, right, *rest)):
            yield replace(node, arguments=(value, right, left, *rest))
        case ir.TextMatch(_, ir.Field() as value, ir.Field() as text):
            yield replace(node, value=text, text=value)
        case _:
            return


@in_query("computed values")
def another_operator(node: Node, _: ir.Query) -> Iterator[Node]:
    operators = list(ir.Operator)
    if isinstance(node, ir.Arithmetic):
        at = operators.index(node.operator)
        yield replace(node, operator=operators[(at + 1) % len(operators)])


@in_query("computed values")
def function_forgotten(node: Node, _: ir.Query) -> Iterator[Node]:
    """A function over a text that gives a text gives its argument."""
    texts = (ir.Function.BETWEEN, ir.Function.CONCAT, ir.Function.SUBSTRING, ir.Function.STRING)
    match node:
        case ir.Compare(_, ir.Call(function, (inner, *_)), right) if function in texts:
            if not isinstance(inner, LITERALS):
                yield replace(node, left=inner, right=right)
        case ir.Membership(ir.Call(function, (inner, *_))) if function in texts:
            yield replace(node, value=inner)
        case ir.Like(ir.Call(function, (inner, *_))) if function in texts:
            yield replace(node, value=inner)
        case _:
            return
