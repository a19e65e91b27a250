"""Rules proved on engines: events made from each rule, searched everywhere, answers compared."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from eqlx.capability import Drift, Fidelity, Loss
from eqlx.diagnostics import Report
from eqlx.driver.batch import Roles
from eqlx.driver.before_passes import passes_lane
from eqlx.driver.comparing import Batch, batches, smallest
from eqlx.driver.convert import Outcome, Status, compile_rule, convert_rule
from eqlx.driver.deaths import Say, deaths, unsaid
from eqlx.driver.declared import Declared, Differing
from eqlx.driver.options import resolve_options
from eqlx.driver.schemas import schema_of, schema_of_query
from eqlx.driver.verdict import Disagreement, Lane, Verdict, Verification
from eqlx.driver.workers import spread
from eqlx.execution import (
    Bounds,
    Dataset,
    Event,
    ExecutionError,
    Executor,
    Job,
    LayoutChoice,
    Match,
    Session,
)
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import FieldList, Schema
from eqlx.ir.nodes import Query, Sample
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.synthesis import Case, Synthesis, Varies, synthesise
from eqlx.target import EventModel, Target

_SHOWN = 5
"""So many differing cases of one engine are kept."""


@dataclass(frozen=True)
class VerifyPlan:
    """What to verify with. Names, not objects, since worker processes load them.

    `targets`: to convert to as well; a target that no engine of the list runs is only converted.
    `events`: judge by these events in place of synthesised ones. `minimise`: search for the
    smallest events of a difference.
    """

    engines: tuple[str, ...] = ("duckdb",)
    targets: tuple[str, ...] = ()
    events: tuple[Event, ...] | None = None
    fields: FieldList | None = None
    roles: Roles = field(default_factory=Roles)
    allow: frozenset[Drift] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)
    """Of the targets; what an engine needs to read its results goes before them."""
    bounds: Bounds = field(default_factory=lambda: Bounds(60.0, "2GB", 1))
    seed: int = 0
    minimise: bool = True


@dataclass(frozen=True)
class Loaders:
    """How engines and targets are found; module-level functions, so that workers can have them."""

    executor: Callable[[str], Executor]
    target: Callable[[str], Target]


@dataclass(frozen=True)
class Track:
    """One lane before its run; without an executor the rule is only converted."""

    name: str
    executor: Executor | None
    target: Target | None


class Verifier:
    """Verifies rules one after the other; engines and targets are loaded once.

    Raises:
        EqlxError: an engine, a target or an option is unknown, or one is broken.
    """

    def __init__(self, plan: VerifyPlan, loaders: Loaders) -> None:
        self.plan = plan
        self.tracks = list(tracks(plan, loaders))
        for track in self.tracks:
            if track.target is not None:
                dialect = None if track.executor is None else track.executor.dialect
                resolve_options(track.target, dialect, plan.options)

    def verify(self, rule: Rule) -> Verification:
        """One rule on every engine. Nothing is raised: a failure is a lane's verdict."""
        model = self.plan.roles.model(rule)
        compiled = compile_rule(rule, schema=schema_of(self.plan.fields), model=model)
        if compiled.query is None:
            reason = _reason(compiled)
            lanes = tuple(Lane(t.name, Verdict.FAILED, reason=reason) for t in self.tracks)
            return Verification(rule, lanes, diagnostics=compiled.diagnostics)
        if self.plan.events is not None:
            made = _given(compiled.query, model, self.plan.events)
        else:
            made = synthesise(compiled.query, model, seed=self.plan.seed)
        run = RuleRun(self.plan, rule, compiled.query, model, compiled.fidelity.losses)
        sets = list(batches(compiled.query, model, made.cases))
        changed = passes_lane(rule, schema_of(self.plan.fields), model, sets)
        lanes = tuple(run.lane(track, sets) for track in self.tracks)
        return Verification(
            rule,
            lanes if changed is None else (changed, *lanes),
            cases=len(made.cases),
            events=sum(len(case.events) for case in made.cases),
            hits=len(made.hits),
            leaves=len(made.leaves),
            decisive=sum(leaf.decisive for leaf in made.leaves),
            unreached=tuple(leaf.clause_text for leaf in made.leaves if not leaf.decisive),
        )


