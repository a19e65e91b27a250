"""The harness verifies the IR after every pass of every test; here it is seen to."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Report
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir import nodes as ir
from eqlx.ir.verify import InvariantError
from eqlx.passes import pipeline
from eqlx.passes.context import Context
from eqlx.source import Source
from eqlx_harness.invariants import verified


def broken(query: ir.Query, context: Context) -> ir.Query:  # noqa: ARG001  a pass's signature
    """A pass that leaves a connective without operands."""
    return ir.EventQuery(ir.Filter(None, ir.And(())))


def test_every_pass_is_wrapped() -> None:
    assert all(hasattr(step, "__wrapped__") for _, step in pipeline.PIPELINE)


def test_a_broken_pass_fails_whatever_the_test_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (*pipeline.PIPELINE, ("broken", verified("broken", broken, last=True)))
    monkeypatch.setattr(pipeline, "PIPELINE", steps)
    with pytest.raises(InvariantError, match="a connective has operands") as caught:
        pipeline.compile_source(Source("query", "any where true"), Context(CATALOGUE, Report()))
    assert caught.value.__notes__ == ["after the pass `broken`"]
