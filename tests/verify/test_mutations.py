"""A few deliberate faults in the SQL target are noticed (all kinds: `benchmarks/mutations.py`)."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from eqlx.rulefile import loader
from eqlx_harness.data import ROOT
from eqlx_harness.mutation.faults import FAULTS, kinds
from eqlx_harness.mutation.judge import Bench, Fate
from eqlx_harness.mutation.mutants import Mutant, Subject, mutants

QUERY = 'process where process.name : ("cmd*", "a?b.exe") and not user.id in ("S-1", "S-2")'
FAULTS_OF_RULES = {
    "Office Program Starts a Script Interpreter": (
        *("drop_clause", "flip_case", "drop_item", "category_in_any_case", "first_value_only"),
        *("null_is_a_match", "results_unordered"),
    ),
    "Shell by a New Service in a Remote Logon Session": (
        *("swap_stages", "span_off", "span_strict", "until_ignored", "key_not_compared"),
        *("null_keys", "event_extends_itself", "time_forgotten", "ties_turned"),
    ),
    QUERY: ("drop_not", "star_at_an_end", "one_for_run", "null_in_not", "every_value_must"),
}


def subject(name: str) -> Subject:
    if name == QUERY:
        return Subject.of("golden", loader.from_query(QUERY))
    rules = loader.load([ROOT / "rules"]).rules
    return Subject.of("shipped", next(rule for rule in rules if rule.name == name))


@pytest.mark.parametrize("name", FAULTS_OF_RULES, ids=("event", "sequence", "query"))
def test_faults_in_the_sql_target_are_caught(name: str) -> None:
    wanted = FAULTS_OF_RULES[name]
    own = subject(name)
    chosen: dict[str, Mutant] = {}
    for mutant in mutants(own):
        if mutant.fault.name in wanted:
            chosen.setdefault(mutant.fault.name, mutant)
    assert chosen.keys() == set(wanted)
    with ExitStack() as stack:
        bench = Bench.of(own, stack)
        fates = {fault: bench.fate(mutant) for fault, mutant in chosen.items()}
    assert fates == dict.fromkeys(chosen, Fate.CAUGHT)


def test_a_fault_without_effect_is_no_catch() -> None:
    own = Subject.of("shipped", loader.from_query("any where process.pid in (1, 2)"))
    with ExitStack() as stack:
        same = Mutant(own, FAULTS["drop_item"], (99,))  # the query has no such place
        assert Bench.of(own, stack).fate(same) is Fate.WITHOUT_EFFECT


def test_every_kind_has_faults() -> None:
    assert len(kinds()) == 26
    assert len(FAULTS) > 60
