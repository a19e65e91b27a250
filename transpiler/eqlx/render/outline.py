"""Any tree as indented text: dataclasses field by field, JSON-able data as JSON, others as they
print themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from eqlx.printable import escaped_json

_HIDDEN = frozenset({"span"})


def outline(node: object) -> str:
    """The tree of `node`, ending in one line feed. Spans are left out."""
    if isinstance(node, (Mapping, list)):
        return f"{escaped_json(json.dumps(node, indent=2, ensure_ascii=False, default=str))}\n"
    return "".join(f"{line}\n" for line in _lines(node, "", 0))


def _lines(node: object, head: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if is_dataclass(node) and not isinstance(node, type):
        values = [
            (field.name, getattr(node, field.name))
            for field in fields(node)
            if field.name not in _HIDDEN and field.repr
        ]
        plain = [f"{name}={_atom(value)}" for name, value in values if not _is_branch(value)]
        yield f"{indent}{head}{' '.join([type(node).__name__, *plain])}"
        for name, value in values:
            if _is_branch(value):
                yield from _branch(name, value, depth + 1)
        return
    first, *rest = repr(node).splitlines() or [""]
    yield f"{indent}{head}{first}"
    for line in rest:
        yield f"{indent}{line}"


def _branch(name: str, value: object, depth: int) -> Iterator[str]:
    if not isinstance(value, (tuple, list)):
        yield from _lines(value, f"{name}: ", depth)
        return
    yield f"{'  ' * depth}{name}:"
    for item in value:
        yield from _lines(item, "- ", depth + 1)


def _is_branch(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_is_branch(item) for item in value)
    return is_dataclass(value) and not isinstance(value, type)


def _atom(value: object) -> str:
    if isinstance(value, (set, frozenset)):
        # A set has no order of its own: its elements come in another one in each process.
        return f"{{{', '.join(sorted(map(_atom, value)))}}}"
    return str(value.value) if isinstance(value, Enum) else repr(value)
