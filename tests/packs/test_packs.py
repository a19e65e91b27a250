"""Raw events of our own making, and the ECS events that packs make of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from eqlx.diagnostics import EqlxError
from eqlx.engines import with_packs
from eqlx.execution import Bounds, Dataset
from eqlx.packs.reader import load_pack, read_pack, shipped
from eqlx.registry import load_executor
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_harness.packs import has, mapped

SYSMON = {
    "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Hostname": "PC7.Lab.test",
}
SECURITY = {"EventID": "4688", "Channel": "security", "Hostname": "PC7"}


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_pack_is_read(name: str) -> None:
    assert load_pack(name).name == name
    assert load_pack(name).names


def test_sysmon_process(tmp_path: Path) -> None:
    [event] = mapped(
        tmp_path,
        {
            **SYSMON,
            "UtcTime": "2024-05-01 10:00:00.123",
            "@timestamp": "2024-05-01T05:00:00Z",
            "Image": "C:\\Windows\\System32\\cmd.exe",
            "ProcessId": "412",
            "ProcessID": 9,
            "ProcessGuid": "{a-1}",
            "CommandLine": 'cmd.exe /c "echo \\"hi there\\"" C:\\x\\ ""',
            "ParentImage": "C:\\a b\\p.exe",
            "ParentCommandLine": '"C:\\a b\\p.exe" -k',
            "User": "NT AUTHORITY\\SYSTEM",
            "Hashes": "SHA1=AA,MD5=BB,SHA256=CC",
            "IntegrityLevel": "High",
            "OriginalFileName": "-",
        },
    )
    has(
        event,
        **{
            "@timestamp": "2024-05-01T10:00:00.123000Z",
            "event.category": ["process"],
            "event.type": ["start"],
            "event.code": "1",
            "host.os.type": "windows",
            "host.id": "pc7.lab.test",
            "host.name": "pc7",
            "process.name": "cmd.exe",
            "process.pid": 412,
            "process.entity_id": "{a-1}",
            "process.args": ["cmd.exe", "/c", 'echo "hi there"', "C:\\x\\", ""],
            "process.args_count": 5,
            "process.parent.name": "p.exe",
            "process.parent.args": ["C:\\a b\\p.exe", "-k"],
            "process.hash.sha256": "cc",
            "process.pe.original_file_name": None,
            "process.Ext.token.integrity_level_name": "high",
            "user.id": "S-1-5-18",
            "user.name": "SYSTEM",
            "winlog.process.pid": 9,
        },
    )


@pytest.mark.parametrize(
    ("details", "strings"),
    [
        ("DWORD (0x00000067)", ["103", "0x00000067"]),
        ("QWORD (0x00000001-0x00000002)", ["4294967298"]),
        ("Binary Data", None),
        ("C:\\a.exe", ["C:\\a.exe"]),
    ],
)
def test_registry_data(tmp_path: Path, details: str, strings: list[str] | None) -> None:
    path = "HKLM\\Software\\Run\\x"
    [event] = mapped(tmp_path, {**SYSMON, "EventID": 13, "TargetObject": path, "Details": details})
    has(event, **{"registry.data.strings": strings, "registry.hive": "HKLM", "registry.value": "x"})
    has(event, **{"registry.key": "Software\\Run", "event.type": ["change"]})


def test_an_image_load_is_no_start(tmp_path: Path) -> None:
    event = {**SYSMON, "EventID": 7, "ImageLoaded": "C:\\d\\a.dll", "SignatureStatus": "Valid"}
    [made] = mapped(tmp_path, event)
    has(made, **{"event.category": ["process", "library"], "event.type": ["change"]})
    has(made, **{"dll.name": "a.dll", "dll.code_signature.trusted": True})


@pytest.mark.parametrize("spelling", ["SourceProcessGuid", "SourceProcessGUID"])
def test_process_access(tmp_path: Path, spelling: str) -> None:
    event = {
        **SYSMON,
        "EventID": 10,
        spelling: "{g}",
        "SourceImage": "C:\\a.exe",
        "GrantedAccess": "0x10",
    }
    [made] = mapped(tmp_path, event)
    has(made, **{"process.entity_id": "{g}", "process.name": "a.exe", "event.type": ["access"]})
    has(made, **{"winlog.event_data.GrantedAccess": "0x10"})


def test_network_addresses(tmp_path: Path) -> None:
    raw = {
        "SourceIp": "::ffff:10.0.0.1",
        "DestinationIp": "-",
        "Initiated": "true",
        "SourcePort": "80",
    }
    [made] = mapped(tmp_path, {**SYSMON, "EventID": 3, **raw})
    has(made, **{"source.ip": "10.0.0.1", "destination.ip": None, "network.direction": "egress"})
    has(made, **{"source.port": 80})


def test_security_process(tmp_path: Path) -> None:
    raw = {
        "NewProcessId": "0x21f4",
        "ProcessId": "0x10",
        "NewProcessName": "C:\\w\\b.exe",
        "TargetUserName": "-",
        "TargetUserSid": "S-1-0-0",
        "SubjectUserName": "eve",
        "SubjectUserSid": "S-1-5-21-1",
        "MandatoryLabel": "S-1-16-12288",
        "Keywords": "0x8020000000000000",
        "TimeCreated": "2024-05-01 10:00:00.5",
    }
    [made] = mapped(tmp_path, {**SECURITY, **raw})
    has(made, **{"process.pid": 8692, "process.parent.pid": 16, "user.name": "eve"})
    has(made, **{"user.id": "S-1-5-21-1", "event.outcome": "success", "event.code": "4688"})
    has(made, **{"process.Ext.token.integrity_level_name": "high"})
    has(made, **{"@timestamp": "2024-05-01T10:00:00.500000Z"})


def test_a_logon_type_is_a_word(tmp_path: Path) -> None:
    [made] = mapped(tmp_path, {**SECURITY, "EventID": 4624, "LogonType": "3", "IpAddress": "LOCAL"})
    has(made, **{"winlog.logon.type": "Network", "source.ip": None, "event.action": "logged-in"})


@pytest.mark.parametrize(
    "raw",
    [
        {
            "log_name": "Security",
            "event_id": 4689,
            "computer_name": "H",
            "event_data": {"ProcessName": "C:\\x.exe"},
        },
        {
            "winlog": {
                "channel": "Security",
                "event_id": "4689",
                "computer_name": "H",
                "event_data": {"ProcessName": "C:\\x.exe"},
            }
        },
        {
            "Event": {
                "System": {"Channel": "Security", "EventID": 4689, "Computer": "H"},
                "EventData": {"ProcessName": "C:\\x.exe"},
            }
        },
        {
            "Event": {
                "System": {
                    "Channel": "Security",
                    "EventID": {"#attributes": {"Qualifiers": 7}, "#text": 4689},
                    "Computer": "H",
                },
                "EventData": {"ProcessName": "C:\\x.exe"},
            }
        },
    ],
    ids=["winlogbeat-6", "winlogbeat-7", "evtx_dump", "evtx_dump-text"],
)
def test_shapes_of_windows_events(tmp_path: Path, raw: Mapping[str, object]) -> None:
    [made] = mapped(tmp_path, raw)
    has(
        made,
        **{"event.code": "4689", "process.name": "x.exe", "host.id": "h", "event.type": ["end"]},
    )


def test_cloudtrail(tmp_path: Path) -> None:
    raw = {
        "eventVersion": "1.05",
        "eventSource": "iam.amazonaws.com",
        "eventName": "UpdateUser",
        "eventTime": "2024-05-01T10:00:00Z",
        "sourceIPAddress": "ec2.amazonaws.com",
        "requestParameters": {"newUserName": "Robert", "in": {"a": [1, "x"]}},
        "userIdentity": {"userName": "Bob", "principalId": "AID", "type": "IAMUser"},
    }
    [made, failed] = mapped(tmp_path, raw, {**raw, "errorCode": "AccessDenied"})
    has(made, **{"event.outcome": "success", "source.ip": None, "user.name": "Bob"})
    has(made, **{"aws.cloudtrail.request_parameters": "{newUserName=Robert, in={a=[1, x]}}"})
    has(failed, **{"event.outcome": "failure"})


def test_mixed_files_are_split_by_record(tmp_path: Path) -> None:
    ecs = {"event": {"category": "process"}, "process": {"name": "z"}}
    made = mapped(tmp_path, ecs, {**SECURITY, "NewProcessName": "y"}, {"strange": 1}, SYSMON)
    assert made[0] == ecs
    assert made[1]["process.name"] == "y"
    assert made[2] == {"strange": 1}
    assert made[3]["event.code"] == "1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("fields: {a.b: base_nam(X)}", "no value function is called `base_nam` (did you mean"),
        ('fields: {a.b: "args(X, Y)"}', "`args` has 2 arguments; expected 1"),
        ("fields: {a.b: first(X}", "`first(` is not closed"),
        ("fields: {}\nwhen: {x: [y]}", "no shape has the header `x`"),
        ("fields: {}\nfeilds: {}", "unknown key `feilds` (did you mean `fields`?)"),
        ("fields: [1]", "found no mapping"),
        ("fields: {a: b: c}", "expected ',' or '}'"),
        ("events: []", "a pack has no `fields`"),
    ],
)
def test_faults_of_pack_files(change: str, message: str) -> None:
    text = f"name: n\nsummary: s\nshapes: windows\n{change}\n"
    with pytest.raises(EqlxError) as caught:
        read_pack(Source("n.yaml", text))
    [found] = caught.value.diagnostics
    assert found.code == "pack-wrong"
    assert message in found.message
    assert found.labels


CLOCKS = [
    {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": "C:\\a.exe"}
    | {"UtcTime": "2026-01-01 07:00:00.000"},
    {"EventID": 4624, "Channel": "Security", "TimeCreated": "2026-01-01 02:00:01.000"},
]


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026-01-01 02:00:00.004", "5 h behind UTC"),
        ("2026-01-01T12:30:00Z", "5 h 30 min ahead of UTC"),
        ("2026-01-01 07:10:00", None),  # a collector may be late
        (None, None),
        ("noon", None),
    ],
)
def test_local_times_beside_utc_are_said(
    tmp_path: Path, time: str | None, says: str | None
) -> None:
    file = tmp_path / "events.ndjson"
    first = {**CLOCKS[0], "TimeCreated": time}
    file.write_text("".join(json.dumps(event) + "\n" for event in (first, CLOCKS[1])))
    executor = with_packs(load_executor("duckdb"), "auto")
    with executor.open(Dataset((file,)), EventModel(), Bounds()) as session:
        found = [note.message for note in session.notes if note.code == "clocks-differ"]
    assert [says in message for message in found if says] == ([True] if says else [])
    assert bool(found) is bool(says)
