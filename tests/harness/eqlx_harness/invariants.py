"""The pytest plugin that verifies the IR after every pass, in every test that runs the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import pytest

from eqlx.ir.nodes import Query
from eqlx.ir.verify import verify
from eqlx.passes import pipeline
from eqlx.passes.context import Context

Pass = Callable[[Query, Context], Query]


def verified(name: str, step: Pass, *, last: bool) -> Pass:
    """`step`, with its result verified; after the last pass, by the rules of the final IR too.

    A pass that reported an error has given up on the query, whose parts may then break rules.
    """

    @wraps(step)
    def checked(query: Query, context: Context) -> Query:
        result = step(query, context)
        if not context.report.has_errors:
            try:
                verify(result, final=last)
            except AssertionError as error:
                error.add_note(f"after the pass `{name}`")
                raise
        return result

    return checked


def pytest_configure(config: pytest.Config) -> None:
    """Replace the pipeline's steps for the whole run; `PIPELINE` is read at each call."""
    steps = pipeline.PIPELINE
    last = steps[-1][0]
    pipeline.PIPELINE = tuple(
        (name, verified(name, step, last=name == last)) for name, step in steps
    )
    config.add_cleanup(lambda: setattr(pipeline, "PIPELINE", steps))
