"""A batch in worker processes. The outcomes come in the order of the rules, whatever the number of
workers; a rule that ends its worker (memory) costs itself, not the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from eqlx.capability import Fidelity, Grade
from eqlx.diagnostics import Report
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.deaths import Say, deaths
from eqlx.driver.plan import Plan
from eqlx.driver.workers import spread
from eqlx.rule import Rule
from eqlx.target import Target

_CHUNK = 8


def convert_parallel(
    rules: Sequence[Rule], plan: Plan, load: Callable[[str], Target], jobs: int, say: Say
) -> Iterator[Outcome]:
    """Convert `rules` in up to `jobs` processes; the artifacts come without their trees."""
    make = partial(_converter, plan, load)
    return spread(make, rules, jobs, deaths(_rule, _lost, say), chunk=_CHUNK)


def _rule(rule: Rule) -> Rule:
    return rule


def _lost(rule: Rule, report: Report) -> Outcome:
    return Outcome(rule, Status.FAILED, None, report.diagnostics, Fidelity(Grade.REFUSED))


def _converter(plan: Plan, load: Callable[[str], Target]) -> Callable[[Rule], Outcome]:
    target = load(plan.target)
    return lambda rule: _without_tree(plan.convert(rule, target))


def _without_tree(outcome: Outcome) -> Outcome:
    """Trees are large, may not pickle, and nobody looks at them in a batch."""
    if outcome.artifact is None:
        return outcome
    return replace(outcome, artifact=replace(outcome.artifact, tree=None))
