"""What a target can express, what gets lost, in which direction, and whether that is refused."""

from eqlx.capability.model import (
    Capability,
    Drift,
    Exact,
    Fidelity,
    Grade,
    Loss,
    Losses,
    Lossy,
    Table,
    Unsupported,
)
from eqlx.ir.features import Feature, Polarity

__all__ = [
    "Capability",
    "Drift",
    "Exact",
    "Feature",
    "Fidelity",
    "Grade",
    "Loss",
    "Losses",
    "Lossy",
    "Polarity",
    "Table",
    "Unsupported",
]
