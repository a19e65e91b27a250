"""Field values from which a function makes a wanted value: proposals for computed leaves."""

from __future__ import annotations

import math
from collections.abc import Iterator

from eqlx.ir.functions import of
from eqlx.ir.inverses import Result, Wanted
from eqlx.ir.nodes import Arithmetic, Call, Field, Negation, Value


def inverses(value: Value, field: Field, wanted: Result) -> Iterator[Result]:
    """Values of `field` with which `value` may come to `wanted`.

    >>> name = Field("process.name")
    >>> from eqlx.ir.nodes import Function, Text
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
            inverse = of(function).inverse
            asked = Wanted(arguments, field, wanted)
            for inner, made in () if inverse is None else inverse(asked):
                yield from inverses(inner, field, made)
        case Arithmetic(_, left, right) if isinstance(wanted, int | float):
            for side in (left, right):
                for made in (wanted, wanted * 2, wanted + 1):
                    yield from inverses(side, field, made)
        case Negation(inner) if isinstance(wanted, int | float):
            yield from inverses(inner, field, -wanted)
        case _:
            return
