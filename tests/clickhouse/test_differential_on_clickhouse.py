"""Random queries over random events: the reference interpreter against ClickHouse, in three layouts.

A fast sample by default; EQLX_SQL_ENGINES=1 runs more, EQLX_LONG=1 at least 20,000 pairs.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from differential import LAYOUTS
from differential_clickhouse import run_round_on_clickhouse
from generate import make_round

from eqlx_harness.data import LONG

QUERIES = 60 if LONG else 20
BLOCKS = 24 if os.environ.get("EQLX_SQL_ENGINES") or LONG else len(LAYOUTS)
ROUNDS = 14 if LONG else 1
"""A block: LONG makes 24 x 14 rounds x 60 queries = 20,160 pairs."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_reference_and_clickhouse_agree(block: int) -> None:
    tally: Counter[str] = Counter()
    for seed in range(block * ROUNDS, (block + 1) * ROUNDS):
        round_ = make_round(seed, QUERIES, unicode=seed % 2 == 1)
        for verdict in run_round_on_clickhouse(round_, seed):
            if verdict.is_difference:
                pytest.fail(f"seed {seed}, {verdict.layout.value}\n{verdict.text}\n{verdict.said}")
            tally[verdict.said] += 1
    assert tally.total() == ROUNDS * QUERIES
    assert tally["agreed"] > 0.85 * tally.total(), tally
