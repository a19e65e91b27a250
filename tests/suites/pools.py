"""The small pools that generated events and queries both draw from, so that they often meet."""

from __future__ import annotations

from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.target import EventModel

MODEL = EventModel(tiebreaker="event.sequence", category="event.category")
SCHEMA = FieldList({"ver": FieldInfo(FieldType.VERSION)})
"""What neither the catalogue nor the data can say of the generated events' fields."""

KEYWORDS = ("process.name", "user.name", "file.path")
MULTI_KEYWORDS = ("process.args", "tags")
LONGS = ("process.pid", "destination.port")
DOUBLES = ("event.risk_score",)
ADDRESSES = ("destination.ip", "source.ip")
BOOLEANS = ("process.interactive",)
DATES = ("event.created",)
KEYS = ("host.id", "user.id", "process.pid", "process.interactive")
MULTI_KEYS = ("tags",)
RARE_KEYS = ("destination.ip", "source.ip", "event.risk_score", "event.created", "file.path")
OTHER_KEYS = {
    "host.id": "user.id",
    "user.id": "process.name",
    "destination.ip": "source.ip",
    "process.pid": "destination.port",
    "tags": "file.path",
}
"""A field of the same type, which another stage may join by."""
UNMAPPED = ("gone.one", "gone.two")
CATEGORIES = ("process", "file", "network")

TEXTS = (
    *("a", "A", "ab", "aB", "b", "aab", "ba", "abcab", "cmd.exe", "CMD.EXE", "xcmd.exe"),
    *("php7.4", "a*", "a?b", "a%b", "a_b", "a\\b", "\\", "a\nb", "a\r\nb", "'", '"', "[a-c]"),
    *("", " ", "1", "10", "0x1F", " 7 ", "1e3", "junk", "null", "true", "-5", "2.50", "k=*"),
)
UNICODE_TEXTS = ("é", "É", "aé", "\U0001f600", "a\U0001f600b", "\u212a", "\u017f", "ß", "İ", "日本")
ASTRAL_TEXTS = ("\U0001f600", "a\U0001f600b", "\U0001f600a*", "日本", "日\U0001f600本a")
"""Letters without case, some of two UTF-16 units."""

WILDCARDS = ("a*b", "a?b", "*b", "a*", "??", "*.exe", "PHP*", "*", "?*", "*a*b*", "", "*\n*")
REGEXES = (
    *("[a-c]+", "[A-C]*", "[^a-z]+", "[a-z]+\\.exe", ".[a-b].*", "\\w+", "a.b", "a.*b", "(a|b)*"),
    *("~(a.*)", "~a", "a.*&.*b", "@b", "<1-20>", '"a*"', "#|a", "[a-c]{2,3}", "[^a-cA]*", "()|a"),
)
LONG_VALUES = (-7, -2, -1, 0, 1, 2, 3, 4, 5, 10, 80, 443, 65535)
WIDE_LONGS = (2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
DOUBLE_VALUES = (-1.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.5, 10.5, 1e10, 1e-5)
ADDRESS_VALUES = (
    *("10.0.0.1", "10.1.2.3", "192.168.1.1", "127.0.0.1", "0.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "FE80::AB", "::ffff:10.0.0.1", "2001:db8::1", "::10.0.0.1"),
)
NETWORKS = (
    *("10.0.0.0/8", "10.1.2.3/16", "192.168.0.0/24", "127.0.0.1", "0.0.0.0/0", "::/0", "::1"),
    *("fe80::/10", "FE80::/64", "2001:db8::/32", "::ffff:10.0.0.1", "10.0.0.1/31", "::/96"),
)
VERSIONS = (
    "1.0.0",
    "1.2.0",
    "1.10.0",
    "1.2.0-rc.1",
    "1.2.0-1",
    "1.2",
    "bad",
    "2.0.0+b1",
    "1.2.0-rc",
)
DATE_VALUES = (
    *("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.500Z", "2023-12-31T23:59:59.999Z"),
    *("2024-06-01T12:00:00Z", "2024-06-01", "2024-06-01T14:00:00+02:00"),
)
START = 1_704_067_200_000
"""2024-01-01 in epoch milliseconds: where generated events begin."""
