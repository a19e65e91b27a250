"""Field values from which a function makes a wanted value: proposals for computed leaves."""

from __future__ import annotations

from collections.abc import Iterator

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
    match value:
        case Field():
            if value == field:
                yield wanted
        case Call(function, arguments):
            for inner, made in _before(function, arguments, field, wanted):
                yield from inverses(inner, field, made)
        case Arithmetic(_, left, right) if isinstance(wanted, int | float):
            for side in (left, right):
                for made in (wanted, wanted * 2, wanted + 1):
                    yield from inverses(side, field, made)
        case Negation(inner) if isinstance(wanted, int | float):
            yield from inverses(inner, field, -wanted)
        case _:
            return


def _before(
    function: Function, arguments: tuple[Value, ...], field: Field, wanted: Result
) -> Iterator[tuple[Value, Result]]:
    """The argument that holds the field, and what it should be."""
    first, *rest = arguments
    text = str(wanted)
    marks = [n.value for v in rest for n, _, _ in walk(v) if isinstance(n, Text)]
    numbers = [n.value for v in rest if isinstance(v, Integer) for n in (v,)]
    match function:
        case Function.BETWEEN:
            left, right = [*marks, "", ""][:2]
            yield first, f"{left}{text}{right}"
            yield first, f"get {left}{text}{right}index.html"
        case Function.SUBSTRING:
            start = numbers[0] if numbers else 0
            lead = "x" * start if start >= 0 else "lead"
            yield first, f"{lead}{text}"
            for mark in [*marks, "x", "$"]:
                yield first, f"{lead}{text}{mark}"
                yield first, f"{lead}{text}{mark}data{_TAIL * 6}"
        case Function.CONCAT:
            yield from _pieces(arguments, field, text)
        case Function.STRING:
            yield first, _number_of(text)
            yield first, text
        case Function.NUMBER:
            yield first, text
        case Function.LENGTH if isinstance(wanted, int | float):
            for length in (int(wanted), int(wanted) + 1, int(wanted) - 1):
                yield first, ("sample-text-" * (length // 12 + 1))[: max(0, length)]
        case Function.INDEX_OF if isinstance(wanted, int | float):
            yield first, "x" * max(0, int(wanted)) + "".join(marks[:1])
        case _:
            return


def _pieces(
    arguments: tuple[Value, ...], field: Field, text: str
) -> Iterator[tuple[Value, Result]]:
    """What is left of a text for the argument that holds the field, the literals taken away."""
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
