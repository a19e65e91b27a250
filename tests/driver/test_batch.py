"""Batches: order, workers, a rule that kills its worker, the manifest."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from eqlx.driver.batch import Plan, Roles, convert_batch
from eqlx.driver.convert import Status
from eqlx.driver.manifest import entry, manifest
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.source import Source


def rules(count: int) -> list[Rule]:
    queries = [f"process where process.pid == {n}" for n in range(count)]
    queries[3:4] = ["process where where"] if count > 3 else []
    return [Rule(query=Source(f"q{n}", q), id=f"id-{n}") for n, q in enumerate(queries)]


def summary(outcomes) -> list[tuple[str | None, Status, str | None]]:
    return [(o.rule.id, o.status, o.artifact.text if o.artifact else None) for o in outcomes]


def test_one_bad_rule_does_not_stop_the_others():
    outcomes = summary(convert_batch(rules(6), Plan("eql"), load_target))
    assert [status for _, status, _ in outcomes].count(Status.INVALID) == 1
    assert [status for _, status, _ in outcomes].count(Status.CONVERTED) == 5


def test_workers_give_the_same_in_the_same_order():
    many = rules(40)
    alone = summary(convert_batch(many, Plan("eql"), load_target))
    together = summary(convert_batch(many, Plan("eql"), load_target, jobs=2))
    assert together == alone


def test_a_worker_that_dies_costs_one_rule(monkeypatch):
    # Worker processes get the search path of this one.
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    helper = importlib.import_module("driver_batch_helper")
    many = rules(20)
    many[10] = Rule(
        query=Source("q10", f'process where process.name == "{helper.KILLER}"'), id="id-10"
    )
    outcomes = list(convert_batch(many, Plan("eql"), helper.load_killer, jobs=2))
    assert [o.rule.id for o in outcomes] == [f"id-{n}" for n in range(20)]
    failed = [o for o in outcomes if o.status is Status.FAILED]
    assert [o.rule.id for o in failed] == ["id-10"]
    assert failed[0].diagnostics[0].code == "rule-ends-worker"


def test_roles_of_the_plan_win():
    plan = Plan("eql", roles=Roles(category="kind"))
    (outcome,) = convert_batch(rules(1), plan, load_target)
    assert outcome.status is Status.CONVERTED
    assert plan.roles.model(rules(1)[0]).category == "kind"


@pytest.fixture
def report() -> dict[str, object]:
    given = rules(5)
    outcomes = list(convert_batch(given, Plan("eql"), load_target))
    entries = [entry(o, "eql", "elastic", f"{o.rule.id}.eql") for o in outcomes]
    made = manifest(outcomes, entries, [("k.toml", "kuery")])
    return json.loads(json.dumps(made))


def test_the_manifest_has_an_entry_a_rule_and_totals(report):
    assert [e["id"] for e in report["rules"]] == [f"id-{n}" for n in range(5)]
    assert report["totals"]["rules"] == 5
    assert report["totals"]["skipped"] == 1
    assert report["totals"]["status"] == {
        "converted": 4,
        "refused": 0,
        "invalid": 1,
        "failed": 0,
    }
    assert report["totals"]["grade"]["exact"] == 4
    assert sum(report["totals"]["refusals"].values()) == 1
    assert report["skipped"] == [{"path": "k.toml", "language": "kuery"}]


def test_the_manifest_says_where_a_rule_is_wrong(report):
    broken = report["rules"][3]
    assert broken["status"] == "invalid"
    assert broken["grade"] == "refused"
    spans = [d["span"] for d in broken["diagnostics"]]
    assert spans
    assert spans[0]["line"] == 1
    assert spans[0]["column"] == 15


def test_losses_stand_in_the_manifest_with_their_places():
    given = [Rule(query=Source("q", 'process where\n  process.name == "x"'), id="a")]
    plan = Plan("sigma", options={"style": "ecs"})
    outcomes = list(convert_batch(given, plan, load_target))
    made = json.loads(json.dumps(entry(outcomes[0], "sigma", "sigma")))
    assert made["losses"], "Sigma compares without letter case by convention"
    loss = made["losses"][0]
    assert loss["by_convention"] is True
    assert loss["drift"] == "widens"
    assert loss["span"]["line"] == 2
    assert loss["span"]["column"] == 3
