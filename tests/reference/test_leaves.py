"""Null, several values, functions and errors inside leaves: §5, §6, §7, §13."""

from __future__ import annotations

import pytest
from reference_query import true_for

from eqlx.ir.types import FieldType

LACKING = {"other": 1}
MAPPED = {
    "f": FieldType.KEYWORD,
    "n": FieldType.LONG,
    "flag": FieldType.BOOLEAN,
}


@pytest.mark.parametrize(
    ("condition", "mapped", "unmapped"),
    [
        ('?f == "c"', False, False),
        ('?f : "c"', False, False),
        ('?f in ("c")', False, False),
        ('?f like "c*"', False, False),
        ("?n < 5", False, False),
        ('?f != "c"', True, True),
        ('not ?f == "c"', True, True),
        ('?f not in ("c")', True, False),
        ('not ?f : "c"', True, False),
        ('not ?f like "c*"', True, False),
        ("not ?n > 5", True, False),
        ("?f == null", True, True),
        ("?f != null", False, False),
        ('startsWith(?f, "a")', False, False),
        ('not startsWith(?f, "a")', True, False),
        ('startsWith(?f, "a") == false', True, False),
        ("?flag == false", False, False),
        ("length(?f) != 3", True, True),
        ("length(?f) == null", True, True),
        ("length(?f) != null", False, False),
        ("(?n > 5) == null", True, True),
        ("not (other == 1 and ?n > 5)", True, False),
        ("other == 1 or ?n > 5", True, True),
        ("not (other == 1 or ?n > 5)", False, False),
        ("not (other == 2 or ?n > 5)", True, True),
    ],
)
def test_the_table_of_section_5(condition: str, mapped: bool, unmapped: bool) -> None:
    assert true_for(condition, LACKING, MAPPED) == mapped
    assert true_for(condition, LACKING) == unmapped


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("x > 5 and x < 3", {"x": [1, 10]}, True),
        ('x != "a"', {"x": ["a", "b"]}, False),
        ('x not in ("a", "c")', {"x": ["b", "d"]}, True),
        ('not x : "B*"', {"x": ["a", "bb"]}, False),
        # two mentions of one field choose on their own
        ('substring(p, 0, length(p) - 4) == "longer"', {"p": ["longer.exe", "ab.exe"]}, True),
        ('substring(p, 0, length(p) - 4) == "lo"', {"p": ["ab.exe", "longer.exe"]}, True),
        ('indexOf(tags, "z") != null', {"tags": ["a", "z"]}, False),
        ('indexOf(tags, "z") == null', {"tags": ["a", "z"]}, True),
        ("startsWith(a, b)", {"a": ["xy", "z"], "b": ["q", "z"]}, True),
        ("not startsWith(a, b)", {"a": ["xy", "z"], "b": ["q", "z"]}, False),
        ('x == "a"', {"x": []}, False),
        ("x == null", {"x": [None]}, True),
    ],
)
def test_several_values_of_section_6(
    condition: str, event: dict[str, object], expected: bool
) -> None:
    types = dict.fromkeys(event, FieldType.KEYWORD) if event.get("x") in ([], [None]) else None
    assert true_for(condition, event, types) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # UTF-16 units
        ("length(smile) == 3", True),
        ('indexOf(smile, "b") == 3', False),
        ('indexOf(concat(smile, "b"), "b") == 3', True),
        ('substring(smile, 0, 1) == "a"', True),
        ("length(substring(smile, 0, 2)) == 2", True),
        # between
        ('between(s, "o", "o") == ""', True),
        ('between(s, "o", "r") == "oba"', True),
        ('between(s, "O", "R") == ""', True),
        ('between~(s, "O", "R") == "oba"', True),
        ('between(s, "f", "a", true) == "oob"', True),
        ('between(s, "x", "y") == ""', True),
        ('between(s, "", "r") == "foobar"', True),
        ('between(s, "bar", "f", true) == null', False),  # throws: the leaf fails
        ('not between(s, "bar", "f", true) == "x"', True),
        # indexOf
        ('indexOf(s, "o", 2) == 2', True),
        ('indexOf(s, "o", -5) == 1', True),
        ('indexOf(s, "o", 99) == null', True),
        ('indexOf(s, "") == 0', True),
        ('indexOf(s, "", 4) == 4', True),
        ('indexOf~(s, "OB") == 2', True),
        # substring
        ('substring(s, -3) == "bar"', True),
        ('substring(s, 2, -1) == "oba"', True),
        ('substring(s, 4, 2) == ""', True),
        ('substring(s, -99, 99) == "foobar"', True),
        # number
        ("number(hex) == 31", True),
        ("number(hex, 16) == 31", True),
        ('number(concat("-", hex), 16) == -31', False),  # no prefix after a sign
        ("number(hex, 10) == null", False),
        ("number(blanks) == 7", True),
        ("number(s) == null", False),
        ("number(s) != null", True),
        ("number(exp) == 1000", True),
        ("number(octal, 8) == 8", True),
        # string, concat
        ('concat(s, n, flag, half) == "foobar-7true0.5"', True),
        ('string(half) == "0.5"', True),
        ("concat(s, gone) == null", True),
        # arithmetic
        ("n / 2 == -3", True),
        ("n % 3 == -1", True),
        ("n / 0 == null", False),
        ("not n / 0 == 1", True),
        ("half / 0 > 1000", True),
        ("half % 0.4 < 0.2", True),
        ("-n == 7", True),
        ("big + 1 > 0", False),
        ("big - 1 > 0", True),
        ("n + half == -6.5", True),
        ("multiply(n, n) == 49", True),
        # startsWith and the like
        ('startsWith(s, "")', True),
        ('endsWith(s, "")', True),
        ('stringContains(s, "")', False),
        ('stringContains~(s, "OBA")', True),
        ('endsWith(star, "*")', True),
        ('endsWith(s, "*")', False),
        # computed values: `*` and `.` stop at line ends
        ('lines like "a*b"', True),
        ('concat(lines, "") like "a*b"', False),
        ('lines regex "a.b"', True),
        ('concat(lines, "") regex "a.b"', False),
        ('s regex~ "[A-F]oobar"', False),
        ('concat(s, "") regex~ "[A-F]oobar"', True),
        # conditions as values
        ("(n > 5) == false", True),
        ("(gone == 1) == null", True),
        ('(gone == 1 or s == "foobar") == true', True),
    ],
)
def test_functions_of_section_7(condition: str, expected: bool) -> None:
    event = {
        "s": "foobar",
        "smile": "a\U0001f600",
        "hex": "0x1F",
        "blanks": " 7 ",
        "exp": "1e3",
        "octal": "010",
        "n": -7,
        "half": 0.5,
        "flag": True,
        "big": 2**63 - 1,
        "star": "a*",
        "lines": "a\nb",
    }
    assert true_for(condition, event, {"gone": FieldType.LONG}) == expected


