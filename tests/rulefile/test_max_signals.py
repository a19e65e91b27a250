"""`max_signals` says how many alerts a run gives: nought or less is a mistake, not Kibana's default."""

from __future__ import annotations

import pytest

from eqlx.rulefile.loader import load

RULE = """[rule]
name = "r"
type = "eql"
language = "eql"
max_signals = {}
query = '''process where true'''
"""


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "true", '"5"'])
def test_what_is_no_count_is_an_error(tmp_path, given: str):
    file = tmp_path / "r.toml"
    file.write_text(RULE.format(given), "utf-8")
    loaded = load([file])
    assert loaded.rules == ()
    (said,) = loaded.diagnostics
    assert said.code == "wrong-key-type"
    assert "an integer above 0" in said.message


def test_a_count_is_taken(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text(RULE.format("1"), "utf-8")
    (rule,) = load([file]).rules
    assert rule.max_signals == 1
