"""The pack of the audit log of Linux: lines of our own making, and the ECS events that they become."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx.events.audit import audit_events

EXECVE = """\
type=SYSCALL msg=audit(1714557600.123:77): arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 a2=55d2 a3=8 \
items=2 ppid=1200 pid=1234 auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=3 comm="curl" exe="/usr/bin/curl" key="exec"
type=EXECVE msg=audit(1714557600.123:77): argc=4 a0="curl" a1="-d" a2=61202262 a3="http://x.test"
type=CWD msg=audit(1714557600.123:77): cwd="/root"
type=PATH msg=audit(1714557600.123:77): item=0 name="/usr/bin/curl" inode=9 mode=0100755 nametype=NORMAL
type=PROCTITLE msg=audit(1714557600.123:77): proctitle=6375726C002D64
"""
CONNECT = """\
type=SYSCALL msg=audit(1714557601.5:78): arch=c00000b7 syscall=203 success=no exit=-111 a0=3 pid=5 exe="/usr/bin/nc" key=(null)
type=SOCKADDR msg=audit(1714557601.5:78): saddr=020001BB0A0000090000000000000000
"""
OPEN = """\
node=web1 type=SYSCALL msg=audit(1714557602.000:79): arch=c000003e syscall=257 success=yes pid=6 exe="/usr/bin/vi" SYSCALL=openat
node=web1 type=PATH msg=audit(1714557602.000:79): item=0 name="/etc/" nametype=PARENT
node=web1 type=PATH msg=audit(1714557602.000:79): item=1 name="/etc/cron.d/x.sh" mode=0100644 nametype=CREATE
"""
LOGIN = """\
type=USER_LOGIN msg=audit(1714557603.000:80): pid=9 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct="eve" \
exe="/usr/sbin/sshd" hostname=? addr=10.0.0.7 terminal=ssh res=failed'
"""


def found(
    tmp_path: Path, text: str, query: str, name: str = "audit.log"
) -> list[dict[str, object]]:
    file = tmp_path / name
    data = text.encode()
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    given = ["run", "-q", query, "--events", str(file), "--format", "ndjson"]
    result = CliRunner().invoke(program, given)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line)["events"][0]["fields"] for line in result.stdout.splitlines()]


def test_a_started_process(tmp_path: Path):
    [event] = found(
        tmp_path, EXECVE, 'process where event.action == "executed" and process.args == "a \\"b"'
    )
    assert {
        "@timestamp": "2024-05-01T10:00:00.123000Z",
        "event.outcome": "success",
        "host.os.type": "linux",
        "process.args": ["curl", "-d", 'a "b', "http://x.test"],
        "process.args_count": 4,
        "process.command_line": 'curl -d a "b http://x.test',
        "process.executable": "/usr/bin/curl",
        "process.name": "curl",
        "process.parent.pid": 1200,
        "process.pid": 1234,
        "process.title": "curl -d",
        "process.working_directory": "/root",
        "user.id": "0",
        "auditd.data.syscall": "execve",
        "auditd.data.a0": "55d0",
        "auditd.data.key": "exec",
    }.items() <= event.items()


def test_a_connection(tmp_path: Path):
    [event] = found(tmp_path, CONNECT, "network where destination.port == 443")
    assert event["destination.ip"] == "10.0.0.9"
    assert event["event.outcome"] == "failure"
    assert event["event.action"] == "connected-to"
    assert "auditd.data.key" not in event


def test_a_file(tmp_path: Path):
    [event] = found(tmp_path, OPEN, 'file where event.type == "creation"')
    assert event["file.path"] == "/etc/cron.d/x.sh"
    assert (event["file.name"], event["file.extension"]) == ("x.sh", "sh")
    assert event["host.name"] == "web1"
    assert event["event.action"] == "opened-file"


def test_a_login(tmp_path: Path):
    [event] = found(tmp_path, LOGIN, 'authentication where event.outcome == "failure"')
    assert (event["user.name"], event["source.ip"]) == ("eve", "10.0.0.7")
    assert event["auditd.data.terminal"] == "ssh"
    assert "user.id" not in event


@pytest.mark.parametrize("name", ["audit.log", "audit", "audit.log.gz", "x.txt"])
def test_whole_logs_by_content(tmp_path: Path, name: str):
    assert len(found(tmp_path, EXECVE + CONNECT + OPEN + LOGIN, "any where true", name)) == 4


def test_events_whose_lines_lie_in_one_another():
    first, second = EXECVE.splitlines(keepends=True), CONNECT.splitlines(keepends=True)
    mixed = [first[0], second[0], *first[1:], "----\n", second[1]]
    events = list(audit_events(mixed))
    assert [event["kind"] for event in events if isinstance(event, dict)] == ["execve", "connect"]
    assert list(audit_events([*first, "type=EOE msg=audit(1714557600.123:77): \n"])) == list(
        audit_events(first)
    )


def test_arguments_in_pieces():
    line = 'type=EXECVE msg=audit(1.0:1): argc=3 a0="sh" a1_len=8 a1[0]=6161 a1[1]=6262 a2="?"\n'
    [event] = audit_events([line])
    assert isinstance(event, dict)
    assert event["args"] == ["sh", "aabb", "?"]


def test_a_line_that_is_none_of_the_log_is_a_broken_event(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text(EXECVE + "half a li")
    given = ["run", "-q", "any where true", "--events", str(file)]
    result = CliRunner().invoke(program, given)
    assert result.exit_code == 3
    assert "half a li" in result.stderr
    assert CliRunner().invoke(program, [*given, "--skip-broken"]).exit_code == 0
