"""`eqlx.check`, `eqlx.explain`, `eqlx.verify` and `eqlx.diff`: what there is to say of rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eqlx.api.inputs import Events, Rules, drifts_of, events_of, rules_of, schema_of
from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, EqlxError, Severity
from eqlx.driver.check import check_rule
from eqlx.driver.diff import Change, DiffPlan, RuleDiff, diff_rules
from eqlx.driver.explain import explain_rule
from eqlx.driver.plan import Roles
from eqlx.driver.schemas import schema_of as schema_with
from eqlx.driver.verdict import Verification
from eqlx.driver.verify import Loaders, VerifyPlan, verify_rules
from eqlx.fields.schema import FieldList
from eqlx.reference.explanation import Explanation
from eqlx.registry import load_executor, load_target
from eqlx.rule import Rule

Schema = FieldList | str | Path | None


@dataclass(frozen=True)
class RuleCheck:
    """What there is to say of one rule, in the order of its text."""

    rule: Rule
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_valid(self) -> bool:
        """Whether no diagnostic is an error."""
        return all(each.severity is not Severity.ERROR for each in self.diagnostics)


@dataclass(frozen=True)
class CheckResult:
    """The checks of several rules. `unread`: what there is to say of rule files that could not be
    read."""

    rules: tuple[RuleCheck, ...]
    unread: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics: those of files, then those of each rule."""
        return (*self.unread, *(each for check in self.rules for each in check.diagnostics))

    @property
    def is_clean(self) -> bool:
        """Whether there are notes at most."""
        return all(each.severity is Severity.NOTE for each in self.diagnostics)


def check(rules: Rules, *, schema: Schema = None, roles: Roles | None = None) -> CheckResult:
    """Check rules: syntax, types, fields, and what is likely a mistake.

    Args:
        rules: a rule of `load_rules`, an EQL query (`str`), a rule file or folder (`pathlib.Path`), or
            several of these.
        schema: a list of fields and their types, or its file, put before the built-in catalogue.
        roles: the fields for time, order and category, and the letter case; the rule's own if None.

    Raises:
        EqlxError: there is no rule, or `schema` cannot be read.
    """
    loaded = rules_of(rules)
    fields, chosen = schema_with(schema_of(schema)), roles or Roles()
    found = (RuleCheck(rule, check_rule(rule, fields, chosen.model(rule))) for rule in loaded.rules)
    return CheckResult(tuple(found), loaded.diagnostics)


@dataclass(frozen=True)
class Explained:
    """Why a rule matches events or does not. `explanation` holds the clauses of each event, the events of
    each stage, and how far each join key came; `str()` gives what `eqlx explain` prints."""

    rule: Rule
    explanation: Explanation
    diagnostics: tuple[Diagnostic, ...] = ()

    def record(self) -> dict[str, object]:
        """The explanation as `eqlx explain --format json` prints it."""
        from eqlx.render.explanation import record

        return record(self.explanation)

    def __str__(self) -> str:
        from eqlx.render.explanation import text

        return text(self.explanation)


def explain(
    rule: Rule | str,
    events: Events,
    *,
    schema: Schema = None,
    roles: Roles | None = None,
    size: int | None = None,
) -> Explained:
    """Say why a rule matches events or does not, by the reference interpreter.

    Args:
        rule: a rule of `load_rules`, or an EQL query.
        events: paths of JSON files, folders or patterns; or events as dictionaries.
        schema: a list of fields and their types, or its file.
        roles: the fields for time, order, category and id, and the letter case; the rule's own if None.
        size: the limit of results, to the last `size` (spec §13.5).

    Raises:
        EqlxError: the rule is invalid, or the events cannot be read.
    """
    (one,) = rules_of(rule).rules
    chosen = roles or Roles()
    model = chosen.model(one)
    read = events_of(events, model.timestamp)
    found = explain_rule(one, read, model, fields=schema_of(schema), size=size)
    if found.explanation is None:
        raise EqlxError(found.diagnostics)
    return Explained(one, found.explanation, found.diagnostics)


