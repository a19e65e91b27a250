"""What became of a batch, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from eqlx.applicability import Applicability
from eqlx.capability import Grade
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.manifest import refusals


def summary(outcomes: Sequence[Outcome], skipped: int) -> Iterator[str]:
    """Totals, then grades and losses of what was converted, then why rules were not."""
    status = Counter(outcome.status for outcome in outcomes)
    parts = [f"{status[Status.CONVERTED]} converted", f"{status[Status.REFUSED]} refused"]
    parts.append(f"{status[Status.INVALID] + status[Status.FAILED]} with errors")
    parts.append(f"{skipped} skipped (not EQL)")
    yield f"{counted(len(outcomes), 'rule')}: {', '.join(parts)}"
    grades = Counter(
        outcome.fidelity.grade for outcome in outcomes if outcome.status is Status.CONVERTED
    )
    if grades:
        listed = (f"{grades[grade]} {grade.value}" for grade in Grade if grades[grade])
        yield f"  fidelity: {', '.join(listed)}"
    applied = Counter(o.applied.grade for o in outcomes if o.applied is not None)
    if applied:
        listed = (f"{applied[grade]} {grade.value}" for grade in Applicability)
        yield f"  on these fields: {', '.join(listed)}"
    losses = Counter(
        (loss.slug, loss.drift.value)
        for outcome in outcomes
        if outcome.status is Status.CONVERTED
        for loss in {(loss.slug, loss.drift): loss for loss in outcome.fidelity.losses}.values()
    )
    for (slug, drift), count in sorted(losses.items(), key=lambda item: (-item[1], item[0])):
        yield f"  loss {slug} ({drift}): {counted(count, 'rule')}"
    for slug, count in refusals(outcomes).items():
        yield f"  stopped by {slug}: {counted(count, 'rule')}"


def counted(count: int, noun: str) -> str:
    """`1 rule`, `2 rules`, `3 matches`."""
    plural = f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
