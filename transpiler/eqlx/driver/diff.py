"""What a changed rule newly matches and no longer matches, shown by events that both engines agree on.

Two versions of a rule are the same if they compile to queries with one normal form. Else events are made from
both versions, as `eqlx verify` makes them, and both are searched. An event on which the versions differ is a
witness; DuckDB must confirm it. Where no event differs, nothing is proved, and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from eqlx.diagnostics import Diagnostic
from eqlx.driver.convert import Outcome, Status, compile_rule, convert_rule
from eqlx.driver.plan import Roles
from eqlx.driver.schemas import schema_of, schema_of_query
from eqlx.execution import Bounds, Dataset, Event, ExecutionError, Executor, Job, Match
from eqlx.fields.schema import FieldList
from eqlx.ir.nodes import Query
from eqlx.ir.normal import same_meaning
from eqlx.reference.evaluate import evaluate
from eqlx.rule import Rule
from eqlx.synthesis import synthesise
from eqlx.target import EventModel, Target


class Change(Enum):
    """What became of a rule."""

    SAME = "same meaning"
    """Both versions have one normal form."""
    CHANGED = "meaning changed"
    """An event shows it."""
    NOT_SEEN = "no difference found"
    """The versions differ as text, and no event that was tried shows it."""
    ADDED = "added"
    REMOVED = "removed"
    INVALID = "invalid"
    """A version does not compile."""


@dataclass(frozen=True)
class Witness:
    """Events on which the versions differ: `old` and `new` are the rows of each version's matches.
    `confirmed`: DuckDB gives the same two answers; None if it was not asked, or could not be."""

    name: str
    events: tuple[Event, ...]
    old: tuple[tuple[int, ...], ...]
    new: tuple[tuple[int, ...], ...]
    confirmed: bool | None = None


@dataclass(frozen=True)
class TargetChange:
    """How the conversion of the rule changed for a target: status, grade and losses of each version."""

    target: str
    old: str
    new: str
    losses_gone: tuple[str, ...] = ()
    losses_new: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleDiff:
    """One rule in two versions; None for one that is not there. `gains` and `losses` are the witnesses of
    what it newly matches and no longer matches; `tried` counts the events that were searched."""

    old: Rule | None
    new: Rule | None
    change: Change
    gains: Witness | None = None
    losses: Witness | None = None
    tried: int = 0
    targets: tuple[TargetChange, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def rule(self) -> Rule:
        """The newer version that there is."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - one version is always there
        return found

    @property
    def is_confirmed(self) -> bool:
        """Whether no engine contradicts a witness."""
        return all(w is None or w.confirmed is not False for w in (self.gains, self.losses))


@dataclass(frozen=True)
class DiffPlan:
    """`targets` are those whose fidelity is compared, `engine` confirms witnesses (None: nobody)."""

    targets: Sequence[Target] = ()
    engine: Executor | None = None
    engine_target: Target | None = None
    fields: FieldList | None = None
    roles: Roles = field(default_factory=Roles)
    seed: int = 0
    bounds: Bounds = field(default_factory=Bounds)


def diff_rules(
    old: Sequence[Rule], new: Sequence[Rule], plan: DiffPlan
) -> Iterator[tuple[str, RuleDiff]]:
    """Each rule of either side, by its id, else its file's name, else its name, in the order of the new
    side, those that are gone last."""
    before, after = _by_key(old), _by_key(new)
    for key, rule in after.items():
        yield key, diff_rule(before.get(key), rule, plan)
    for key, rule in before.items():
        if key not in after:
            yield key, diff_rule(rule, None, plan)


def diff_rule(old: Rule | None, new: Rule | None, plan: DiffPlan) -> RuleDiff:
    """One rule in two versions, of which one may be None."""
    if old is None or new is None:
        return RuleDiff(old, new, Change.ADDED if old is None else Change.REMOVED)
    return _Pair(old, new, plan).diff()


def _by_key(rules: Sequence[Rule]) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in rules:
        name = (rule.path or "").rsplit("/", 1)[-1]
        key = base = rule.id or name or rule.name or "query"
        number = 1
        while key in found:
            number += 1
            key = f"{base} ({number})"
        found[key] = rule
    return found