def tracks(plan: VerifyPlan, loaders: Loaders) -> Iterator[Track]:
    """Engines in each of their layouts, then the targets that none of them runs."""
    run: set[str] = set()
    for name in plan.engines:
        executor = loaders.executor(name)
        target = None if executor.target is None else loaders.target(executor.target)
        run.update(() if executor.target is None else (executor.target,))
        if isinstance(executor, LayoutChoice):
            for kind in LayoutKind:
                yield Track(f"{name}/{kind.value}", executor.with_layout(kind), target)
        else:
            yield Track(name, executor, target)
    for name in plan.targets:
        if name not in run:
            yield Track(name, None, loaders.target(name))


def _given(query: Query, model: EventModel, events: tuple[Event, ...]) -> Synthesis:
    """A user's events as the one case of a rule."""
    from eqlx.reference import evaluate

    expected = tuple(evaluate(query, events, model))
    return Synthesis(query, model, 0, (Case("the events", Varies.WAY, events, expected),), ())


def _reason(outcome: Outcome) -> str:
    from eqlx.diagnostics import Severity

    errors = [d.message for d in outcome.diagnostics if d.severity is Severity.ERROR]
    return errors[0] if errors else outcome.status.value


class _Stopped(Exception):  # noqa: N818 - carries a verdict, which is no error
    """The lane ends here."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict


@dataclass
class RuleRun:
    """One rule through the lanes."""

    plan: VerifyPlan
    rule: Rule
    query: Query
    model: EventModel
    outside: tuple[Loss, ...] = ()
    """Losses of what stands beside the query, which the interpreter does not search either."""
    fidelity: Fidelity | None = None
    _declared: dict[tuple[Loss, ...], Declared] = field(default_factory=dict)

    def lane(self, track: Track, sets: Sequence[Batch]) -> Lane:
        self.fidelity = None
        try:
            if track.executor is None:
                return self.converted(track)
            shown, count = self.differing(track, track.executor, sets)
        except _Stopped as stop:
            return Lane(track.name, stop.verdict, reason=str(stop))
        except ExecutionError as error:
            return Lane(track.name, Verdict.FAILED, reason=str(error))
        except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
            return Lane(track.name, Verdict.FAILED, reason=f"{type(error).__name__}: {error}")
        verdict = Verdict.DECLARED if shown else Verdict.AGREES
        if any(d.declared_by is None for d in shown):
            verdict = Verdict.DIFFERS
        grade = None if self.fidelity is None else self.fidelity.grade
        return Lane(track.name, verdict, tuple(shown), count, grade)

    def converted(self, track: Track) -> Lane:
        if track.target is None:
            return Lane(track.name, Verdict.NOT_EXECUTED)
        outcome = convert_rule(
            self.rule,
            track.target,
            options=self.plan.options,
            schema=schema_of(self.plan.fields),
            model=self.model,
            allow=self.plan.allow,
        )
        if outcome.artifact is None:
            verdict = Verdict.REFUSED if outcome.status is Status.REFUSED else Verdict.FAILED
            return Lane(track.name, verdict, reason=_reason(outcome))
        return Lane(track.name, Verdict.NOT_EXECUTED, grade=outcome.fidelity.grade)

    def differing(
        self, track: Track, executor: Executor, sets: Sequence[Batch]
    ) -> tuple[list[Disagreement], int]:
        """Undeclared disagreements first, and how many cases differ in all."""
        declared: list[Disagreement] = []
        undeclared: list[Disagreement] = []
        count = 0
        for batch in sets:
            found = self.search(track, executor, batch.events, batch.query)
            differing = batch.differences(found)
            for number, (extra, missing) in differing.items():
                count += 1
                case = batch.cases[number]
                slug = self.declared(batch, number, found, differing)
                kept = declared if slug else undeclared
                if len(kept) >= _SHOWN:
                    continue
                shown = Disagreement(
                    case.name,
                    case.clause_text,
                    case.events,
                    tuple(batch.within(number, rows) for rows in extra),
                    tuple(batch.within(number, rows) for rows in missing),
                    slug,
                )
                if slug is None and not undeclared and self.plan.minimise:
                    shown = self.smaller(track, executor, case, batch.query) or shown
                kept.append(shown)
        return [*undeclared, *declared], count

    def declared(
        self, batch: Batch, number: int, found: Sequence[Match], differing: Differing
    ) -> str | None:
        if self.fidelity is None:
            return None
        losses = tuple(loss for loss in self.fidelity.losses if loss not in self.outside)
        if losses not in self._declared:
            self._declared[losses] = Declared(self.query, self.model, losses)
        return self._declared[losses].accounts(batch, number, found, differing)

    def smaller(
        self, track: Track, executor: Executor, case: Case, query: Query
    ) -> Disagreement | None:
        return smallest(
            query, self.model, case, lambda events: self.search(track, executor, events, query)
        )

    def search(
        self,
        track: Track,
        executor: Executor,
        events: Sequence[Event],
        query: Query,
    ) -> list[Match]:
        """The engine's matches for the rule, or for the rule without its limit where `query` has
        none.

        Raises:
            ExecutionError: it failed.
            _Stopped: the rule was not converted.
        """
        dataset = Dataset(events=tuple(events))
        with executor.open(dataset, self.model, self.plan.bounds) as session:
            job = self.job(track, executor, session, query)
            return list(session.run(job))

    def job(self, track: Track, executor: Executor, session: Session, query: Query) -> Job:
        if track.target is None:
            return Job(query)
        outcome = convert_rule(
            self.rule if query is self.query else _unlimited(self.rule, self.query),
            track.target,
            dialect=executor.dialect,
            options={**self.plan.options, **session.options},
            schema=self.schema(session),
            layout=session.layout,
            model=self.model,
            allow=self.plan.allow,
        )
        if outcome.query is None or outcome.artifact is None:
            refused = outcome.status is Status.REFUSED
            raise _Stopped(Verdict.REFUSED if refused else Verdict.FAILED, _reason(outcome))
        self.fidelity = outcome.fidelity
        return Job(outcome.query, outcome.artifact)

    def schema(self, session: Session) -> Schema:
        """The types under which the events were made; the session's columns say what is a list."""
        return schema_of_query(self.query, session.schema, schema_of(self.plan.fields))


