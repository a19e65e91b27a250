"""Planning of sequences with `with runs=N` and of many different stages.

    python benchmarks/runs.py [--events 100000]

For each query: the size of the SQL, the CPU seconds that DuckDB takes to plan it (`EXPLAIN`), those
that it takes to plan and run it, and the results, over that many events in a table.
"""

from __future__ import annotations

import argparse
import time

import duckdb

import eqlx

DATA = """CREATE TABLE events AS SELECT
  TIMESTAMP '2024-01-01' + to_milliseconds(CAST(hash(i) % 86400000 AS BIGINT)) AS "@timestamp",
  'host-' || (hash(i + 7) % {keys}) AS "host.id",
  [CASE hash(i + 13) % 4 WHEN 0 THEN 'process' WHEN 1 THEN 'network' ELSE 'file' END] AS "event.category",
  hash(i + 29) % 100 AS "process.pid", i AS _row
FROM (SELECT range AS i FROM range({events}))"""

RUNS = (3, 10, 20, 25, 60, 100)
SHAPES = {
    "run": "sequence by host.id with maxspan=1h [process where true] with runs={n}",
    "run, until": "sequence by host.id with maxspan=1h [process where true] with runs={n}"
    " until [network where process.pid == 1]",
    "stage, run, stage": "sequence by host.id with maxspan=1h [network where true]"
    " [process where true] with runs={n} [file where true]",
    "run, absence": "sequence by host.id with maxspan=1h [process where true] with runs={n}"
    " ![network where process.pid == 1]",
}
DIFFERENT = (4, 8, 12, 16, 20, 30)


def different(count: int) -> str:
    stages = " ".join(f"[process where process.pid == {n}]" for n in range(count))
    return f"sequence by host.id with maxspan=1h {stages}"


def measure(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    text = eqlx.convert(query, to="sql", options={"layout": "flat", "row-id": "_row"}).text
    began = time.process_time()
    connection.execute("EXPLAIN " + text).fetchall()
    planned = time.process_time() - began
    began = time.process_time()
    rows = len(connection.execute(text).fetchall())
    ran = time.process_time() - began
    print(
        f"{name:26} {len(text) / 1000:7.1f} kB  plan {planned:7.3f} s  run {ran:7.3f} s  {rows} rows"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=100)
    arguments = parser.parse_args()
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(DATA.format(events=arguments.events, keys=arguments.keys))
    print("duckdb", duckdb.__version__, "events", arguments.events)
    for shape, query in SHAPES.items():
        for count in RUNS:
            measure(connection, f"{shape}, runs={count}", query.format(n=count))
    for count in DIFFERENT:
        measure(connection, f"{count} different stages", different(count))


if __name__ == "__main__":
    main()