@dataclass(frozen=True)
class VerifyResult:
    """The verdicts on several rules. `unread`: what there is to say of rule files that could not be read."""

    rules: tuple[Verification, ...]
    unread: tuple[Diagnostic, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether every rule was verified, and nothing differs undeclared, was refused or failed."""
        errors = any(each.severity is Severity.ERROR for each in self.unread)
        return not errors and all(each.is_sound for each in self.rules)

    def __str__(self) -> str:
        from eqlx.render.verification import table

        return "\n".join(table(self.rules))


def verify(  # noqa: PLR0913 the request, flat, is what callers want to write
    rules: Rules,
    *,
    engines: Iterable[str] = ("duckdb",),
    targets: Iterable[str] = (),
    events: Events | None = None,
    schema: Schema = None,
    roles: Roles | None = None,
    allow: Iterable[Drift | str] = (),
    options: Mapping[str, str] | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> VerifyResult:
    """Prove rules on engines, by events made from them or by your own.

    Args:
        rules: a rule of `load_rules`, an EQL query (`str`), a rule file or folder (`pathlib.Path`), or
            several of these.
        engines: names of engines; DuckDB is asked in each of its three layouts.
        targets: names of targets to convert to as well.
        events: judge by these events, in place of synthesised ones.
        schema: a list of fields and their types, or its file.
        roles: the fields for time, order and category, and the letter case; the rule's own if None.
        allow: directions of change to accept, `"widens"` and `"narrows"`.
        options: options of the targets.
        seed: the seed of the synthesis.
        jobs: the number of worker processes.

    Raises:
        EqlxError: there is no rule, an engine or target is unknown, or the events cannot be read.
    """
    loaded = rules_of(rules)
    chosen = roles or Roles()
    plan = VerifyPlan(
        engines=tuple(engines),
        targets=tuple(targets),
        events=None if events is None else tuple(events_of(events, chosen.timestamp)),
        fields=schema_of(schema),
        roles=chosen,
        allow=drifts_of(allow),
        options=options or {},
        seed=seed,
    )
    loaders = Loaders(load_executor, load_target)
    found = verify_rules(loaded.rules, plan, loaders, jobs=jobs)
    return VerifyResult(tuple(found), loaded.diagnostics)


@dataclass(frozen=True)
class DiffResult:
    """What became of each rule, by its id, else its file's name, else its name. `unread`: what there is to
    say of rule files that could not be read."""

    rules: Mapping[str, RuleDiff]
    unread: tuple[Diagnostic, ...] = ()

    def __iter__(self) -> Iterator[RuleDiff]:
        return iter(self.rules.values())

    @property
    def changed(self) -> tuple[RuleDiff, ...]:
        """The rules whose meaning changed, each with events that show it."""
        return tuple(each for each in self if each.change is Change.CHANGED)

    def markdown(self) -> str:
        """The differences as `eqlx diff --format markdown` prints them, for a pull request."""
        from eqlx.render.differences import markdown

        return "".join(f"{line}\n" for line in markdown(list(self.rules.items())))

    def __str__(self) -> str:
        from eqlx.render.differences import text

        return "\n".join(text(list(self.rules.items()), everything=True))


def diff(
    old: Rules,
    new: Rules,
    *,
    targets: Iterable[str] = ("sql", "elasticsearch", "sigma"),
    schema: Schema = None,
    roles: Roles | None = None,
    seed: int = 0,
) -> DiffResult:
    """Compare two versions of rules: what they newly match, and no longer match.

    Both versions are searched over events made from them, and DuckDB confirms each event on which they
    differ.

    Args:
        old: a rule, an EQL query (`str`), a rule file or folder (`pathlib.Path`), or several of these.
        new: the newer version.
        targets: names of targets whose fidelity is compared.
        schema: a list of fields and their types, or its file.
        roles: the fields for time, order and category, and the letter case; the rule's own if None.
        seed: the seed of the synthesis.

    Raises:
        EqlxError: a side has no rule, or a target is unknown.
    """
    before, after = rules_of(old), rules_of(new)
    plan = DiffPlan(
        targets=[load_target(name) for name in targets],
        engine=load_executor("duckdb"),
        engine_target=load_target("sql"),
        fields=schema_of(schema),
        roles=roles or Roles(),
        seed=seed,
    )
    found = dict(diff_rules(before.rules, after.rules, plan))
    return DiffResult(found, (*before.diagnostics, *after.diagnostics))