def _unlimited(rule: Rule, query: Query) -> Rule:
    """The rule without its pipes: what stands before the first of them."""
    limits = () if isinstance(query, Sample) else query.limits
    if not limits:
        return rule
    text = rule.query.text
    end = text.rindex("|", 0, limits[0].span.start + 1)
    return replace(rule, query=Source(rule.query.name, text[:end]))


# --- many rules -----------------------------------------------------------------------------------


def verify_rules(
    rules: Sequence[Rule],
    plan: VerifyPlan,
    loaders: Loaders,
    *,
    jobs: int = 1,
    say: Say = unsaid,
) -> Generator[Verification]:
    """Verify `rules`, in order, in up to `jobs` processes. `say` takes what there is to say of workers
    that died.

    Raises:
        EqlxError: an engine or a target is unknown or broken.
    """

    def lost(rule: Rule, report: Report) -> Verification:
        (diagnostic,) = report.diagnostics
        names = plan.engines
        lanes = tuple(Lane(name, Verdict.FAILED, reason=diagnostic.message) for name in names)
        return Verification(rule, lanes, diagnostics=report.diagnostics)

    make = partial(_verifier, plan, loaders)
    return spread(make, rules, jobs, deaths(lambda rule: rule, lost, say))


def _verifier(plan: VerifyPlan, loaders: Loaders) -> Callable[[Rule], Verification]:
    return Verifier(plan, loaders).verify
