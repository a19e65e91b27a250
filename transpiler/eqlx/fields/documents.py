"""Events as documents: nested or dotted JSON objects become field paths with their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool


def flatten(event: Mapping[str, object]) -> dict[str, list[Scalar]]:
    """Field path to values, in document order.

    Objects nest and keys may be dotted themselves (`{"process": {"a.b": 1}}` is `process.a.b`);
    arrays of objects are flattened as Elasticsearch does, so that each path lists the values of
    all elements. Nulls and empty arrays are missing (spec §5) and leave no key. Values that are
    neither scalars nor containers (dates from Parquet) are kept as they are.

    >>> flatten({"a": {"b": [1, None]}, "c": [{"d": "x"}, {"d": ["y", "z"]}], "e": []})
    {'a.b': [1], 'c.d': ['x', 'y', 'z']}
    """
    found: dict[str, list[Scalar]] = {}
    for path, value, _ in leaves(event):
        found.setdefault(path, []).append(value)
    return found


def leaves(event: Mapping[str, object]) -> Iterator[tuple[str, Scalar, bool]]:
    """Each value of an event with its path, in document order, and whether it lies in an array."""
    # An explicit stack: a document from a stranger may nest deeper than Python's recursion goes.
    stack: list[tuple[str, object, bool]] = [
        (key, value, False) for key, value in reversed(list(event.items()))
    ]
    while stack:
        path, value, in_array = stack.pop()
        match value:
            # The commonest first: the test for `Mapping` is the dearest.
            case str() | int() | float():
                yield path, value, in_array
            case None:
                pass
            case Mapping():
                children = [(f"{path}.{key}", child, in_array) for key, child in value.items()]
                stack.extend(reversed(children))
            case list() | tuple():
                stack.extend((path, child, True) for child in reversed(value))
            case _:
                yield path, value, in_array  # type: ignore[misc]  # leaves of JSON are scalars
