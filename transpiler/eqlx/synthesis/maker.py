"""The cases of a query: variants and streams made into events, judged by the interpreter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product

from eqlx.execution import Event
from eqlx.ir.nodes import EventQuery, Field, Query, Sequence
from eqlx.ir.walk import walk
from eqlx.reference import evaluate
from eqlx.source import NOWHERE, Span
from eqlx.synthesis.constraints import Judge
from eqlx.synthesis.documents import document
from eqlx.synthesis.model import Assignment, Case, LeafCoverage, Synthesis, Unreached, Varies
from eqlx.synthesis.parts import Part, clause_text, joined, parts_of
from eqlx.synthesis.samples import joint_samples, sample_steps, sample_streams
from eqlx.synthesis.search import Wish, decisive, satisfy, spots
from eqlx.synthesis.stamps import Clock, Keys, Step
from eqlx.synthesis.streams import Stream, joint_streams, shape_of, streams, with_variant
from eqlx.synthesis.texts import swapped
from eqlx.synthesis.variants import Variant, explore
from eqlx.target import EventModel

MOST_CASES = 3000
"""So many cases of one rule; plain hits and flips come first."""
MOST_PAIRS = 6
"""So many pairs of stages are given an event that both take."""
MOST_EVENTS = 8000
"""So many events of one rule: a run of sixty makes long streams."""


def synthesise(query: Query, model: EventModel, *, seed: int = 0) -> Synthesis:
    """Events for a query that has been through the passes, with the interpreter's answers.

    The same query, model and seed give the same events.
    """
    return _Maker(query, model, seed).run()


@dataclass
class _Maker:
    query: Query
    model: EventModel
    seed: int
    cases: list[Case] = field(default_factory=list)
    unreached: list[Unreached] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    number: int = 0

    def run(self) -> Synthesis:
        self.judge = Judge(self.model, self.seed)
        self.parts = parts_of(self.query, self.model)
        self.clock = Clock.of(self.query)
        self.taken = frozenset(n.name for n, _, _ in walk(self.query) if isinstance(n, Field))
        self.shown: dict[int, list[list[bool]]] = {
            part.number: [[False] * 3 for _ in spots(part.condition)] for part in self.parts
        }
        base = self.base()
        if base is None:
            self.unreached.append(Unreached("", None))
        else:
            self.fill(base)
        return Synthesis(
            self.query,
            self.model,
            self.seed,
            tuple(self.cases),
            tuple(self.coverage()),
            tuple(self.unreached),
        )

    def wishes(self) -> tuple[Wish, ...]:
        """What a match needs: every positive part's condition."""
        return tuple((part.condition, True) for part in self.parts if part.is_positive)

    def base(self) -> dict[str, object] | None:
        """A solution for all positive parts; if it can be, one that `until` and missing events'
        filters do not take."""
        return satisfy(self.judge, self.wishes())

    def fill(self, base: Assignment) -> None:
        if isinstance(self.query, EventQuery):
            part = self.parts[0]
            self.add_document("a plain hit", Varies.WAY, base)
            self.add_turned(base)
            explored = explore(self.judge, part, (), base)
            for variant in explored.variants:
                self.add_variant(variant)
            self.unreached.extend(explored.unreached)
            return
        full = self.with_negatives(base)
        self.keys = Keys(full, () if self.parts[0].stage is None else self.parts[0].stage.keys)
        if isinstance(self.query, Sequence):
            self.shape = shape_of(self.query, self.parts)
            made = streams(self.shape)
        else:
            made = sample_streams(self.parts)
        for stream in made:
            self.add_stream(stream, full, NOWHERE, "")
        for stream in self.joint(full):
            self.add_stream(stream, full, NOWHERE, "")
        self.explore_stages(full)

    def joint(self, full: Assignment) -> Iterator[Stream]:
        """Streams with an event that two parts take: two stages in a row or two terms, or a stage and
        `until`."""
        is_sequence = isinstance(self.query, Sequence)
        positive = [part for part in self.parts if part.is_positive]
        pairs = list(pairwise(positive)) if is_sequence else list(combinations(positive, 2))
        until = [part for part in self.parts if part.is_until]
        near = {name: value for name, value in full.items() if name.startswith("key|")}
        for one, other in (*pairs[:MOST_PAIRS], *product(positive[:MOST_PAIRS], until)):
            condition, names = joined(one, other)
            found = satisfy(self.judge, [(one.condition, True), (condition, True)], near)
            if found is not None:
                values = {name: found[p] for name, p in names.items() if p in found}
                if is_sequence:
                    yield from joint_streams(self.shape, one, other, values)
                else:
                    yield from joint_samples(self.parts, one, other, values)

    def with_negatives(self, base: Assignment) -> dict[str, object]:
        """The solution, with values for `until` and missing events where these can be had."""
        full = dict(base)
        for part in self.parts:
            if not part.is_positive:
                near = {n: v for n, v in full.items() if n.startswith("key|")}
                found = satisfy(self.judge, [(part.condition, True), *self.wishes()], full)
                if found is None:
                    found = satisfy(self.judge, [(part.condition, True)], near) or {}
                mine = set(part.names.values())
                full |= {n: v for n, v in found.items() if n in mine and n not in full}
        return full

    def explore_stages(self, full: Assignment) -> None:
        for part in self.parts:
            others = tuple(
                (other.condition, True)
                for other in self.parts
                if other is not part and other.is_positive
            )
            explored = explore(self.judge, part, others, full)
            self.unreached.extend(explored.unreached)
            for variant in explored.variants:
                solution = {**full, **variant.solution}
                for name in self.private(variant.part):
                    if name not in variant.solution:
                        solution.pop(name, None)
                self.add_stage_variant(variant, solution)

    def private(self, part: Part) -> Iterator[str]:
        return (name for name in part.names.values() if not name.startswith("key|"))

    # --- single events ----------------------------------------------------------------------------

    def add_variant(self, variant: Variant) -> None:
        self.add_document(
            variant.name,
            variant.varies,
            variant.solution,
            variant.spot.leaf.span,
            variant.clause,
        )

    def add_document(
        self,
        name: str,
        varies: Varies,
        values: Assignment,
        clause: Span = NOWHERE,
        text: str = "",
    ) -> None:
        if not self.is_new(values):
            return
        self.number += 1
        at = self.clock.place(())
        event = document(values, self.model, at=at, number=self.number, taken=self.taken)
        self.note(self.parts[0], values)
        self.keep(name, varies, (event,), 0, 0, clause, text)

    def add_turned(self, values: Assignment) -> None:
        """Three hits: the latest in the first row, two at the same time."""
        at = self.clock.place(()) + 1000
        self.clock.now += 1000
        events = []
        for time in (at, at - 1000, at - 1000):
            self.number += 1
            events.append(
                document(values, self.model, at=time, number=self.number, taken=self.taken)
            )
        self.keep(
            "three hits, the latest in the first row",
            Varies.ORDER,
            tuple(events),
            0,
            None,
            NOWHERE,
            "",
        )

    def is_new(self, values: object) -> bool:
        key = json.dumps(values, sort_keys=True, default=str)
        if key in self.seen or len(self.cases) >= MOST_CASES:
            return False
        self.seen.add(key)
        return True

    # --- streams ----------------------------------------------------------------------------------

    def add_stage_variant(self, variant: Variant, solution: Assignment) -> None:
        values = {part.number: part.values(solution) for part in self.parts}
        if isinstance(self.query, Sequence):
            stream = with_variant(self.shape, variant.part, values)
        else:
            steps = tuple(
                Step(s.part, s.at, values=values[s.part.number]) for s in sample_steps(self.parts)
            )
            stream = Stream("", Varies.VALUE, steps, variant.part.number)
        if not self.is_new([values, variant.part.number]):
            return
        number = variant.part.number
        role = "until" if variant.part.is_until else f"stage {number + 1}"
        named = Stream(f"{role}, {variant.name}", variant.varies, stream.steps, stream.subject)
        clause = variant.spot.leaf.span
        self.add_stream(named, solution, clause, variant.clause, variant.part)

    def add_stream(
        self,
        stream: Stream,
        solution: Assignment,
        clause: Span,
        text: str,
        about: Part | None = None,
    ) -> None:
        if len(self.cases) >= MOST_CASES or self.number >= MOST_EVENTS:
            return
        self.keys.stream += 1
        self.keys.solution = solution
        start = self.clock.place(stream.steps)
        events = tuple(self.event(step, start, solution) for step in stream.steps)
        part = about
        if part is None and stream.subject is not None:
            part = stream.steps[stream.subject].part
        number = 0 if part is None else part.number
        self.keep(stream.name, stream.varies, events, number, stream.subject, clause, text)

    def event(self, step: Step, start: int, solution: Assignment) -> Event:
        values = dict(step.part.values(solution) if step.values is None else step.values)
        keys = () if step.part.stage is None else step.part.stage.keys
        for place, key in enumerate(keys):
            self.set_key(values, key, place, step)
        if step.also is not None and step.also.stage is not None:
            for place, key in enumerate(step.also.stage.keys):
                values.setdefault(key.name, self.keys.value(place, step.key))
        self.note(step.part, step.part.pseudo(values))
        self.number += 1
        at = start + step.at
        event = document(values, self.model, at=at, number=self.number, taken=self.taken)
        if step.timeless:
            _remove(event, self.model.timestamp)
        return event

    def set_key(self, values: dict[str, object], key: Field, place: int, step: Step) -> None:
        if step.null == place:
            values.pop(key.name, None)
            return
        name = step.key if step.only in (None, place) else "a"
        value = self.keys.value(place, name)
        if step.swapped == place:
            values[key.name] = swapped(value) if isinstance(value, str) else value
            return
        if step.both == place:
            values[key.name] = [value, self.keys.value(place, "b")]
        elif name != "a" or key.name not in values:
            changed = step.values is not None and self.is_constrained(step.part, key)
            if not changed:
                values[key.name] = value

    def is_constrained(self, part: Part, key: Field) -> bool:
        """Whether the part's own condition speaks of the key: a variant may have taken it away."""
        pseudo = part.names[key.name]
        return any(isinstance(n, Field) and n.name == pseudo for n, _, _ in walk(part.condition))

    # --- both -------------------------------------------------------------------------------------

    def keep(
        self,
        name: str,
        varies: Varies,
        events: tuple[Event, ...],
        part: int,
        subject: int | None,
        clause: Span,
        text: str,
    ) -> None:
        expected = tuple(evaluate(self.query, events, self.model))
        count = self.names[name] = self.names.get(name, 0) + 1
        unique = name if count == 1 else f"{name} ({count})"
        self.cases.append(Case(unique, varies, events, expected, part, subject, clause, text))

    def note(self, part: Part, values: Assignment) -> None:
        """Keep count of what an event shows of each leaf of a part."""
        shown = self.shown[part.number]
        if all(all(row) for row in shown):
            return
        for row, (truth, alone) in zip(
            shown, decisive(self.judge, part.condition, values), strict=True
        ):
            row[0] |= truth
            row[1] |= not truth
            row[2] |= alone

    def coverage(self) -> Iterator[LeafCoverage]:
        for part in self.parts:
            for spot, shown in zip(spots(part.condition), self.shown[part.number], strict=True):
                text = clause_text(spot.leaf, part.names)
                yield LeafCoverage(text, spot.leaf.span, part.number, *shown)


def _remove(event: dict[str, object], name: str) -> None:
    node: object = event
    *outer, last = name.split(".")
    for key in outer:
        node = node.get(key) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node.pop(last, None)
