"""The conformance kit for authors of targets: `assert_conforms(TARGET)` in a test of yours.

It asks what the protocol asks (complete and honest tables, determinism, inputs left alone, refusals
that point at the text) over queries that reach every feature. It does not judge meaning: run your
artifacts over events for that, and compare with `eqlx.reference`.
"""

from eqlx.testing.conformance import CHECKS, Problem, assert_conforms, check_target
from eqlx.testing.queries import QUERIES

__all__ = ["CHECKS", "QUERIES", "Problem", "assert_conforms", "check_target"]
