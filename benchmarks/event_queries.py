"""Event queries at scale: the generated WHERE against a hand-written one, 20 shipped detections; with
`--corpus` 20 real rules from `EQLX_DATA` (`corpus_events.py`), written by hand by `by_hand.py`.

10 million synthetic events in a Parquet file, DuckDB with two threads. Both forms must find the same
rows. Prints each ratio and their geometric mean. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
from corpus_events import Chosen, choose
from corpus_events import make as make_events
from hand_written import CLAUSES

from eqlx.diagnostics import Report
from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query, load
from eqlx.syntax import parser, tree
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.executor import EXECUTOR

# ruff: noqa: S108 paths below /tmp are values of events

RULES = Path(__file__).parent.parent / "rules"
NAMES = (
    *("cmd.exe", "powershell.exe", "rundll32.exe", "svchost.exe", "explorer.exe", "winword.exe"),
    *(
        "excel.exe",
        "services.exe",
        "bash",
        "sh",
        "python3",
        "php7.4",
        "nginx",
        "http",
        "https",
        "curl",
    ),
    *(
        "wget",
        "zip",
        "tar",
        "gdb",
        "strace",
        "launchd",
        "java",
        "invoice.pdf.exe",
        "Report.DOCX.scr",
    ),
)
WORDS = (
    *(
        "-S 0.0.0.0:80",
        "--cgi 8000",
        "http://10.1.2.3:8080/a",
        "https://example.org:8443/x",
        "-p 4",
    ),
    *(
        "comsvcs.dll MiniDump 624",
        "comsvcs.dll, #24",
        "http://127.0.0.1/",
        "-enc ZQBjAGgAbwA=",
        "-la",
    ),
)
POOLS: dict[str, tuple[object, ...]] = {
    "host.os.type": ("linux", "windows", "macos"),
    "event.action": (
        *(
            "start",
            "connection_attempted",
            "connection_accepted",
            "connection_closed",
            "network_flow",
        ),
        *("open", "modification", "creation", "ConsoleLogin", "ListBuckets", "DescribeInstances"),
        *("policy.rule.update", "user.account.privilege.grant", "lookup_result"),
    ),
    "event.dataset": ("endpoint.events", "aws.cloudtrail", "okta.system", None),
    "event.outcome": ("success", "success", "failure", None),
    "process.name": (*NAMES, None),
    "process.parent.name": (*NAMES, None),
    "process.parent.pid": (*range(1, 60), None),
    "process.executable": (
        *("C:\\Windows\\System32\\cmd.exe", "C:\\Windows\\Temp\\a.exe", "\\\\srv\\ADMIN$\\b.exe"),
        *("/usr/bin/python3", "/usr/sbin/installer", "/System/Library/x", "/tmp/.x/run", None),
    ),
    "process.working_directory": ("/home/u", "/var/backups/db", "/", None),
    "process.entry_leader.entry_meta.type": ("sshd", "init", "container", None),
    "process.pe.original_file_name": ("RUNDLL32.EXE", "CMD.EXE", None, None),
    "process.code_signature.trusted": (True, True, False, None),
    "user.name": ("root", "www-data", "nginx", "alice", "bob", None),
    "user.id": ("0", "33", "1000", "1001", None),
    "file.path": (
        *(
            "/Library/LaunchAgents/a.plist",
            "/Users/u/Library/LaunchAgents/b.plist",
            "/home/u/run.sh",
        ),
        *("/Users/u/Library/Keychains/login.keychain-db", "C:\\Users\\u\\a.docx", "/tmp/x", None),
    ),
    "file.name": (
        *("com.apple.update.12.plist", "0a1b2c3d4e5f.plist", "000000000000.plist", "a.docx"),
        *("login.keychain-db", "x", None),
    ),
    "file.directory": ("/tmp", "/dev/shm", "/usr/lib", "C:\\Users\\u", None),
    "file.extension": ("exe", "DLL", "sh", "docx", "txt", None),
    "file.mode": ("0644", "0755", "4755", "2755", "6711", None),
    "file.uid": ("0", "1000", None),
    "file.owner": ("root", "alice", None),
    "network.direction": ("egress", "ingress", None),
    "network.protocol": ("dns", "http", "tls", None),
    "dns.question.type": ("A", "AAAA", "TXT", "CNAME", None),
    "destination.port": (22, 53, 80, 443, 873, 4444, 8080, 8443, None),
    "source.as.number": (64500, 64501, None, None),
    "okta.security_context.is_proxy": (True, False, None, None),
    "okta.actor.alternate_id": ("system@okta.com", "a@example.org", "b@example.org", None),
    "aws.cloudtrail.error_code": ("AccessDenied", "UnauthorizedOperation", None, None),
    "aws.cloudtrail.user_identity.type": ("Root", "IAMUser", "AssumedRole", None),
    "aws.cloudtrail.user_identity.invoked_by": ("ec2.amazonaws.com", "cli", None),
    "aws.cloudtrail.console_login.additional_eventdata.mfa_used": (True, False, None),
    "words": WORDS,
}
LISTS = {
    "event.category": (["process"],) * 4
    + (["network"],) * 3
    + (["file"],) * 2
    + (["authentication"], ["iam", "configuration"]),
    "event.type": (["start"], ["start"], ["creation"], ["change"], ["end"], ["info", "access"]),
    "process.args": (["-p", "x"], ["--password=x"], ["/home", "-c"], ["-e"], ["a", "b", "c"], None),
}
ADDRESS = """CASE WHEN random() < 0.05 THEN NULL WHEN random() < 0.15
  THEN {six} || lpad(hex(CAST(floor(random() * 65536) AS INT)), 4, '0')
  ELSE {four} || '.' || CAST(floor(random() * 256) AS INT) || '.' || CAST(floor(random() * 64) AS INT) END"""


def pick(values: tuple[object, ...]) -> str:
    """One of the values, at random."""
    listed = duckdb.ConstantExpression(list(values))
    return f"list_extract({listed}, 1 + CAST(floor(random() * {len(values)}) AS INT))"


def columns() -> dict[str, str]:
    """The SQL of each column of the synthetic events."""
    made = {name: pick(values) for name, values in {**POOLS, **LISTS}.items()}
    words = made.pop("words")
    made["process.command_line"] = (
        f"{pick(NAMES)} || ' ' || {words} || ' ' || md5(CAST(i AS VARCHAR))"
    )
    made["dns.question.name"] = (
        "CASE WHEN random() < 0.3 THEN NULL ELSE repeat(substring(md5(CAST(i AS VARCHAR)), 1, 20), "
        f"CAST(1 + floor(random() * 6) AS INT)) || {pick(('.example.org', '.akadns.net', ''))} END"
    )
    four = pick(("10.20", "10.1", "172.16", "172.40", "192.168", "93.184", "127.0", "8.8"))
    six = pick(("fd00::", "fe80::", "2001:db8::", "::ffff:0:", "ff02::"))
    for end in ("source", "destination"):
        made[f"{end}.ip"] = f"lower({ADDRESS.format(four=four, six=six)})"
        made[f"{end}.bytes"] = "CAST(power(random(), 6) * 200000000 AS BIGINT)"
    for name in ("file.created", "file.mtime"):
        made[name] = "TIMESTAMP '1995-01-01' + to_hours(CAST(random() * 250000 AS BIGINT))"
    made["@timestamp"] = (
        "TIMESTAMP '2024-01-01' + to_milliseconds(CAST(random() * 86400000 AS BIGINT))"
    )
    return made


def make(path: Path, events: int) -> None:
    """Write the events. Seeded, but the number of threads decides who draws what."""
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in columns().items())
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"COPY (SELECT {listed} FROM (SELECT range AS i FROM range({events})))"
            f" TO '{path}' (FORMAT parquet)"
        )


def query_text(name: str) -> str:
    """The rule's query without pipes, or one stage of its sequence as an event query."""
    path, _, stage = name.partition("#")
    [rule] = load([RULES / f"{path}.toml"]).rules
    text = rule.query.text
    parsed = parser.parse(rule.query, Report())
    assert parsed is not None
    if stage:
        assert isinstance(parsed.query, tree.SequenceQuery)
        span = parsed.query.terms[int(stage) - 1].filter.span
        return text[span.start : span.end]
    return text.split("\n|")[0]


