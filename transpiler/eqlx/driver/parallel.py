"""A batch in worker processes. The outcomes come in the order of the rules, whatever the number of
workers; a worker that dies (memory) costs the rule that killed it, not the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

from eqlx.capability import Fidelity, Grade
from eqlx.diagnostics import Report
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.plan import Plan
from eqlx.driver.workers import begin, sheltered
from eqlx.rule import Rule
from eqlx.target import Target

_CHUNK = 8


def convert_parallel(
    rules: Sequence[Rule], plan: Plan, load: Callable[[str], Target], jobs: int
) -> Iterator[Outcome]:
    """Convert `rules` in up to `jobs` processes; the artifacts come without their trees."""
    chunks = [rules[i : i + _CHUNK] for i in range(0, len(rules), _CHUNK)]
    pool = _pool(plan, load, min(jobs, len(chunks)))
    try:
        with sheltered():
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
    begin()
    _WORK[:] = [(plan, load(plan.target))]


def _work(rules: Sequence[Rule]) -> list[Outcome]:
    plan, target = _WORK[0]
    return [_without_tree(plan.convert(rule, target)) for rule in rules]


def _without_tree(outcome: Outcome) -> Outcome:
    """Trees are large, may not pickle, and nobody looks at them in a batch."""
    if outcome.artifact is None:
        return outcome
    return replace(outcome, artifact=replace(outcome.artifact, tree=None))
