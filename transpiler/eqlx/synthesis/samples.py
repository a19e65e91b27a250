"""Sets of events for samples: all stages under one key, other keys, too few events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eqlx.synthesis.model import Assignment, Varies
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
                ("other letter case", replace(step, swapped=key)),
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


def joint_samples(
    parts: list[Part], one: Part, other: Part, values: Assignment
) -> Iterator[Stream]:
    """Sets with an event of these values, which is one of both parts."""
    plain = sample_steps(parts)
    both = Step(one, 0, values=values, also=other)
    which = f"an event {one.number + 1} that is an event {other.number + 1}, too"
    rest = tuple(step for step in plain if step.part not in (one, other))
    yield Stream(f"{which}, alone", Varies.ORDER, (both, *rest))
    for part in (one, other):
        steps = (both, *(step for step in plain if step.part is not part))
        yield Stream(f"{which}, and another", Varies.ORDER, steps)
