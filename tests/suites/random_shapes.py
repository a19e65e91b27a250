"""Events of random shapes: each dot of a name in a key or between two, arrays around any part, arrays
in arrays, mixed types, names that differ in case alone, large numbers, nulls; and queries for them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from eqlx.execution import Event

NAMES = (
    *("a", "b", "a.b", "a.b.c", "A.b", "a.B", "a.b.C", "x.y.z", "x.y", "X.y.z", "long.a.b.c.d"),
    *("process.parent.name", "process.name", "process.pid", "destination.port", "process.args"),
)
TEXTS = (
    "x",
    "X",
    "xy",
    "1",
    "",
    "true",
    "\U0001f600",
    "{",
    "[",
    '"',
    "a,]",
    "null",
    "9007199254740993",
)
NUMBERS = (0, 1, -1, 5, 2**53 + 1, 2**63 - 1, -(2**63), 0.5, 1.0, -2.5, 1e10)
WIDE = (2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**25)


def random_events(rng: random.Random, count: int) -> list[Event]:
    """`count` events; which kinds of values a field has is settled once, so that types vary."""
    kinds = {
        name: rng.choice(("text", "text", "number", "number", "wide", "flag", "mixed"))
        for name in NAMES
    }
    names = rng.sample(NAMES, rng.randrange(3, 8))
    return [_event(rng, names, kinds) for _ in range(count)]


def _event(rng: random.Random, names: list[str], kinds: dict[str, str]) -> Event:
    event: dict[str, object] = {}
    for name in names:
        if rng.random() < 0.75:
            _put(rng, event, name.split("."), _values(rng, kinds[name]))
    if rng.random() < 0.95:
        event["@timestamp"] = f"2026-01-01T00:00:{rng.randrange(60):02}Z"
    return event


def _put(rng: random.Random, node: dict[str, object], parts: list[str], value: object) -> None:
    """Under the parts, of which some are joined to one key; where a key is taken, the value is
    left out or joins what is there."""
    cut = rng.randrange(1, len(parts) + 1)
    key, rest = ".".join(parts[:cut]), parts[cut:]
    if not rest:
        node.setdefault(key, value)
        return
    inner = node.get(key)
    if isinstance(inner, dict):
        _put(rng, inner, rest, value)
    elif key not in node:
        below: dict[str, object] = {}
        _put(rng, below, rest, value)
        node[key] = _wrapped(rng, below)
    elif isinstance(inner, list):
        below = {}
        _put(rng, below, rest, value)
        inner.append(below)


def _wrapped(rng: random.Random, node: object) -> object:
    draw = rng.random()
    if draw < 0.75:
        return node
    if draw < 0.9:
        return [node, *rng.choice(([], [None], ["x"], [{}], [{"b": 1}]))]
    return [[node], *rng.choice(([], [[]], [None]))]


def _values(rng: random.Random, kind: str) -> object:
    draw = rng.random()
    if draw < 0.08:
        return rng.choice((None, [], [None], {}, [[]]))
    if draw < 0.7:
        return _value(rng, kind)
    several = [_value(rng, kind) for _ in range(rng.randrange(1, 4))]
    if draw < 0.85:
        return several
    return [several, _value(rng, kind)] if draw < 0.95 else [[several], None]


def _value(rng: random.Random, kind: str) -> object:
    match kind:
        case "text":
            return rng.choice(TEXTS)
        case "number":
            return rng.choice(NUMBERS[:7] if rng.random() < 0.7 else NUMBERS)
        case "wide":
            return rng.choice((*NUMBERS[:6], *WIDE))
        case "flag":
            return rng.random() < 0.5
        case _:
            return rng.choice((*TEXTS, *NUMBERS, True, False))


def random_queries(rng: random.Random) -> Iterator[str]:
    """Queries without an end; some do not fit the fields' types."""
    while True:
        if rng.random() < 0.1:
            key = rng.choice(NAMES)
            yield f"sequence by {_field(key)} [any where {_leaf(rng)}] [any where {_leaf(rng)}]"
        elif rng.random() < 0.2:
            yield f"any where {_leaf(rng)} {rng.choice(('and', 'or'))} not ({_leaf(rng)})"
        else:
            yield f"any where {_leaf(rng)}"


def _leaf(rng: random.Random) -> str:
    field = _field(rng.choice(NAMES))
    text = json.dumps(rng.choice(TEXTS), ensure_ascii=False)
    number = rng.choice((*NUMBERS[:6], *WIDE[:2]))
    return rng.choice(
        (
            f"{field} == {text}",
            f"{field} != {text}",
            f"{field} : {text}",
            f'{field} like~ ("x*", "?")',
            f"{field} == {number}",
            f"{field} > {number}",
            f"{field} <= {number}",
            f"{field} in ({number}, 1)",
            f"{field} != null",
            f"{field} == null",
            f"{field} == true",
            f"length({field}) == 1",
        )
    )


def _field(name: str) -> str:
    return f"?{name}"
