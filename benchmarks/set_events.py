"""Events for `rule_sets.py`: noise as a fleet of hosts makes it, and a few events that rules match.

Noise is made in DuckDB from the number of an event alone, so that the same size gives the same events.
2,000 hosts (55 % Windows, 35 % Linux, 10 % macOS); half of the events start processes, the others are
of files, connections, the registry and libraries. Command lines differ in nearly every event; names
follow a Zipf-like distribution over 6,000. One case of a rule, synthesised, goes with every 10,000 events.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from eqlx.driver import compile_rule
from eqlx.driver.batch import Roles
from eqlx.fields.documents import flatten
from eqlx.rule import Rule
from eqlx.synthesis import synthesise

ONE_IN = 10_000
SEGMENTS = 10
"""The number of places in which the hits lie."""
CASES = 4
"""Of a rule."""
_LISTS = {"process.args"}

_NAMES = (
    "['svchost', 'conhost', 'browser', 'indexer', 'chat', 'mailer', 'git', 'node', 'java', 'code']"
)
_NOISE = f"""
SELECT i AS eqlx_place,
    TIMESTAMP '2026-01-01' + to_milliseconds(i * 7) AS "@timestamp",
    'host-' || h % 2000 AS "host.id", 'host-' || h % 2000 AS "host.name",
    os AS "host.os.type", 'agent-' || h % 2000 AS "agent.id",
    ['process', 'file', 'network', 'registry', 'library'][k + 1] AS "event.category",
    CASE k WHEN 0 THEN 'start' WHEN 1 THEN ['creation', 'change', 'deletion'][h // 7 % 3 + 1]
        WHEN 2 THEN 'start' WHEN 3 THEN 'change' ELSE 'start' END AS "event.type",
    CASE k WHEN 0 THEN if(os = 'windows', 'start', 'exec')
        WHEN 1 THEN ['creation', 'modification', 'deletion', 'rename'][h // 11 % 4 + 1]
        WHEN 2 THEN ['connection_attempted', 'lookup_requested'][h // 13 % 2 + 1]
        WHEN 3 THEN 'modification' ELSE 'load' END AS "event.action",
    'endpoint' AS "event.module", 'endpoint.events.' || ['process', 'file', 'network', 'registry',
        'library'][k + 1] AS "event.dataset",
    md5(i::VARCHAR) AS "process.entity_id", (h // 17 % 30000)::BIGINT AS "process.pid",
    name AS "process.name", folder || name AS "process.executable",
    CASE WHEN k = 0 THEN folder || name || ' --type=' || substr(md5(h::VARCHAR), 1, 8) || ' --data '
        || folder || md5((h + 1)::VARCHAR) || ' --session ' || i END AS "process.command_line",
    CASE WHEN k = 0 THEN [folder || name, '--type=' || substr(md5(h::VARCHAR), 1, 8), '--data',
        folder || md5((h + 1)::VARCHAR), '--session', i::VARCHAR] END AS "process.args",
    CASE WHEN k = 0 THEN 6 END::BIGINT AS "process.args_count",
    CASE WHEN k = 0 THEN parent END AS "process.parent.name",
    CASE WHEN k = 0 THEN folder || parent END AS "process.parent.executable",
    CASE WHEN k = 0 THEN md5((i - 3)::VARCHAR) END AS "process.parent.entity_id",
    CASE WHEN k = 0 THEN 'user-' || h % 911 END AS "user.name",
    CASE WHEN k = 0 THEN 'S-1-5-21-' || h % 911 END AS "user.id",
    CASE WHEN k = 0 AND os = 'windows' THEN 'Contoso Software ' || h % 40 END
        AS "process.code_signature.subject_name",
    CASE WHEN os = 'windows' THEN h % 10 > 0 END AS "process.code_signature.trusted",
    CASE WHEN k = 0 AND os = 'windows' THEN name END AS "process.pe.original_file_name",
    CASE WHEN k = 1 THEN folder || 'data' || h % 50000 || '.' || extension END AS "file.path",
    CASE WHEN k = 1 THEN 'data' || h % 50000 || '.' || extension END AS "file.name",
    CASE WHEN k = 1 THEN extension END AS "file.extension",
    CASE WHEN k = 2 THEN '10.' || h % 200 || '.' || h // 200 % 200 || '.' || h // 40000 % 200 END
        AS "destination.ip",
    CASE WHEN k = 2 THEN '10.1.' || h % 20 || '.' || h // 20 % 200 END AS "source.ip",
    CASE WHEN k = 2 THEN [443, 80, 53, 8443, 5985][h % 5 + 1] END::BIGINT AS "destination.port",
    CASE WHEN k = 2 THEN 'srv' || h % 9000 || '.example.org' END AS "dns.question.name",
    CASE WHEN k = 3 THEN 'HKLM\\Software\\Vendor' || h % 18000 || '\\Settings\\Value' END
        AS "registry.path",
    CASE WHEN k = 3 THEN 'data ' || md5(h::VARCHAR) END AS "registry.data.strings",
    CASE WHEN k = 4 THEN 'lib' || h % 3000 || '.dll' END AS "dll.name",
    CASE WHEN k = 4 THEN folder || 'lib' || h % 3000 || '.dll' END AS "dll.path"
FROM (
    SELECT *, CASE WHEN os = 'windows' THEN ['C:\\Program Files\\Contoso\\', 'C:\\Windows\\System32\\',
            'C:\\Users\\user-' || h % 911 || '\\AppData\\Local\\Apps\\'][h // 5 % 3 + 1]
        ELSE ['/usr/bin/', '/opt/contoso/bin/', '/usr/lib/systemd/'][h // 5 % 3 + 1] END AS folder,
        ['txt', 'log', 'json', 'tmp', 'db', 'xml', 'cache'][h % 7 + 1] AS extension
    FROM (
        SELECT i, h, CASE WHEN h % 100 < 55 THEN 'windows' WHEN h % 100 < 90 THEN 'linux'
                ELSE 'macos' END AS os,
            least(CASE WHEN h // 3 % 100 < 50 THEN 0 WHEN h // 3 % 100 < 72 THEN 1
                WHEN h // 3 % 100 < 90 THEN 2 WHEN h // 3 % 100 < 96 THEN 3 ELSE 4 END,
                if(h % 100 < 55, 4, 2)) AS k,
            CASE WHEN h // 19 % 10 < 7 THEN {_NAMES}[h // 23 % 10 + 1]
                ELSE 'app' || (h // 29 % 6000) END || if(h % 100 < 55, '.exe', '') AS name,
            {_NAMES}[h // 31 % 10 + 1] || if(h % 100 < 55, '.exe', '') AS parent
        FROM (SELECT i, (hash(i) >> 2)::BIGINT AS h FROM range({{low}}, {{high}}) t(i))
    )
)
"""


def make(rules: Sequence[Rule], count: int, file: Path) -> int:
    """Write `count` events of noise and the hits as Parquet; gives the number of events."""
    everything = list(_hits(rules))
    hits = [event for case in everything[: max(1, count // ONE_IN)] for event in case]
    kinds = _kinds([event for case in everything for event in case])
    source = file.with_suffix(".hits.ndjson")
    with source.open("w", encoding="utf-8") as lines:
        for place, hit in enumerate(hits):
            row = {n: v if kinds[n].endswith("[]") else v[0] for n, v in hit.items()}
            lines.write(json.dumps({"eqlx_place": place, **row}, default=str) + "\n")
    with duckdb.connect(config={"memory_limit": "4GB", "threads": 2}) as own:
        columns = {"eqlx_place": "BIGINT", **kinds}
        own.execute(f"CREATE TABLE hits AS FROM read_json(?, columns = {columns!r})", [str(source)])
        noise = {n: t for n, t, *_ in own.execute(f"DESCRIBE {_noise(0, 1)}").fetchall()}
        names = sorted({*kinds, *noise} - {"eqlx_place"})
        mine = ", ".join(_value(n, noise.get(n), kinds.get(n)) for n in names)
        theirs = ", ".join(f'"{n}"' if n in kinds else f'NULL AS "{n}"' for n in names)
        parts = []
        for part in range(SEGMENTS):
            low, high = (count * p // SEGMENTS for p in (part, part + 1))
            first, last = (len(hits) * p // SEGMENTS for p in (part, part + 1))
            parts.append(f"SELECT {mine} FROM ({_noise(low, high)})")
            parts.append(
                f"SELECT {theirs} FROM hits WHERE eqlx_place >= {first} AND eqlx_place < {last}"
            )
        own.execute(
            f"COPY ({' UNION ALL '.join(parts)}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
        )
    source.unlink()
    return count + len(hits)


def _noise(low: int, high: int) -> str:
    return _NOISE.replace("{low}", str(low)).replace("{high}", str(high))


def _value(name: str, mine: str | None, theirs: str | None) -> str:
    """A column of the noise, in the type that the hits have."""
    column = f'"{name}"'
    if mine is None:
        return f"NULL::{theirs} AS {column}"
    if theirs is None or mine == theirs:
        return column
    listed = theirs.endswith("[]") and not mine.endswith("[]")
    return (
        f"CASE WHEN {column} IS NOT NULL THEN [{column}] END::{theirs} AS {column}"
        if listed
        else (f"{column}::{theirs} AS {column}")
    )


def _hits(rules: Sequence[Rule]) -> list[list[dict[str, list[object]]]]:
    """The events of cases (hits and near misses), a case of each rule after the other."""
    made = [
        synthesise(q, Roles().model(r)) for r in rules if (q := compile_rule(r).query) is not None
    ]
    return [
        [flatten(event) for event in synthesis.cases[number].events]
        for number in range(CASES)
        for synthesis in made
        if number < len(synthesis.cases)
    ]


def _kinds(hits: Sequence[dict[str, list[object]]]) -> dict[str, str]:
    """A type of DuckDB for each field."""
    found: dict[str, str] = {"process.args": "VARCHAR[]"}
    values: dict[str, list[list[object]]] = {}
    for hit in hits:
        for name, listed in hit.items():
            values.setdefault(name, []).append(listed)
    for name, all_values in values.items():
        flat = [v for listed in all_values for v in listed]
        kind = "VARCHAR"
        if name == "@timestamp":
            kind = "TIMESTAMP"
        elif all(isinstance(v, bool) for v in flat):
            kind = "BOOLEAN"
        elif all(isinstance(v, int) and not isinstance(v, bool) for v in flat):
            kind = "BIGINT"
        elif all(isinstance(v, int | float) and not isinstance(v, bool) for v in flat):
            kind = "DOUBLE"
        several = name in _LISTS or any(len(listed) != 1 for listed in all_values)
        found[name] = kind + ("[]" if several else "")
    return found
