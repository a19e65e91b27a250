"""One artifact for a set of rules, where a target's options ask for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from eqlx.capability import Fidelity, Grade
from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.target import name_collision
from eqlx.driver.convert import Outcome, Status
from eqlx.rule import Rule
from eqlx.target import Collects, OutputFile, Target


def is_collected(target: Target, options: Mapping[str, str]) -> bool:
    """Whether a set of rules gives one artifact under these options (complete, as
    `resolve_options` gives them)."""
    return isinstance(target, Collects) and target.is_collected(options)


def collect(
    target: Target, outcomes: Sequence[Outcome]
) -> tuple[OutputFile | None, tuple[Outcome, ...]]:
    """The one artifact over the rules that were converted, and all outcomes, where those rules are
    refused that have no part in it. None: no rule has."""
    places = [place for place, outcome in enumerate(outcomes) if outcome.artifact is not None]
    artifacts = [a for outcome in outcomes if (a := outcome.artifact) is not None]
    made = target.collect(artifacts) if isinstance(target, Collects) else None
    if made is None:
        return None, tuple(outcomes)
    judged = list(outcomes)
    for number, diagnostics in made.refused.items():
        judged[places[number]] = _refused(judged[places[number]], diagnostics)
    return made.file, tuple(judged)


@dataclass
class Names:
    """What the artifacts of a run define, so that none replaces another in silence."""

    _taken: dict[str, Rule] = field(default_factory=dict)

    def admit(self, outcome: Outcome) -> Outcome:
        """The outcome itself, or refused where its artifact defines what an earlier one does."""
        artifact = outcome.artifact
        if artifact is None:
            return outcome
        for name in artifact.defines:
            other = self._taken.setdefault(name.casefold(), outcome.rule)
            if other is not outcome.rule:
                report = Report(outcome.rule.query, outcome.rule.label)
                report.add(name_collision(name, other.label, other.path or ""))
                return _refused(outcome, report.diagnostics)
        return outcome


def _refused(outcome: Outcome, diagnostics: tuple[Diagnostic, ...]) -> Outcome:
    return replace(
        outcome,
        status=Status.REFUSED,
        artifact=None,
        query=None,
        diagnostics=(*outcome.diagnostics, *diagnostics),
        fidelity=Fidelity(Grade.REFUSED, outcome.fidelity.losses),
    )
