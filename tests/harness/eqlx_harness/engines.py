"""Running queries on every engine that is present, for tests that compare engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Executor, Job, Match, Session
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import Layered
from eqlx.registry import executors, load_executor, load_target
from eqlx.render import concise
from eqlx.rule import Rule
from eqlx.target import EventModel, Target


@cache
def engine_names() -> tuple[str, ...]:
    """The executors that tests use: those that need no server."""
    return tuple(sorted(executors()))


@cache
def _executor(name: str) -> Executor:
    return load_executor(name)


@cache
def _target(name: str) -> Target:
    return load_target(name)


@dataclass(frozen=True)
class Engine:
    """A dataset opened by one executor."""

    name: str
    session: Session
    executor: Executor
    model: EventModel

    def run(self, rule: Rule, size: int | None = None) -> Sequence[Match]:
        """Convert for this session and run.

        Raises:
            AssertionError: the rule does not convert; the diagnostics are its text.
        """
        target = _target(self.executor.target or "eql")
        options: Mapping[str, str] = self.session.options if self.executor.target else {}
        outcome = convert_rule(
            rule,
            target,
            dialect=self.executor.dialect,
            options=options,
            schema=Layered((self.session.schema, CATALOGUE)),
            layout=self.session.layout,
            model=self.model,
            size=size,
        )
        assert outcome.artifact is not None, "\n".join(
            concise.render(d) for d in outcome.diagnostics
        )
        return self.session.run(Job(outcome.artifact.query, outcome.artifact))


@contextmanager
def opened(name: str, dataset: Dataset, model: EventModel) -> Iterator[Engine]:
    """Open `dataset` with the executor `name`."""
    executor = _executor(name)
    with executor.open(dataset, model, Bounds(seconds=60)) as session:
        yield Engine(name, session, executor, model)
