"""The functions of EQL on single values (spec §7). A null argument is None."""

from __future__ import annotations

import re
from typing import Final, assert_never

from eqlx.ir.nodes import Case, Function
from eqlx.meaning.text import folded, from_units, units
from eqlx.meaning.values import LONG, Failed, Operand, text_of


def call(function: Function, arguments: tuple[Operand, ...], case: Case) -> Operand:
    """A function's value for one choice of its arguments' values.

    Raises:
        Failed: a runtime error in Elasticsearch.
    """
    first, rest = arguments[0], arguments[1:]
    if function is Function.CONCAT:
        return _concat(arguments)
    if first is None:
        return None
    match function:
        case Function.BETWEEN:
            return _between(_text(first), rest, case)
        case Function.INDEX_OF:
            return _index_of(_text(first), rest, case)
        case Function.LENGTH:
            return len(units(_text(first)))
        case Function.NUMBER:
            return _number(_text(first), *rest)
        case Function.STRING:
            return text_of(first)
        case Function.SUBSTRING:
            return _substring(_text(first), *rest)
        case _:
            assert_never(function)


def _text(value: Operand) -> str:
    if not isinstance(value, str):
        raise Failed
    return value


def _whole(value: Operand) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Failed
    return value


def _concat(arguments: tuple[Operand, ...]) -> str | None:
    if any(argument is None for argument in arguments):
        return None
    return "".join(text_of(argument) for argument in arguments if argument is not None)


def _between(source: str, rest: tuple[Operand, ...], case: Case) -> str:
    """Text after the first `left` up to the next `right`, or to the last one if greedy."""
    left, right = units(_text(rest[0])), units(_text(rest[1]))
    greedy = rest[2] if len(rest) > 2 else False
    if not isinstance(greedy, bool):
        raise Failed
    if not (source and left and right):
        return source
    whole = searched = units(source)
    if case is Case.INSENSITIVE:
        searched, left, right = folded(searched), folded(left), folded(right)
    start = searched.find(left)
    if start < 0:
        return ""
    start += len(left)
    end = searched.rfind(right) if greedy else searched.find(right, start)
    if end < 0:
        return ""
    if end < start:
        raise Failed
    return from_units(whole[start:end])


def _index_of(source: str, rest: tuple[Operand, ...], case: Case) -> int | None:
    if rest[0] is None:
        return None
    searched, wanted = units(source), units(_text(rest[0]))
    if case is Case.INSENSITIVE:
        searched, wanted = folded(searched), folded(wanted)
    start = 0 if len(rest) < 2 or rest[1] is None else max(0, _whole(rest[1]))
    if start > len(searched):
        return None
    place = searched.find(wanted, start)
    return None if place < 0 else place


def _substring(source: str, start: Operand, end: Operand = None) -> str:
    """Python's slice: negatives count from the end, everything clamps."""
    if start is None:
        return source
    stop = None if end is None else _whole(end)
    return from_units(units(source)[_whole(start) : stop])


# --- number() ---------------------------------------------------------------------------------

_JAVA_DOUBLE: Final = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)"
)
_BLANKS: Final = "".join(map(chr, range(0x21)))


def _number(source: str, base: Operand = None) -> int | float:
    hexadecimal = source.startswith("0x")
    radix = (16 if hexadecimal else 10) if base is None else _whole(base)
    if hexadecimal and radix == 16:
        source = source[2:]
    whole = _long(source, radix)
    if whole is not None:
        return whole
    if radix != 10:
        raise Failed
    trimmed = source.strip(_BLANKS)
    if not _JAVA_DOUBLE.fullmatch(trimmed):
        raise Failed
    return float(trimmed.rstrip("fFdD") if trimmed[-1] in "fFdD" else trimmed)


_PREFIXES: Final = {2: "0b", 8: "0o", 16: "0x"}


def _long(source: str, radix: int) -> int | None:
    """Java's `Long.parseLong`, or None where it throws."""
    digits = source[1:] if source[:1] in ("+", "-") else source
    if not 2 <= radix <= 36 or not (digits.isascii() and digits.isalnum()):
        return None
    if digits[:2].lower() == _PREFIXES.get(radix):  # which Python takes and Java does not
        return None
    try:
        number = int(source, radix)
    except ValueError:
        return None
    return number if number in LONG else None
