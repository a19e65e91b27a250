"""Random queries over random events: the reference interpreter against DuckDB, in three layouts.

A fast sample by default; EQLX_LONG=1 runs at least 100,000 pairs of query and events.
"""

from __future__ import annotations

from collections import Counter

import pytest
from differential import LAYOUTS, run_round
from generate import make_round

from eqlx.fields.layout import LayoutKind
from eqlx_harness.data import LONG

QUERIES = 30
ROUNDS = 1200 if LONG else 4
"""A layout: LONG makes 3 x 1200 x 30 = 108,000 pairs."""


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.value)
def test_reference_and_duckdb_agree(layout: LayoutKind) -> None:
    tally: Counter[str] = Counter()
    for seed in range(ROUNDS):
        for verdict in run_round(make_round(seed, QUERIES), layout):
            assert verdict == "agreed" or verdict.startswith("refused"), f"seed {seed}\n{verdict}"
            tally[verdict] += 1
    assert tally["agreed"] > 0.9 * tally.total(), tally
