"""What a report says, before any form: rules, their targets, and the totals over both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from eqlx.capability import Grade
from eqlx.driver.convert import Status
from eqlx.driver.verdict import Verification


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a grade is what it is: a loss or a refusal. `line` is the rule file's (from 1); `quote` the
    EQL that it is about; `drift` is None for a refusal without direction."""

    slug: str
    text: str
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


@dataclass(frozen=True)
class Coverage:
    """A technique: the rules that look for it, and how many of them each target keeps."""

    attack: Attack
    rules: tuple[str, ...]
    kept: Mapping[str, int]

    def state(self, target: str) -> str:
        """`covered`, `partly` or `lost`."""
        kept = self.kept[target]
        if kept == len(self.rules):
            return "covered"
        return "partly" if kept else "lost"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for which a target refuses rules."""

    target: str
    slug: str
    text: str
    rules: tuple[str, ...]


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
    def refusals(self) -> tuple[Refusal, ...]:
        """By target, the most frequent first."""
        found: dict[tuple[str, str, str], dict[str, None]] = {}
        for rule in self.rules:
            for conversion in rule.conversions:
                for reason in conversion.refusals:
                    key = (conversion.target, reason.slug, reason.text)
                    found.setdefault(key, {})[rule.name] = None
        refusals = [Refusal(*key, tuple(rules)) for key, rules in found.items()]
        order = self.targets.index
        return tuple(sorted(refusals, key=lambda r: (order(r.target), -len(r.rules), r.text)))

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Each technique of the rules, by its id."""
        rules: dict[str, dict[str, RuleReport]] = {}
        known: dict[str, Attack] = {}
        for rule in self.rules:
            for attack in rule.attack:
                rules.setdefault(attack.id, {})[rule.id] = rule
                known.setdefault(attack.id, attack)
        return tuple(
            Coverage(
                known[id_],
                tuple(rule.name for rule in rules[id_].values()),
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
