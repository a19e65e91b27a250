"""`eqlx verify`: engines agree, faults are caught, declared differences stay declared, the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx.driver.comparing import Batch, batches
from eqlx.driver.convert import compile_rule, event_model
from eqlx.driver.plan import Roles
from eqlx.driver.verdict import Verdict, Verification
from eqlx.driver.verify import Loaders, Verifier, VerifyPlan, verify_rules
from eqlx.ir import nodes as ir
from eqlx.patterns.folding import Folding
from eqlx.registry import load_executor, load_target
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx.target import EventModel, Request, Target

LOADERS = Loaders(load_executor, load_target)
QUERIES = {
    "event": 'process where process.name : ("cmd.exe", "p*") and not user.id == "S-1-5-18"',
    "sequence": "sequence by host.id with maxspan=5s [process where process.pid == 4] "
    '[network where cidrMatch(source.ip, "10.0.0.0/8")] until [file where true]',
    "sample": 'sample by host.id [process where process.name == "a"] [file where file.size > 5]',
    "limit": "any where process.pid > 3 | head 2",
    "computed": 'any where length(process.name) == 4 or endsWith~(file.name, ".dll")',
}


class FaultyTarget:
    """The SQL target with a fault in front of its lowering."""

    def __init__(self, base: Target, fault: str) -> None:
        self.base = base
        self.fault = fault

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def lower(self, request: Request) -> object:
        return self.base.lower(replace(request, query=_broken(request.query, self.fault)))


def _broken(query: ir.Query, fault: str) -> ir.Query:
    match query, fault:
        case ir.EventQuery(), "drop a clause":
            assert isinstance(query.filter.condition, ir.And)
            rest = query.filter.condition.conditions[0]
            return replace(query, filter=replace(query.filter, condition=rest))
        case ir.Sequence(), "ignore until":
            return replace(query, until=None)
        case ir.Sequence(maxspan=int(span)), "span":
            return replace(query, maxspan=span + 1)
        case ir.Sequence(), "swap":
            return replace(query, stages=query.stages[::-1])
        case _:
            raise AssertionError(fault)


def verified(text: str, fault: str | None = None) -> Verification:
    loaders = LOADERS
    if fault is not None:
        broken = FaultyTarget(load_target("sql"), fault)
        loaders = Loaders(load_executor, lambda _: broken)  # type: ignore[arg-type,return-value]  # a target by its attributes
    return Verifier(VerifyPlan(), loaders).verify(loader.from_query(text))


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_duckdb_agrees_in_every_layout(text: str) -> None:
    found = verified(text)
    assert [lane.name for lane in found.lanes] == ["duckdb/nested", "duckdb/flat", "duckdb/json"]
    assert {lane.verdict for lane in found.lanes} <= {Verdict.AGREES, Verdict.DECLARED}
    assert found.hits
    assert found.decisive == found.leaves


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("event", "drop a clause"),
        ("sequence", "ignore until"),
        ("sequence", "span"),
        ("sequence", "swap"),
    ],
)
def test_faults_are_caught_with_the_smallest_events(query: str, fault: str) -> None:
    found = verified(QUERIES[query], fault)
    assert found.verdict is Verdict.DIFFERS
    assert not found.is_sound
    shown = found.lanes[0].disagreements[0]
    assert shown.declared_by is None
    assert shown.extra or shown.missing
    assert len(shown.events) <= (1 if query == "event" else 3)


@pytest.mark.parametrize("folding", list(Folding))
def test_letters_beyond_ascii_are_tried_and_agree(folding: Folding) -> None:
    plan = VerifyPlan(roles=Roles(folding=folding))
    rule = loader.from_query('any where process.name : "desk is"')
    found = Verifier(plan, LOADERS).verify(rule)
    assert {lane.verdict for lane in found.lanes} == {Verdict.AGREES}
    query = compile_rule(rule, model=plan.roles.model(rule)).query
    assert query is not None
    tried = {str(event) for case in synthesise(query, EventModel()).cases for event in case.events}
    assert all(any(letter in text for text in tried) for letter in "\u212a\u017f\u0130\u0131")


def test_batches_keep_arrays_apart_and_pass_limits() -> None:
    rule = loader.from_query(QUERIES["limit"])
    query = compile_rule(rule).query
    assert isinstance(query, ir.EventQuery)
    made = synthesise(query, event_model(rule))
    sets = list(batches(query, event_model(rule), made.cases))
    limited = [batch for batch in sets if batch.query is query]
    assert [len(batch.expected) for batch in limited] == [2] * len(limited)
    free = [batch for batch in sets if batch.query is not query]
    assert any(len(batch.expected) > 2 for batch in free)


def test_order_is_compared() -> None:
    rule = loader.from_query("any where process.pid > 3")
    query = compile_rule(rule).query
    assert query is not None
    made = synthesise(query, event_model(rule))
    batch = Batch.of(query, event_model(rule), made.cases)
    assert not batch.differences(batch.expected)
    assert batch.differences(batch.expected[::-1])
    assert batch.differences(batch.expected[1:])


def test_several_processes_give_the_same() -> None:
    rules = [loader.from_query(text) for text in QUERIES.values()]
    plan = VerifyPlan(minimise=False)
    alone = [v.verdict for v in verify_rules(rules, plan, LOADERS)]
    assert [v.verdict for v in verify_rules(rules, plan, LOADERS, jobs=2)] == alone


def _eqlx(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["verify", *arguments])
    return result.exit_code, result.output


def test_command_prints_a_table_and_json() -> None:
    code, text = _eqlx("-q", QUERIES["event"], "--to", "sigma")
    assert code == 0
    assert "duckdb/flat" in text
    assert "sigma" in text
    code, text = _eqlx("-q", QUERIES["event"], "--format", "json", "--quiet")
    assert code == 0
    (record,) = json.loads(text)
    assert record["clauses"] == record["decisive"]
    assert {lane["engine"] for lane in record["engines"]} >= {"duckdb/flat"}


def test_command_over_events_of_a_file(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    lines = [{"@timestamp": "2026-01-01T00:00:00Z", "process": {"pid": n}} for n in (1, 4, 9)]
    events.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    code, text = _eqlx(
        "-q", "any where process.pid > 3", "--events", str(events), "--format", "json", "--quiet"
    )
    assert code == 0
    assert json.loads(text)[0]["events"] == 3


def test_command_refuses_unknown_engines() -> None:
    code, _ = _eqlx("-q", "any where true", "--engines", "nonesuch")
    assert code == 3


def test_a_refused_rule_is_a_finding_unless_accepted() -> None:
    refused = ("-q", "any where true | tail 2", "--to", "sigma", "--quiet")
    code, text = _eqlx(*refused)
    assert code == 1
    assert "sigma: refused: " in text
    code, text = _eqlx(*refused, "--accept-refused")
    assert code == 0
    assert "sigma: refused: " in text


def test_options_of_targets_are_used() -> None:
    query = ("-q", 'any where process.name : "desk"', "--quiet")
    code, text = _eqlx(*query, "-O", "layout=flat")
    assert code == 1
    assert "1 agrees, 2 failed" in text
    assert _eqlx(*query, "--folding", "ascii")[0] == 0
    assert _eqlx(*query, "-O", "no=such")[0] == 3
