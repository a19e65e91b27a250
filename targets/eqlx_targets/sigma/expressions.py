"""Tests of a text that is computed from one field, as expressions on the field itself.

The texts of a field for which such a test holds are a regular language, whatever the functions do
(eql-semantics.md §7): `between(f, "a=", ";") == "x"` holds for the texts that have `x` between the first
`a=` and the next `;`. Positions are counted in code points, as `length` is (`eqlx.patterns.length`).
"""

from __future__ import annotations

from functools import partial

from eqlx.ir import nodes as ir
from eqlx.patterns.characters import Characters, characters_of
from eqlx.patterns.folding import Folding, forms
from eqlx.patterns.regex import (
    Alternation,
    AnyCharacter,
    Character,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Nothing,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
    joined,
    united,
)
from eqlx.patterns.regex_printer import Inexpressible, to_pcre
from eqlx.patterns.regex_rewrite import code_points, ordinary, repeated, set_node
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_targets.sigma.conditions import bounds

LONGEST = 2_000
"""Characters of an expression; a longer one is not written."""

_ONE = AnyCharacter(newline=True)
_ANY = Repetition(_ONE, 0, None)
_SOME = Repetition(_ONE, 1, None)


class _BeyondError(Exception):
    """The test has no form as an expression here."""


def as_expression(leaf: ir.Leaf) -> ir.RegexMatch | None:
    """The same test as an expression on its one field; None where it has no such form, or a long one."""
    value = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
    if not isinstance(value, ir.Call) or isinstance(leaf, ir.IsNull):
        return None
    if value.function is ir.Function.LENGTH and isinstance(value.arguments[0], ir.Field):
        return None  # said by itself
    try:
        root, field = _tested(leaf, value)
        found = Regex(RegexDialect.LUCENE, root, "computed")
        plain = Regex(RegexDialect.LUCENE, ordinary(found, None), "computed")
        if len(to_pcre(plain, None)) > LONGEST or isinstance(plain.root, Nothing):
            return None
    except (_BeyondError, Inexpressible):
        return None
    return ir.RegexMatch(field, (plain,), ir.Case.SENSITIVE, span=leaf.span)


def _tested(leaf: ir.Leaf, value: ir.Call) -> tuple[RegexNode, ir.Field]:
    match leaf, value:
        case (
            ir.Compare(operator, right=ir.Integer(number)),
            ir.Call(ir.Function.LENGTH, (inner,)),
        ):
            low, high = bounds(operator, number)
            return _before(inner, _of_length(low, high))
        case (
            ir.Compare(operator, right=ir.Integer(number)),
            ir.Call(ir.Function.INDEX_OF, (inner, ir.Text(wanted)), case),
        ) if wanted:
            low, high = bounds(operator, number)
            start = _first(_of_length(low, high), wanted, case)
            return _before(inner, joined((start, _ANY)))
        case _:
            return _before(value, _asked(leaf))


def _before(value: ir.Value, texts: RegexNode) -> tuple[RegexNode, ir.Field]:
    """The texts of a field from which a value is computed that is one of `texts`."""
    match value:
        case ir.Field(multivalued=False) as field:
            return texts, field
        case ir.Call(ir.Function.BETWEEN, (inner, ir.Text(left), ir.Text(right), *rest), case):
            if not left or not right or rest not in ([], [ir.Boolean(value=False)]):
                raise _BeyondError
            return _before(inner, _between(texts, left, right, case))
        case ir.Call(ir.Function.SUBSTRING, (inner, ir.Integer(0), ir.Call() as end)):
            return _head(inner, end, texts)
        case ir.Call(ir.Function.SUBSTRING, (inner, ir.Integer(start), *rest)):
            return _before(inner, _substring(texts, start, rest))
        case _:
            raise _BeyondError


def _between(texts: RegexNode, left: str, right: str, case: ir.Case) -> RegexNode:
    """After the first `left` up to the next `right`; the empty text where one of them is not there."""
    head = _first(_ANY, left, case)
    found = [joined((head, _first(texts, right, case), _ANY))]
    if _has_empty(texts):
        found += [_lacking(_ANY, left, case), joined((head, _lacking(_ANY, right, case)))]
    return united(found)


def _head(inner: ir.Value, end: ir.Call, texts: RegexNode) -> tuple[RegexNode, ir.Field]:
    """From the start up to the first place of a text in the same field. Where it is not there, the place
    is null, and the whole text is meant."""
    match end:
        case ir.Call(ir.Function.INDEX_OF, (of, ir.Text(wanted)), case) if wanted and of == inner:
            up_to, whole = _first(texts, wanted, case), _lacking(texts, wanted, case)
            return _before(inner, united((joined((up_to, _ANY)), whole)))
        case _:
            raise _BeyondError


