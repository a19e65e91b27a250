"""How many golden cases have each feature, for each target and each engine.

`executed` counts the cases of golden/runs, whose ids every engine must give. The other columns count
golden outputs of a target, in casebooks and of whole rules, that are artifacts and not refusals.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from eqlx.capability import Drift
from eqlx.driver import compile_rule, convert_rule
from eqlx.execution import Dataset
from eqlx.ir.feature_walk import features
from eqlx.ir.features import Feature
from eqlx.ir.nodes import Query
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.rulefile.loader import load
from eqlx_harness.casebook import read
from eqlx_harness.data import ROOT
from eqlx_harness.engines import opened
from eqlx_harness.produce import TAGS, TARGETS, Subject, convert, schema_of
from eqlx_harness.runs import topics

PATH = ROOT / "golden" / "coverage.toml"
EXECUTED = "executed"
COLUMNS = (EXECUTED, *sorted({name for name, _ in TARGETS.values()}))
HEAD = """\
# Features by golden cases: `executed` are cases of golden/runs, each on every engine; the others are
# golden outputs of that target. Counts may only rise: a test compares them, `--bless` raises them.
"""

Counts = Mapping[Feature, Mapping[str, int]]


@cache
def counted() -> Counts:
    """The counts of the golden cases as they stand."""
    counter: Counter[tuple[Feature, str]] = Counter()
    for column, query in (*_executed(), *_casebooks(), *_rules()):
        counter.update((feature, column) for feature in {found for found, _, _ in features(query)})
    return {
        feature: {column: counter[feature, column] for column in COLUMNS} for feature in Feature
    }


def stored() -> Counts:
    """The counts that golden/coverage.toml holds; 0 for what it does not name."""
    document = tomllib.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    unknown = set(document) - {feature.value for feature in Feature}
    assert not unknown, f"{PATH.name} names {sorted(unknown)}, which are no features"
    rows = {feature: document.get(feature.value, {}) for feature in Feature}
    return {f: {column: row.get(column, 0) for column in COLUMNS} for f, row in rows.items()}


def raised(old: Counts, new: Counts) -> Counts:
    """The greater of two counts each: a count never falls."""
    return {f: {c: max(old[f][c], new[f][c]) for c in COLUMNS} for f in Feature}


def fallen(old: Counts, new: Counts) -> list[str]:
    """What fell, a line each."""
    return [
        f"{feature.value}: {column} fell from {old[feature][column]} to {new[feature][column]}"
        for feature in Feature
        for column in COLUMNS
        if new[feature][column] < old[feature][column]
    ]


def text(counts: Counts) -> str:
    """golden/coverage.toml: one line a feature."""
    width = max(len(feature.value) for feature in Feature)
    lines = [
        f"{feature.value:<{width}} = {{ "
        + ", ".join(f"{column} = {counts[feature][column]}" for column in COLUMNS)
        + " }\n"
        for feature in Feature
    ]
    return HEAD + "".join(lines)


def run_queries() -> Iterator[tuple[str, Query]]:
    """Every case of golden/runs by its name, compiled with the fields of its events."""
    for topic in topics():
        dataset = Dataset(files=(topic.events,))
        with opened("reference", dataset, topic.model, topic.fields) as engine:
            for case in topic.cases:
                outcome = compile_rule(case.rule, schema=engine.schema, model=topic.model)
                assert outcome.query is not None, (case.name, outcome.diagnostics)
                yield f"{topic.folder.name}-{case.name}", outcome.query


def _executed() -> Iterator[tuple[str, Query]]:
    return ((EXECUTED, query) for _, query in run_queries())


def _casebooks() -> Iterator[tuple[str, Query]]:
    for path in sorted((ROOT / "golden").rglob("*.md")):
        for case in read(path, frozenset(TAGS)):
            if "eql" not in case.inputs:
                continue
            schema = case.inputs.get("schema")
            subject = Subject(
                case.inputs["eql"].content, schema_of(schema.content if schema else None), path.stem
            )
            for block in case.expectations:
                if block.tag in TARGETS:
                    outcome = convert(subject, block.tag, block.options)
                    if outcome.artifact is not None:
                        yield TARGETS[block.tag][0], outcome.artifact.query


def _rules() -> Iterator[tuple[str, Query]]:
    rules: tuple[Rule, ...] = load([ROOT / "rules"]).rules
    for name in COLUMNS[1:]:
        target = load_target(name)
        for rule in rules:
            outcome = convert_rule(rule, target, allow=frozenset[Drift]())
            if outcome.artifact is not None:
                yield name, outcome.artifact.query
