"""Queries made for a file (`convert --like`) and executed by DuckDB alone over it, against `eqlx run` over
the same file. As a script: `python tests/suites/like.py FIRST_SEED ROUNDS`."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import duckdb
from random_shapes import random_events, random_queries

from eqlx.driver import convert_rule
from eqlx.driver.plan import Roles
from eqlx.driver.run import Runner
from eqlx.driver.schemas import schema_of
from eqlx.execution import Dataset, Event
from eqlx.fields.documents import flatten
from eqlx.fields.table import TableShape
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.target import TARGET

ROLES = Roles(category="kind")
MODEL = EventModel(category="kind")
LAYOUTS = ("nested", "flat", "json")


def write(events: Sequence[Event], layout: str, folder: Path) -> Path | None:
    """A Parquet file of the events in a layout, made by DuckDB alone; None where it cannot (names in a
    struct that differ in letter case alone)."""
    lines = [json.dumps(_laid(event, layout)) for event in events]
    source, file = folder / f"{layout}.ndjson", folder / f"{layout}.parquet"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = "json AS event" if layout == "json" else "*"
    reader = "read_json_objects" if layout == "json" else "read_json_auto"
    with duckdb.connect() as connection:
        try:
            connection.execute(
                f"COPY (SELECT {columns} FROM {reader}('{source}')) TO '{file}' (FORMAT parquet)"  # noqa: S608
            )
        except duckdb.NotImplementedException:
            return None
    return file


def _laid(event: Event, layout: str) -> dict[str, object]:
    if layout != "flat":
        return dict(event)
    return {n: vs[0] if len(vs) == 1 else list(vs) for n, vs in flatten(event).items() if vs}


def definition(file: Path) -> str:
    """The statement that makes the table of a Parquet file, as DuckDB writes it."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE events AS SELECT * FROM read_parquet('{file}')")  # noqa: S608
        (text,) = connection.execute("SELECT sql FROM duckdb_tables()").fetchone() or ("",)
    return str(text)


def converted(query: str, shape: TableShape) -> str | None:
    """The SQL of a query for a table; None if it is refused."""
    outcome = convert_rule(
        from_query(query),
        TARGET,
        options={"row-id": "file_row_number"},
        schema=schema_of(None, shape.fields),
        layout=shape.layout,
        model=MODEL,
    )
    return None if outcome.artifact is None else outcome.artifact.text


def rows_of(sql: str, file: Path) -> list[int]:
    """The rows (from 1) that a query selects in a file, by DuckDB without anything of eqlx."""
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW events AS SELECT * FROM read_parquet('{file}', file_row_number = true)"  # noqa: S608
        )
        found = connection.sql(sql)
        at = found.columns.index("file_row_number")
        return sorted(row[at] + 1 for row in found.fetchall())


def judge(events: Sequence[Event], queries: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Layout, query, and what it came to: `agreed`, `refused`, or the difference."""
    with tempfile.TemporaryDirectory() as name:
        for layout in LAYOUTS:
            file = write(events, layout, Path(name))
            if file is None:
                continue
            shape = DuckDBExecutor().describe(file)
            defined = TARGET.table_shape(Source("t.sql", definition(file)), "duckdb")
            same = defined == shape
            yield layout, "CREATE TABLE", "agreed" if same else f"{defined}\n{shape}"
            with Runner(DuckDBExecutor(), TARGET, Dataset((file,)), roles=ROLES) as runner:
                for query in queries:
                    yield layout, query, _compared(query, shape, file, runner)


def _compared(query: str, shape: TableShape, file: Path, runner: Runner) -> str:
    ran = runner.run(from_query(query))
    sql = converted(query, shape)
    if sql is None:
        return "refused"
    if ran.outcome.query is None or ran.failed:
        return f"run failed: {ran.diagnostics}"
    expected = sorted(e.row for match in ran.matches for e in match.events if e.row is not None)
    found = rows_of(sql, file)
    return "agreed" if found == expected else f"{found}, run: {expected}\n{sql}"


def survey(seeds: range) -> Counter[str]:
    """Print each difference; the tally."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(seed)
        events = random_events(rng, rng.randrange(1, 8))
        for layout, query, said in judge(events, list(islice(random_queries(rng), 25))):
            kind = said if said in ("agreed", "refused") else "DIFFERENT"
            tally[f"{layout} {kind}"] += 1
            if kind == "DIFFERENT":
                shown = "\n".join(map(json.dumps, events))
                sys.stdout.write(f"--- seed {seed} {layout}\n{query}\n{said}\n{shown}\n")
    return tally


if __name__ == "__main__":
    first, rounds = int(sys.argv[1]), int(sys.argv[2])
    sys.stdout.write(f"{dict(survey(range(first, first + rounds)))}\n")
