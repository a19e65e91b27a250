"""What a report says, before any form: rules, their targets, and the totals over both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from eqlx.capability import Grade
from eqlx.driver.convert import Status
from eqlx.driver.verdict import Lane, Verdict, Verification


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a grade is what it is: a loss or a refusal. `text` says it in full; `why` is its general part,
    which other rules share, and `what` the part of this rule that it is about (either may be empty). `line` is
    the rule file's (from 1); `quote` the EQL; `drift` is None for a refusal without direction."""

    slug: str
    text: str
    why: str
    what: str = ""
    drift: str | None = None
    by_convention: bool = False
    line: int | None = None
    quote: str = ""


@dataclass(frozen=True)
class Conversion:
    """One rule for one target. `text` is empty unless the status is `CONVERTED`."""

    target: str
    dialect: str
    status: Status
    grade: Grade
    text: str
    losses: tuple[Reason, ...] = ()
    assumptions: tuple[str, ...] = ()
    refusals: tuple[Reason, ...] = ()

    @property
    def is_converted(self) -> bool:
        return self.status is Status.CONVERTED


@dataclass(frozen=True, slots=True)
class FieldUse:
    name: str
    type: str
    optional: bool
    multivalued: bool


@dataclass(frozen=True, slots=True)
class Attack:
    """A technique or sub-technique of a rule, with the tactic that the rule gives it."""

    id: str
    name: str
    tactic: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a rule's test file."""

    tests: int
    passed: int
    runs: int
    engines: tuple[str, ...]


@dataclass(frozen=True)
class RuleReport:
    """One rule with all that is known of it. `number` is its place in the report, from 1."""

    number: int
    name: str
    id: str
    path: str
    severity: str
    description: str
    eql: str
    conversions: tuple[Conversion, ...]
    fields: tuple[FieldUse, ...]
    attack: tuple[Attack, ...]
    tested: Tested | None = None
    verification: Verification | None = None

    def conversion(self, target: str) -> Conversion:
        """The conversion for a target of the report."""
        return next(c for c in self.conversions if c.target == target)

    @property
    def declared(self) -> tuple[str, ...]:
        """The slugs of the losses that explain where an engine differs."""
        slugs = (d.declared_by for lane in self._lanes for d in lane.disagreements)
        return tuple(dict.fromkeys(slug for slug in slugs if slug is not None))

    @property
    def faults(self) -> tuple[str, ...]:
        """What verification found wrong, a line each: failures, and differences that nothing explains."""
        failed = (f"{n.name}: {n.reason}" for n in self._lanes if n.verdict is Verdict.FAILED)
        differing = (
            f"{lane.name} differs where {d.case}" + (f" (`{d.clause}`)" if d.clause else "")
            for lane in self._lanes
            for d in lane.disagreements
            if d.declared_by is None
        )
        return (*failed, *differing)

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return () if self.verification is None else self.verification.lanes


@dataclass(frozen=True)
class Coverage:
    """A technique: the rules that look for it, and how many of them each target keeps."""

    attack: Attack
    rules: tuple[RuleReport, ...]
    kept: Mapping[str, int]

    def state(self, target: str) -> str:
        """`covered`, `partly` or `lost`."""
        kept = self.kept[target]
        if kept == len(self.rules):
            return "covered"
        return "partly" if kept else "lost"


@dataclass(frozen=True)
class Cause:
    """What a target does to several rules for one reason: it refuses them (`drift` is None, or that of
    the loss which was not allowed), or it changes their meaning. `whats` are the parts concerned."""

    target: str
    slug: str
    drift: str | None
    why: str
    whats: tuple[str, ...]
    rules: tuple[RuleReport, ...]


@dataclass(frozen=True)
class FidelityReport:
    """The whole. `targets` are in the order of the columns; `skipped` rules are not EQL."""

    title: str
    version: str
    targets: tuple[str, ...]
    rules: tuple[RuleReport, ...]
    skipped: int = 0

    def grades(self, target: str) -> Mapping[Grade, int]:
        """How many rules have each grade on a target, best first."""
        found = Counter(rule.conversion(target).grade for rule in self.rules)
        return {grade: found[grade] for grade in Grade}

    @cached_property
    def refusals(self) -> tuple[Cause, ...]:
        """By target, the most frequent first."""
        return self._causes(lambda conversion: conversion.refusals)

    @cached_property
    def losses(self) -> tuple[Cause, ...]:
        """Of the rules that convert; by target, the most frequent first."""
        return self._causes(lambda conversion: conversion.losses)

    def _causes(self, reasons: Callable[[Conversion], tuple[Reason, ...]]) -> tuple[Cause, ...]:
        found: dict[tuple[str, str, str | None, str], tuple[dict[str, None], dict[int, RuleReport]]]
        found = {}
        for rule in self.rules:
            for conversion in rule.conversions:
                for reason in reasons(conversion):
                    key = (conversion.target, reason.slug, reason.drift, reason.why)
                    whats, rules = found.setdefault(key, ({}, {}))
                    whats.update({reason.what: None} if reason.what else {})
                    rules[rule.number] = rule
        causes = [Cause(*key, tuple(w), tuple(r.values())) for key, (w, r) in found.items()]
        order = self.targets.index
        return tuple(sorted(causes, key=lambda c: (order(c.target), -len(c.rules), c.slug, c.why)))

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Each technique of the rules, by its id."""
        rules: dict[str, dict[int, RuleReport]] = {}
        known: dict[str, Attack] = {}
        for rule in self.rules:
            for attack in rule.attack:
                rules.setdefault(attack.id, {})[rule.number] = rule
                known.setdefault(attack.id, attack)
        return tuple(
            Coverage(
                known[id_],
                tuple(rules[id_].values()),
                {
                    target: sum(r.conversion(target).is_converted for r in rules[id_].values())
                    for target in self.targets
                },
            )
            for id_ in sorted(rules)
        )

    @property
    def verified(self) -> tuple[Verification, ...]:
        return tuple(rule.verification for rule in self.rules if rule.verification is not None)

    @property
    def tested(self) -> tuple[Tested, ...]:
        return tuple(rule.tested for rule in self.rules if rule.tested is not None)
