"""Sets of events for samples: all stages under one key, other keys, too few events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eqlx.synthesis.model import Varies
from eqlx.synthesis.parts import Part
from eqlx.synthesis.stamps import Step
from eqlx.synthesis.streams import Stream


def sample_steps(parts: list[Part]) -> tuple[Step, ...]:
    """One event a stage, under the same keys."""
    return tuple(Step(part, 1000 * at) for at, part in enumerate(parts))


def sample_streams(parts: list[Part]) -> Iterator[Stream]:
    """Sets of events that together try the join and the choice of distinct events."""
    plain = sample_steps(parts)
    yield Stream("one event a stage", Varies.WAY, plain)
    yield Stream("events in reverse", Varies.ORDER, plain[::-1])
    for at, step in enumerate(plain):
        rest = (*plain[:at], *plain[at + 1 :])
        yield Stream(f"event {at + 1} is not there", Varies.ORDER, rest)
        yield Stream(f"event {at + 1} twice", Varies.ORDER, (*plain, step))
        yield Stream(f"only event {at + 1}, for every stage", Varies.ORDER, (step,) * len(plain))
        keys = () if step.part.stage is None else step.part.stage.keys
        for key in range(len(keys)):
            which = f"key {key + 1} of event {at + 1}"
            for words, changed in (
                ("other", replace(step, key="b", only=key)),
                ("null", replace(step, null=key)),
                ("two values", replace(step, both=key)),
            ):
                steps = (*plain[:at], changed, *plain[at + 1 :])
                yield Stream(f"{which}: {words}", Varies.KEY, steps, at)
    other = tuple(replace(s, key="b") for s in plain)
    yield Stream("two keys", Varies.KEY, (*plain, *other))
    for key in range(len(plain[0].part.stage.keys) if plain[0].part.stage else 0):
        nulls = tuple(replace(s, null=key) for s in plain)
        yield Stream(f"key {key + 1} null everywhere", Varies.KEY, nulls)
        both = tuple(replace(s, both=key) for s in plain)
        yield Stream(f"key {key + 1} with two values everywhere", Varies.KEY, both)
