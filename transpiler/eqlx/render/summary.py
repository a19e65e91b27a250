"""What became of a batch, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from eqlx.capability import Grade
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.manifest import refusals


def summary(outcomes: Sequence[Outcome], skipped: int) -> Iterator[str]:
    """Totals, then grades and losses of what was converted, then why rules were not."""
    status = Counter(outcome.status for outcome in outcomes)
    parts = [f"{status[Status.CONVERTED]} converted", f"{status[Status.REFUSED]} refused"]
    parts.append(f"{status[Status.INVALID] + status[Status.FAILED]} with errors")
    parts.append(f"{skipped} skipped (not EQL)")
    yield f"{_rules(len(outcomes))}: {', '.join(parts)}"
    grades = Counter(
        outcome.fidelity.grade for outcome in outcomes if outcome.status is Status.CONVERTED
    )
    if grades:
        listed = (f"{grades[grade]} {grade.value}" for grade in Grade if grades[grade])
        yield f"  fidelity: {', '.join(listed)}"
    losses = Counter(
        (loss.slug, loss.drift.value)
        for outcome in outcomes
        if outcome.status is Status.CONVERTED
        for loss in {(loss.slug, loss.drift): loss for loss in outcome.fidelity.losses}.values()
    )
    for (slug, drift), count in sorted(losses.items(), key=lambda item: (-item[1], item[0])):
        yield f"  loss {slug} ({drift}): {_rules(count)}"
    for slug, count in refusals(outcomes).items():
        yield f"  stopped by {slug}: {_rules(count)}"


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"
