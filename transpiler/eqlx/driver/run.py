"""Rules over events: sessions of an executor, conversion for their columns, matches.

A session belongs to one event model. Rules that name their own fields for time, order or category
get a session of their own, which the following rules with the same model share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, Report
from eqlx.driver.batch import Roles
from eqlx.driver.convert import Outcome, compile_rule, convert_rule
from eqlx.execution import (
    Bounds,
    Dataset,
    ExecutionError,
    Executor,
    Job,
    Match,
    Noting,
    Ranged,
    Session,
)
from eqlx.fields.schema import FieldList, Layered, Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.nodes import Query
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.rule import Rule
from eqlx.target import EventModel, Target


@dataclass(frozen=True)
class RuleRun:
    """What one rule found. `outcome` says how its conversion ended; `failed`: the engine could not
    run it (a diagnostic says why)."""

    rule: Rule
    outcome: Outcome
    matches: tuple[Match, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    failed: bool = False


@dataclass
class Runner:
    """Runs rules over one dataset; use it in a `with` statement.

    `target` is the executor's (`executor.target`), loaded; None for an executor that runs the IR.
    `fields` is a user's field list; it goes before the data's own columns, and the field catalogue
    after them (spec §13.3). `options` are put under the session's own. `notes` is
    what the opened sessions have to say of the events, and at the end of what they left behind. `search_timeless`: a sequence over events of
    which none has a time is searched and the diagnostic stays, where the rule otherwise fails.
    """

    executor: Executor
    target: Target | None
    dataset: Dataset
    bounds: Bounds = field(default_factory=Bounds)
    fields: FieldList | None = None
    roles: Roles = field(default_factory=Roles)
    allow: frozenset[Drift] = frozenset()
    size: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    search_timeless: bool = False
    notes: list[Diagnostic] = field(default_factory=list, init=False)
    _narrow: set[str] = field(default_factory=set, init=False)
    _sessions: dict[EventModel, Session] = field(default_factory=dict, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sessions = list(self._sessions.values())
        self._sessions.clear()
        try:
            self._stack.close()
        finally:
            for session in sessions:
                self._note(session)

    def run(self, rule: Rule) -> RuleRun:
        """Convert one rule for the session's columns and run it.

        Raises:
            DatasetError: the events cannot be read.
        """
        model = self.roles.model(rule)
        session = self._session(model)
        outcome = self._convert(rule, session, model)
        query = outcome.query
        if query is None:
            return RuleRun(rule, outcome, (), outcome.diagnostics)
        if isinstance(session, Ranged) and session.wide.ranges:
            said = self._narrow_fields(query, rule, session.wide)
            outcome = replace(outcome, diagnostics=(*outcome.diagnostics, *said))
        timeless = (
            isinstance(query, SequenceQuery)
            and isinstance(session, Noting)
            and not session.has_times
        )
        if timeless and not self.search_timeless:
            return self._timeless(rule, outcome, model)
        try:
            matches = tuple(session.run(Job(query, outcome.artifact)))
        except ExecutionError as error:
            return self._failed(rule, outcome, str(error), error.advice)
        except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
            return self._failed(rule, outcome, f"{type(error).__name__}: {error}")
        if timeless:
            return replace(self._timeless(rule, outcome, model), matches=matches, failed=False)
        return RuleRun(rule, outcome, matches, outcome.diagnostics)

    def _session(self, model: EventModel) -> Session:
        if model not in self._sessions:
            opened = self.executor.open(self.dataset, model, self.bounds)
            session = self._sessions[model] = self._stack.enter_context(opened)
            self._note(session)
        return self._sessions[model]

    def _narrow_fields(self, query: Query, rule: Rule, wide: Wide) -> Sequence[Diagnostic]:
        """A warning for each field of the query whose type cannot hold its numbers: once for a field,
        whatever the number of rules that read it."""
        from eqlx.diagnostics.catalogue.execution import numbers_beyond_type
        from eqlx.ir.nodes import Field
        from eqlx.ir.walk import walk

        report = Report(rule.query, rule.label)
        for node, _, _ in walk(query):
            if not isinstance(node, Field) or node.name in self._narrow:
                continue
            example = wide.beyond(node.name, node.type)
            if example is not None:
                self._narrow.add(node.name)
                kind = node.type.value
                report.add(numbers_beyond_type(node.name, kind, example, node.span))
        return report.diagnostics

    def _note(self, session: Session) -> None:
        if isinstance(session, Noting):
            self.notes.extend(note for note in session.notes if note not in self.notes)

    def _timeless(self, rule: Rule, outcome: Outcome, model: EventModel) -> RuleRun:
        """A sequence over events without times: "no matches" would say nothing."""
        from eqlx.diagnostics.catalogue.execution import no_readable_times

        report = Report(rule.query, rule.label)
        report.add(no_readable_times(rule.label, model.timestamp))
        return RuleRun(rule, outcome, (), (*outcome.diagnostics, *report.diagnostics), failed=True)

    def _convert(self, rule: Rule, session: Session, model: EventModel) -> Outcome:
        schema = self._schema(session)
        if self.target is None:
            return compile_rule(rule, schema=schema, model=model, size=self.size)
        return convert_rule(
            rule,
            self.target,
            dialect=self.executor.dialect,
            options={**self.options, **session.options},
            schema=schema,
            layout=session.layout,
            model=model,
            allow=self.allow,
            size=self.size,
        )

    def _schema(self, session: Session) -> Schema:
        from eqlx.fields.catalogue import CATALOGUE

        own: tuple[Schema, ...] = () if self.fields is None else (self.fields,)
        return Layered((*own, session.schema, CATALOGUE))

    def _failed(
        self, rule: Rule, outcome: Outcome, message: str, advice: str | None = None
    ) -> RuleRun:
        from eqlx.diagnostics.catalogue.execution import execution_failed

        report = Report(rule.query, rule.label)
        report.add(execution_failed(rule.label, self.executor.name, message, advice))
        return RuleRun(rule, outcome, (), (*outcome.diagnostics, *report.diagnostics), failed=True)
