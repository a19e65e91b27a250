"""Values that are worth trying for a field of a leaf: inside, at and outside its boundaries.

Nothing here decides what matches: every value is a proposal, which the interpreter judges.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import TypeVar

from eqlx.ir.nodes import (
    Boolean,
    Call,
    Case,
    Compare,
    Decimal,
    Field,
    Function,
    Instant,
    Integer,
    IsNull,
    Leaf,
    Like,
    Literal,
    Membership,
    NetworkMatch,
    Null,
    RegexMatch,
    Text,
    TextMatch,
    Where,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.meaning.dates import iso_text
from eqlx.meaning.values import address_text
from eqlx.patterns.network import Network
from eqlx.synthesis.inverses import inverses
from eqlx.synthesis.model import Raw
from eqlx.synthesis.regex_texts import regex_texts
from eqlx.synthesis.texts import (
    filled,
    literal_texts,
    near_misses,
    off_inside,
    other_case,
    pattern_texts,
    swapped,
)
from eqlx.synthesis.usual import usual

Item = TypeVar("Item")

Proposal = tuple[str, Raw]
"""What the value varies, and the value."""

_MOST_ITEMS = 120
"""A plain text is tried of so many items of a list."""
_PLAIN = ("a usual text", "a line break inside", "word 1 of the pattern")
MOST_LISTED = 24
"""So many items of a list are tried one by one: the first, the last, and others by the seed."""


def proposals(leaf: Leaf, field: Field, seed: int = 0) -> Iterator[Proposal]:
    """Values for `field` that `leaf` may take or leave, the most usual first, duplicates left in."""
    if _tested(leaf) != field:
        yield from _computed(leaf, field)
        return
    match leaf:
        case Compare(_, _, right, case):
            yield from _against(right, field.type, case)
        case Membership(_, choices, case):
            yield from _listed(choices, field.type, case, seed)
        case Like(_, patterns, case):
            yield from _each(patterns, lambda p: pattern_texts(p, case), seed)
            yield "none of the patterns", "unrelated"
        case RegexMatch(_, expressions, case):
            yield from _each(expressions, lambda r: regex_texts(r, case), seed)
        case NetworkMatch(_, networks):
            yield from _each(networks, _addresses, seed)
            yield "the address of all zeros", "0.0.0.0"  # noqa: S104 - nothing binds to it
        case TextMatch(where, _, Text(value), case):
            yield from _around(where, value, case)
        case TextMatch() | IsNull():
            yield "a value", usual(field)


def misses(leaf: Leaf) -> Iterator[str]:
    """Texts just outside of each item of a list, some of which another item may take after all."""
    match leaf:
        case Like(_, patterns, case):
            each = [pattern_texts(p, case) for p in patterns[:_MOST_ITEMS]]
        case RegexMatch(_, expressions, case):
            each = [regex_texts(r, case) for r in expressions[:_MOST_ITEMS]]
        case Membership(_, choices, case):
            texts = [c.value for c in choices if isinstance(c, Text)]
            each = [literal_texts(text, case) for text in texts[:_MOST_ITEMS]]
        case NetworkMatch(_, networks):
            each = [_addresses(network) for network in networks[:_MOST_ITEMS]]
        case _:
            return
    for row in each:
        yield from (text for label, text in row if label not in _PLAIN)


def _tested(leaf: Leaf) -> object:
    return leaf.left if isinstance(leaf, Compare) else leaf.value


def _place(number: int, count: int) -> str:
    if count == 1:
        return ""
    if number == 0:
        return "first of the list, "
    return "last of the list, " if number == count - 1 else f"number {number + 1} of the list, "


def _each(
    items: Sequence[Item], texts: Callable[[Item], Iterable[tuple[str, str]]], seed: int
) -> Iterator[Proposal]:
    """A text or two of every item of a list, labelled with its place, then the finer ones."""
    if len(items) > 1:
        for number, item in enumerate(items[:_MOST_ITEMS]):
            place = _place(number, len(items))
            for label, text in texts(item):
                if label in _PLAIN:
                    yield f"{place}{label}", text
    for number, item in sampled(items, seed):
        place = _place(number, len(items))
        for label, text in texts(item):
            yield f"{place}{label}", text


def sampled(items: Sequence[Item], seed: int) -> list[tuple[int, Item]]:
    """The items with their places; of a long list the first, the last and a sample."""
    numbered = list(enumerate(items))
    if len(numbered) <= MOST_LISTED:
        return numbered
    inner = random.Random(seed).sample(numbered[1:-1], MOST_LISTED - 2)  # noqa: S311 - no secret
    return [numbered[0], *sorted(inner, key=lambda pair: pair[0]), numbered[-1]]


# --- one literal ----------------------------------------------------------------------------------


def raw(literal: Literal) -> Raw | None:
    """The literal as a JSON value."""
    match literal:
        case Null():
            return None
        case Instant(nanoseconds):
            return iso_text(nanoseconds)
        case _:
            return literal.value


def _against(right: object, kind: FieldType, case: Case) -> Iterator[Proposal]:
    """The literal, and what lies next to it on both sides."""
    match right:
        case Text(value):
            yield from literal_texts(value, case)
            if kind is FieldType.VERSION:
                yield from _versions(value)
            elif kind is FieldType.IP:
                yield "another address", "203.0.113.77"
        case Integer(value):
            yield from (("the number", value), ("one more", value + 1), ("one less", value - 1))
            if kind is FieldType.DOUBLE:
                yield from (("a little more", value + 0.5), ("a little less", value - 0.5))
            if kind.is_number and 10 <= value < 10**17:
                yield "sorts elsewhere as a text", _sorted_as_text(value)
        case Decimal(value) if kind.is_integer and math.isfinite(value):
            yield from (("rounded down", math.floor(value)), ("rounded up", math.floor(value) + 1))
            yield "one less", math.floor(value) - 1
        case Decimal(value):
            yield "the number", value
            yield from (("next above", math.nextafter(value, math.inf)), ("one more", value + 1))
            yield from (("next below", math.nextafter(value, -math.inf)), ("one less", value - 1))
        case Boolean(value):
            yield from (("the value", value), ("the other value", not value))
        case Instant(nanoseconds):
            step = 1 if kind is FieldType.DATE_NANOS else 1_000_000
            yield "the instant", iso_text(nanoseconds)
            yield "the next instant", iso_text(nanoseconds + step)
            yield "the instant before", iso_text(nanoseconds - step)
        case _:
            return


def _sorted_as_text(value: int) -> int:
    """A greater number whose digits come before the number's in the order of texts, or the other
    way round for a power of ten."""
    power = 10 ** len(str(value))
    return value - 1 if value * 10 == power else power


def _versions(value: str) -> Iterator[Proposal]:
    head, dot, last = value.rpartition(".")
    if last.isdigit():
        yield "the next version", f"{head}{dot}{int(last) + 1}"
        yield "the version before", f"{head}{dot}{max(0, int(last) - 1)}"
        yield "a later version with more digits", f"{head}{dot}{last}0"
    yield "a pre-release of it", f"{value}-rc.1"


def _listed(
    choices: Sequence[Literal], kind: FieldType, case: Case, seed: int
) -> Iterator[Proposal]:
    for number, choice in sampled(choices, seed):
        value = raw(choice)
        if value is None:
            continue
        place = _place(number, len(choices))
        yield f"{place}the value itself", value
        if isinstance(value, str):
            for label, text in other_case(value, case):
                yield f"{place}{label}", text
    for end in dict.fromkeys((0, len(choices) - 1)):
        for label, value in islice(_against(choices[end], kind, case), 1, None):
            yield f"{_place(end, len(choices))}{label}", value
    kinds = {type(choice) for choice in choices}
    if kinds == {Text}:
        yield "none of the list", "203.0.113.77" if kind is FieldType.IP else "unrelated"


def _around(where: Where, text: str, case: Case) -> Iterator[Proposal]:
    """For `startsWith`, `endsWith`, `stringContains`: the text at each place, damaged or alone."""
    start, end = text + " and more", "before " + text
    usual_text = {Where.START: start, Where.END: end, Where.ANYWHERE: f"before {text} after"}[where]
    yield "a usual text", usual_text
    yield "the text alone", text
    yield "at the start", start
    yield "at the end", end
    for label, changed in other_case(usual_text, case):
        yield label, changed
    yield "the text's letters swapped", swapped(text)
    for label, damaged in (*near_misses(text), *off_inside(text)):
        yield label, usual_text.replace(text, damaged)
    yield "empty text", ""


def _addresses(network: Network) -> Iterator[tuple[str, str]]:
    """The first and last address, the ones next to them, one inside; IPv4 also as mapped IPv6."""
    inside = (network.first + network.last) // 2
    if inside != network.first:
        yield "an address inside", address_text(inside)
    yield "the first address", address_text(network.first)
    yield "the last address", address_text(network.last)
    if network.first:
        yield "one address before", address_text(network.first - 1)
    if network.last < 2**128 - 1:
        yield "one address after", address_text(network.last + 1)
    if network.v4 is not None and network.first >> 32 == 0xFFFF:
        high, low = divmod(network.first & 0xFFFFFFFF, 65536)
        yield "the first address, mapped to IPv6", f"::ffff:{high:x}:{low:x}"
    yield "an address of the other family", "2001:db8::77" if network.v4 else "203.0.113.77"


# --- computed values ------------------------------------------------------------------------------


def _computed(leaf: Leaf, field: Field) -> Iterator[Proposal]:
    """Values for a field inside a function or arithmetic: by the literals that stand in the leaf."""
    yield from (("made for the function", v) for v in _inverted(leaf, field))
    if field.type is FieldType.BOOLEAN:
        yield from (("true", True), ("false", False))
        return
    found = (n.value for n, _, _ in walk(leaf) if isinstance(n, Integer | Decimal))
    numbers = [number for number in found if math.isfinite(number)]
    if field.type.is_number:
        for number in (*numbers, 0):
            for step in (0, 1, -1, 2, 10):
                value = number + step
                yield "a number", int(value) if field.type.is_integer else value
        yield from (("half", int(n // 2)) for n in numbers)
        return
    if field.type is FieldType.IP:
        yield from (("an address", text) for text in _address_texts(leaf))
        return
    yield from _lengths(leaf, numbers)
    for text in _mixtures(_texts(leaf)):
        yield "a text made of the rule's own", text
        yield "other letter case", swapped(text)
    for number in numbers:
        for step in (0, 1, -1):
            yield "a number as text", str(number + step)
        digits = str(int(number))
        if len(digits) > 1:  # some engines read these as the number
            yield "a low line in a number", f"{digits[:-1]}_{digits[-1]}"
            yield "a letter after a number", f"{digits}x"
    yield from (("a value", usual(field)), ("empty text", ""), ("a short text", "x"))


def _inverted(leaf: Leaf, field: Field) -> Iterator[Raw]:
    """Values from which the leaf's functions make what the leaf looks for."""
    tested = leaf.left if isinstance(leaf, Compare) else leaf.value
    wanted: list[str | int | float] = list(_texts(leaf)) if not isinstance(leaf, Compare) else []
    match leaf:
        case Like() | RegexMatch() | TextMatch(_, _, Text()):
            plain = replace(leaf, value=_SOME_TEXT)
            wanted += [value for _, value in proposals(plain, _SOME_TEXT) if isinstance(value, str)]
            wanted = list(dict.fromkeys(wanted))
        case Compare(_, _, (Integer(number) | Decimal(number))):
            wanted += [number, number + 1, number - 1]
        case Compare(_, _, Text(text)):
            wanted += [text, f"{text}x", text[:-1]]
        case Membership(_, choices):
            wanted += [v for c in choices if isinstance(v := raw(c), str | int | float)]
        case _:
            pass
    for number, value in enumerate(wanted[:80]):
        for made in islice(inverses(tested, field, value), 12 if number < 40 else 1):
            if isinstance(made, str) != field.type.is_number:
                yield made


