"""Streams of events for sequences: order, times, keys, `until`, runs and missing events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eqlx.ir.nodes import Sequence
from eqlx.synthesis.model import Assignment, Varies
from eqlx.synthesis.parts import Part
from eqlx.synthesis.stamps import Step

_DEFAULT_STEP = 1000


@dataclass(frozen=True, slots=True)
class Stream:
    """The steps of one case, in the order of their rows. `subject`: the step that the case is
    about, if it is about one."""

    name: str
    varies: Varies
    steps: tuple[Step, ...]
    subject: int | None = None


@dataclass(frozen=True)
class Shape:
    """The positive stages, runs unfolded, and how far apart their events stand."""

    query: Sequence
    positive: tuple[Part, ...]
    """One entry an event of a match."""
    missing: tuple[tuple[int, Part], ...]
    """Missing stages, each with the number of positive events before it."""
    until: Part | None
    step: int

    @property
    def maxspan(self) -> int | None:
        return self.query.maxspan

    def plain(self) -> tuple[Step, ...]:
        """A match: the events in order, evenly spaced within the span."""
        return tuple(Step(part, at * self.step) for at, part in enumerate(self.positive))


def shape_of(query: Sequence, parts: list[Part]) -> Shape:
    """The shape of a sequence whose `parts` these are."""
    positive: list[Part] = []
    missing: list[tuple[int, Part]] = []
    until = None
    for part in parts:
        runs = 1 if part.stage is None else part.stage.runs
        if part.is_until:
            until = part
        elif part.is_positive:
            positive.extend([part] * runs)
        else:
            missing.extend([(len(positive), part)] * runs)
    step = _DEFAULT_STEP
    if query.maxspan is not None:
        step = max(1, min(step, query.maxspan // (len(positive) + 2)))
    return Shape(query, tuple(positive), tuple(missing), until, step)


def streams(shape: Shape) -> Iterator[Stream]:
    """Every stream of the specification's list (issue: order, times, keys, until, runs, missing)."""
    yield Stream("in order", Varies.WAY, shape.plain())
    yield from _orders(shape)
    yield from _times(shape)
    yield from _keys(shape)
    yield from _overwritten(shape)
    yield from _runs(shape)
    if shape.until is not None:
        yield from _until(shape, shape.until)
    for before, part in shape.missing:
        yield from _missing(shape, before, part)


