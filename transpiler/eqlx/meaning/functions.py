"""The functions of EQL on single values (spec §7). A null argument is None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from eqlx.ir.functions import OnNull, each, of
from eqlx.ir.nodes import Case, Function
from eqlx.meaning.text import folded, from_units, units
from eqlx.meaning.values import LONG, Failed, Operand, text_of


def call(function: Function, arguments: tuple[Operand, ...], case: Case) -> Operand:
    """A function's value for one choice of its arguments' values; nulls by the declaration.

    Raises:
        Failed: a runtime error in Elasticsearch.
    """
    declared = of(function)
    for index, argument in enumerate(arguments):
        if argument is not None:
            continue
        match declared.parameter(index).on_null:
            case OnNull.NULL:
                return None
            case OnNull.FAILS:
                message = f"`{declared.parameter(index).name}` of `{declared.name}` is null"
                raise Failed(message)
            case OnNull.DEFAULT:
                pass
    return _COMPUTED[function](arguments, case)


def _text(value: Operand) -> str:
    if not isinstance(value, str):
        message = "not a string"
        raise Failed(message)
    return value


def _whole(value: Operand) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        message = "not an integer"
        raise Failed(message)
    return value


def _concat(arguments: tuple[Operand, ...]) -> str:
    return "".join(text_of(argument) for argument in arguments if argument is not None)


def _between(arguments: tuple[Operand, ...], case: Case) -> str:
    """Text after the first `left` up to the next `right`, or to the last one if greedy."""
    source = _text(arguments[0])
    left, right = units(_text(arguments[1])), units(_text(arguments[2]))
    greedy = arguments[3] if len(arguments) > 3 else False
    if not isinstance(greedy, bool):
        message = "not a boolean"
        raise Failed(message)
    if not (source and left and right):
        return source
    whole = searched = units(source)
    searched, left, right = (folded(text, case) for text in (searched, left, right))
    start = searched.find(left)
    if start < 0:
        return ""
    start += len(left)
    end = searched.rfind(right) if greedy else searched.find(right, start)
    if end < 0:
        return ""
    if end < start:
        message = "`between` ends before it starts"
        raise Failed(message)
    return from_units(whole[start:end])


def _index_of(arguments: tuple[Operand, ...], case: Case) -> int | None:
    searched, wanted = units(_text(arguments[0])), units(_text(arguments[1]))
    searched, wanted = folded(searched, case), folded(wanted, case)
    given = arguments[2] if len(arguments) > 2 else None
    start = 0 if given is None else max(0, _whole(given))
    if start > len(searched):
        return None
    place = searched.find(wanted, start)
    return None if place < 0 else place


def _substring(source: Operand, start: Operand, end: Operand = None) -> str:
    """Python's slice: negatives count from the end, everything clamps."""
    text = _text(source)
    if start is None:
        return text
    stop = None if end is None else _whole(end)
    return from_units(units(text)[_whole(start) : stop])


# --- number() ---------------------------------------------------------------------------------

_JAVA_DOUBLE: Final = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)"
)
_BLANKS: Final = "".join(map(chr, range(0x21)))


def _number(given: Operand, base: Operand = None) -> int | float:
    source = _text(given)
    hexadecimal = source.startswith("0x")
    radix = (16 if hexadecimal else 10) if base is None else _whole(base)
    if hexadecimal and radix == 16:
        source = source[2:]
    whole = _long(source, radix)
    if whole is not None:
        return whole
    trimmed = source.strip(_BLANKS)
    if radix != 10 or not _JAVA_DOUBLE.fullmatch(trimmed):
        message = f'"{source}" is no number{"" if radix == 10 else f" in base {radix}"}'
        raise Failed(message)
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


_Compute = Callable[[tuple[Operand, ...], Case], Operand]
_COMPUTED: Final[dict[Function, _Compute]] = each(
    {
        Function.BETWEEN: _between,
        Function.CONCAT: lambda arguments, _: _concat(arguments),
        Function.INDEX_OF: _index_of,
        Function.LENGTH: lambda arguments, _: len(units(_text(arguments[0]))),
        Function.NUMBER: lambda arguments, _: _number(*arguments),
        Function.STRING: lambda arguments, _: _concat(arguments),
        Function.SUBSTRING: lambda arguments, _: _substring(*arguments),
    },
    "the computation of functions",
)
