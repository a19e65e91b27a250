"""Sequences at scale: generated SQL against two hand-written forms, each in a process of its own.

Three stages with `until`, 10 million events, 100,000 keys, DuckDB with two threads over Parquet.
Prints the time of each form (wall clock and CPU), its peak memory and the ratios to the hand-written `lag` form. See
README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

EQL = """sequence by host.id with maxspan=5m
  [process where event.action == "start"]
  [network where event.action == "connect"]
  [file where event.action == "write"]
until [process where event.action == "end"]"""

DATA = """COPY (
  SELECT TIMESTAMP '2024-01-01' + to_milliseconds(CAST(random() * 86400000 AS BIGINT)) AS "@timestamp",
    'host-' || CAST(floor(random() * {keys}) AS BIGINT) AS "host.id",
    CASE WHEN draw < 0.10 THEN 'process' WHEN draw < 0.20 THEN 'network'
      WHEN draw < 0.30 THEN 'file' WHEN draw < 0.32 THEN 'process' ELSE 'registry' END
      AS "event.category",
    CASE WHEN draw < 0.10 THEN 'start' WHEN draw < 0.20 THEN 'connect' WHEN draw < 0.30 THEN 'write'
      WHEN draw < 0.32 THEN 'end' ELSE 'other' END AS "event.action",
    i AS "event.sequence", md5(CAST(i AS VARCHAR)) AS "process.command_line"
  FROM (SELECT range AS i, random() AS draw FROM range({events}))
) TO '{path}' (FORMAT parquet)"""

LAG = """WITH ev AS (
  SELECT "host.id" AS k, "@timestamp" AS ts, "event.sequence" AS tb, _row AS id,
    "event.category" = 'process' AND "event.action" = 'start' AS a,
    "event.category" = 'network' AND "event.action" = 'connect' AS b,
    "event.category" = 'file' AND "event.action" = 'write' AS c,
    "event.category" = 'process' AND "event.action" = 'end' AS u
  FROM events WHERE "host.id" IS NOT NULL
), m1 AS (
  SELECT k, ts, tb, t0, id0, id AS id1, id FROM (
    SELECT *, lag(kind) OVER w AS pk, lag(start) OVER w AS t0, lag(first) OVER w AS id0 FROM (
      SELECT k, ts, tb, id, 1 AS kind, ts AS start, id AS first FROM ev WHERE a
      UNION ALL SELECT k, ts, tb, id, 0, NULL, NULL FROM ev WHERE b
      UNION ALL SELECT k, ts, tb, id, 2, NULL, NULL FROM ev WHERE u)
    WINDOW w AS (PARTITION BY k ORDER BY ts, tb, id, kind))
  WHERE kind = 0 AND pk = 1 AND ts - t0 <= INTERVAL 5 MINUTE
), m2 AS (
  SELECT k, ts, tb, id0, id1, id AS id2 FROM (
    SELECT k, ts, tb, id, kind, lag(kind) OVER w AS pk, lag(t0) OVER w AS t0,
      lag(id0) OVER w AS id0, lag(id1) OVER w AS id1 FROM (
      SELECT k, ts, tb, id, 1 AS kind, t0, id0, id1 FROM m1
      UNION ALL SELECT k, ts, tb, id, 0, NULL, NULL, NULL FROM ev WHERE c
      UNION ALL SELECT k, ts, tb, id, 2, NULL, NULL, NULL FROM ev WHERE u)
    WINDOW w AS (PARTITION BY k ORDER BY ts, tb, id, kind))
  WHERE kind = 0 AND pk = 1 AND ts - t0 <= INTERVAL 5 MINUTE
), s AS (SELECT row_number() OVER (ORDER BY ts, tb, id2, k) AS n, * FROM m2),
e AS (SELECT n, k, unnest([0, 1, 2]) AS stage, unnest([id0, id1, id2]) AS id FROM s)
SELECT e.n, e.stage, e.k, events.* FROM e JOIN events ON events._row = e.id ORDER BY n, stage"""

ASOF = """WITH ev AS (
  SELECT "host.id" AS k, "@timestamp" AS ts, "event.sequence" AS tb, _row AS id,
    -- one number that orders events: milliseconds, then the tiebreaker
    (epoch_ms("@timestamp") - 1704067200000) * 16777216 + "event.sequence" AS o,
    "event.category" = 'process' AND "event.action" = 'start' AS a,
    "event.category" = 'network' AND "event.action" = 'connect' AS b,
    "event.category" = 'file' AND "event.action" = 'write' AS c,
    "event.category" = 'process' AND "event.action" = 'end' AS u
  FROM events WHERE "host.id" IS NOT NULL
), ea AS (SELECT * FROM ev WHERE a), eb AS (SELECT * FROM ev WHERE b),
ec AS (SELECT * FROM ev WHERE c), eu AS (SELECT k, o FROM ev WHERE u),
p1 AS (
  SELECT eb.k, eb.o, eb.ts, eb.id AS id1, ea.ts AS t0, ea.id AS id0, ea.o AS po
  FROM eb ASOF JOIN ea ON eb.k = ea.k AND eb.o > ea.o
  QUALIFY row_number() OVER (PARTITION BY ea.id ORDER BY eb.o) = 1
), m1 AS (
  SELECT p1.* FROM p1 ASOF LEFT JOIN eu ON p1.k = eu.k AND p1.o > eu.o
  WHERE p1.ts - t0 <= INTERVAL 5 MINUTE AND (eu.o IS NULL OR eu.o < p1.po)
), p2 AS (
  SELECT ec.k, ec.o, ec.ts, ec.tb, ec.id AS id2, m1.t0, m1.id0, m1.id1, m1.o AS po
  FROM ec ASOF JOIN m1 ON ec.k = m1.k AND ec.o > m1.o
  QUALIFY row_number() OVER (PARTITION BY m1.id1 ORDER BY ec.o) = 1
), m2 AS (
  SELECT p2.* FROM p2 ASOF LEFT JOIN eu ON p2.k = eu.k AND p2.o > eu.o
  WHERE p2.ts - t0 <= INTERVAL 5 MINUTE AND (eu.o IS NULL OR eu.o < p2.po)
), s AS (SELECT row_number() OVER (ORDER BY ts, tb, id2, k) AS n, * FROM m2),
e AS (SELECT n, k, unnest([0, 1, 2]) AS stage, unnest([id0, id1, id2]) AS id FROM s)
SELECT e.n, e.stage, e.k, events.* FROM e JOIN events ON events._row = e.id ORDER BY n, stage"""


def generated(path: Path) -> str:
    """What eqlx makes of the rule for this file."""
    from eqlx.driver import convert_rule
    from eqlx.execution import Bounds, Dataset
    from eqlx.registry import load_target
    from eqlx.rulefile.loader import from_query
    from eqlx.target import EventModel
    from eqlx_targets.engines.duckdb.executor import EXECUTOR

    model = EventModel(tiebreaker="event.sequence")
    with EXECUTOR.open(Dataset((path,)), model, Bounds()) as session:
        outcome = convert_rule(
            from_query(EQL),
            load_target("sql"),
            options=session.options,
            schema=session.schema,
            layout=session.layout,
            model=model,
        )
    assert outcome.artifact is not None, outcome.diagnostics
    return outcome.artifact.text


def measure(form: str, path: Path) -> None:
    """Run one form in this process; print seconds, peak megabytes and a digest of the result."""
    text = {"lag": LAG, "asof": ASOF}.get(form) or Path(form).read_text(encoding="utf-8")
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(
        f"CREATE VIEW events AS SELECT file_row_number + 1 AS _row, * EXCLUDE (file_row_number)"
        f" FROM read_parquet('{path}', file_row_number = true)"
    )
    start = time.perf_counter()
    rows = connection.execute(
        f"SELECT count(*), bit_xor(hash(_row * 8 + stage)) FROM"
        f" (SELECT _row, {'_stage' if form not in ('lag', 'asof') else 'stage'} AS stage"
        f" FROM ({text.strip().rstrip(';')}))"
    ).fetchone()
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "result": [str(value) for value in rows or ()],
    }
    print(json.dumps(found))


def child(form: str, path: Path) -> dict[str, object]:
    command = [sys.executable, __file__, "--form", form, "--data", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def compare(path: Path, repeats: int) -> None:
    sql = path.with_suffix(".sql")
    sql.write_text(generated(path), encoding="utf-8")
    forms = {"generated": str(sql), "hand-written lag": "lag", "asof join": "asof"}
    # In turn, so that a change of the machine's load meets all of them.
    rounds = [{name: child(form, path) for name, form in forms.items()} for _ in range(repeats)]
    best = {name: min((r[name] for r in rounds), key=lambda run: run["seconds"]) for name in forms}
    base = best["hand-written lag"]
    assert len({str(run["result"]) for run in best.values()}) == 1, "the forms disagree"
    print(f"rows, digest: {base['result']}")
    for name, run in best.items():
        ratio = run["seconds"] / base["seconds"]
        memory = run["megabytes"] / base["megabytes"]
        cpu = min(r[name]["cpu"] for r in rounds)
        base_cpu = min(r["hand-written lag"]["cpu"] for r in rounds)
        print(
            f"{name:18} {run['seconds']:7.2f} s ({ratio:.2f})"
            f" {cpu:7.2f} CPU s ({cpu / base_cpu:.2f})"
            f" {run['megabytes']:7.0f} MB ({memory:.2f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, help="a Parquet file made by an earlier run")
    parser.add_argument("--form", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.form:
        measure(arguments.form, arguments.data)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.data or Path(folder) / "events.parquet"
        if not path.exists():
            connection = duckdb.connect()
            connection.execute("SELECT setseed(0.5)")
            connection.execute(DATA.format(events=arguments.events, keys=arguments.keys, path=path))
        compare(path, arguments.repeats)


if __name__ == "__main__":
    main()
