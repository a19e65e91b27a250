"""What becomes of a mutant under the verification that `eqlx verify` runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum

from eqlx.driver.comparing import Batch, batches
from eqlx.driver.verdict import Verdict
from eqlx.driver.verify import Loaders, RuleRun, Track, VerifyPlan, tracks
from eqlx.execution import Bounds, Dataset, Executor, Job, Match, Session
from eqlx.registry import load_executor, load_target
from eqlx.synthesis import synthesise
from eqlx.target import EventModel
from eqlx_harness.mutation.faults import Level
from eqlx_harness.mutation.mutants import Faulty, Mutant, Subject, edited


class Fate(Enum):
    CAUGHT = "caught"
    """An engine differs, and no declared loss accounts for it."""
    ALIVE = "alive"
    BROKEN = "broken"
    """The statement is no valid SQL, or an engine failed on it: no score either way."""
    WITHOUT_EFFECT = "without effect"
    """The same statement in every layout."""


@dataclass(frozen=True)
class _Read:
    """A session whose rows are read by the faulty query: it has other stages and keys."""

    base: Session
    faulty: Faulty

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def run(self, job: Job) -> Sequence[Match]:
        fault = self.faulty.fault
        if fault.level is Level.QUERY:
            job = replace(job, query=edited(job.query, fault, self.faulty.site[0]))
        return self.base.run(job)


@dataclass
class _Kept:
    """An executor that opens each set of events once, for all mutants of a rule."""

    base: Executor
    stack: ExitStack
    opened: dict[int, tuple[object, Session]] = field(default_factory=dict)
    faulty: Faulty | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    @contextmanager
    def open(self, dataset: Dataset, model: EventModel, bounds: Bounds) -> Iterator[Session]:
        events = dataset.events
        if id(events) not in self.opened:
            session = self.stack.enter_context(self.base.open(dataset, model, bounds))
            self.opened[id(events)] = (events, session)
        session = self.opened[id(events)][1]
        yield session if self.faulty is None else _Read(session, self.faulty)


@dataclass
class Bench:
    """A rule with its events, made once for all of its mutants. Close it after use."""

    subject: Subject
    stack: ExitStack
    run: RuleRun
    sets: list[Batch]
    lanes: list[Track]
    reason: str = ""
    """Why the last broken mutant was."""
    _sound: dict[tuple[str, int], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, subject: Subject, stack: ExitStack) -> Bench:
        compiled = subject.compiled()
        query = compiled.query
        assert query is not None
        plan = VerifyPlan(minimise=False, fields=subject.fields)
        lanes = []
        for track in tracks(plan, Loaders(load_executor, load_target)):
            assert track.executor is not None
            lanes.append(replace(track, executor=_Kept(track.executor, stack)))
        # The layout that people mostly have first: a mutant that it catches needs no other.
        lanes.sort(key=lambda track: track.name != "duckdb/flat")
        cases = synthesise(query, subject.model).cases
        sets = list(batches(query, subject.model, cases))
        run = RuleRun(plan, subject.rule, query, subject.model, compiled.fidelity.losses)
        return cls(subject, stack, run, sets, lanes)

    def fate(self, mutant: Mutant) -> Fate:
        """One set of events at a time: the first undeclared difference is enough."""
        changed = False
        for track in self.lanes:
            assert track.target is not None
            faulty = Faulty(track.target, mutant.fault, mutant.site)
            track.executor.faulty = faulty
            wrong = replace(track, target=faulty)
            for batch in self.sets:
                lane = self.run.lane(wrong, [batch])
                changed |= faulty.changed
                if lane.verdict is Verdict.DIFFERS:
                    if self.is_sound(track, batch):
                        return Fate.CAUGHT
                    self.reason = "differs without the fault"
                    return Fate.BROKEN
                if lane.verdict is Verdict.FAILED:
                    self.reason = lane.reason
                    return Fate.BROKEN
            if not changed and mutant.fault.level is Level.QUERY:
                return Fate.WITHOUT_EFFECT  # the other layouts read the same query
        return Fate.ALIVE if changed else Fate.WITHOUT_EFFECT

    def is_sound(self, track: Track, batch: Batch) -> bool:
        """Whether nothing differs without a fault: else the difference would prove nothing."""
        key = track.name, id(batch)
        if key not in self._sound:
            assert isinstance(track.executor, _Kept)
            track.executor.faulty = None
            verdict = self.run.lane(track, [batch]).verdict
            self._sound[key] = verdict in (Verdict.AGREES, Verdict.DECLARED)
        return self._sound[key]


def fates(subject: Subject, mutants: list[Mutant]) -> Iterator[tuple[Mutant, Fate, str]]:
    """The mutants of one rule with what became of them, and why where they are broken."""
    with ExitStack() as stack:
        bench = Bench.of(subject, stack)
        for mutant in mutants:
            fate = bench.fate(mutant)
            yield mutant, fate, bench.reason if fate is Fate.BROKEN else ""
