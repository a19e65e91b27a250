"""Queries that together have every feature, for checks that need one of each."""

from __future__ import annotations

from eqlx.fields.schema import FieldInfo, FieldList, Layered, Schema
from eqlx.ir.types import FieldType

FIELDS = FieldList(
    {
        "kit.version": FieldInfo(FieldType.VERSION),
        "kit.flag": FieldInfo(FieldType.BOOLEAN),
        "kit.time": FieldInfo(FieldType.DATE),
        "kit.labels": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "kit.address": FieldInfo(FieldType.IP),
        "kit.size": FieldInfo(FieldType.LONG),
        "kit.ratio": FieldInfo(FieldType.DOUBLE),
    },
    closed=False,
)
"""Fields of types that the field catalogue has no plain example of."""

QUERIES: tuple[str, ...] = (
    "any where true",
    "any where false",
    'process where process.name == "a.exe"',
    'process where process.name : "a.exe"',
    'process where process.name : ("a.exe", "b.exe")',
    'process where process.name != "a.exe" or not user.name == "root"',
    'process where process.name in ("a", "b") and user.name in~ ("c", "d")',
    'process where process.name not in ("a", "b")',
    'process where process.name like "a*b?c" and process.args : "*x*"',
    'process where process.name like~ ("a*", "b?")',
    'process where process.name regex "a[0-9]+b" or process.name regex~ "x{2,3}(y|z)"',
    'process where process.name regex "a<1-9>@"',
    'process where process.name regex "~(ab)c"',
    'process where startsWith(process.name, "a") or startsWith~(process.name, "b")',
    'process where endsWith(process.name, "a") or endsWith~(process.name, "b")',
    'process where stringContains(process.name, "a") or stringContains~(process.name, "b")',
    "process where process.pid == 4 or process.pid > 5 and process.pid <= 6",
    "process where kit.flag == true or kit.ratio == 1.5",
    'process where kit.time == "2026-01-02T03:04:05Z" or kit.time >= "2026-01-01"',
    'process where kit.version == "1.2.3" or kit.version < "2.0.0"',
    'process where process.name < "m"',
    'network where kit.address == "10.0.0.1" or kit.address > "10.0.0.1"',
    'network where cidrMatch(source.ip, "10.0.0.0/8", "fe80::/10")',
    'process where kit.labels == "a" and not kit.labels : "b*"',
    "process where user.name == null and process.name != null",
    'process where indexOf(process.name, "a") == null',
    'process where length(process.name) > 3 and substring(process.name, 1, 3) == "xy"',
    'process where between(process.name, "a", "b") == "x"',
    'process where concat(process.name, ":", process.pid) == "x:1"',
    'process where indexOf(process.name, "x") == 2',
    'process where number(process.name) == 1 and string(process.pid) == "2"',
    "process where kit.size + 1 > 10 and kit.size * 2 - 3 < 8 and kit.size / 2 == 1",
    "process where kit.size % 2 == 0",
    "process where startsWith(process.name, user.name)",
    "process where (kit.size > 5) == null",
    "process where true | head 5",
    "process where true | tail 5",
    "sequence by host.id with maxspan=1m [process where true] [file where true]",
    "sequence by host.id [process where true] [file where true]",
    "sequence with maxspan=1h [process where true] [file where true] | tail 3",
    "sequence [process where true] by process.pid [file where true] by process.parent.pid",
    "sequence by host.id with maxspan=1m [process where true] with runs=3 [file where true]",
    "sequence by host.id [process where true] [file where true] until [network where true]",
    "sequence by host.id with maxspan=1m [process where true] ![file where true]",
    "sequence by ?user.id with maxspan=1m [process where true] [file where true]",
    "sequence by kit.labels with maxspan=1m [process where true] [file where true]",
    "sample by host.id [process where true] [file where true]",
)
"""One or more for every `Feature`; the fields are ECS's and those of `FIELDS`."""


def schema() -> Schema:
    """What the queries are compiled with."""
    from eqlx.fields.catalogue import CATALOGUE

    return Layered((FIELDS, CATALOGUE))
