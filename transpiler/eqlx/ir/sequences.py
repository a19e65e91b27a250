"""What follows from the shape of a sequence: stages with their runs unfolded (spec §9)."""

from __future__ import annotations

from collections.abc import Iterable

from eqlx.ir.nodes import Stage


def expanded(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The stages with `runs=N` unfolded into N identical ones (the same object N times).

    Each given back still says its `runs`; whoever reads the result counts it once.
    """
    return tuple(stage for stage in stages for _ in range(stage.runs))
