"""What a target can express, what gets lost, in which direction, and whether that is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from eqlx.ir.features import Feature, Polarity
from eqlx.source import Span


class Drift(Enum):
    """The direction of a change of meaning."""

    WIDENS = "widens"
    """More events match: noise."""
    NARROWS = "narrows"
    """Fewer events match: missed detections."""
    SHIFTS = "shifts"
    """Unknown, or both."""

    def under(self, polarity: Polarity) -> Drift:
        """The drift of the whole when this one stands at `polarity`."""
        if polarity is Polarity.POSITIVE or self is Drift.SHIFTS:
            return self
        return Drift.NARROWS if self is Drift.WIDENS else Drift.WIDENS


@dataclass(frozen=True, slots=True)
class Exact:
    """Expressed without loss; `assuming` names what that rests on (grade `equivalent`)."""

    assuming: str = ""


@dataclass(frozen=True, slots=True)
class Lossy:
    """Expressed with a change of meaning. `by_convention`: the target's own convention lays it on
    every rule, so that it is recorded and counted, not refused."""

    drift: Drift
    why: str
    by_convention: bool = False


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Not expressible (or not built yet, which `why` then says). `deferred`: the target's lowering
    decides at each place whether it is left out, on record, or refused."""

    why: str
    deferred: bool = False


Capability = Exact | Lossy | Unsupported
Table = Mapping[Feature, Capability]
"""A feature that a table does not name is unsupported."""


class Grade(Enum):
    """How faithful an artifact is, best first."""

    EXACT = "exact"
    EQUIVALENT = "equivalent"
    APPROXIMATE = "approximate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Loss:
    """One change of meaning at one place; `drift` is already that of the whole rule."""

    slug: str
    drift: Drift
    reason: str
    span: Span
    by_convention: bool = False
    beyond_ascii: bool = False
    """It shows only where the rule or the event has a text beyond ASCII."""

    def is_allowed(self, allow: frozenset[Drift]) -> bool:
        """Whether the loss leaves the rule convertible. One of unknown direction may widen and narrow,
        so that it takes both permissions."""
        if self.by_convention or self.drift in allow:
            return True
        return self.drift is Drift.SHIFTS and {Drift.WIDENS, Drift.NARROWS} <= allow


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The record that every artifact carries."""

    grade: Grade
    losses: tuple[Loss, ...] = ()
    assumptions: tuple[str, ...] = ()
    on_data: str = ""
    """What the rule can mean on the data at hand, where that is known and less than complete. It is no
    loss of the conversion: the rule itself means that there."""

    def lines(self) -> Iterator[str]:
        """The record in words, for a comment: one line for an exact artifact. The reasons of losses
        repeat over places, so they are counted."""
        yield f"fidelity: {self.grade.value}"
        places = Counter((loss.drift.value, loss.slug, loss.reason) for loss in self.losses)
        for (drift, slug, reason), count in places.items():
            times = f" ({count} places)" if count > 1 else ""
            yield f"- {drift}: {reason} [{slug}]{times}"
        for assumption in self.assumptions:
            yield f"- assuming: {assumption}"
        if self.on_data:
            yield f"- on these fields: {self.on_data}"


class Losses:
    """Collects losses and assumptions while a query is legalised and lowered for a target."""

    def __init__(self) -> None:
        self._losses: dict[tuple[str, Drift, int, int], Loss] = {}
        self._assumptions: dict[str, None] = {}
        self.on_data = ""

    def record(
        self,
        slug: str,
        drift: Drift,
        reason: str,
        span: Span,
        *,
        by_convention: bool = False,
        beyond_ascii: bool = False,
    ) -> None:
        """Keep a loss; `drift` must already be that of the whole (see `Drift.under`)."""
        key = (slug, drift, span.start, span.end)
        loss = Loss(slug, drift, reason, span, by_convention, beyond_ascii)
        self._losses.setdefault(key, loss)

    def assume(self, assumption: str) -> None:
        """Keep an assumption under which the artifact is equivalent."""
        self._assumptions.setdefault(assumption)

    @property
    def losses(self) -> tuple[Loss, ...]:
        return tuple(self._losses.values())

    def fidelity(self) -> Fidelity:
        """The record of an artifact that was made (so never `REFUSED`)."""
        assumptions = tuple(self._assumptions)
        if self._losses:
            grade = Grade.APPROXIMATE
        else:
            grade = Grade.EQUIVALENT if assumptions else Grade.EXACT
        return Fidelity(grade, self.losses, assumptions, self.on_data)
