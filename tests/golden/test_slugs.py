"""Every diagnostic has a golden case, in which a real input brings it out."""

from __future__ import annotations

import re

import pytest

from eqlx.diagnostics.catalogue import all_entries
from eqlx_harness.casebook import read
from eqlx_harness.data import ROOT
from eqlx_harness.produce import TAGS

GOLDEN = ROOT / "golden"
WITHOUT = {
    "too-many-fields": "takes 100,001 names; tests/fields/test_infer.py",
    "index-left": "takes a cluster; tests/engines/test_broken_clusters.py",
    "interrupted": "takes a signal; tests/cli/test_interrupts.py",
    "worker-died": "takes a process that dies once; tests/driver/test_workers.py",
    "engine-version": "takes a DuckDB that eqlx does not allow; tests/duckdb/test_probe.py",
}
"""Slugs that no golden case can bring out, and why; their tests are named."""

_SAID = re.compile(r"^(?:error|warning|note)\[([a-z0-9-]+)\]: ", re.MULTILINE)


def shown() -> set[str]:
    """The slugs in what is compared: blocks of casebooks, and refusals of whole rules."""
    blocks = [
        block.content
        for path in sorted(GOLDEN.rglob("*.md"))
        for case in read(path, frozenset(TAGS))
        for block in case.expectations
    ]
    refusals = [path.read_text(encoding="utf-8") for path in GOLDEN.glob("rules/*/*.refused.txt")]
    return {slug for text in (*blocks, *refusals) for slug in _SAID.findall(text)}


SHOWN = shown()


@pytest.mark.parametrize("slug", sorted(set(all_entries()) - set(WITHOUT)))
def test_every_slug_has_a_golden_case(slug: str) -> None:
    assert slug in SHOWN, f'add a case for `{slug}` (docs/contributing.md, "A new diagnostic")'


def test_the_list_of_exceptions_is_right() -> None:
    assert set(WITHOUT) <= set(all_entries()) - SHOWN
    for slug, why in WITHOUT.items():
        test = ROOT / why.rpartition("; ")[2]
        assert slug in test.read_text(encoding="utf-8")
