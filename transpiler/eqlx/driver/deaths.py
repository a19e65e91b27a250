"""What is said of a rule whose worker process died."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.usage import rule_ends_worker, worker_died
from eqlx.driver.workers import Deaths
from eqlx.rule import Rule

T = TypeVar("T")
R = TypeVar("R")

Say: TypeAlias = Callable[[Diagnostic], object]
"""Takes what is to be said at once, beside the results."""


def unsaid(diagnostic: Diagnostic) -> None:
    """For callers that want the results alone: a rule that was done again has its result."""
    del diagnostic


def deaths(rule_of: Callable[[T], Rule], lost: Callable[[T, Report], R], say: Say) -> Deaths[T, R]:
    """A warning for an item that was done again; for one that is lost, the result that `lost` makes
    of the error."""

    def again(item: T, cause: str) -> None:
        rule = rule_of(item)
        report = Report(rule.query, rule.label)
        report.add(worker_died(rule.label, cause))
        for diagnostic in report.diagnostics:
            say(diagnostic)

    def gone(item: T, cause: str) -> R:
        rule = rule_of(item)
        report = Report(rule.query, rule.label)
        report.add(rule_ends_worker(rule.label, cause))
        return lost(item, report)

    return Deaths(again, gone)
