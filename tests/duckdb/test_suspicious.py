"""The rows that Python looks at beside DuckDB: all that it must, and not every row of a usual log."""

from __future__ import annotations

import json
import random
import re

import pytest

from eqlx_targets.engines.duckdb import documents

PATTERN = re.compile(documents._SUSPICIOUS)
EDGES = (2**63, 2**64, 10**19, 10**20, 9 * 10**18, 93 * 10**17)


def numbers() -> list[int]:
    rng = random.Random(7)
    near = [sign * (edge + by) for edge in EDGES for by in range(-3, 4) for sign in (1, -1)]
    return [
        *near,
        *(sign * rng.randrange(9 * 10**18, 10**19) for _ in range(300) for sign in (1, -1)),
    ]


def test_numbers_beyond_64_signed_bits_are_looked_at_and_no_others():
    for number in numbers():
        is_beyond = not -(2**63) <= number < 2**63
        found = PATTERN.search(json.dumps({"a": number})) is not None
        assert found == is_beyond, number


@pytest.mark.parametrize(
    "text", ['{"a":1e400}', '{"a": -1.5E+400}', "[1e999]", '{"a":' + "9" * 300 + "}"]
)
def test_numbers_beyond_a_double(text: str):
    assert PATTERN.search(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"Keywords":-9223372036854775808}',
        '{"Keywords":-9214364837600034816}',
        '{"ProcessGuid":"{47ab858c-1e123-0000-1e999-000000000000}"}',
        '{"a":1e30,"b":9223372036854775807}',
    ],
)
def test_usual_values_of_logs_are_not(text: str):
    assert not PATTERN.search(text)
