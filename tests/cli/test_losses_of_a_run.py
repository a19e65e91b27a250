"""`eqlx run` notes the losses that can show in the matches it prints, and steers no terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cli_harness import call

from eqlx.capability import Drift, Fidelity, Grade, Loss
from eqlx.cli.run import can_show
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.run import RuleRun
from eqlx.execution import Match, MatchedEvent, MatchKind
from eqlx.render.tabular import Csv
from eqlx.rule import Rule
from eqlx.source import NOWHERE, Source


def run_of(query: str, *values: str) -> RuleRun:
    rule = Rule(Source("query", query))
    outcome = Outcome(rule, Status.CONVERTED, None, (), Fidelity(Grade.EXACT))
    events = [
        Match(MatchKind.EVENT, (), (MatchedEvent(0, 1, v, None, missing=False, fields={"a": v}),))
        for v in values
    ]
    return RuleRun(rule, outcome, tuple(events))


@pytest.mark.parametrize(
    ("query", "values", "drift", "beyond_ascii", "shows"),
    [
        ("any where true", [], Drift.WIDENS, False, False),
        ("any where true", ["x"], Drift.WIDENS, False, True),
        ("any where true", ["x"], Drift.SHIFTS, False, True),
        ("any where true", ["x"], Drift.NARROWS, False, False),
        ("any where true", ["x"], Drift.WIDENS, True, False),
        ("any where true", ["x", "é"], Drift.WIDENS, True, True),
        ('any where a == "é"', ["x"], Drift.WIDENS, True, True),
    ],
)
def test_what_can_show(
    query: str, values: list[str], drift: Drift, beyond_ascii: bool, shows: bool
):
    loss = Loss("letter-case", drift, "why", NOWHERE, beyond_ascii=beyond_ascii)
    assert can_show(run_of(query, *values), loss) is shows


def test_filters_of_a_rule_are_a_loss_that_shows(tmp_path: Path):
    rule = {"type": "eql", "query": "any where true", "filters": [{"query": {}}]}
    (tmp_path / "r.json").write_text(json.dumps(rule))
    (tmp_path / "e.ndjson").write_text('{"@timestamp": "2026-01-01"}\n')
    arguments = ("run", tmp_path / "r.json", "--events", tmp_path / "e.ndjson", "--allow", "widens")
    assert "note[changes-meaning]: the result widens: `filters`" in call(*arguments).stderr
    assert "changes-meaning" not in call(*arguments, "--quiet").stderr


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_form_of_matches_steers_a_terminal(tmp_path: Path):
    event = {"@timestamp": "2026-01-01", "id": "\x1b[31m\u202e", "a": "\x1b]0;x\x07"}
    (tmp_path / "e.ndjson").write_text(json.dumps(event) + "\n")
    for form in ("table", "ndjson", "json"):
        result = call("run", "-q", "any where a != null", "--events", tmp_path / "e.ndjson",
                      "--id-field", "id", "--format", form)  # fmt: skip
        assert result.exit_code == 0, result.stderr
        assert not {"\x1b", "\u202e", "\x07"} & set(result.stdout + result.stderr)
    out = Terminal()
    written = Csv(out)
    written.take(run_of("any where true", "\x1b[31m"))
    written.close()
    assert "\x1b" not in out.getvalue()
