"""Field values from which a function makes a wanted value: proposals for computed leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eqlx.ir.functions import each
from eqlx.ir.nodes import Arithmetic, Call, Field, Function, Integer, Negation, Text, Value
from eqlx.ir.walk import walk

Result = str | int | float

_TAIL = "-and-some-more-text"


def inverses(value: Value, field: Field, wanted: Result) -> Iterator[Result]:
    """Values of `field` with which `value` may come to `wanted`.

    >>> name = Field("process.name")
    >>> call = Call(Function.BETWEEN, (name, Text("http://"), Text("/")))
    >>> next(inverses(call, name, "10.0.0.7"))
    'http://10.0.0.7/'
    """
    if isinstance(wanted, float) and not math.isfinite(wanted):
        return  # no field holds it
    match value:
        case Field():
            if value == field:
                yield wanted
        case Call(function, arguments):
            for inner, made in _INVERSES[function](_Wanted(arguments, field, wanted)):
                yield from inverses(inner, field, made)
        case Arithmetic(_, left, right) if isinstance(wanted, int | float):
            for side in (left, right):
                for made in (wanted, wanted * 2, wanted + 1):
                    yield from inverses(side, field, made)
        case Negation(inner) if isinstance(wanted, int | float):
            yield from inverses(inner, field, -wanted)
        case _:
            return


Proposals = Iterator[tuple[Value, Result]]
"""The argument that holds the field, and what it should be."""


@dataclass(frozen=True)
class _Wanted:
    """A call and the result wanted of it."""

    arguments: tuple[Value, ...]
    field: Field
    result: Result

    @property
    def first(self) -> Value:
        return self.arguments[0]

    @property
    def text(self) -> str:
        return str(self.result)

    @property
    def marks(self) -> list[str]:
        """The literal texts behind the first argument."""
        rest = self.arguments[1:]
        return [n.value for v in rest for n, _, _ in walk(v) if isinstance(n, Text)]


def _between(wanted: _Wanted) -> Proposals:
    left, right = [*wanted.marks, "", ""][:2]
    yield wanted.first, f"{left}{wanted.text}{right}"
    yield wanted.first, f"get {left}{wanted.text}{right}index.html"


def _substring(wanted: _Wanted) -> Proposals:
    start = next((v.value for v in wanted.arguments[1:] if isinstance(v, Integer)), 0)
    lead = "x" * start if start >= 0 else "lead"
    yield wanted.first, f"{lead}{wanted.text}"
    for mark in [*wanted.marks, "x", "$"]:
        yield wanted.first, f"{lead}{wanted.text}{mark}"
        yield wanted.first, f"{lead}{wanted.text}{mark}data{_TAIL * 6}"


def _string(wanted: _Wanted) -> Proposals:
    yield wanted.first, _number_of(wanted.text)
    yield wanted.first, wanted.text


def _length(wanted: _Wanted) -> Proposals:
    if isinstance(wanted.result, int | float):
        number = int(wanted.result)
        for length in (number, number + 1, number - 1):
            yield wanted.first, ("sample-text-" * (length // 12 + 1))[: max(0, length)]


def _index_of(wanted: _Wanted) -> Proposals:
    if isinstance(wanted.result, int | float):
        lead = "x" * max(0, int(wanted.result))
        yield wanted.first, lead + "".join(wanted.marks[:1])


def _concat(wanted: _Wanted) -> Proposals:
    """What is left of a text for the argument that holds the field, the literals taken away."""
    arguments, field, text = wanted.arguments, wanted.field, wanted.text
    marks = [a.value for a in arguments if isinstance(a, Text)]
    left = [text]
    for mark in marks:
        left = [part for whole in left for part in (whole.split(mark) if mark else [whole])]
    for argument in arguments:
        if any(n == field for n, _, _ in walk(argument)):
            for part in dict.fromkeys((*left, text)):
                yield argument, part


def _number_of(text: str) -> Result:
    return int(text) if text.isascii() and text.isdigit() else text


_INVERSES: dict[Function, Callable[[_Wanted], Proposals]] = each(
    {
        Function.BETWEEN: _between,
        Function.CONCAT: _concat,
        Function.INDEX_OF: _index_of,
        Function.LENGTH: _length,
        Function.NUMBER: lambda wanted: iter([(wanted.first, wanted.text)]),
        Function.STRING: _string,
        Function.SUBSTRING: _substring,
    },
    "the inverses of functions",
)
