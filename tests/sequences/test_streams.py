"""Sequences and samples on dense random streams: ties, several stages an event, keys of all kinds.

The state machine of the reference interpreter against the window form in DuckDB, in every layout.
`EQLX_LONG=1` compares more than 100,000 pairs of results.
"""

from __future__ import annotations

import random
from contextlib import ExitStack

import pytest
from duckdb_engine import Searched, searched

from eqlx.diagnostics import Report
from eqlx.execution import Event, Match
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.nodes import Query
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_harness.data import LONG

ROUNDS = 900 if LONG else 8
QUERIES = 40 if LONG else 12
MODEL = EventModel(tiebreaker="tie", category="category")
SCHEMA = FieldList(
    {
        "@timestamp": FieldInfo(FieldType.DATE),
        "tie": FieldInfo(FieldType.LONG),
        "category": FieldInfo(FieldType.KEYWORD),
        "kind": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "host.id": FieldInfo(FieldType.KEYWORD),
        "user.id": FieldInfo(FieldType.KEYWORD),
        "tags": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "pid": FieldInfo(FieldType.LONG),
        "ip": FieldInfo(FieldType.IP, multivalued=True),
    }
)
KEYS = ("host.id", "user.id", "?host.id", "?user.id", "tags", "?tags", "pid", "?pid", "ip", "?ip")
SAME_TYPE = {"host.id": "user.id", "user.id": "tags", "tags": "host.id"}


def some(
    rng: random.Random, values: tuple[object, ...], *, missing: float, several: float
) -> object:
    draw = rng.random()
    if draw < missing:
        return rng.choice((None, []))
    if draw > 1 - several:
        return [rng.choice(values) for _ in range(rng.choice((2, 3)))]
    return rng.choice(values)


def stream(rng: random.Random) -> tuple[Event, ...]:
    """Events within a few seconds, most of them at the same few times."""
    count = rng.choice((3, 10, 30, 60, 120))
    span = rng.choice((3, 20, 60))
    events: list[dict[str, object]] = []
    for _ in range(count):
        time = rng.randrange(span) * rng.choice((100, 1000))
        event: dict[str, object] = {
            "@timestamp": f"2024-01-01T00:{time // 60000:02}:{time // 1000 % 60:02}.{time % 1000:03}Z",
            "category": "any",
            "kind": some(rng, ("A", "B", "C", "X"), missing=0.02, several=0.3),
            "host": {"id": some(rng, ("h", "g"), missing=0.1, several=0.02)},
            "user.id": some(rng, ("h", "u"), missing=0.1, several=0.0),
            "tags": some(rng, ("h", "t", "s"), missing=0.2, several=0.5),
            "pid": some(rng, (1, 2, 2**40), missing=0.1, several=0.1),
            "ip": some(
                rng,
                ("10.0.0.1", "::FFFF:10.0.0.1", "fe80::1", "FE80:0::1", "x"),
                missing=0.1,
                several=0.2,
            ),
        }
        if rng.random() < 0.7:
            event["tie"] = rng.randrange(3)
        if rng.random() < 0.03:
            del event["@timestamp"]
        events.append(event)
    return tuple(events)


def condition(rng: random.Random) -> str:
    return rng.choice(
        (
            *('kind == "A"', 'kind == "B"', 'kind == "C"') * 3,
            *(
                'kind == "X"',
                'kind != "A"',
                "true",
                'kind in ("A", "B")',
                'host.id == "h"',
                "false",
            ),
        )
    )


def keys_of(rng: random.Random, count: int) -> list[str]:
    return [rng.choice(KEYS) for _ in range(count)]


def other(rng: random.Random, key: str) -> str:
    """The key, or another field of its type."""
    name = key.lstrip("?")
    if rng.random() < 0.3:
        name = SAME_TYPE.get(name, name)
    return rng.choice(("", "?")) + name if rng.random() < 0.3 else key


