"""Random events: missing, null, single and multiple values; dotted names, nested objects, or both."""

from __future__ import annotations

import random
from typing import Any

from pools import (
    ADDRESS_VALUES,
    ADDRESSES,
    BOOLEANS,
    CATEGORIES,
    DATE_VALUES,
    DATES,
    DOUBLE_VALUES,
    DOUBLES,
    KEYWORDS,
    LONG_VALUES,
    LONGS,
    MULTI_KEYWORDS,
    START,
    VERSIONS,
    WIDE_LONGS,
)

from eqlx.execution import Event


def random_event(rng: random.Random, texts: tuple[str, ...], time: int | None = None) -> Event:
    """`time`: in steps of half a second, for events that all have times of their own."""
    event: dict[str, Any] = {}
    if rng.random() < 0.97:
        # Few distinct times, so that ties are common; now and then a long gap.
        offset = rng.choice((0, 1, 2, 3, 500, 1000, 1001, 2000, 5000, 60_000))
        shift = offset + rng.randrange(4) if time is None else time * 500
        event["@timestamp"] = _iso(START + shift)
    if rng.random() < 0.9:
        event["event.sequence"] = rng.randrange(6)
    event["event.category"] = rng.choice((*CATEGORIES, ["process", "file"], None))
    for name in KEYWORDS:
        _put(rng, event, name, [rng.choice(texts) for _ in range(_count(rng, 0.08))])
    for name in MULTI_KEYWORDS:
        _put(rng, event, name, [rng.choice(texts) for _ in range(_count(rng, 0.5))])
    longs = LONG_VALUES if rng.random() < 0.95 else WIDE_LONGS
    for name in LONGS:
        _put(rng, event, name, [rng.choice(longs) for _ in range(_count(rng, 0.08))])
    for name in DOUBLES:
        _put(rng, event, name, [rng.choice(DOUBLE_VALUES) for _ in range(_count(rng, 0.08))])
    for name in ADDRESSES:
        pool = (*ADDRESS_VALUES, "not an address") if rng.random() < 0.1 else ADDRESS_VALUES
        _put(rng, event, name, [rng.choice(pool) for _ in range(_count(rng, 0.15))])
    for name in BOOLEANS:
        _put(rng, event, name, [rng.random() < 0.5 for _ in range(_count(rng, 0.05))])
    for name in DATES:
        _put(rng, event, name, [rng.choice(DATE_VALUES) for _ in range(_count(rng, 0.05))])
    _put(rng, event, "ver", [rng.choice(VERSIONS) for _ in range(_count(rng, 0.05))])
    _put(rng, event, "host.id", [rng.choice("hgk") for _ in range(_count(rng, 0.03))])
    _put(rng, event, "user.id", [rng.choice(("u", "v")) for _ in range(_count(rng, 0.03))])
    return _nested(rng, event)


def _count(rng: random.Random, several: float) -> int:
    """How many values: mostly one, `several` of the time two or three, now and then none."""
    draw = rng.random()
    if draw < 0.12:
        return 0
    return rng.choice((2, 3)) if draw > 1 - several else 1


def _put(rng: random.Random, event: dict[str, Any], name: str, values: list[Any]) -> None:
    """The values as JSON has them: absent, null, an empty array, one value bare or in an array."""
    if not values:
        choice = rng.randrange(4)
        if choice < 3:
            event[name] = (None, [], [None])[choice]
    elif len(values) == 1 and rng.random() < 0.85:
        event[name] = values[0]
    else:
        event[name] = [*values, None] if rng.random() < 0.1 else values


def _nested(rng: random.Random, event: dict[str, Any]) -> Event:
    """The event with dotted names, nested objects, or both."""
    style = rng.random()
    if style < 0.3:
        return event
    nested: dict[str, Any] = {}
    for name, value in event.items():
        if style < 0.45 and rng.random() < 0.5:
            nested[name] = value
            continue
        node = nested
        *outer, last = name.split(".")
        for part in outer:
            node = node.setdefault(part, {})
        node[last] = value
    return nested


def _iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds - START, 1000)
    minutes, second = divmod(seconds, 60)
    return f"2024-01-01T00:{minutes:02}:{second:02}.{rest:03}Z"
