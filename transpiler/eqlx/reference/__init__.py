"""The interpreter of the IR over events in memory: the oracle, straight from the specification."""

from eqlx.reference.evaluate import evaluate as evaluate
from eqlx.reference.evaluate import evaluate_lowered as evaluate_lowered

__all__ = ["evaluate", "evaluate_lowered"]
