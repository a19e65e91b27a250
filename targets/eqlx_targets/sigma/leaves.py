"""Leaves of a condition as Sigma items: each one as maps of which any may match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from eqlx.capability import Drift, Losses, Polarity
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.patterns.folding import Folding, levels_differ
from eqlx.patterns.length import length_regex
from eqlx.patterns.network import MAPPED, Network
from eqlx.patterns.regex import (
    Alternation,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Regex,
    RegexNode,
    Repetition,
)
from eqlx.patterns.regex_printer import Inexpressible, to_pcre
from eqlx.patterns.wildcard import Shape
from eqlx.source import Span
from eqlx_targets.sigma.conditions import bounds
from eqlx_targets.sigma.text import has_letters, literal, pattern
from eqlx_targets.sigma.tree import Item, Scalar, SearchMap

TARGET_NAME = "sigma"

_ORDER: Mapping[ir.Comparison, str] = {
    ir.Comparison.LESS: "lt",
    ir.Comparison.LESS_OR_EQUAL: "lte",
    ir.Comparison.GREATER: "gt",
    ir.Comparison.GREATER_OR_EQUAL: "gte",
}

_WHERE: Mapping[ir.Where, tuple[str, ...]] = {
    ir.Where.START: ("startswith",),
    ir.Where.END: ("endswith",),
    ir.Where.ANYWHERE: ("contains",),
}

_SHAPES: Mapping[Shape, tuple[str, ...]] = {
    Shape.EXACT: (),
    Shape.PREFIX: ("startswith",),
    Shape.SUFFIX: ("endswith",),
    Shape.CONTAINS: ("contains",),
    Shape.GENERAL: (),
}

SHORT = 240
"""Up to this length an expression has letters in classes in place of the flag `i`."""

LONGEST = 1000
"""The most repetitions that RE2, which pySigma checks expressions with, takes."""

_ENUMERATIONS = ("event.", "host.os.type", "network.direction", "network.transport")

ONE_SPELLING = "fields such as `event.category` spell each value in one way, as Elastic writes them"


def is_enumeration(field: str) -> bool:
    """Whether Elastic writes the field in one fixed spelling, so that letter case cannot matter."""
    return field.startswith(_ENUMERATIONS) or (
        field.startswith("process.Ext.") and field.endswith(".type")
    )


BACK_END_FOLDS = {
    Folding.UNICODE: "the back end folds letters by Unicode's simple folding",
    Folding.ASCII: "the back end folds ASCII letters and no others",
}
"""What is assumed where a letter folds otherwise at the other level of letter case."""


@dataclass(frozen=True)
class Scope:
    """What lowering a leaf needs beside the leaf. `strict`: `cased` where EQL compares exactly;
    `texts`: booleans are written as text."""

    strict: bool
    texts: bool
    report: Report
    losses: Losses

    def refuse(self, what: str, why: str, span: Span) -> None:
        """Report a construct that Sigma cannot say."""
        self.report.add(inexpressible(TARGET_NAME, what, why, span))

    def plain(self, value: float | bool) -> Scalar:  # noqa: FBT001 - a value of a rule
        """A number or boolean as it is written."""
        if isinstance(value, bool) and self.texts:
            self.losses.assume("the back end keeps booleans as the texts `true` and `false`")
            return "true" if value else "false"
        return value

    def modifiers(
        self, field: str, case: ir.Case, texts: tuple[str, ...], polarity: Polarity, span: Span
    ) -> tuple[str, ...]:
        """`cased`, or nothing and the drift that this means, for texts on a field."""
        if case.folding is not None and any(map(levels_differ, texts)):
            self.losses.assume(BACK_END_FOLDS[case.folding])
        if case.folding is not None or not any(map(has_letters, texts)):
            return ()
        if self.strict:
            return ("cased",)
        if is_enumeration(field):
            self.losses.assume(ONE_SPELLING)
        else:
            drift = Drift.WIDENS.under(polarity)
            reason = f"Sigma compares `{field}` without regard to letter case"
            self.losses.record("letter-case", drift, reason, span, by_convention=True)
        return ()


def search_maps(leaf: ir.Leaf, polarity: Polarity, scope: Scope) -> tuple[SearchMap, ...]:
    """Maps of which one matches iff the leaf is true. What cannot be said is reported, and gives
    no maps."""
    return tuple((item,) for item in merged(_items(leaf, polarity, scope)))


def merged(items: Iterator[Item]) -> tuple[Item, ...]:
    """Items that share their key made one, values in order, none twice.

    `sigma check` counts values that differ in letter case only as twice the same.
    """
    gathered: dict[str, list[Item]] = {}
    for item in items:
        gathered.setdefault(item.key, []).append(item)
    return tuple(
        Item(first.field, first.modifiers, _distinct(first, (v for i in same for v in i.values)))
        for same in gathered.values()
        for first in same[:1]
    )


def _distinct(item: Item, values: Iterable[Scalar]) -> tuple[Scalar, ...]:
    exact = "cased" in item.modifiers or "re" in item.modifiers
    seen: dict[tuple[type, Scalar], Scalar] = {}
    for value in values:
        same = value.lower() if isinstance(value, str) and value.isascii() and not exact else value
        seen.setdefault((type(value), same), value)
    return tuple(seen.values())


def _items(leaf: ir.Leaf, polarity: Polarity, scope: Scope) -> Iterator[Item]:
    if (bounds := length_bounds(leaf)) is not None:
        measured, low, high = bounds
        yield Item(measured.name, ("re",), (f"^(?:{to_pcre(length_regex(low, high), None)})$",))
        return
    value = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
    if not isinstance(value, ir.Field):
        scope.refuse("a computed value", "Sigma compares fields with constants", leaf.span)
        return
    field = value.name
    if "|" in field:
        scope.refuse(f"the field name `{field}`", "`|` starts a modifier", value.span)
        return
    match leaf:
        case ir.Compare():
            yield from _compare(leaf, field, polarity, scope)
        case ir.Membership():
            yield from _membership(leaf, field, polarity, scope)
        case ir.Like():
            yield from _like(leaf, field, polarity, scope)
        case ir.RegexMatch():
            for regex in leaf.patterns:
                yield from _regex(regex, leaf, field, scope)
        case ir.NetworkMatch():
            yield from _networks(leaf, field)
        case ir.TextMatch():
            yield from _text_match(leaf, field, polarity, scope)
        case ir.IsNull():
            yield Item(field, (), (None,))
        case _:
            assert_never(leaf)


def length_bounds(leaf: ir.Leaf) -> tuple[ir.Field, int, int | None] | None:
    """`length(field)` against a number: the field, and the least and greatest length.

    None for any other leaf, and where no length or every length would do.
    """
    match leaf:
        case ir.Compare(
            operator,
            ir.Call(ir.Function.LENGTH, (ir.Field() as field,)),
            ir.Integer(value),
        ):
            low, high = bounds(operator, value)
            possible = low >= 0 and (high is None or high >= low)
            return (field, low, high) if possible and max(low, high or 0) <= LONGEST else None
        case _:
            return None


def _compare(leaf: ir.Compare, field: str, polarity: Polarity, scope: Scope) -> Iterator[Item]:
    right = leaf.right
    if leaf.operator is ir.Comparison.EQUAL:
        match right:
            case ir.Text(text):
                modifiers = scope.modifiers(field, leaf.case, (text,), polarity, leaf.span)
                yield Item(field, modifiers, (literal(_spelled(field, text, modifiers)),))
                return
            case ir.Integer(value) | ir.Decimal(value) | ir.Boolean(value):
                yield Item(field, (), (scope.plain(value),))
                return
            case _:
                pass
    elif isinstance(right, ir.Integer | ir.Decimal):
        yield Item(field, (_ORDER[leaf.operator],), (right.value,))
        return
    scope.refuse("this comparison", "Sigma orders numbers only", leaf.span)


def _spelled(field: str, text: str, modifiers: tuple[str, ...]) -> str:
    """SigmaHQ's validators take `AUTHORI` in a user's name for an oversight, since Windows translates
    the name; where letter case does not count, another spelling of it says the same."""
    if "cased" in modifiers or "user" not in field.lower():
        return text
    return text.replace("AUTHORITY", "Authority")


def _membership(
    leaf: ir.Membership, field: str, polarity: Polarity, scope: Scope
) -> Iterator[Item]:
    """Choices with and without letters need different modifiers where case is strict."""
    texts = tuple(choice.value for choice in leaf.choices if isinstance(choice, ir.Text))
    by_letters = groupby(sorted(texts, key=has_letters, reverse=True), key=has_letters)
    groups = [tuple(group) for _, group in by_letters] if scope.strict else [texts]
    for group in groups:
        if group:
            modifiers = scope.modifiers(field, leaf.case, group, polarity, leaf.span)
            yield Item(field, modifiers, tuple(map(literal, group)))
    for choice in leaf.choices:
        match choice:
            case ir.Integer(value) | ir.Decimal(value) | ir.Boolean(value):
                yield Item(field, (), (scope.plain(value),))
            case ir.Instant():
                scope.refuse("a comparison of dates", "Sigma has no dates", leaf.span)
            case ir.Text() | ir.Null():
                pass
            case _:
                assert_never(choice)


def _like(leaf: ir.Like, field: str, polarity: Polarity, scope: Scope) -> Iterator[Item]:
    """Patterns by shape, each shape with its modifier instead of wildcards."""
    for wildcard in leaf.patterns:
        shape = wildcard.shape
        if shape is Shape.ANYTHING:
            yield Item(field, (), ("*",))
            continue
        text = pattern(wildcard) if shape is Shape.GENERAL else literal(wildcard.literal)
        case = scope.modifiers(field, leaf.case, (wildcard.literal,), polarity, leaf.span)
        yield Item(field, (*_SHAPES[shape], *case), (_spelled(field, text, case),))


def _text_match(leaf: ir.TextMatch, field: str, polarity: Polarity, scope: Scope) -> Iterator[Item]:
    if isinstance(leaf.text, ir.Field):
        if leaf.case is ir.Case.SENSITIVE:
            drift = Drift.WIDENS.under(polarity)
            reason = f"Sigma may compare `{field}` with another field without regard to letter case"
            scope.losses.record("letter-case", drift, reason, leaf.span, by_convention=True)
        yield Item(field, ("fieldref", *_WHERE[leaf.where]), (leaf.text.name,))
        return
    if not isinstance(leaf.text, ir.Text):
        scope.refuse("a text function over two fields", "Sigma compares with constants", leaf.span)
        return
    text = leaf.text.value
    if not text and leaf.where is ir.Where.ANYWHERE:
        scope.refuse("a test that never holds", "the text is empty", leaf.span)
        return
    if not text:
        yield Item(field, (), ("*",))
        return
    case = scope.modifiers(field, leaf.case, (text,), polarity, leaf.span)
    yield Item(field, (*_WHERE[leaf.where], *case), (literal(text),))


def _regex(regex: Regex, leaf: ir.RegexMatch, field: str, scope: Scope) -> Iterator[Item]:
    """Anchored, because whether `re` searches or matches whole values differs between back ends.

    Letters of any case are written as classes, because many engines cannot read the flag `i`, and a
    range of letters does not fold in EQL; the flag stands where that would be long, and means the same.
    """
    insensitive = leaf.case is not ir.Case.SENSITIVE
    try:
        body = to_pcre(regex, leaf.case.folding)
        flag = insensitive and len(body) > SHORT and not _case_depends_on_position(regex.root)
        if flag:
            body = to_pcre(regex, None)
    except Inexpressible as error:
        scope.refuse("this regular expression", str(error), leaf.span)
        return
    if flag and leaf.case.folding is not None and levels_differ(regex.text):
        scope.losses.assume(BACK_END_FOLDS[leaf.case.folding])
    yield Item(field, ("re", "i") if flag else ("re",), (f"^(?:{body})$",))


def _case_depends_on_position(node: RegexNode) -> bool:
    """Whether some letters fold and others do not: those of ranges, and below Lucene's `~`, `&`."""
    match node:
        case Concatenation(parts) | Alternation(parts):
            return any(map(_case_depends_on_position, parts))
        case Repetition(part):
            return _case_depends_on_position(part)
        case CharacterSet(ranges=ranges):
            return any(low <= "z" and high >= "A" for low, high in ranges)
        case Complement() | Intersection():
            return True
        case _:
            return False


def _networks(leaf: ir.NetworkMatch, field: str) -> Iterator[Item]:
    """Networks for `cidr`, addresses as plain text."""
    for network in leaf.networks:
        if network.first == network.last:
            yield Item(field, (), (network.canonical,))
        else:
            yield from (Item(field, ("cidr",), (text,)) for text in _blocks(network))


def _blocks(network: Network) -> Iterator[str]:
    """A network in Sigma's two families: one that spans the mapped range covers all of IPv4."""
    yield network.canonical
    if network.first < MAPPED and network.last > MAPPED | 0xFFFFFFFF:
        yield "0.0.0.0/0"
