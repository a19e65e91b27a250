"""The target `eql`: canonical text, all features exact, through the driver like any other target."""

from __future__ import annotations

import pytest

from eqlx.capability import Exact, Feature
from eqlx.driver import convert_rule
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query

TARGET = load_target("eql")


def test_the_table_is_complete() -> None:
    table = TARGET.capabilities("elastic", {})
    assert table.keys() == set(Feature)
    assert set(table.values()) == {Exact()}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ('process where ( process.name=="a" )', 'process where process.name == "a"\n'),
        ("any where not (process.pid == 1 + 1)", "any where process.pid != 2\n"),
        ('any where process.name like "*"', "any where process.name != null\n"),
        ('any where process.name like~ "A*"', 'any where process.name : "A*"\n'),
        (
            'any where source.ip == "10.6.48.157/8"',
            'any where cidrMatch(source.ip, "10.6.48.157/8")\n',
        ),
        ('any where source.ip == "::1"', 'any where source.ip == "::1"\n'),
        ('any where source.ip != "::1"', 'any where source.ip != "::1"\n'),
        ('any where cidrMatch(source.ip, "::1")', 'any where cidrMatch(source.ip, "::1")\n'),
        (
            'any where source.ip not in ("::1", "10.0.0.1")',
            'any where source.ip not in ("::1", "10.0.0.1")\n',
        ),
        (
            'any where cidrMatch(source.ip, "::1", "10.0.0.0/8")',
            'any where cidrMatch(source.ip, "::1", "10.0.0.0/8")\n',
        ),
        ('any where cidrMatch(my.own, "::1")', 'any where cidrMatch(my.own, "::1")\n'),
        ('any where process.name in~ ("a*")', 'any where process.name in~ ("a*")\n'),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    outcome = convert_rule(from_query(written), TARGET)
    assert outcome.artifact is not None, outcome.diagnostics
    assert outcome.artifact.text == canonical
    assert outcome.artifact.fidelity.grade.value == "exact"
