"""Many rules through the chain, in order, in this process or in several.

The outcomes come in the order of the rules, whatever the number of workers. A worker that dies
(memory) costs the rule that killed it, not the batch.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

from eqlx.capability import Drift, Fidelity, Grade
from eqlx.diagnostics import Report
from eqlx.driver.convert import Outcome, Status, convert_rule, event_model
from eqlx.fields.schema import FieldList, Layered, Schema
from eqlx.rule import Rule
from eqlx.target import EventModel, Target

_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of fields that the caller sets for every rule; None leaves it to the rule."""

    timestamp: str | None = None
    tiebreaker: str | None = None
    category: str | None = None
    id: str | None = None

    def model(self, rule: Rule) -> EventModel:
        """The event model of a rule under these choices."""
        return event_model(
            rule,
            timestamp=self.timestamp,
            tiebreaker=self.tiebreaker,
            category=self.category,
            id=self.id,
        )


@dataclass(frozen=True)
class Plan:
    """What to do with each rule of a batch. It holds the target's name, since workers load it.

    `fields` is a user's field list, put before the field catalogue.
    """

    target: str
    dialect: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    fields: FieldList | None = None
    roles: Roles = Roles()
    allow: frozenset[Drift] = frozenset()
    size: int | None = None

    def convert(self, rule: Rule, target: Target) -> Outcome:
        """One rule, by this plan."""
        return convert_rule(
            rule,
            target,
            dialect=self.dialect,
            options=self.options,
            schema=schema_of(self.fields),
            model=self.roles.model(rule),
            allow=self.allow,
            size=self.size,
        )


def schema_of(fields: FieldList | None) -> Schema:
    """The field catalogue, behind a user's field list if there is one (spec §13.3)."""
    from eqlx.fields.catalogue import CATALOGUE

    return CATALOGUE if fields is None else Layered((fields, CATALOGUE))


def convert_batch(
    rules: Sequence[Rule], plan: Plan, load: Callable[[str], Target], *, jobs: int = 1
) -> Iterator[Outcome]:
    """Convert `rules`, in order. `load` gives the target of a name; with several `jobs` (worker
    processes) it must be a module's function, and the artifacts come without their trees."""
    if jobs <= 1 or len(rules) <= _CHUNK:
        target = load(plan.target)
        for rule in rules:
            yield plan.convert(rule, target)
        return
    yield from _parallel(rules, plan, load, jobs)


def _parallel(
    rules: Sequence[Rule], plan: Plan, load: Callable[[str], Target], jobs: int
) -> Iterator[Outcome]:
    chunks = [rules[i : i + _CHUNK] for i in range(0, len(rules), _CHUNK)]
    pool = _pool(plan, load, min(jobs, len(chunks)))
    try:
        futures = [_submit(pool, chunk) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                outcomes = None if future is None else future.result()
            except BrokenProcessPool:
                outcomes = None
            if outcomes is None:
                yield from _isolated(chunk, plan, load)
            else:
                yield from outcomes
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, chunk: Sequence[Rule]) -> Future[list[Outcome]] | None:
    try:
        return pool.submit(_work, chunk)
    except BrokenProcessPool:
        return None


def _isolated(
    rules: Sequence[Rule], plan: Plan, load: Callable[[str], Target]
) -> Iterator[Outcome]:
    """Each rule in a process of its own, to find the one that kills it."""
    for rule in rules:
        with _pool(plan, load, 1) as pool:
            try:
                yield from pool.submit(_work, [rule]).result()
            except BrokenProcessPool:
                yield _killed(rule)


def _killed(rule: Rule) -> Outcome:
    from eqlx.diagnostics.catalogue.target import internal_error

    report = Report(rule.query, rule.label)
    report.add(internal_error(rule.label, "a worker process", "the process died (memory?)"))
    return Outcome(rule, Status.FAILED, None, report.diagnostics, Fidelity(Grade.REFUSED))


def _pool(plan: Plan, load: Callable[[str], Target], workers: int) -> ProcessPoolExecutor:
    # A fresh interpreter a worker: forking a process that may have threads is not safe.
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start, initargs=(plan, load)
    )


_WORK: list[tuple[Plan, Target]] = []
"""In a worker process: its plan and its loaded target, set once by `_start`."""


def _start(plan: Plan, load: Callable[[str], Target]) -> None:
    # Ctrl-C is for the parent, which then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WORK[:] = [(plan, load(plan.target))]


def _work(rules: Sequence[Rule]) -> list[Outcome]:
    plan, target = _WORK[0]
    return [_without_tree(plan.convert(rule, target)) for rule in rules]


def _without_tree(outcome: Outcome) -> Outcome:
    """Trees are large, may not pickle, and nobody looks at them in a batch."""
    if outcome.artifact is None:
        return outcome
    return replace(outcome, artifact=replace(outcome.artifact, tree=None))