_SOME_TEXT = Field("text", type=FieldType.KEYWORD)


def _lengths(leaf: Leaf, numbers: Sequence[float]) -> Iterator[Proposal]:
    if any(isinstance(n, Call) and n.function is Function.LENGTH for n, _, _ in walk(leaf)):
        for number in numbers:
            for length in (int(number), int(number) + 1, int(number) - 1):
                if 0 <= length <= 20_000:
                    words = "Sample text of a certain length. " * (length // 33 + 1)
                    yield f"{length} characters", words[:length]


def _texts(leaf: Leaf) -> list[str]:
    """The texts that stand in a leaf, patterns filled."""
    found = [n.value for n, _, _ in walk(leaf) if isinstance(n, Text)]
    match leaf:
        case Like(_, patterns, _):
            found += [filled(p, run) for p in patterns[:8] for run in (None, "")]
        case RegexMatch(_, expressions, case):
            found += [t for r in expressions[:4] for _, t in islice(regex_texts(r, case), 8)]
        case _:
            pass
    return list(dict.fromkeys(found))


def _mixtures(texts: list[str]) -> Iterator[str]:
    """The texts, their beginnings and ends beyond each other, and their pairs."""
    few = texts[:6]
    for text in few:
        yield text
        yield from (text + "data", "data" + text, f"a {text} b", text + text)
    for first, second in product(few, few):
        if first != second:
            yield from (first + second, f"{first}data{second}", first.removesuffix(second))
            yield first.removeprefix(second)


def _address_texts(leaf: Leaf) -> Iterator[str]:
    for text in _texts(leaf):
        digits = [part for part in text.split(".") if part]
        if digits and all(part.isdigit() and int(part) < 256 for part in digits):
            padded = (digits + ["7"] * 4)[:4] if not text.startswith(".") else None
            yield ".".join(padded or ["10", "7", "7", "7", *digits][-4:])
    yield from ("10.0.0.1", "203.0.113.77", "192.168.1.1", "2001:db8::1")
