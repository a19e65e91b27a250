"""Running queries on every engine that is present, for tests that compare engines.

An engine that needs a server is present iff its settings name one that answers: `elasticsearch` by
EQLX_ELASTICSEARCH_URL (`.ci/run engines` starts a node and sets it).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from eqlx.driver import convert_rule
from eqlx.execution import (
    Bounds,
    Configurable,
    Dataset,
    ExecutionError,
    Executor,
    Job,
    Match,
    Session,
)
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldList, Layered, Schema
from eqlx.registry import executors, load_executor, load_target
from eqlx.render import concise
from eqlx.rule import Rule
from eqlx.target import EventModel, Target


@cache
def engine_names() -> tuple[str, ...]:
    """The executors that tests use: those that need no server, and those whose server answers."""
    return tuple(name for name in sorted(executors()) if why_absent(name) is None)


@cache
def absent_engines() -> Mapping[str, str]:
    """The executors that tests cannot use, and why."""
    return {name: why for name in sorted(executors()) if (why := why_absent(name)) is not None}


@cache
def why_absent(name: str) -> str | None:
    """Why an executor cannot be used here; None if it can."""
    executor = load_executor(name)
    if not isinstance(executor, Configurable):
        return _why_not_installed(executor)
    needed = executor.settings[0].environment
    if not os.environ.get(needed):
        return f"{needed} is not set"
    try:
        with configured(name).open(Dataset(events=()), EventModel(), Bounds(seconds=10)):
            return None
    except ExecutionError as error:
        return str(error)


def _why_not_installed(executor: Executor) -> str | None:
    """The packages of an in-process engine are an extra."""
    try:
        with executor.open(Dataset(events=()), EventModel(), Bounds(seconds=10)):
            return None
    except ExecutionError as error:
        return str(error)


SAMPLED = 8
"""Of so many tests, one runs by default on an engine that is in the core neither of eqlx nor of tests."""


def in_sample(engine: str, number: int) -> bool:
    """Whether the test of this number runs on an engine: EQLX_SQL_ENGINES=1 runs all."""
    chosen = engine != "clickhouse" or bool(os.environ.get("EQLX_SQL_ENGINES"))
    return chosen or number % SAMPLED == 0


def needs_a_server(name: str) -> bool:
    """Whether an executor must be told where its server is."""
    return isinstance(load_executor(name), Configurable)


@cache
def configured(name: str) -> Executor:
    """The executor, with the settings that the environment has for it."""
    executor = load_executor(name)
    if isinstance(executor, Configurable):
        environment = {s.name: os.environ.get(s.environment, "") for s in executor.settings}
        return executor.configured(environment)
    return executor


@cache
def _target(name: str) -> Target:
    return load_target(name)


@dataclass(frozen=True)
class Engine:
    """A dataset opened by one executor; `fields` are types stated before what the data shows."""

    name: str
    session: Session
    executor: Executor
    model: EventModel
    fields: FieldList | None = None

    @property
    def schema(self) -> Schema:
        """What queries are compiled with."""
        own = () if self.fields is None else (self.fields,)
        return Layered((*own, self.session.schema, CATALOGUE))

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
            schema=self.schema,
            layout=self.session.layout,
            model=self.model,
            size=size,
        )
        assert outcome.artifact is not None, "\n".join(
            concise.render(d) for d in outcome.diagnostics
        )
        return self.session.run(Job(outcome.artifact.query, outcome.artifact))


@contextmanager
def opened(
    name: str, dataset: Dataset, model: EventModel, fields: FieldList | None = None
) -> Iterator[Engine]:
    """Open `dataset` with the executor `name`."""
    executor = configured(name)
    with executor.open(dataset, model, Bounds(seconds=60)) as session:
        yield Engine(name, session, executor, model, fields)
