"""`-O unmapped=drop`: where nothing of an `or` is left, the whole is missing, in the direction of its neighbours."""

from __future__ import annotations

import pytest

from eqlx.driver.convert import convert_rule
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query

GONE = "(process.Ext.one < 1 or process.Ext.two <= 2)"
START = (
    'process where host.os.type == "windows" and event.type == "start" and process.name : "a.exe"'
)


@pytest.mark.parametrize(
    ("query", "drift"),
    [
        (f"{START} and {GONE}", "widens"),
        (f"{START} and not {GONE}", "widens"),
        (f'{START} and (process.pid == 7 or (process.name : "b" and not {GONE}))', "widens"),
    ],
)
def test_the_direction_is_that_of_the_whole(query: str, drift: str):
    outcome = convert_rule(from_query(query), load_target("sigma"), options={"unmapped": "drop"})
    assert outcome.artifact is not None, outcome.diagnostics
    found = {loss.drift.value for loss in outcome.fidelity.losses if "dropped" in loss.slug}
    assert drift in found
