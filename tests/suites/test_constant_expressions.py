"""Folded against unfolded: constant expressions as constants and as an event's fields.

A fast sample by default; EQLX_LONG=1 judges 100,000 expressions.
"""

from __future__ import annotations

import pytest
from constant_expressions import EVENTS, survey

from eqlx_harness.data import LONG

TEMPLATES = 50 if LONG else 12


@pytest.mark.parametrize("seed", range(20) if LONG else range(2))
def test_constants_and_fields_come_to_the_same(seed: int) -> None:
    judged, refused, differences = survey(seed, TEMPLATES)
    assert judged == TEMPLATES * EVENTS
    assert refused < TEMPLATES
    assert not differences, "\n".join(map(str, differences[:5]))