def test_a_failing_combination_does_not_hide_a_true_one() -> None:
    assert true_for("number(x) == 5", {"x": ["junk", "5"]})
    assert not true_for("number(x) == 6", {"x": ["junk", "5"]})


def test_zero_and_minus_zero_are_two_outcomes() -> None:
    fields, schema = {"f": [0.0, -2.0]}, {"f": FieldType.DOUBLE}
    assert true_for("1 / (f * f) > 1", fields, schema)
    assert true_for("1 / (f * f) < -1", fields, schema)  # 0.0 * -2.0


@pytest.mark.parametrize(
    ("condition", "address", "expected"),
    [
        ('ip == "10.0.0.1"', "::ffff:10.0.0.1", True),
        ('ip == "::ffff:10.0.0.1"', "10.0.0.1", True),
        ('ip == "10.0.0.0/8"', "10.9.9.9", True),
        ('ip in ("1.1.1.1", "fe80::/10")', "FE80::1", True),
        ('cidrMatch(ip, "10.6.48.157/8")', "10.1.1.1", True),
        ('cidrMatch(ip, "::/0")', "10.1.1.1", True),
        ('cidrMatch(ip, "0.0.0.0/0")', "::1", False),
        ('not cidrMatch(ip, "::/0")', "no address", True),
        ("ip == null", "no address", True),
        ('ip < "10.0.0.2"', "10.0.0.1", True),
        ('ip < "10.0.0.2"', "::1", True),
    ],
)
def test_addresses(condition: str, address: str, expected: bool) -> None:
    assert true_for(condition, {"ip": address}, {"ip": FieldType.IP}) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "condition", "expected"),
    [
        (FieldType.KEYWORD, 5, 'f == "5"', True),
        (FieldType.KEYWORD, True, 'f == "true"', True),
        (FieldType.LONG, "12", "f == 12", True),
        (FieldType.LONG, "12.7", "f == 12", True),
        (FieldType.LONG, "junk", "f == null", True),
        (FieldType.LONG, 2**70, "f == null", True),
        (FieldType.LONG, True, "f == null", True),
        (FieldType.DOUBLE, "1e3", "f == 1000", True),
        (FieldType.DOUBLE, "nan", "f == null", True),
        (FieldType.BOOLEAN, "false", "f == false", True),
        (FieldType.BOOLEAN, "yes", "f == null", True),
        (FieldType.DATE, 1000, 'f == "1970-01-01T00:00:01Z"', True),
        (FieldType.DATE, "1970-01-01T01:00:01+01:00", 'f == "1970-01-01T00:00:01.000Z"', True),
        (FieldType.DATE, "soon", "f == null", True),
        (FieldType.VERSION, "1.10.0", 'f > "1.2.0"', True),
        (FieldType.VERSION, "1.2.0-rc.1", 'f < "1.2.0"', True),
        (FieldType.VERSION, "bad", 'f == "bad"', True),
        (FieldType.LONG, 4, "f == 4.5", False),
        (FieldType.LONG, 4, "f < 4.5", True),
        (FieldType.KEYWORD, "B", 'f < "a"', True),
        (FieldType.KEYWORD, "\U0001f600", 'f > "\uffff"', True),
    ],
)
def test_what_a_field_holds_of_a_json_value(
    kind: FieldType, raw: object, condition: str, expected: bool
) -> None:
    assert true_for(condition, {"f": raw}, {"f": kind}) == expected
