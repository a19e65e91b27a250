"""Tests run on engines: each test is a dataset of its own, each result a value."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from eqlx.capability import Drift
from eqlx.diagnostics import Report
from eqlx.driver.batch import Roles
from eqlx.driver.deaths import Say, deaths, unsaid
from eqlx.driver.run import RuleRun, Runner
from eqlx.driver.workers import spread
from eqlx.execution import Bounds, Dataset, Executor, Match
from eqlx.fields.schema import FieldList
from eqlx.rule import Rule
from eqlx.ruletest.model import Expected, Name, Result, RuleTest, TestFile, Verdict
from eqlx.target import Target


@dataclass(frozen=True)
class Engine:
    """An executor with the target whose artifacts it runs, both loaded."""

    executor: Executor
    target: Target | None


@dataclass(frozen=True)
class Plan:
    """How tests are run. `engines` overrides what the files say; `load` gives an engine by name and
    is asked once for each."""

    load: Callable[[str], Engine]
    engines: tuple[str, ...] = ()
    fields: FieldList | None = None
    roles: Roles = field(default_factory=Roles)
    allow: frozenset[Drift] = frozenset()
    bounds: Bounds = field(default_factory=lambda: Bounds(threads=1))
    """One thread: a test has few events, and many tests run beside each other."""

    @cached_property
    def loaded(self) -> dict[str, Engine]:
        return {}

    def engine(self, name: str) -> Engine:
        if name not in self.loaded:
            self.loaded[name] = self.load(name)
        return self.loaded[name]

    def run(self, rule: Rule, file: TestFile) -> Iterator[Result]:
        """Each test of a file on each of its engines.

        Raises:
            EqlxError: an engine is unknown or does not load.
        """
        for test in file.tests:
            for name in self.engines or file.engines:
                yield self._run(rule, file, test, name)

    def _run(self, rule: Rule, file: TestFile, test: RuleTest, name: str) -> Result:
        engine = self.engine(name)
        started = time.perf_counter()
        runner = Runner(
            executor=engine.executor,
            target=engine.target,
            dataset=Dataset(events=test.events),
            bounds=self.bounds,
            fields=self.fields,
            roles=self.roles,
            allow=self.allow,
            # An event without a time is a case to be tested, as is one without any other field.
            search_timeless=True,
        )
        with runner:
            run = runner.run(rule)
        seconds = time.perf_counter() - started
        return judged(rule, file, test, name, run, seconds)


def run_all(
    pairs: Sequence[tuple[Rule, TestFile]], plan: Plan, *, jobs: int = 1, say: Say = unsaid
) -> Generator[list[Result]]:
    """The results of each pair, in order, in up to `jobs` processes. `say` takes what there is to say
    of workers that died.

    Raises:
        EqlxError: an engine is unknown or does not load, which is known before the first test runs.
    """
    for name in dict.fromkeys(name for _, file in pairs for name in plan.engines or file.engines):
        plan.engine(name)
    # A copy without its loaded engines, which each process loads for itself.
    make = partial(_runner, replace(plan))
    found = spread(make, pairs, jobs, deaths(_rule, partial(_lost, plan.engines), say))
    for (rule, file), results in zip(pairs, found, strict=True):
        yield [replace(result, rule=rule, file=file) for result in results]


def _rule(pair: tuple[Rule, TestFile]) -> Rule:
    return pair[0]


def _lost(engines: tuple[str, ...], pair: tuple[Rule, TestFile], report: Report) -> list[Result]:
    rule, file = pair
    return [
        Result(rule, file, test, name, Verdict.BROKEN, (), report.diagnostics)
        for test in file.tests
        for name in engines or file.engines
    ]


def _runner(plan: Plan) -> Callable[[tuple[Rule, TestFile]], list[Result]]:
    return lambda pair: list(plan.run(*pair))


def judged(
    rule: Rule, file: TestFile, test: RuleTest, engine: str, run: RuleRun, seconds: float
) -> Result:
    """What a run means for its test."""
    if run.failed or run.outcome.query is None:
        return Result(rule, file, test, engine, Verdict.BROKEN, (), run.diagnostics, seconds)
    found = tuple(named(match, test.names) for match in run.matches)
    if fulfils(test.expected, found):
        return Result(rule, file, test, engine, Verdict.PASSED, found, (), seconds)
    why = tuple(d for d in run.diagnostics if d.code == "no-readable-times")
    return Result(rule, file, test, engine, Verdict.FAILED, found, why, seconds)


def named(match: Match, names: Sequence[Name]) -> tuple[Name, ...]:
    """The events of a match as expectations call them; slots of missing events are left out."""
    return tuple(names[event.row - 1] for event in match.events if event.row is not None)


def fulfils(expected: Expected, found: Sequence[tuple[Name, ...]]) -> bool:
    """Whether the matches are those that were asked for, in any order among each other."""
    if expected.matches is None:
        return len(found) == expected.count
    return Counter(expected.matches) == Counter(found)
