"""What verification says of a rule: per engine a verdict, and the disagreements behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eqlx.capability import Grade
from eqlx.diagnostics import Diagnostic
from eqlx.execution import Event
from eqlx.rule import Rule

Rows = tuple[int | None, ...]
"""The rows of a match's events, from 1; None is the slot of a missing event."""


class Verdict(Enum):
    """How an engine's answers stand to the expected ones, worst last."""

    AGREES = "agrees"
    DECLARED = "differs as declared"
    """Only in a direction, and at a place, that the fidelity record names."""
    NOT_EXECUTED = "not executed"
    """Converted, but no engine here runs the target's artifacts."""
    REFUSED = "refused"
    """The target cannot express the rule, or only with a loss that was not allowed."""
    DIFFERS = "differs"
    FAILED = "failed"
    """The rule is invalid, the engine failed on it, or eqlx did."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One case on which an engine does not give the expected matches.

    `events` are the smallest that show it; the rows in `extra` (found, not expected) and `missing`
    (expected, not found) count over them. `clause` is the EQL of the clause that decides, empty
    where the case is about no single one. `declared_by`: the slug of the loss that explains it.
    """

    case: str
    clause: str
    events: tuple[Event, ...]
    extra: tuple[Rows, ...]
    missing: tuple[Rows, ...]
    declared_by: str | None = None


@dataclass(frozen=True)
class Lane:
    """One engine (in one layout), or a target that is only converted to."""

    name: str
    verdict: Verdict
    disagreements: tuple[Disagreement, ...] = ()
    differing: int = 0
    """How many cases differ; `disagreements` shows some of them."""
    grade: Grade | None = None
    reason: str = ""
    """Why the rule was refused or failed."""


@dataclass(frozen=True)
class Verification:
    """What became of one rule. `diagnostics` are the front end's where the rule is invalid."""

    rule: Rule
    lanes: tuple[Lane, ...]
    cases: int = 0
    events: int = 0
    hits: int = 0
    leaves: int = 0
    decisive: int = 0
    unreached: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the lanes."""
        order = list(Verdict)
        return max((lane.verdict for lane in self.lanes), key=order.index, default=Verdict.FAILED)

    @property
    def is_sound(self) -> bool:
        """Whether nothing differs undeclared, nothing was refused and nothing failed."""
        return self.verdict not in (Verdict.REFUSED, Verdict.DIFFERS, Verdict.FAILED)
