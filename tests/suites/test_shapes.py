"""Both engines over events of random shapes and over random texts: the same matches, the same
readings, the same faults at the same lines. `shapes.py` as a script goes on for longer."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from random_shapes import random_events, random_queries
from shapes import AGREED, judge, random_text, read_both


@pytest.mark.parametrize("seed", range(4))
def test_matches_in_every_layout(seed: int) -> None:
    rng = random.Random(seed)
    events = random_events(rng, 5)
    found = list(judge(events, list(islice(random_queries(rng), 10))))
    assert [f for f in found if f.said != AGREED and not f.said.startswith("refused")] == []
    assert sum(f.said == AGREED for f in found) > len(found) // 2


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_readings(seed: int, skip: bool) -> None:
    text = random_text(random.Random(seed))
    one, other = read_both(text, skip=skip)
    assert one == other
