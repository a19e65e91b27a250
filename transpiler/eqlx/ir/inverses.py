"""What an argument of a function may be so that the call gives a wanted result: each function's inverse,
as its declaration names it (`eqlx.ir.functions`). Synthesis tries the proposals; not all need be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eqlx.ir.nodes import Field, Integer, Text, Value
from eqlx.ir.walk import walk

Result = str | int | float

_TAIL = "-and-some-more-text"

Proposals = Iterator[tuple[Value, Result]]
"""The argument that holds the field, and what it should be."""


@dataclass(frozen=True)
class Wanted:
    """A call, the field in it, and the result wanted of it."""

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


def between(wanted: Wanted) -> Proposals:
    left, right = [*wanted.marks, "", ""][:2]
    yield wanted.first, f"{left}{wanted.text}{right}"
    yield wanted.first, f"get {left}{wanted.text}{right}index.html"


def substring(wanted: Wanted) -> Proposals:
    start = next((v.value for v in wanted.arguments[1:] if isinstance(v, Integer)), 0)
    lead = "x" * start if start >= 0 else "lead"
    yield wanted.first, f"{lead}{wanted.text}"
    for mark in [*wanted.marks, "x", "$"]:
        yield wanted.first, f"{lead}{wanted.text}{mark}"
        yield wanted.first, f"{lead}{wanted.text}{mark}data{_TAIL * 6}"


def string(wanted: Wanted) -> Proposals:
    yield wanted.first, _number_of(wanted.text)
    yield wanted.first, wanted.text


def length(wanted: Wanted) -> Proposals:
    if isinstance(wanted.result, int | float):
        number = int(wanted.result)
        for length in (number, number + 1, number - 1):
            yield wanted.first, ("sample-text-" * (length // 12 + 1))[: max(0, length)]


def index_of(wanted: Wanted) -> Proposals:
    if isinstance(wanted.result, int | float):
        lead = "x" * max(0, int(wanted.result))
        yield wanted.first, lead + "".join(wanted.marks[:1])


def concat(wanted: Wanted) -> Proposals:
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


def number(wanted: Wanted) -> Proposals:
    yield wanted.first, wanted.text


def _number_of(text: str) -> Result:
    return int(text) if text.isascii() and text.isdigit() else text


Inverse = Callable[[Wanted], Proposals]