def _substring(texts: RegexNode, start: int, rest: list[ir.Value]) -> RegexNode:
    """By constant places; a negative start counts from the end, and texts may be too short."""
    match rest:
        case [] if start < 0:
            short = _both(texts, _of_length(0, -start - 1))
            return united((joined((_ANY, _both(texts, _of_length(-start, -start)))), short))
        case []:
            return _from(start, texts, texts)
        case [ir.Integer(end)] if 0 <= start < end:
            whole = joined((_both(texts, _of_length(end - start, end - start)), _ANY))
            short = _both(texts, _of_length(0, end - start - 1))
            return _from(start, united((whole, short)), texts)
        case _:
            raise _BeyondError


def _from(start: int, after: RegexNode, texts: RegexNode) -> RegexNode:
    found = [joined((_of_length(start, start), after))]
    if start and _has_empty(texts):
        found.append(_of_length(0, start - 1))
    return united(found)


def _asked(leaf: ir.Leaf) -> RegexNode:
    """The texts for which a test of a value holds, letters resolved."""
    match leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Text(text), case):
            return _text(text, case)
        case ir.Membership(_, choices, case):
            texts = [_text(choice.value, case) for choice in choices if isinstance(choice, ir.Text)]
            if len(texts) != len(choices):
                raise _BeyondError
            return united(texts)
        case ir.Like(_, patterns, case, crosses):
            return united([_pattern(pattern, case, crosses=crosses) for pattern in patterns])
        case ir.RegexMatch(_, patterns, case):
            return united([ordinary(pattern, case.folding) for pattern in patterns])
        case ir.TextMatch(where, _, ir.Text(text), case) if text:
            start = () if where is ir.Where.START else (_ANY,)
            end = () if where is ir.Where.END else (_ANY,)
            return joined((*start, _text(text, case), *end))
        case _:
            raise _BeyondError


def _pattern(pattern: Wildcard, case: ir.Case, *, crosses: bool) -> RegexNode:
    one = AnyCharacter(newline=crosses)
    parts: list[RegexNode] = []
    for piece in pattern.pieces:
        match piece:
            case str():
                parts.append(_text(piece, case))
            case Wild.ANY_RUN:
                parts.append(Repetition(one, 0, None))
            case Wild.ANY_ONE:
                parts.append(one)
    return joined(parts)


def _text(text: str, case: ir.Case) -> RegexNode:
    return joined(tuple(map(partial(_letter, folding=case.folding), text)))


def _letter(character: str, folding: Folding | None) -> RegexNode:
    found = (character,) if folding is None else forms(character, folding)
    return (
        Character(character)
        if len(found) == 1
        else CharacterSet(frozenset(found), (), negated=False)
    )


def _first(texts: RegexNode, wanted: str, case: ir.Case) -> RegexNode:
    """Some of the texts with `wanted` after them, which is nowhere before."""
    after = _text(wanted, case)
    if len(wanted) == 1:
        return joined((_lacking(texts, wanted, case), after))
    goes_on = joined((_ANY, after, _SOME))
    return _both(joined((texts, after)), Complement(goes_on))


def _lacking(texts: RegexNode, unwanted: str, case: ir.Case) -> RegexNode:
    """Those of the texts that have `unwanted` nowhere."""
    plain = ordinary(Regex(RegexDialect.LUCENE, texts, "texts"), None)
    if len(unwanted) == 1:
        folding = case.folding
        barred = characters_of(Character(unwanted), folding, fold_ranges=False)
        return _within(plain, barred.complement)
    return _both(plain, Complement(joined((_ANY, _text(unwanted, case), _ANY))))


def _within(node: RegexNode, allowed: Characters) -> RegexNode:
    """The texts of an ordinary expression that have no other characters."""
    match node:
        case Concatenation(parts):
            return joined(tuple(_within(part, allowed) for part in parts))
        case Alternation(parts):
            return united(tuple(_within(part, allowed) for part in parts))
        case Repetition(part, low, high):
            return repeated(_within(part, allowed), low, high)
        case _:
            points = code_points(node)
            return node if points is None else set_node(points & allowed)


def _both(first: RegexNode, second: RegexNode) -> RegexNode:
    return Intersection((first, second))


def _of_length(low: int, high: int | None) -> RegexNode:
    if high is not None and (high < 0 or high < low):
        return Nothing()
    return Repetition(_ONE, max(low, 0), high)


def _has_empty(texts: RegexNode) -> bool:
    """Whether the empty text is among them."""
    empty = Regex(RegexDialect.LUCENE, _both(texts, joined(())), "empty")
    return not isinstance(ordinary(empty, None), Nothing)
