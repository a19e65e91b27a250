"""The support matrix: every feature by every target, from the capability tables themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from eqlx.capability import Capability, Exact, Feature, Lossy, Table, Unsupported

EXECUTED = "executed on"
"""The last row: the engines that run the column's dialect; without one, its text is printed."""


def matrix(columns: Sequence[tuple[str, Table, Sequence[str]]]) -> str:
    """A Markdown table with one column a (title, table, engines), ending in a line feed."""
    titles = [title for title, _, _ in columns]
    rows = [["feature", *titles], ["---", *("---" for _ in titles)]]
    rows += [
        [feature.value, *(cell(table.get(feature)) for _, table, _ in columns)]
        for feature in Feature
    ]
    rows.append([EXECUTED, *(", ".join(engines) or "-" for _, _, engines in columns)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join(f"| {' | '.join(_padded(row, widths))} |\n" for row in rows)


def cell(capability: Capability | None) -> str:
    """One word for a capability; a feature that a table does not name is unsupported."""
    match capability:
        case Exact(assuming=assumption):
            return "equivalent" if assumption else "exact"
        case Lossy(drift=drift, by_convention=by_convention):
            return f"{drift.value} (by convention)" if by_convention else drift.value
        case Unsupported(deferred=True):
            return "left out or refused"
        case Unsupported() | None:
            return "no"
        case _:
            assert_never(capability)


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        "-" * width if text == "---" else text.ljust(width)
        for text, width in zip(row, widths, strict=True)
    ]
