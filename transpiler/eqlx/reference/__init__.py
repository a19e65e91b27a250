"""The interpreter of the IR over events in memory: the oracle, straight from the specification."""

from eqlx.reference.evaluate import evaluate as evaluate

__all__ = ["evaluate"]
