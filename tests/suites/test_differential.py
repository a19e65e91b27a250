"""Random queries over random events: the reference interpreter against DuckDB, in three layouts.

A fast sample by default; EQLX_LONG=1 runs at least 100,000 pairs of query and events.
"""

from __future__ import annotations

from collections import Counter

import pytest
from differential import LAYOUTS, run_round, shrunk
from generate import make_round

from eqlx_harness.data import LONG

QUERIES = 60 if LONG else 30
BLOCKS = range(24)
ROUNDS = 25 if LONG else 1
"""A block: LONG makes 24 x 25 rounds x 60 queries x 3 layouts = 108,000 pairs."""


@pytest.mark.parametrize("block", BLOCKS if LONG else range(5))
def test_reference_and_duckdb_agree(block: int) -> None:
    tally: Counter[str] = Counter()
    for seed in range(block * ROUNDS, (block + 1) * ROUNDS):
        round_ = make_round(seed, QUERIES)
        for verdict in run_round(round_):
            if verdict.is_difference:
                pytest.fail(f"seed {seed}, {verdict.layout.value}\n{shrunk(verdict, round_)}")
            tally[verdict.said] += 1
    assert tally.total() == ROUNDS * QUERIES * len(LAYOUTS)
    assert tally["agreed"] > 0.9 * tally.total(), tally