class Pair(NamedTuple):
    """What is compared: a name, our rule, and the WHERE by hand."""

    name: str
    rule: Rule
    clause: str


def shipped() -> list[Pair]:
    """The shipped detections."""
    return [Pair(name, from_query(query_text(name)), by_hand) for name, by_hand in CLAUSES.items()]


def generated(path: Path, pairs: list[Pair]) -> dict[str, str]:
    """What eqlx makes of each rule for this file."""
    made = {}
    with EXECUTOR.open(Dataset((path,)), EventModel(), Bounds()) as session:
        for name, rule, _ in pairs:
            outcome = convert_rule(
                rule,
                load_target("sql"),
                options={**session.options, "order": "none", "comments": "none"},
                schema=session.schema,
                layout=session.layout,
            )
            assert outcome.artifact is not None, (name, outcome.diagnostics)
            made[name] = outcome.artifact.text.strip().rstrip(";")
    return made


def compare(path: Path, repeats: int, pairs: list[Pair]) -> None:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(
        "CREATE VIEW events AS SELECT file_row_number + 1 AS _row, * EXCLUDE (file_row_number)"
        f" FROM read_parquet('{path}', file_row_number = true)"
    )
    logs: dict[str, float] = {}
    texts = generated(path, pairs)
    print(f"{'rows':>8}  {'by hand':>16}  {'generated':>16}  ratio of CPU (time)")
    for name, _, clause in pairs:
        forms = (f"SELECT * FROM events WHERE {clause}", texts[name])
        # In turn, so that a change of the machine's load meets both.
        rounds = [[measured(connection, form) for form in forms] for _ in range(repeats)]
        hand, ours = (best(column) for column in zip(*rounds, strict=True))
        assert hand.result == ours.result, (name, hand.result, ours.result)
        logs[name] = math.log(ours.cpu / hand.cpu)
        print(
            f"{hand.result[0]:8}  {hand.cpu:5.2f} CPU {hand.wall:5.2f} s  {ours.cpu:5.2f} CPU"
            f" {ours.wall:5.2f} s  {ours.cpu / hand.cpu:4.2f} ({ours.wall / hand.wall:4.2f})  {name}",
            flush=True,
        )
    mean = math.exp(sum(logs.values()) / len(logs))
    print(f"geometric mean of the ratio of CPU time, {len(logs)} queries: {mean:.3f}")


