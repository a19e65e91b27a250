"""Every construct of event queries, executed in DuckDB in three layouts against stated truth."""

from __future__ import annotations

from eqlx_harness.searching import Search

NAMES = [
    {"process": {"name": "cmd.exe"}},
    {"process": {"name": "CMD.EXE"}},
    {"process": {"name": "cmd_exe"}},
    {"process": {"name": "c:\\a%b"}},
    {"process": {"name": "line\nbreak"}},
    {"process": {"name": "a😀b"}},
    {"process": {"name": ""}},
    {"process": {"pid": 4}},
    {"process": {"name": "\u212a"}},
]
"""Rows 1 to 9; row 8 has no name, row 9's is the Kelvin sign."""


def test_texts(search: Search) -> None:
    cases = [
        # equality and sets (spec §2, §3)
        ('process.name == "cmd.exe"', [1]),
        ('process.name != "cmd.exe"', [2, 3, 4, 5, 6, 7, 8, 9]),
        ('process.name : "cmd.exe"', [1, 2]),
        ('process.name : "k"', [9]),
        ('process.name in ("cmd.exe", "")', [1, 7]),
        ('process.name in~ ("Cmd.exe", "x")', [1, 2]),
        ('not process.name in ("cmd.exe", "")', [2, 3, 4, 5, 6, 8, 9]),
        ('process.name < "D"', [2, 7]),
        ('process.name >= "cmd.exe"', [1, 3, 5, 9]),
        # null (spec §5)
        ("process.name == null", [8]),
        ("process.name != null", [1, 2, 3, 4, 5, 6, 7, 9]),
        ('not process.name like "c*"', [2, 5, 6, 7, 8, 9]),
        ('process.name like "*"', [1, 2, 3, 4, 5, 6, 7, 9]),
        ("(process.pid > 5) == null", [1, 2, 3, 4, 5, 6, 7, 9]),
        ("length(process.name) != 3", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ('startsWith(process.name, "a") == false', [1, 2, 3, 4, 5, 7, 8, 9]),
        # wildcards (spec §4): no escape, `_` and `%` are letters, `?` is one code point
        ('process.name like "cmd?exe"', [1, 3]),
        ('process.name like "cmd_*"', [3]),
        ('process.name like "*%*"', [4]),
        ('process.name like "c:\\\\*"', [4]),
        ('process.name like "line*k"', [5]),
        ('process.name like "line?break"', [5]),
        ('process.name like "a?b"', [6]),
        ('process.name : ("*.EXE", "*_EXE", "*%B", "*zz*")', [1, 2, 3, 4]),
        ('process.name like ("*.EXE", "*_exe", "*%b", "*zz*", "a?b")', [2, 3, 4, 6]),
        # regular expressions (spec §4): whole value, `.` matches line ends
        ('process.name regex "c[a-m]d.exe"', [1, 3]),
        ('process.name regex~ "cmd\\\\.exe"', [1, 2]),
        ('process.name regex "line.break"', [5]),
        ('process.name regex "cmd"', []),
        # startsWith, endsWith, stringContains: literal text (spec §13.1)
        ('startsWith(process.name, "cmd_")', [3]),
        ('startsWith~(process.name, "CMD.")', [1, 2]),
        ('endsWith(process.name, "%b")', [4]),
        ('endsWith~(process.name, "_EXE")', [3]),
        ('stringContains(process.name, "\\\\")', [4]),
        ('stringContains~(process.name, "D.E")', [1, 2]),
        ('stringContains(process.name, "")', []),
        ('endsWith(process.name, "")', [1, 2, 3, 4, 5, 6, 7, 9]),
        # functions (spec §7): UTF-16 positions
        ("length(process.name) == 4", [6]),
        ('indexOf(process.name, "b") == 3', [6]),
        ('indexOf(process.name, "b", 4) == null', [1, 2, 3, 6, 7, 8, 9]),
        ('substring(process.name, 3) == "b"', [6]),
        ('substring(process.name, -3) == "exe"', [1, 3]),
        ('substring(process.name, 0, -4) == "cmd"', [1, 3]),
        ('substring(process.name, 2, 1) == ""', [1, 2, 3, 4, 5, 6, 7, 9]),
        ('between(process.name, "c", ".") == "md"', [1]),
        ('between~(process.name, "C", ".") : "md"', [1, 2]),
        ('between(process.name, "x", "y") == ""', [1, 2, 3, 4, 5, 6, 7, 9]),
        ('concat(process.name, "-", 5, true) == "cmd.exe-5true"', [1]),
        ("concat(process.name, 1) == null", [8]),
    ]
    search(cases, NAMES)


NUMBERS = [
    {"process": {"pid": 4, "command_line": "12"}},
    {"process": {"pid": 9007199254740993, "command_line": "0x1F"}},
    {"process": {"pid": -7, "command_line": " 7 "}},
    {"process": {"pid": 9223372036854775807, "command_line": "junk"}},
    {"process": {"command_line": "1e3"}},
    {"process": {"pid": 0, "command_line": "-7"}},
]


def test_numbers(search: Search) -> None:
    cases = [
        ("process.pid == 9007199254740993", [2]),
        ("process.pid == 9007199254740992", []),
        ("process.pid > 3.5", [1, 2, 4]),
        ("process.pid <= -6.5", [3]),
        ("process.pid == 4.5", []),
        ("process.pid == 4.0", [1]),
        ("process.pid in (0, 4)", [1, 6]),
        ("process.pid not in (0, 4)", [2, 3, 4, 5]),
        # integer arithmetic: exact, `/` truncates, `%` keeps the sign, failures do not match
        ("process.pid / 2 == -3", [3]),
        ("process.pid % 3 == -1", [3]),
        ("process.pid + 1 > 0", [1, 2, 6]),
        ("not process.pid + 1 > 0", [3, 4, 5]),
        ("10 / process.pid == 2", [1]),
        ("(process.pid + 1) == null", [5]),
        ("process.pid * 1.5 == 6", [1]),
        ("-process.pid == 7", [3]),
        # number(): spec §7
        ("number(process.command_line) == 12", [1]),
        ("number(process.command_line) == 31", [2]),
        ("number(process.command_line) == 7", [3]),
        ("number(process.command_line) == 1000", [5]),
        ("number(process.command_line) / 2 == -3", [6]),
        ("number(process.command_line, 16) == 18", [1]),
        ("number(process.command_line) == null", []),
        ("number(process.command_line) != null", [1, 2, 3, 4, 5, 6]),
        ('string(process.pid * 0.5) == "2.0"', [1]),
        ('string(process.pid * 1.0) == "-7.0"', [3]),
        ('string(process.pid * 1.0) == "9.223372036854776E18"', [4]),
        ('string(process.pid / 100000.0) == "4.0E-5"', [1]),
        ('string(process.pid * -1.0E7) == "-4.0E7"', [1]),
        ('string(process.pid * 1.0E7) == "-7.0E7"', [3]),
        ('string(process.pid * 31234567.25) == "1.24938269E8"', [1]),
    ]
    search(cases, NUMBERS)


TAGS = [
    {"tags": ["a", "z"]},
    {"tags": "a"},
    {"tags": []},
    {"tags": ["ab.exe", "longer.exe"]},
    {"host": {"name": "h"}},
    {"tags": [None, "z"]},
]


def test_several_values(search: Search) -> None:
    cases = [
        ('tags == "a"', [1, 2]),
        ('tags != "a"', [3, 4, 5, 6]),
        ('tags : "A"', [1, 2]),
        ('tags in ("z", "q")', [1, 6]),
        ('not tags like "*.exe"', [1, 2, 3, 5, 6]),
        ("tags == null", [3, 5]),
        # two leaves choose independently; so do two occurrences in one leaf (spec §6)
        ('tags == "a" and tags == "z"', [1]),
        ('substring(tags, 0, length(tags) - 4) == "longer"', [4]),
        ('substring(tags, 0, length(tags) - 4) == "ab.exe"', [4]),
        ('indexOf(tags, "z") != null', [6]),
        ('indexOf(tags, "z") == null', [1, 2, 3, 4, 5]),
        ("startsWith(tags, tags)", [1, 2, 4, 6]),
    ]
    search(cases, TAGS)


ADDRESSES = [
    {"source": {"ip": address}}
    for address in (
        "10.1.2.3", "11.0.0.1", "::ffff:10.1.2.3", "::FFFF:0a01:203", "FE80::1",
        "fe80:0:0:0:0:0:0:1", "::1", "0:0:0:0:0:0:0:1", "010.1.2.3", "10.1.2", "nothing",
        "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0", "0:0:0:0:0:ffff:10.1.2.3",
    )
]  # fmt: skip


def test_addresses(search: Search) -> None:
    cases = [
        ('cidrMatch(source.ip, "10.0.0.0/8")', [1, 3, 4, 15]),
        ('cidrMatch(source.ip, "fe80::/10", "::1")', [5, 6, 7, 8]),
        ('cidrMatch(source.ip, "::/0")', [1, 2, 3, 4, 5, 6, 7, 8, 12, 15]),
        ('not cidrMatch(source.ip, "::/0")', [9, 10, 11, 13, 14]),
        ('source.ip == "10.1.2.3"', [1, 3, 4, 15]),
        ('source.ip == "::1"', [7, 8]),
        ("source.ip == null", [9, 10, 11, 13, 14]),
        ('string(source.ip) == "10.1.2.3"', [1, 3, 4, 15]),
        ('string(source.ip) == "fe80::1"', [5, 6]),
        ('string(source.ip) == "::1"', [7, 8]),
        ('string(source.ip) == "1:2:3:4:5:6:7:0"', [12]),
        ('concat(source.ip, "") == null', [9, 10, 11, 13, 14]),
        ('source.ip > "10.255.255.255"', [2, 5, 6, 12]),
        ('source.ip <= "::1"', [7, 8]),
    ]
    search(cases, ADDRESSES)


DATES = [
    {"event": {"created": value}}
    for value in (
        "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", 1704067200000, "2024-01-01",
        "2024-01-01T00:00:00.000000001Z", "soon", "2023-12-31T23:59:59.999Z",
    )
]  # fmt: skip


def test_dates(search: Search) -> None:
    cases = [
        ('event.created == "2024-01-01T00:00:00Z"', [1, 2, 3, 4]),
        ('event.created > "2024-01-01"', [5]),
        ('event.created < "2024-01-01T00:00:00.000000002Z"', [1, 2, 3, 4, 5, 7]),
        ('event.created != "2024-01-01"', [5, 6, 7]),
        ("event.created == null", [6]),
        ('string(event.created) == "2024-01-01T00:00:00.000Z"', [1, 2, 3, 4]),
        ('string(event.created) == "2023-12-31T23:59:59.999Z"', [7]),
        ('concat(event.created, "") == "2024-01-01T00:00:00.000000001Z"', [5]),
    ]
    search(cases, DATES)


def test_booleans(search: Search) -> None:
    events = [{"process": {"interactive": v}} for v in (True, False, "true", "", "maybe")]
    cases = [
        ("process.interactive == true", [1, 3]),
        ("process.interactive == false", [2, 4]),
        ("not process.interactive", [2, 4, 5]),
    ]
    search(cases, events)


def test_limits(search: Search) -> None:
    cases = [
        ("| head 2", [1, 2]),
        ("| tail 2", [8, 9]),
        ("| tail 5 | head 2", [5, 6]),
        ("| head 5 | tail 2", [4, 5]),
        ("| head 0", []),
        ("| tail 3 | tail 1", [9]),
    ]
    search([(f"true {pipes}", rows) for pipes, rows in cases], NAMES)


def test_category(search: Search) -> None:
    events = [
        {"event": {"category": "process"}},
        {"event": {"category": ["network", "process"]}},
        {"event": {"category": "Process"}},
        {},
    ]
    search([("process where true", [1, 2]), ("any where true", [1, 2, 3, 4])], events)
    search([("process where false", [])], events)
