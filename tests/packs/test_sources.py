"""The packs of other sources than the event log of Windows: raw events of our own making."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlglot

from eqlx.packs.reader import load_pack, pack_and_shape
from eqlx_harness.packs import has, mapped
from eqlx_targets.sql.packs.query import shape_of, view_sql

LINUX = """<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/>\
<EventID>{id}</EventID><Version>5</Version><TimeCreated SystemTime="2024-05-01T10:00:00.500000000Z"/>\
<Channel>Linux-Sysmon/Operational</Channel><Computer>Web1.lab.test</Computer></System><EventData>\
{data}</EventData></Event>"""


def linux(number: int, **data: str) -> str:
    each = "".join(f'<Data Name="{name}">{value}</Data>' for name, value in data.items())
    return LINUX.replace("{id}", str(number)).replace("{data}", each)


@pytest.mark.parametrize("key", ["SyslogMessage", "MESSAGE", "message"])
def test_sysmon_for_linux(tmp_path: Path, key: str) -> None:
    data = {
        "UtcTime": "2024-05-01 10:00:00.123",
        "Image": "/usr/bin/curl",
        "ProcessId": "77",
        "CommandLine": "curl -d a&amp;b http://x.test",
        "ParentImage": "/bin/bash",
        "User": "root",
        "CurrentDirectory": "-",
    }
    [event] = mapped(tmp_path, {key: linux(1, **data), "Facility": "user"})
    has(
        event,
        **{
            "@timestamp": "2024-05-01T10:00:00.123000Z",
            "event.category": ["process"],
            "event.action": "exec",
            "host.os.type": "linux",
            "host.id": "web1.lab.test",
            "process.name": "curl",
            "process.pid": 77,
            "process.command_line": "curl -d a&b http://x.test",
            "process.args": ["curl", "-d", "a&b", "http://x.test"],
            "process.args_count": 4,
            "process.parent.name": "bash",
            "process.working_directory": None,
            "user.id": "0",
        },
    )


def test_the_side_that_opened_a_connection(tmp_path: Path) -> None:
    out, into = (
        linux(3, Initiated=each, DestinationIp="10.0.0.9", DestinationPort="443")
        for each in ("true", "false")
    )
    first, second = mapped(tmp_path, {"message": out}, {"message": into})
    has(first, **{"event.action": "connection_attempted", "network.direction": "egress"})
    has(second, **{"event.action": "connection_accepted", "network.direction": "ingress"})
    has(first, **{"@timestamp": "2024-05-01T10:00:00.500000Z", "destination.port": 443})


def test_a_message_that_is_no_event_stays(tmp_path: Path) -> None:
    [event] = mapped(tmp_path, {"message": "sshd[1]: accepted", "event": {"category": "process"}})
    has(event, message="sshd[1]: accepted")


SYSMON = {"Image": "C:\\a\\b.exe", "CommandLine": 'b.exe "x y" > "<z>"', "ProcessId": "5"}


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("channel", ["Channel", "EventLog"])
def test_sentinel(tmp_path: Path, form: str, channel: str) -> None:
    xml = "".join(
        f'<Data Name="{k}">{v.replace("<", "&lt;").replace(">", "&gt;")}</Data>'
        for k, v in SYSMON.items()
    )
    raw = {
        "TimeGenerated": "2024-05-01T10:00:00.1234567Z",
        "Computer": "PC7.Lab.test",
        channel: "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "EventData": json.dumps(SYSMON)
        if form == "json"
        else f'<DataItem type="System.XmlData"><EventData>{xml}</EventData></DataItem>',
    }
    [event] = mapped(tmp_path, raw)
    has(
        event,
        **{
            "@timestamp": "2024-05-01T10:00:00.123456Z",
            "host.name": "pc7",
            "process.name": "b.exe",
            "process.pid": 5,
            "process.args": ["b.exe", "x y", ">", "<z>"],
        },
    )


def test_sentinel_table_of_security_events(tmp_path: Path) -> None:
    raw = {
        "TimeGenerated": "2024-05-01T10:00:00.5Z",
        "Computer": "PC7",
        "Channel": "Security",
        "EventID": 4688,
        "EventData": "",
        "NewProcessName": "C:\\a.exe",
        "NewProcessId": "0x1f4",
    }
    [event] = mapped(tmp_path, raw)
    has(event, **{"process.name": "a.exe", "process.pid": 500, "host.os.type": "windows"})
    has(event, **{"@timestamp": "2024-05-01T10:00:00.500000Z"})


def test_ecs_events_of_winlogbeat_keep_what_they_have(tmp_path: Path) -> None:
    given = {"category": ["process"], "type": ["start"], "action": "created-process"}
    raw = {
        "@timestamp": "2024-05-01T10:00:00Z",
        "winlog": {"channel": "Security", "event_id": 4688, "computer_name": "PC7"},
        "event": given,
        "process": {"name": "a.exe", "args": ["a.exe", "-x"]},
    }
    added, own = mapped(tmp_path, raw, {**raw, "host": {"os": {"type": "linux"}}})
    for event in (added, own):
        assert event["process"] == raw["process"]
        assert event["event"] == {**given, "code": "4688"}
    assert added["host"] == {"id": "pc7", "os": {"type": "windows"}}
    assert own["host"] == {"id": "pc7", "os": {"type": "linux"}}


ENDS = {"orig_h": "10.0.0.1", "orig_p": 5555, "resp_h": "1.2.3.4", "resp_p": 53}


@pytest.mark.parametrize("form", ["dotted", "underscore", "object"])
def test_zeek(tmp_path: Path, form: str) -> None:
    ends: dict[str, object] = {"id": ENDS}
    if form != "object":
        mark = "." if form == "dotted" else "_"
        ends = {f"id{mark}{name}": value for name, value in ENDS.items()}
    top = {"ts": 1714557600.25, "uid": "C1", **ends}
    dns, conn, http = mapped(
        tmp_path,
        {**top, "proto": "udp", "query": "x.test", "qtype_name": "A", "rcode_name": "NOERROR"},
        {**top, "proto": "tcp", "conn_state": "SF", "local_orig": True, "local_resp": False},
        {**top, "trans_depth": 1, "method": "GET", "uri": "/a?b=c", "host": "h.test"},
    )
    has(dns, **{"dns.question.name": "x.test", "network.protocol": "dns", "source.port": 5555})
    has(dns, **{"@timestamp": "2024-05-01T10:00:00.250000Z", "destination.ip": "1.2.3.4"})
    has(conn, **{"network.direction": "egress", "network.transport": "tcp"})
    has(http, **{"url.path": "/a", "url.query": "b=c", "http.request.method": "GET"})


OCSF = {
    "metadata": {"version": "1.1.0", "product": {"name": "AgentX"}},
    "time": 1714557600250,
    "device": {"hostname": "PC7.lab", "uid": "d-1", "os": {"type": "Windows", "type_id": 100}},
    "actor": {
        "process": {"pid": 4, "uid": "p-4", "file": {"path": "C:\\p.exe"}, "cmd_line": "p -k"},
        "user": {"name": "eve", "uid": "S-1-5-21-7"},
    },
}


def test_ocsf_process(tmp_path: Path) -> None:
    process = {"pid": 9, "uid": "p-9", "file": {"path": "C:\\c.exe"}, "cmd_line": "c.exe /x"}
    raw = {**OCSF, "class_uid": 1007, "activity_id": 1, "process": process}
    [event] = mapped(tmp_path, raw)
    has(event, **{"@timestamp": "2024-05-01T10:00:00.250000Z", "event.type": ["start"]})
    has(event, **{"process.name": "c.exe", "process.args": ["c.exe", "/x"], "process.pid": 9})
    has(event, **{"process.parent.name": "p.exe", "process.parent.entity_id": "p-4"})
    has(event, **{"host.os.type": "windows", "host.id": "d-1", "user.id": "S-1-5-21-7"})


def test_ocsf_other_classes(tmp_path: Path) -> None:
    file, net, key, logon = mapped(
        tmp_path,
        {**OCSF, "class_uid": 1001, "activity_id": 5, "file": {"path": "C:\\x\\y.txt"}},
        {
            **OCSF,
            "class_uid": 4001,
            "activity_id": 1,
            "dst_endpoint": {"ip": "1.2.3.4", "port": 443},
            "connection_info": {"direction_id": 2, "protocol_name": "TCP"},
        },
        {
            **OCSF,
            "class_uid": 201002,
            "activity_id": 2,
            "reg_value": {"path": "HKLM\\a\\b", "name": "b", "data": "1"},
        },
        {**OCSF, "class_uid": 3002, "activity_id": 1, "status_id": 2, "user": {"name": "bob"}},
    )
    has(file, **{"event.action": "rename", "file.name": "y.txt", "process.name": "p.exe"})
    has(net, **{"network.direction": "egress", "destination.port": 443, "network.transport": "tcp"})
    has(key, **{"registry.path": "HKLM\\a\\b", "registry.data.strings": "1"})
    has(logon, **{"event.action": "logon-failed", "event.outcome": "failure", "user.name": "bob"})


@pytest.mark.parametrize("name", ["sysmon/sentinel", "zeek/dns", "ocsf", "sysmon-linux/syslog"])
def test_a_view_is_valid(name: str) -> None:
    pack, shape = pack_and_shape(name)
    loaded = load_pack(pack)
    statement = view_sql(loaded, shape_of(loaded, shape), "raw.logs", None, "duckdb")
    assert sqlglot.parse_one(statement, dialect="duckdb").key == "create"
