"""Rule and target in, artifact and report out: one rule, batches, and runs over events."""

from eqlx.driver.collect import collect, is_collected
from eqlx.driver.convert import Outcome, Status, compile_rule, convert_rule, event_model
from eqlx.driver.options import resolve_options

__all__ = [
    "Outcome",
    "Status",
    "collect",
    "compile_rule",
    "convert_rule",
    "event_model",
    "is_collected",
    "resolve_options",
]
