"""Rules over events: sessions of an executor, conversion for their columns, matches.

A session belongs to one event model. Rules that name their own fields for time, order or category
get a session of their own, which the following rules with the same model share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from time import monotonic
from types import TracebackType
from typing import Self

from eqlx.applicability import Applied, Requirement, applicability
from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, Report
from eqlx.driver.batch import Roles
from eqlx.driver.convert import Outcome, compile_rule, convert_rule
from eqlx.driver.schemas import schema_of
from eqlx.execution import (
    Bounds,
    Dataset,
    Deferring,
    Event,
    ExecutionError,
    Executor,
    Found,
    Job,
    Match,
    Noting,
    Preparing,
    Ranged,
    Session,
)
from eqlx.fields.schema import FieldList, Schema
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
    applied: Applied | None = None
    """What the rule can mean on these data; None for a rule that does not convert."""
    left_out: bool = False
    """The rule was not searched, since `Runner.require` asks for more than the data have."""


_PATIENCE = 0.5
"""Seconds for which found matches wait for the documents of the next rules."""
_SHARE = 20
"""They wait so many times as long as reading the documents last took: it costs a twentieth of the run."""
_MOST_ROWS = 50_000
"""So many rows of matches wait, and no more."""


@dataclass(frozen=True)
class _Searched:
    """A rule that was searched; where `found` is there, its documents are not read yet."""

    run: RuleRun
    found: Found | None = None
    session: Deferring | None = None

    @property
    def rows(self) -> int:
        return len(self.run.matches) if self.found is None else len(self.found.rows)


@dataclass(frozen=True)
class _Ready:
    """A rule that can be searched."""

    run: RuleRun
    session: Session
    job: Job


@dataclass
class Runner:
    """Runs rules over one dataset; use it in a `with` statement.

    `target` is the executor's (`executor.target`), loaded; None for an executor that runs the IR.
    `fields` is a user's field list; it goes before the data's own columns, and the field catalogue
    after them (spec §13.3). `options` are put under the session's own. `notes` is
    what the opened sessions have to say of the events, and at the end of what they left behind. `search_timeless`: a sequence over events of
    which none has a time is searched and the diagnostic stays, where the rule otherwise fails. `together`: `run_all` lets a
    session that can look for the events of all rules in one pass (`Preparing`); `progress` is then
    told how many events were searched, and of how many.
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
    require: Requirement = Requirement.ALL
    together: bool = False
    progress: Callable[[int, int], None] | None = None
    notes: list[Diagnostic] = field(default_factory=list, init=False)
    _present: dict[int, frozenset[str]] = field(default_factory=dict, init=False)
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
        return self._finished([self._searched(self._ready(rule))])[0]

    def run_all(self, rules: Iterable[Rule]) -> Iterator[RuleRun]:
        """Run the rules; their runs come in order, some at a time: the documents of many matches are
        read in one pass over the data, which costs as much as that of a few.

        Raises:
            DatasetError: the events cannot be read.
        """
        waiting: list[_Searched] = []
        reading = 0.0  # seconds that the last pass took
        began = monotonic()
        try:
            for ready in self._prepared(rules) if self.together else map(self._ready, rules):
                waiting.append(self._searched(ready))
                few = sum(searched.rows for searched in waiting) < _MOST_ROWS
                if few and monotonic() - began < max(_PATIENCE, _SHARE * reading):
                    continue
                start = monotonic()
                finished, waiting = self._finished(waiting), []
                reading = monotonic() - start
                yield from finished
                began = monotonic()
        except KeyboardInterrupt:
            yield from self._finished(waiting)
            raise
        yield from self._finished(waiting)

    def _finished(self, searched: Sequence[_Searched]) -> list[RuleRun]:
        """The runs with their documents, which are read once for each session."""
        by_session: dict[int, tuple[Deferring, list[int]]] = {}
        for each in searched:
            if each.found is not None and each.session is not None:
                entry = by_session.setdefault(id(each.session), (each.session, []))
                entry[1].extend(each.found.rows)
        documents: dict[int, Mapping[int, Event] | ExecutionError] = {}
        for key, (session, rows) in by_session.items():
            try:
                documents[key] = session.documents(rows)
            except ExecutionError as error:
                documents[key] = error
        return [self._with_documents(each, documents) for each in searched]

    def _with_documents(
        self, searched: _Searched, documents: Mapping[int, Mapping[int, Event] | ExecutionError]
    ) -> RuleRun:
        if searched.found is None or searched.session is None:
            return searched.run
        read = documents[id(searched.session)]
        run = searched.run
        if isinstance(read, ExecutionError):
            return self._failed(run.rule, run.outcome, str(read), read.advice)
        return replace(run, matches=tuple(searched.found.make(read)))

    def _prepared(self, rules: Iterable[Rule]) -> list[_Ready | _Searched]:
        """The rules, ready; the sessions have looked for the events of theirs."""
        found = [self._ready(rule) for rule in rules]
        jobs: dict[int, tuple[Preparing, list[Job]]] = {}
        for ready in found:
            if isinstance(ready, _Ready) and isinstance(ready.session, Preparing):
                jobs.setdefault(id(ready.session), (ready.session, []))[1].append(ready.job)
        for session, listed in jobs.values():
            session.prepare(listed, self.progress)
        return found

    def _ready(self, rule: Rule) -> _Ready | _Searched:
        """The rule converted for its session, or the end of it."""
        model = self.roles.model(rule)
        session = self._session(model)
        outcome = self._convert(rule, session, model)
        query = outcome.query
        if query is None:
            return _Searched(RuleRun(rule, outcome, (), outcome.diagnostics))
        if isinstance(session, Ranged) and session.wide.ranges:
            said = self._narrow_fields(query, rule, session.wide)
            outcome = replace(outcome, diagnostics=(*outcome.diagnostics, *said))
        timeless = (
            isinstance(query, SequenceQuery)
            and isinstance(session, Noting)
            and not session.has_times
        )
        if timeless and not self.search_timeless:
            return _Searched(self._timeless(rule, outcome, model))
        applied = applicability(query, self._fields_of(session), model.category)
        run = RuleRun(rule, outcome, (), outcome.diagnostics, applied=applied)
        if not self.require.admits(applied.grade):
            return _Searched(replace(run, left_out=True))
        if timeless:
            run = replace(self._timeless(rule, outcome, model), failed=False, applied=applied)
        return _Ready(run, session, Job(query, outcome.artifact, self._schema(session)))

    def _searched(self, ready: _Ready | _Searched) -> _Searched:
        if isinstance(ready, _Searched):
            return ready
        run, session, job = ready.run, ready.session, ready.job
        rule, outcome = run.rule, run.outcome
        try:
            if isinstance(session, Deferring):
                return _Searched(run, session.find(job), session)
            return _Searched(replace(run, matches=tuple(session.run(job))))
        except ExecutionError as error:
            return _Searched(self._failed(rule, outcome, str(error), error.advice))
        except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
            return _Searched(self._failed(rule, outcome, f"{type(error).__name__}: {error}"))

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

    def _fields_of(self, session: Session) -> frozenset[str]:
        """The fields that any event of the session has."""
        if id(session) not in self._present:
            self._present[id(session)] = frozenset(session.schema.names())
        return self._present[id(session)]

    @property
    def is_empty(self) -> bool:
        """Whether no session has a field: there are no events to say anything about."""
        return not any(self._present.values())

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
        return schema_of(self.fields, session.schema)

    def _failed(
        self, rule: Rule, outcome: Outcome, message: str, advice: str | None = None
    ) -> RuleRun:
        from eqlx.diagnostics.catalogue.execution import execution_failed

        report = Report(rule.query, rule.label)
        report.add(execution_failed(rule.label, self.executor.name, message, advice))
        return RuleRun(rule, outcome, (), (*outcome.diagnostics, *report.diagnostics), failed=True)
