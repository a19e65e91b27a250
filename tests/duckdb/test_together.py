"""Many rules in one pass: what is found is what one rule at a time finds, in the same order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Report
from eqlx.driver import compile_rule
from eqlx.driver.run import RuleRun, Runner
from eqlx.execution import Bounds, Dataset, ExecutionError
from eqlx.fields.layout import LayoutKind
from eqlx.ir.dump import dump
from eqlx.ir.nodes import Query
from eqlx.passes.context import Context
from eqlx.passes.pipeline import PIPELINE
from eqlx.passes.resolve_fields import resolve_fields
from eqlx.passes.surface import to_surface
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query, load
from eqlx.syntax.printer import print_statement
from eqlx.synthesis import synthesise
from eqlx.target import EventModel
from eqlx_harness.data import LONG, need
from eqlx_harness.generated import SCHEMA, events, queries
from eqlx_targets.engines.duckdb import together as subject
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.engines.duckdb.partitions import bits, partitions
from eqlx_targets.engines.duckdb.together import Together

SEQUENCE = "sequence by process.pid with maxspan=1m [process where event.type == 'start']"
_QUERIES = (
    "process where process.pid > 50",
    "process where process.pid == 7",
    "file where true",
    "any where process.name : 'b*' and not user.id == '0'",
    "any where host.os.type == 'linux' or process.pid == 3",
    "any where process.args : '*x*' | tail 2",
    "any where user.id == null | head 3",
    f"{SEQUENCE} [process where event.type == 'end']",
    f"{SEQUENCE} [file where true]",
    f"{SEQUENCE} with runs=3",
    f"{SEQUENCE} ![process where event.type == 'end'] [process where process.name == 'c']",
    f"{SEQUENCE} [process where process.name == 'c'] until [process where event.type == 'end']",
    "sample by user.id [any where process.pid == 1] [any where process.name : 'c']",
    "registry where registry.path : '*run*'",
)
QUERIES = tuple(query.replace("'", '"') for query in _QUERIES)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small sets of rules and events go the way of large ones."""
    monkeypatch.setattr(subject, "LEAST_ROWS", 1)
    monkeypatch.setattr(subject, "LEAST_JOBS", 1)
    monkeypatch.setattr(subject, "_LEAST_CHUNK", 7)
    monkeypatch.setattr(subject, "_CHUNK_ROWS", 7)
    monkeypatch.setattr(subject, "_AT_ONCE", 3)


def made(count: int) -> list[dict[str, object]]:
    return [
        {
            "@timestamp": f"2026-01-01T00:{n // 60:02d}:{n % 60:02d}Z",
            "event": {
                "category": ["process"] if n % 3 else ["file", "library"],
                "type": "start" if n % 2 else "end",
            },
            "host": {"os": {"type": ("linux", "windows", "macos")[n % 3]}},
            "process": {"pid": n % 11, "name": "abc"[n % 3], "args": ["x", "y"][: n % 3]},
            **({"user": {"id": str(n % 4)}} if n % 5 else {}),
        }
        for n in range(count)
    ]


def both(
    executor: DuckDBExecutor, dataset: Dataset, rules: Sequence[Rule], bounds: Bounds | None = None
) -> tuple[list[RuleRun], list[RuleRun]]:
    found = []
    for together in (True, False):
        runner = Runner(
            executor, load_target("sql"), dataset, bounds or Bounds(), together=together
        )
        with runner:
            found.append(list(runner.run_all(rules)))
    return found[0], found[1]


def told(runs: Sequence[RuleRun]) -> list[object]:
    return [(run.rule.label, run.failed, run.matches, run.diagnostics) for run in runs]


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[bool | None]:
    """What the pass told of each job."""
    answers: list[bool | None] = []
    tell = Together.tell

    def noted(self: Together, number: int) -> bool | None:
        answers.append(tell(self, number))
        return answers[-1]

    monkeypatch.setattr(Together, "tell", noted)
    return answers


@pytest.mark.parametrize("kind", ["flat", "nested", "json", "parquet", "two parquets"])
def test_as_one_by_one(tmp_path: Path, kind: str, searched: list[bool | None]):
    events_ = made(150)
    file = tmp_path / "e.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in events_), "utf-8")
    executor, files = DuckDBExecutor(), (file,)
    if "parquet" in kind:
        parts = [(0, 150)] if kind == "parquet" else [(0, 40), (40, 150)]
        files = tuple(parquet(file, start, end) for start, end in parts)
    else:
        executor = executor.with_layout(LayoutKind(kind))
    mine, theirs = both(executor, Dataset(files), [from_query(q) for q in QUERIES])
    assert told(mine) == told(theirs)
    assert sum(bool(run.matches) for run in mine) > 8
    assert (True in searched and False in searched) == (kind != "json")


def parquet(file: Path, start: int, end: int) -> Path:
    path = file.with_name(f"{start}.parquet")
    duckdb.execute(
        f"COPY (SELECT * FROM read_json('{file}') LIMIT {end - start} OFFSET {start}) TO '{path}'"  # noqa: S608
    )
    return path