def sequence(rng: random.Random) -> str:
    top = keys_of(rng, rng.choice((0, 0, 1, 1, 1, 2)))
    own = keys_of(rng, rng.choice((0, 0, 0, 1)))
    maxspan = rng.choice((None, "1ms", "200ms", "1s", "3s", "20s"))
    missing = maxspan is not None and rng.random() < 0.4

    def term(*, until: bool = False) -> str:
        mark = "!" if missing and not until and rng.random() < 0.4 else ""
        by = f" by {', '.join(other(rng, key) for key in own)}" if own else ""
        runs = f" with runs={rng.choice((2, 3))}" if not until and rng.random() < 0.15 else ""
        return f"{mark}[any where {condition(rng)}]{by}{runs}"

    terms = [term() for _ in range(rng.choice((2, 2, 3, 3, 4)))]
    if all(text.startswith("!") for text in terms):
        terms[0] = terms[0][1:]
    text = "sequence" + (f" by {', '.join(top)}" if top else "")
    text += f" with maxspan={maxspan}" if maxspan else ""
    text += " " + " ".join(terms)
    text += f" until {term(until=True)}" if rng.random() < 0.4 else ""
    if (
        rng.random() < 0.2
        and not any("?" in key or "ip" in key for key in (*top, *own))
        and not own
    ):
        text += f" | {rng.choice(('head', 'tail'))} {rng.randrange(4)}"
    return text


def sample(rng: random.Random) -> str:
    keys = keys_of(rng, rng.choice((1, 1, 2)))
    if len({key.lstrip("?") for key in keys}) < len(keys):
        keys = keys[:1]
    terms = " ".join(f"[any where {condition(rng)}]" for _ in range(rng.choice((2, 3, 4, 5))))
    return f"sample by {', '.join(keys)} {terms}"


def facts(matches: list[Match], query: Query) -> list[object]:
    """What the engines must agree on; order among equals is free where a key is an address."""
    found = [
        (match.keys, [(e.stage, e.row, e.missing, e.timestamp) for e in match.events])
        for match in matches
    ]
    return sorted(found, key=repr) if _order_is_free(query) else found


def _order_is_free(query: Query) -> bool:
    stages = getattr(query, "stages", ())
    return any(key.type is FieldType.IP for stage in stages for key in stage.keys)


def compared(text: str, events: tuple[Event, ...], engines: dict[LayoutKind, Searched]) -> int:
    """How many pairs were compared, none of which differ."""
    query = compile_source(Source("query", text), Context(SCHEMA, Report(), MODEL))
    if query is None:
        return 0
    expected = facts(list(evaluate(query, events, MODEL)), query)
    for layout, engine in engines.items():
        verified = layout is LayoutKind.FLAT
        found = facts(list(engine.run(query, verified=verified)), query)
        assert found == expected, f"{layout.value}: {text}"
    return len(engines)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_windows_agree_with_the_state_machine(seed: int) -> None:
    rng = random.Random(seed)
    events = stream(rng)
    with ExitStack() as stack:
        engines = {
            layout: stack.enter_context(searched(events, MODEL, SCHEMA, layout))
            for layout in LayoutKind
        }
        texts = [sequence(rng) if rng.random() < 0.85 else sample(rng) for _ in range(QUERIES)]
        assert sum(compared(text, events, engines) for text in texts)


def repeated(rng: random.Random) -> str:
    """A sequence with long runs: at its start, in the middle, at its end, equal stages side by side."""
    key = rng.choice((None, "host.id", "?user.id", "tags", "?pid"))
    maxspan = rng.choice((None, "200ms", "1s", "3s", "20s", "20s"))
    until = rng.random() < 0.5
    frequent = ("true", 'kind == "A"', 'kind in ("A", "B")', 'kind != "X"')
    rare = (*frequent, 'kind == "C"', 'host.id == "h"')

    def term(runs: int) -> str:
        chosen = rng.choice(frequent if runs > 1 else rare)
        return f"[any where {chosen}]" + (f" with runs={runs}" if runs > 1 else "")

    terms = [
        term(rng.choice((2, 3, 4, 5, 8)) if rng.random() < 0.6 else 1)
        for _ in range(rng.choice((1, 2, 2, 3, 4)))
    ]
    if all("runs" not in text for text in terms):
        terms[rng.randrange(len(terms))] = term(4)
    if maxspan and rng.random() < 0.25:
        absent = f'![any where kind == "{rng.choice("CX")}"]'
        terms.insert(rng.randrange(len(terms) + 1), absent)
    text = "sequence" + (f" by {key}" if key else "")
    text += f" with maxspan={maxspan}" if maxspan else ""
    text += " " + " ".join(terms)
    return text + (f' until [any where kind == "{rng.choice("BCX")}"]' if until else "")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_runs_agree_with_the_state_machine(seed: int) -> None:
    rng = random.Random(f"runs {seed}")
    events = stream(rng)
    with ExitStack() as stack:
        engines = {
            layout: stack.enter_context(searched(events, MODEL, SCHEMA, layout))
            for layout in LayoutKind
        }
        assert sum(compared(repeated(rng), events, engines) for _ in range(QUERIES))