def with_variant(shape: Shape, part: Part, values: dict[int, dict[str, object]]) -> Stream:
    """A complete stream whose events have these values, by part, with an event of `part` at the
    place where it matters."""
    steps = [replace(s, values=values[s.part.number]) for s in shape.plain()]
    if part.is_positive:
        places = [at for at, step in enumerate(steps) if step.part is part]
        return Stream("", Varies.VALUE, tuple(steps), places[-1])
    own = Step(part, 0, values=values[part.number])
    before = next((b for b, p in shape.missing if p is part), len(steps) - 1)
    middle = max(0, min(before, len(steps)))
    if middle == 0:
        own = replace(own, at=-shape.step)
    else:
        own = replace(own, at=steps[middle - 1].at + max(1, shape.step // 2))
    return Stream("", Varies.VALUE, (*steps[:middle], own, *steps[middle:]), middle)


def _places(count: int) -> list[int]:
    """The events that cases single out: all of a few, the ends and the middle of many."""
    return list(range(count)) if count <= 6 else [0, 1, count // 2, count - 2, count - 1]


# --- order and time -------------------------------------------------------------------------------


def _orders(shape: Shape) -> Iterator[Stream]:
    plain = shape.plain()
    last = max(step.at for step in plain)
    yield Stream("rows in reverse, times in order", Varies.ORDER, plain[::-1])
    reverse = tuple(replace(s, at=last - s.at) for s in plain)
    yield Stream("events in reverse", Varies.ORDER, reverse)
    yield Stream("all at the same time", Varies.ORDER, tuple(replace(s, at=0) for s in plain))
    yield Stream(
        "all at the same time, rows in reverse",
        Varies.ORDER,
        tuple(replace(s, at=0) for s in plain[::-1]),
    )
    for at in _places(len(plain)):
        rest = (*plain[:at], *plain[at + 1 :])
        yield Stream(f"event {at + 1} is not there", Varies.ORDER, rest)
    for at in _places(len(plain) - 1):
        swapped = list(plain)
        swapped[at] = replace(plain[at], at=plain[at + 1].at)
        swapped[at + 1] = replace(plain[at + 1], at=plain[at].at)
        yield Stream(f"events {at + 1} and {at + 2} swapped", Varies.ORDER, tuple(swapped))
    again = tuple(replace(s, at=s.at + last + shape.step) for s in plain)
    yield Stream("the same once more", Varies.ORDER, (*plain, *again))
    yield Stream("the same once more, in rows before", Varies.ORDER, (*again, *plain))


def _times(shape: Shape) -> Iterator[Stream]:
    plain = shape.plain()
    final = plain[-1]
    for at in sorted({0, len(plain) - 1}):
        steps = [*plain[:at], replace(plain[at], timeless=True), *plain[at + 1 :]]
        yield Stream(f"event {at + 1} without a time", Varies.TIME, tuple(steps))
    if shape.maxspan is None:
        far = replace(final, at=final.at + 50_000)
        yield Stream("the last event much later", Varies.TIME, (*plain[:-1], far))
        return
    for beyond, words in ((0, "exactly at"), (1, "1 ms beyond"), (-1, "1 ms within")):
        end = replace(final, at=shape.maxspan + beyond)
        name = f"the last event {words} maxspan"
        yield Stream(name, Varies.TIME, (*plain[:-1], end), len(plain) - 1)
        if len(plain) > 2:
            late = [plain[0], *(replace(s, at=shape.maxspan + beyond) for s in plain[1:])]
            yield Stream(f"all but the first {words} maxspan", Varies.TIME, tuple(late))


# --- keys -----------------------------------------------------------------------------------------


def _keys(shape: Shape) -> Iterator[Stream]:
    plain = shape.plain()
    count = 0 if plain[0].part.stage is None else len(plain[0].part.stage.keys)
    if not count:
        return
    for at in _places(len(plain)):
        step = plain[at]
        for key in range(count):
            which = f"key {key + 1} of event {at + 1}"
            for words, changed in (
                ("other", replace(step, key="b", only=key)),
                ("null", replace(step, null=key)),
                ("two values", replace(step, both=key)),
                ("other letter case", replace(step, swapped=key)),
            ):
                steps = (*plain[:at], changed, *plain[at + 1 :])
                yield Stream(f"{which}: {words}", Varies.KEY, steps, at)
    for key in range(count):
        nulls = tuple(replace(s, null=key) for s in plain)
        yield Stream(f"key {key + 1} null everywhere", Varies.KEY, nulls)
        both = tuple(replace(s, both=key) for s in plain)
        yield Stream(f"key {key + 1} with two values everywhere", Varies.KEY, both)
    other = tuple(replace(s, key="b") for s in plain)
    yield Stream("every event under keys of its own", Varies.KEY, _each_alone(plain))
    mixed = tuple(step for pair in zip(plain, other, strict=True) for step in pair)
    yield Stream("two keys interleaved", Varies.KEY, mixed)
    half = (*plain[: len(plain) // 2], *other[len(plain) // 2 :])
    yield Stream("half under one key, half under another", Varies.KEY, half)


def _each_alone(plain: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(s, key="abcdefgh"[at % 8]) for at, s in enumerate(plain))


# --- partials -------------------------------------------------------------------------------------


def _overwritten(shape: Shape) -> Iterator[Stream]:
    plain = shape.plain()
    half = max(1, shape.step // 2)
    for at in _places(len(plain)):
        step = plain[at]
        copy = replace(step, at=step.at + half)
        yield Stream(
            f"event {at + 1} twice", Varies.ORDER, (*plain[: at + 1], copy, *plain[at + 1 :])
        )
    for at in _places(len(plain) - 1):
        late = replace(plain[at], at=plain[-1].at + half)
        yield Stream(f"event {at + 1} again at the end", Varies.ORDER, (*plain, late))
    for at in (place + 1 for place in _places(len(plain) - 1)):
        early = replace(plain[at], at=-shape.step)
        yield Stream(f"event {at + 1} also before the first", Varies.ORDER, (early, *plain))
    if shape.maxspan is not None and len(plain) > 1:
        stale = replace(plain[0], at=-shape.maxspan - 1)
        yield Stream("an older start beyond maxspan", Varies.TIME, (stale, *plain))
        end = replace(plain[-1], at=shape.maxspan + 1)
        fresh = replace(plain[0], at=shape.step // 2 + 1)
        taken = (plain[0], fresh, *plain[1:-1], end) if len(plain) > 2 else (plain[0], fresh, end)
        yield Stream("a fresh start before an end beyond maxspan", Varies.TIME, taken)
        twice = (*plain[:-1], replace(plain[-1], at=shape.maxspan + 1), _after(plain, shape))
        yield Stream("an end beyond maxspan, then another", Varies.TIME, twice)


def _after(plain: tuple[Step, ...], shape: Shape) -> Step:
    return replace(plain[-1], at=(shape.maxspan or 0) + 2)


def _runs(shape: Shape) -> Iterator[Stream]:
    plain = shape.plain()
    repeated = {p.number: p for p in plain_parts(plain) if p.stage is not None and p.stage.runs > 1}
    for part in repeated.values():
        runs = 0 if part.stage is None else part.stage.runs
        first = next(at for at, s in enumerate(plain) if s.part is part)
        for count in (runs - 1, runs + 1, 2 * runs):
            steps = [*plain[:first], *[plain[first]] * count, *plain[first + runs :]]
            spaced = tuple(replace(s, at=n * shape.step // 2) for n, s in enumerate(steps))
            yield Stream(f"{count} events in place of {runs}", Varies.RUNS, spaced)


def plain_parts(steps: tuple[Step, ...]) -> Iterator[Part]:
    """The parts of the steps."""
    return (step.part for step in steps)


# --- until and missing ----------------------------------------------------------------------------


def _until(shape: Shape, until: Part) -> Iterator[Stream]:
    plain = shape.plain()
    half = max(1, shape.step // 2)
    before = Step(until, plain[0].at - half)
    yield Stream("until before the first event", Varies.UNTIL, (before, *plain))
    for at in _places(len(plain)):
        step = plain[at]
        end = Step(until, step.at + half)
        steps = (*plain[: at + 1], end, *plain[at + 1 :])
        place = "after the last event" if at == len(plain) - 1 else f"after event {at + 1}"
        yield Stream(f"until {place}", Varies.UNTIL, steps, at + 1)
        yield Stream(
            f"until {place}, under another key",
            Varies.UNTIL,
            (*plain[: at + 1], replace(end, key="b"), *plain[at + 1 :]),
        )
        same = replace(end, at=step.at)
        yield Stream(
            f"until at the time of event {at + 1}, in the row before it",
            Varies.UNTIL,
            (*plain[:at], same, *plain[at:]),
        )
        yield Stream(
            f"until at the time of event {at + 1}, in the row after it",
            Varies.UNTIL,
            (*plain[: at + 1], same, *plain[at + 1 :]),
        )


def _missing(shape: Shape, before: int, part: Part) -> Iterator[Stream]:
    """The event that shall be missing: in its gap, at its ends, outside of it, under other keys."""
    plain = shape.plain()
    span = shape.maxspan or 0
    half = max(1, shape.step // 2)
    first, last = plain[0].at, plain[-1].at
    if 0 < before < len(plain):
        left, right = plain[before - 1].at, plain[before].at
        times = [("inside its gap", left + half), ("at the gap's start", left)]
        times += [("at the gap's end", right), ("1 ms inside the gap", left + 1)]
        times += [("before the gap", left - 1), ("after the gap", right + 1)]
        if before - 1 == 0:
            times.append(("long before", first - half))
    elif before == 0:
        times = [("just before", first - 1), ("at the first event's time", first)]
        times += [("exactly maxspan before the last", last - span)]
        times += [("1 ms more than maxspan before the last", last - span - 1)]
        times += [("after the first event", first + half)]
    else:
        times = [("just after", last + 1), ("at the last event's time", last)]
        times += [("exactly maxspan after the first", first + span)]
        times += [("1 ms more than maxspan after the first", first + span + 1)]
        times += [("before the last event", last - 1)]
    for words, at in times:
        own = Step(part, at)
        steps = tuple(sorted((*plain, own), key=lambda s: s.at))
        yield Stream(f"missing event {words}", Varies.MISSING, steps, steps.index(own))
    far = shape.maxspan or last
    outside = (Step(part, first - far - 2), Step(part, last + far + 2))
    several = tuple(sorted((*plain, Step(part, times[0][1]), *outside), key=lambda s: s.at))
    yield Stream(f"missing event {times[0][0]}, and far outside", Varies.MISSING, several)
    away = Step(part, times[0][1], key="b")
    steps = tuple(sorted((*plain, away), key=lambda s: s.at))
    yield Stream("missing event under another key", Varies.MISSING, steps)


# --- one event for two stages ---------------------------------------------------------------------


def joint_streams(shape: Shape, one: Part, other: Part, values: Assignment) -> Iterator[Stream]:
    """Streams with an event of these values, which is one of both parts: of a stage and the next, or
    of a stage and `until`."""
    plain = shape.plain()
    own = Step(one, 0, values=values, also=other)
    at = next(n for n, step in enumerate(plain) if step.part is one)
    both = replace(own, at=plain[at].at)
    if other.is_until:
        for place in dict.fromkeys((0, len(plain) - 1, at)):
            if plain[place].part is one:
                steps = (*plain[:place], replace(own, at=plain[place].at), *plain[place + 1 :])
                yield Stream(f"event {place + 1} is until, too", Varies.UNTIL, steps, place)
        return
    behind = max(n for n, step in enumerate(plain) if step.part is one) + 1
    which = f"event {at + 1} is event {behind + 1}, too"
    yield Stream(which, Varies.ORDER, (*plain[:at], both, *plain[at + 1 :]), at)
    alone = (*plain[: behind - 1], replace(own, at=plain[behind - 1].at), *plain[behind + 1 :])
    yield Stream(f"{which}, which is not there", Varies.ORDER, alone, behind - 1)
    last = replace(own, at=plain[behind].at)
    yield Stream(
        f"{which}, in its place",
        Varies.ORDER,
        (*plain[:behind], last, *plain[behind + 1 :]),
        behind,
    )