def test_rules_with_models_of_their_own():
    rules = [from_query(query) for query in QUERIES[:4]]
    other = [
        replace(from_query(query), event_category_override="event.type")
        for query in ("start where process.pid > 5", "end where true")
    ]
    mine, theirs = both(DuckDBExecutor(), Dataset(events=tuple(made(60))), [*rules, *other])
    assert told(mine) == told(theirs)
    assert mine[-1].matches


def test_a_unit_that_fails_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, searched: list[bool | None]
):
    do = Together._do

    def fails(self: Together, text: str, values: object = None) -> None:
        if "INSERT INTO temp.eqlx_hits" in text and "= 7" in text:
            message = "it is too much"
            raise ExecutionError(message)
        do(self, text, values)  # type: ignore[arg-type]

    monkeypatch.setattr(Together, "_do", fails)
    mine, theirs = both(
        DuckDBExecutor(), Dataset(events=tuple(made(60))), [from_query(q) for q in QUERIES]
    )
    assert told(mine) == told(theirs)
    assert searched[1] is None
    assert True in searched


def test_a_pass_that_fails_is_one_by_one(monkeypatch: pytest.MonkeyPatch):
    def fails(_self: Together, *_: object) -> None:
        message = "it is too much"
        raise ExecutionError(message)

    monkeypatch.setattr(Together, "_scan", fails)
    mine, theirs = both(
        DuckDBExecutor(), Dataset(events=tuple(made(60))), [from_query(q) for q in QUERIES]
    )
    assert told(mine) == told(theirs)


def test_units_that_many_events_meet_run_alone(
    monkeypatch: pytest.MonkeyPatch, searched: list[bool | None]
):
    monkeypatch.setattr(subject, "_ALWAYS", 5)
    mine, theirs = both(
        DuckDBExecutor(), Dataset(events=tuple(made(90))), [from_query(q) for q in QUERIES]
    )
    assert told(mine) == told(theirs)
    assert None in searched


def test_progress_ends_with_all_events():
    seen: list[tuple[int, int]] = []
    runner = Runner(
        DuckDBExecutor(),
        load_target("sql"),
        Dataset(events=tuple(made(60))),
        together=True,
        progress=lambda done, total: seen.append((done, total)),
    )
    with runner:
        list(runner.run_all(map(from_query, QUERIES)))
    assert seen[-1] == (60, 60)
    assert len(seen) == 9  # in chunks of 7


@settings(max_examples=200 if LONG else 8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_queries_over_random_events(data: st.DataObject):
    texts = []
    for raw in data.draw(st.lists(queries(), min_size=2, max_size=8)):
        text = printed(raw)
        if text is not None:
            texts.append(text)
    listed = data.draw(st.lists(events(), min_size=1, max_size=4))
    dataset = Dataset(events=tuple(event for some in listed for event in some))
    layout = data.draw(st.sampled_from((LayoutKind.FLAT, LayoutKind.NESTED)))
    executor = DuckDBExecutor().with_layout(layout)
    mine, theirs = both(executor, dataset, [from_query(text) for text in texts])
    assert told(mine) == told(theirs), texts


def printed(raw: Query) -> str | None:
    """A query as text, unless it has errors."""
    report = Report()
    context = Context(SCHEMA, report)
    query: Query = resolve_fields(raw, context)
    for _, step in PIPELINE[1:]:
        query = step(query, context)
    if report.has_errors:
        return None
    try:
        return print_statement(to_surface(query))
    except ValueError:
        raise AssertionError(dump(query)) from None


def test_real_rules_over_their_events():
    """545 rules over the synthesised events of some of them; all, with `EQLX_LONG=1`."""
    rules = load([need("corpus", "rules")]).rules
    rules = rules if LONG else rules[::30]
    compiled = [compile_rule(rule).query for rule in rules]
    made_ = [synthesise(query, EventModel()) for query in compiled if query is not None]
    found = [e for each in made_ for case in each.cases[:4] for e in case.events]
    mine, theirs = both(DuckDBExecutor(), Dataset(events=tuple(found)), rules)
    assert told(mine) == told(theirs)
    assert sum(bool(run.matches) for run in mine) > len(rules) // 2


def test_partitions_hold_every_live_class_once():
    classes = [(1000, 0b111), (10, 0b1), (900_000, 0b100), (50_000, 0b1111000), (5, 0)]
    found = partitions(classes)
    assert sorted(number for each in found for number in each.classes) == [0, 1, 2, 3]
    for each in found:
        assert each.rows == sum(classes[n][0] for n in each.classes)
        masks = [classes[n][1] for n in each.classes]
        assert all(mask & each.live == mask and mask & each.every == each.every for mask in masks)


def test_bits():
    assert bits(0b10110) == [1, 2, 4]
    assert bits(0) == []
