"""The kit for authors of targets: it reaches everything, passes the built-ins, finds the faults."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from eqlx.capability import Exact, Feature, Lossy, Unsupported
from eqlx.capability.model import Drift
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.driver import compile_rule
from eqlx.ir.feature_walk import features
from eqlx.registry import load_target, targets
from eqlx.rule import Rule
from eqlx.source import NOWHERE, Source, Span
from eqlx.target import Option
from eqlx.testing import CHECKS, QUERIES, assert_conforms, check_target
from eqlx.testing.queries import schema

BUILT_IN = sorted(set(targets()) & {"elasticsearch", "eql", "sigma", "sql"})


@dataclass
class Model:
    """A right target, with each part replaceable."""

    table: object = field(default_factory=lambda: dict.fromkeys(Feature, Exact()))
    lowering: Callable = lambda request: request.eql()
    printing: Callable = lambda tree, _: f"{tree}\n"
    api_version: int = 1
    name: str = "model"
    summary: str = "a model"
    dialects: tuple[str, ...] = ("one",)
    options: tuple[Option, ...] = ()
    suffix: str = ".txt"

    def capabilities(self, dialect, options):
        return self.table(dialect, options) if callable(self.table) else self.table

    def lower(self, request):
        return self.lowering(request)

    def emit(self, tree, request):
        return self.printing(tree, request)


def failed(target: Model) -> set[str]:
    return {problem.check for problem in check_target(target)}


def test_the_queries_have_every_feature():
    seen = set()
    for text in QUERIES:
        outcome = compile_rule(Rule(query=Source("query", text)), schema=schema())
        assert outcome.query is not None, (text, outcome.diagnostics)
        seen |= {feature for feature, _, _ in features(outcome.query)}
    assert seen == set(Feature)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_targets_conform(name, check):
    assert list(CHECKS[check](load_target(name))) == []


def test_a_right_target_has_no_problems():
    assert_conforms(Model())


@pytest.mark.parametrize(
    "change",
    [
        {"api_version": 2},
        {"name": "Has Blanks"},
        {"summary": ""},
        {"suffix": "txt"},
        {"dialects": ("one", "one")},
        {"options": (Option("a", "x", "help", ("y",)),)},
        {"options": (Option("a", "x", ""),)},
    ],
)
def test_wrong_constants_are_found(change):
    assert "constants" in failed(replace(Model(), **change))


def test_an_incomplete_table_is_found():
    table = dict.fromkeys(Feature, Exact())
    del table[Feature.SAMPLE]
    problems = check_target(Model(table=table))
    assert any("lacks `sample`" in problem.message for problem in problems)


def test_a_table_that_is_incomplete_under_one_option_is_found():
    whole = dict.fromkeys(Feature, Exact())
    model = Model(
        table=lambda _, options: whole if options["a"] == "x" else {},
        options=(Option("a", "x", "help", ("x", "y")),),
    )
    assert "tables" in failed(model)


@pytest.mark.parametrize("capability", [Lossy(Drift.WIDENS, ""), Unsupported("")])
def test_a_capability_without_a_reason_is_found(capability):
    assert "tables" in failed(
        Model(table={**dict.fromkeys(Feature, Exact()), Feature.TAIL: capability})
    )


def test_a_target_that_raises_is_found():
    def explode(request):
        raise KeyError(request.rule.name)

    assert "conversions" in failed(Model(lowering=explode))


def test_a_refusal_without_a_span_is_found():
    def refuse(request):
        request.report.add(replace(inexpressible("model", "x", "y", Span(0, 1)), labels=()))

    problems = check_target(Model(lowering=refuse))
    assert any("has no span" in problem.message for problem in problems)


def test_a_refusal_that_points_at_nothing_written_is_found():
    def refuse(request):
        request.report.add(inexpressible("model", "x", "y", NOWHERE))

    assert "conversions" in failed(Model(lowering=refuse))


@pytest.mark.parametrize("printing", [lambda t, _: t, lambda t, _: f"{t}\n\n", lambda *_: ""])
def test_texts_that_do_not_end_in_one_line_feed_are_found(printing):
    assert "conversions" in failed(Model(printing=printing))


def test_a_target_with_a_memory_is_found():
    counter = itertools.count()
    assert "determinism" in failed(Model(printing=lambda tree, _: f"{tree} {next(counter)}\n"))


def test_a_target_that_changes_the_rule_is_found():
    def tamper(request):
        object.__setattr__(request.rule, "name", "tampered")
        return request.eql()

    assert "inputs" in failed(Model(lowering=tamper))


def test_a_target_that_trusts_metadata_is_found():
    def trusting(request):
        request.rule.name.encode("ascii")
        return request.eql()

    assert "metadata" in failed(Model(lowering=trusting))
