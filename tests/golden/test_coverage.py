"""golden/coverage.toml: what golden cases reach may only rise; one truth for support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from eqlx.capability import Drift, Exact, Feature, Lossy, Table, Unsupported
from eqlx.driver import Status, convert_rule
from eqlx.driver.convert import Outcome
from eqlx.ir.feature_walk import features
from eqlx.registry import executors, load_executor, load_target, targets
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.testing.queries import QUERIES, schema
from eqlx_harness.blessing import BLESSING
from eqlx_harness.coverage import (
    COLUMNS,
    EXECUTED,
    PATH,
    counted,
    fallen,
    raised,
    stored,
    text,
)

BUILT_IN = ("elasticsearch", "eql", "sigma", "sql")


@dataclass(frozen=True)
class Variant:
    """A target with a dialect and options, as a command line would choose them."""

    name: str
    dialect: str
    options: tuple[tuple[str, str], ...]

    @property
    def table(self) -> Table:
        return load_target(self.name).capabilities(self.dialect, dict(self.options))

    def __str__(self) -> str:
        target = load_target(self.name)
        defaults = {(option.name, option.default) for option in target.options}
        words = [f"{key}={value}" for key, value in sorted(set(self.options) - defaults)]
        return "-".join((self.name, self.dialect, *words))


def variants(name: str, dialect: str) -> list[Variant]:
    """The default options, then each other choice of each."""
    options = load_target(name).options
    defaults = {option.name: option.default for option in options}
    changes = [{o.name: choice} for o in options for choice in o.choices if choice != o.default]
    return [
        Variant(name, dialect, tuple(sorted({**defaults, **change}.items())))
        for change in ({}, *changes)
    ]


def dialects() -> list[tuple[str, str]]:
    return [(name, dialect) for name in BUILT_IN for dialect in load_target(name).dialects]


VARIANTS = [variant for pair in dialects() for variant in variants(*pair)]


@cache
def outcomes(variant: Variant) -> Mapping[str, Outcome]:
    """What becomes of the kit's queries in a rule with a time window, every drift allowed."""
    return {
        query: convert_rule(
            Rule(Source("query", query), interval="5m", from_="now-9m"),
            load_target(variant.name),
            dialect=variant.dialect,
            options=dict(variant.options),
            schema=schema(),
            allow=frozenset(Drift),
        )
        for query in QUERIES
    }


@cache
def found(query: str) -> frozenset[Feature]:
    outcome = outcomes(variants("eql", "elastic")[0])[query]
    assert outcome.query is not None
    return frozenset(feature for feature, _, _ in features(outcome.query))


def test_counts_do_not_fall(request: pytest.FixtureRequest) -> None:
    """A count that rose is blessed in; one that is lowered on purpose is edited by hand."""
    old, new = stored(), counted()
    assert fallen(old, new) == []
    if raised(old, new) != old:
        request.config.stash[BLESSING].file(PATH, text(raised(old, new)))


def test_the_file_is_as_it_is_written() -> None:
    assert PATH.read_text(encoding="utf-8") == text(stored())


def test_a_fall_is_found_and_never_blessed() -> None:
    one = {feature: dict.fromkeys(COLUMNS, 1) for feature in Feature}
    less = {**one, Feature.SAMPLE: {**one[Feature.SAMPLE], "sql": 0}}
    assert fallen(one, less) == ["sample: sql fell from 1 to 0"]
    assert raised(one, less) == one
    assert fallen(less, one) == []


@pytest.mark.parametrize("feature", Feature)
def test_every_feature_is_executed(feature: Feature) -> None:
    assert counted()[feature][EXECUTED] > 0


def executed_dialects() -> list[tuple[str, str]]:
    """The dialects that some executor runs; all cases of golden/runs are executed on each."""
    run = {load_executor(name) for name in executors()}
    return sorted({(e.target, e.dialect or "") for e in run if e.target is not None})


def test_sql_and_elasticsearch_are_executed() -> None:
    assert {name for name, _ in executed_dialects()} >= {"sql", "elasticsearch"}


@pytest.mark.parametrize(("name", "dialect"), executed_dialects())
def test_exact_rows_have_an_executed_case(name: str, dialect: str) -> None:
    unproved = exact(variants(name, dialect or load_target(name).dialects[0])[0], EXECUTED)
    assert not unproved, f"no case of golden/runs has {unproved}"


@pytest.mark.parametrize(("name", "dialect"), dialects())
def test_exact_rows_have_a_golden_output(name: str, dialect: str) -> None:
    unseen = exact(variants(name, dialect)[0], name)
    assert not unseen, f"no golden output of `{name}` has {unseen}"


def exact(variant: Variant, column: str) -> list[str]:
    """The features that a table calls exact and of which a column counts no case."""
    rows = variant.table.items()
    return [f.value for f, row in rows if isinstance(row, Exact) and not counted()[f][column]]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_what_the_table_calls_unsupported_never_compiles(variant: Variant) -> None:
    """Every drift is allowed here: no permission makes an unsupported meaning compile. What is left to
    the target's lowering (`deferred`) may be said in part, or left out on record."""
    table = variant.table
    rows = {f: table.get(f) for f in Feature}
    refused = {
        f
        for f, row in rows.items()
        if row is None or (isinstance(row, Unsupported) and not row.deferred)
    }
    wrong = [
        (query, sorted(feature.value for feature in refused & found(query)))
        for query, outcome in outcomes(variant).items()
        if refused & found(query) and outcome.status is not Status.REFUSED
    ]
    assert wrong == []


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_what_the_table_calls_lossy_is_recorded(variant: Variant) -> None:
    table = variant.table
    lossy = {f for f in Feature if isinstance(table.get(f), Lossy)}
    silent = [
        query
        for query, outcome in outcomes(variant).items()
        if outcome.artifact is not None
        and lossy & found(query)
        and not outcome.artifact.fidelity.losses
    ]
    assert silent == []


@pytest.mark.parametrize(("name", "dialect"), dialects())
def test_what_the_table_calls_supported_compiles(name: str, dialect: str) -> None:
    """With some options, for some query of the kit or some golden case."""
    compiled = {feature for feature in Feature if counted()[feature][name]}
    for variant in variants(name, dialect):
        for query, outcome in outcomes(variant).items():
            if outcome.status is Status.CONVERTED:
                compiled |= found(query)
    table = variants(name, dialect)[0].table
    promised = {f for f in Feature if isinstance(table.get(f), Exact | Lossy)}
    missing = sorted(f.value for f in promised - compiled)
    assert not missing, f"no query with {missing} compiles"


def test_the_built_in_targets_are_these() -> None:
    assert set(BUILT_IN) <= set(targets())