class Measure(NamedTuple):
    """What one execution took: seconds of CPU of both threads, seconds by the clock; the result."""

    cpu: float
    wall: float
    result: tuple[object, ...]


def best(measures: Sequence[Measure]) -> Measure:
    """The least CPU and the least time, which need not be of one run."""
    cpu, wall = (min(column) for column in zip(*((m.cpu, m.wall) for m in measures), strict=True))
    return Measure(cpu, wall, measures[0].result)


def measured(connection: duckdb.DuckDBPyConnection, form: str) -> Measure:
    cpu, wall = time.process_time(), time.perf_counter()
    found = connection.execute(f"SELECT count(*), bit_xor(hash(_row)) FROM ({form})").fetchone()
    assert found is not None
    return Measure(time.process_time() - cpu, time.perf_counter() - wall, found)


def corpus() -> list[Chosen]:
    """The real rules; ends the run, loudly, where there are none."""
    folder = Path(os.environ.get("EQLX_DATA", Path(__file__).parents[2] / "shared" / "data"))
    rules = folder / "corpus" / "rules"
    if not rules.is_dir():
        print(f"SKIPPED, nothing was measured: no rules at {rules} (set EQLX_DATA)")
        sys.exit()
    chosen, passed = choose(rules)
    print(f"{len(chosen)} rules; {passed} event rules use what by_hand.py does not write")
    return chosen


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--events", type=int, default=10_000_000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--only", default="", help="the rules with this in their names")
    arguments.add_argument("--data", type=Path, help="a Parquet file made by an earlier run")
    arguments.add_argument("--corpus", action="store_true", help="20 real rules from EQLX_DATA")
    wanted = arguments.parse_args()
    chosen = corpus() if wanted.corpus else []
    pairs = [Pair(c.name, c.rule, c.clause) for c in chosen] if chosen else shipped()
    with tempfile.TemporaryDirectory() as folder:
        path = wanted.data or Path(folder) / "events.parquet"
        if not path.exists():
            make_events(path, chosen, wanted.events) if chosen else make(path, wanted.events)
        compare(path, wanted.repeats, [pair for pair in pairs if wanted.only in pair.name])


if __name__ == "__main__":
    main()