class _Pair:
    def __init__(self, old: Rule, new: Rule, plan: DiffPlan) -> None:
        self.old, self.new, self.plan = old, new, plan
        self.models = (plan.roles.model(old), plan.roles.model(new))

    def diff(self) -> RuleDiff:
        schema = schema_of(self.plan.fields)
        outcomes = [
            compile_rule(rule, schema=schema, model=model)
            for rule, model in zip((self.old, self.new), self.models, strict=True)
        ]
        first, second = (outcome.query for outcome in outcomes)
        if first is None or second is None:
            said = tuple(d for o in outcomes if o.query is None for d in o.diagnostics)
            return RuleDiff(self.old, self.new, Change.INVALID, diagnostics=said)
        targets = tuple(self.target_changes())
        if self.models[0] == self.models[1] and same_meaning(first, second):
            return RuleDiff(self.old, self.new, Change.SAME, targets=targets)
        return self.searched((first, second), targets)

    def searched(self, queries: tuple[Query, Query], targets: tuple[TargetChange, ...]) -> RuleDiff:
        gains = losses = None
        tried = 0
        for name, events in self.cases(queries):
            tried += len(events)
            old, new = (
                _rows(evaluate(query, events, model))
                for query, model in zip(queries, self.models, strict=True)
            )
            if old == new:
                continue
            witness = Witness(name, events, old, new)
            if set(new) - set(old) and (gains is None or len(events) < len(gains.events)):
                gains = witness
            if set(old) - set(new) and (losses is None or len(events) < len(losses.events)):
                losses = witness
            if gains is None and losses is None:
                gains = losses = (
                    witness  # the same matches in another order, or another number of them
                )
        change = Change.CHANGED if gains or losses else Change.NOT_SEEN
        return RuleDiff(
            self.old,
            self.new,
            change,
            None if gains is None else self.confirmed(gains, queries),
            None if losses is None else self.confirmed(losses, queries),
            tried,
            targets,
        )

    def cases(self, queries: tuple[Query, Query]) -> Iterator[tuple[str, tuple[Event, ...]]]:
        """Events made from the new version, then from the old one."""
        for query, model, side in zip(
            reversed(queries), reversed(self.models), ("new", "old"), strict=True
        ):
            for case in synthesise(query, model, seed=self.plan.seed).cases:
                yield f"{side} version, {case.name}", case.events

    def confirmed(self, witness: Witness, queries: tuple[Query, Query]) -> Witness:
        """The witness, with the other engine's word on it."""
        engine = self.plan.engine
        if engine is None:
            return witness
        answers = []
        for rule, query, model in zip((self.old, self.new), queries, self.models, strict=True):
            try:
                answers.append(self.by_engine(engine, rule, query, model, witness.events))
            except ExecutionError:
                return witness
        agree = answers == [sorted(witness.old), sorted(witness.new)]
        return Witness(witness.name, witness.events, witness.old, witness.new, agree)

    def by_engine(
        self, engine: Executor, rule: Rule, query: Query, model: EventModel, events: Sequence[Event]
    ) -> list[tuple[int, ...]]:
        with engine.open(Dataset(events=tuple(events)), model, self.plan.bounds) as session:
            target = self.plan.engine_target
            if target is None:
                job = Job(query)
            else:
                outcome = convert_rule(
                    rule,
                    target,
                    dialect=engine.dialect,
                    options=session.options,
                    schema=schema_of_query(query, session.schema, schema_of(self.plan.fields)),
                    layout=session.layout,
                    model=model,
                )
                if outcome.query is None or outcome.artifact is None:
                    message = "the rule does not convert for the engine"
                    raise ExecutionError(message)
                job = Job(outcome.query, outcome.artifact)
            return sorted(_rows(session.run(job)))

    def target_changes(self) -> Iterator[TargetChange]:
        for target in self.plan.targets:
            old, new = (
                convert_rule(rule, target, model=model)
                for rule, model in zip((self.old, self.new), self.models, strict=True)
            )
            before, after = _losses(old), _losses(new)
            change = TargetChange(
                target.name,
                _state(old),
                _state(new),
                tuple(loss for loss in before if loss not in after),
                tuple(loss for loss in after if loss not in before),
            )
            if change.old != change.new or change.losses_gone or change.losses_new:
                yield change


def _rows(matches: Sequence[Match]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(event.row or 0 for event in match.events) for match in matches)


def _state(outcome: Outcome) -> str:
    converted = outcome.status is Status.CONVERTED
    return str((outcome.fidelity.grade if converted else outcome.status).value)


def _losses(outcome: Outcome) -> Mapping[str, None]:
    if outcome.status is not Status.CONVERTED:
        return dict.fromkeys(d.message for d in outcome.diagnostics if d.severity.value == "error")
    return {f"{loss.drift.value}: {loss.reason}": None for loss in outcome.fidelity.losses}
