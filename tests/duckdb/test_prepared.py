"""A query that no event can meet must still be one that DuckDB takes."""

from __future__ import annotations

import pytest

from eqlx.driver.convert import compile_rule
from eqlx.execution import ExecutionError, Found, Job
from eqlx.rulefile.loader import from_query
from eqlx_targets.engines.duckdb.prepared import Prepared


class NoCandidates:
    is_lost = False

    def search(self, *_: object) -> bool:
        return True

    def tell(self, _number: int) -> bool:
        return False


def test_a_refused_query_is_no_empty_answer():
    query = compile_rule(from_query("any where true")).query
    assert query is not None
    job = Job(query)
    prepared = Prepared()
    prepared.search(NoCandidates(), [job], None)

    def never() -> Found:
        raise AssertionError

    def refuses() -> None:
        message = "a binder error"
        raise ExecutionError(message)

    with pytest.raises(ExecutionError, match="a binder error"):
        prepared.found(job, never, refuses)
    assert prepared.found(job, never, lambda: None).rows == ()
