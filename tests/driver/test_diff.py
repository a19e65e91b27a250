"""Two versions of a rule: same by normal form, changed by a witness, or honestly undecided."""

from __future__ import annotations

import pytest

from eqlx.driver.convert import compile_rule, event_model
from eqlx.driver.diff import Change, DiffPlan, diff_rule, diff_rules
from eqlx.ir.dump import dump
from eqlx.ir.normal import same_meaning
from eqlx.reference.evaluate import evaluate
from eqlx.registry import load_executor, load_target
from eqlx.rulefile.loader import from_query, load
from eqlx.synthesis import synthesise
from eqlx_harness.data import ROOT
from eqlx_harness.mutation.faults import FAULTS, Level
from eqlx_harness.mutation.mutants import Subject, edited, mutants

PLAN = DiffPlan(
    targets=[load_target(name) for name in ("sql", "sigma")],
    engine=load_executor("duckdb"),
    engine_target=load_target("sql"),
)
RULES = list(load([ROOT / "rules"]).rules)


def compared(old: str, new: str):
    return diff_rule(from_query(old), from_query(new), PLAN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('process where process.name : "a*"', 'process  where process.name:"a*" // said anew'),
        ("any where process.pid == 1 and true", "any where process.pid == 1"),
        (
            'any where user.name == "a" and process.pid in (1, 2)',
            'any where process.pid in (2, 1, 2) and user.name == "a"',
        ),
        ('any where process.name : ("a*", "b*")', 'any where process.name : ("b*", "a*", "b*")'),
        ("any where not (process.pid == 1 or process.pid == 2)",
         "any where not (process.pid == 2 or process.pid == 1)"),
    ],
)  # fmt: skip
def test_what_means_the_same(old: str, new: str):
    found = compared(old, new)
    assert found.change is Change.SAME
    assert found.gains is found.losses is None


@pytest.mark.parametrize(
    ("old", "new", "gains", "losses"),
    [
        ('process where process.name == "a"', 'process where process.name : "a"', True, False),
        ("process where process.pid > 5", "process where process.pid > 6", False, True),
        ('any where process.name == "a"', 'any where process.name == "b"', True, True),
        ("process where process.pid > 5", "file where process.pid > 5", True, True),
        ('any where process.name : "-enc*"', 'any where process.name : "-foo*"', True, True),
        (
            "sequence by host.id with maxspan=5s [file where true] [process where true]",
            "sequence by host.id with maxspan=6s [file where true] [process where true]",
            True,
            False,
        ),
        (
            "sequence by host.id [file where true] [process where true]",
            "sequence by host.id [file where true] [process where true] until [network where true]",
            False,
            True,
        ),
        (
            "sample by host.id [file where true] [process where true]",
            "sample by user.id [file where true] [process where true]",
            True,
            True,
        ),
    ],
)
def test_what_changed_is_shown(old: str, new: str, gains: bool, losses: bool):
    found = compared(old, new)
    assert found.change is Change.CHANGED
    assert (found.gains is not None, found.losses is not None) == (gains, losses)
    for witness in (found.gains, found.losses):
        if witness is not None:
            assert witness.confirmed is True
            assert witness.old != witness.new


def test_what_is_not_seen_is_not_called_the_same():
    found = compared(
        'any where length(process.name) > 19999 and process.name regex "a.*z"',
        'any where length(process.name) > 19998 and process.name regex "a.*z"',
    )
    assert found.change in {Change.NOT_SEEN, Change.CHANGED}
    assert found.tried > 0


def test_a_target_that_no_longer_takes_the_rule():
    found = compared(
        'process where process.name : "a*"', "process where process.code_signature.trusted == false"
    )
    (sigma,) = [change for change in found.targets if change.target == "sigma"]
    assert sigma.new == "refused"
    assert sigma.losses_new


def test_rules_are_paired_by_their_ids():
    old, new = RULES[:3], [*RULES[1:3], RULES[4]]
    changes = [each.change for _, each in diff_rules(old, new, DiffPlan())]
    assert changes == [Change.SAME, Change.SAME, Change.ADDED, Change.REMOVED]


def test_a_broken_version_is_invalid():
    found = compared("process where", "process where true")
    assert found.change is Change.INVALID
    assert found.diagnostics


@pytest.mark.parametrize("rule", RULES[::4], ids=lambda rule: rule.name)
def test_no_fault_of_a_query_is_called_the_same(rule):
    """The faults of the mutation check, put into the query: where an event shows the fault, the versions
    do not have one normal form."""
    subject = Subject.of("shipped", rule)
    query = compile_rule(rule, model=event_model(rule)).query
    assert query is not None
    cases = synthesise(query, subject.model).cases
    checked = 0
    for mutant in mutants(subject):
        if FAULTS[mutant.fault.name].level is not Level.QUERY:
            continue
        wrong = edited(query, mutant.fault, mutant.site[0])
        checked += 1
        if dump(wrong) != dump(query) and same_meaning(query, wrong):
            for case in cases:
                right = evaluate(query, case.events, subject.model)
                assert evaluate(wrong, case.events, subject.model) == right, mutant
    assert checked
