"""Which rules are searched among which events: classes of events, grouped so that little is computed.

A class is the events that are alike in the fields by which rules tell kinds of events apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_PAIR = 1
"""What it costs to search one event for one unit; the scale of the others."""
_UNIT = 5_000
"""What it costs to plan one unit in a statement."""
_PARTITION = 20_000
"""What a statement costs at all."""


@dataclass(slots=True)
class Partition:
    """Classes that are searched together. `live`: a bit for each unit that an event of one of them may
    meet; `every`: for each unit that events of all of them may meet."""

    classes: list[int]
    rows: int
    live: int
    every: int

    def cost(self, rows: int = 0, live: int = 0) -> int:
        """With `rows` more events, which may meet `live`."""
        units = (self.live | live).bit_count()
        return (self.rows + rows) * units * _PAIR + units * _UNIT + _PARTITION


def partitions(classes: Sequence[tuple[int, int]]) -> list[Partition]:
    """The classes, each as its number of events and its units; those without units in no partition."""
    found: list[Partition] = []
    order = sorted(range(len(classes)), key=lambda number: -classes[number][0])
    for number in order:
        rows, live = classes[number]
        if not live:
            continue
        alone = Partition([number], rows, live, live)
        best, least = None, alone.cost()
        for each in found:
            more = each.cost(rows, live) - each.cost()
            if more < least:
                best, least = each, more
        if best is None:
            found.append(alone)
            continue
        best.classes.append(number)
        best.rows += rows
        best.live |= live
        best.every &= live
    return found


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    return [place for place, digit in enumerate(reversed(f"{mask:b}")) if digit == "1"]
