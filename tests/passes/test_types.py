"""Spec §2 and §7: what is refused, what is warned of, and where the diagnostic points."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Report, Severity
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.dump import dump
from eqlx.ir.functions import Kind, of
from eqlx.ir.kinds import type_of
from eqlx.ir.nodes import Call, EventQuery, Function
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.source import Source


def diagnosed(text: str) -> tuple[EventQuery | None, Report]:
    report = Report(Source("query", text))
    query = compile_source(Source("query", text), Context(CATALOGUE, report))
    return query, report  # type: ignore[return-value]  # event queries only


@pytest.mark.parametrize(
    ("condition", "slug", "marked"),
    [
        ("process.pid", "not-a-condition", "process.pid"),
        ("not process.name", "not-a-condition", "process.name"),
        ("length(process.name)", "not-a-condition", "length(process.name)"),
        ('process.name == "a" and "b"', "not-a-condition", '"b"'),
        ("process.pid : 4", "pattern-not-text", "4"),
        ('process.pid : "4"', "operand-not-text", "process.pid"),
        ('process.pid like "4*"', "operand-not-text", "process.pid"),
        ('source.ip : "10.*"', "operand-not-text", "source.ip"),
        ('process.pid in~ ("4")', "operand-not-text", "process.pid"),
        ("process.name : null", "pattern-not-text", "null"),
        ("process.name regex true", "pattern-not-text", "true"),
        ('destination.port in (80, "443")', "list-element-type", '"443"'),
        ('process.name in ("a", 4)', "list-element-type", "4"),
        ('process.name in~ ("a", 4)', "list-element-type", "4"),
        ("process.name in (null)", "list-of-nulls", "process.name in (null)"),
        ("process.pid in (process.parent.pid)", "not-a-constant", "process.parent.pid"),
        ("process.name == process.parent.name", "fields-compared", "process.parent.name"),
        (
            "length(process.name) == length(process.title)",
            "fields-compared",
            "length(process.title)",
        ),
        ('process.name + 1 == "b"', "operand-not-number", "process.name"),
        ("-process.name == 1", "operand-not-number", "process.name"),
        (
            "process.code_signature.exists > true",
            "order-of-booleans",
            "process.code_signature.exists",
        ),
        ("length(process.pid) > 1", "argument-type", "process.pid"),
        ('substring(process.name, "a") == "b"', "argument-type", '"a"'),
        ("startsWith(process.name, 5)", "argument-type", "5"),
        ("length() > 1", "argument-count", "length()"),
        ('indexOf(process.name, "a", 1, 2) > 1', "argument-count", None),
        ('process.name == lenght("a")', "unknown-function", "lenght"),
        ("isNull(process.name)", "unknown-function", "isNull"),
        ("NOT (process.pid == 1)", "letter-case", "NOT"),
        ("process.code_signature.exists == True", "letter-case", "True"),
        ("process.name != NULL", "letter-case", "NULL"),
        ("length~(process.name) > 1", "function-has-no-case", "length~"),
        ('cidrMatch(process.name, "10.0.0.0/8")', "network-of-no-address", "process.name"),
        ('cidrMatch(source.ip, "10.0.0.0/33")', "invalid-network", '"10.0.0.0/33"'),
        ('cidrMatch(source.ip, "::ffff:0:0/96")', "invalid-network", '"::ffff:0:0/96"'),
        ("cidrMatch(source.ip, source.ip)", "argument-type", "source.ip"),
        ('source.ip == "localhost"', "invalid-network", '"localhost"'),
        ("source.ip == 0", "literal-does-not-fit", "0"),
        ('process.pid == "cmd.exe"', "literal-does-not-fit", '"cmd.exe"'),
        ("process.pid == true", "literal-does-not-fit", "true"),
        ("process.code_signature.exists == 1", "literal-does-not-fit", "1"),
        ('@timestamp > "soon"', "literal-does-not-fit", '"soon"'),
        ('@timestamp > "now-1d"', "date-arithmetic", '"now-1d"'),
        ('@timestamp > "2026-01-01||/M"', "date-arithmetic", '"2026-01-01||/M"'),
        ('length(process.name) == "5"', "literal-does-not-fit", '"5"'),
        ('process.name regex "a(b"', "invalid-regex", '"a(b"'),
        ("source.geo.location != null", "unsupported-field-type", "source.geo.location"),
    ],
)
def test_refused(condition: str, slug: str, marked: str | None) -> None:
    text = f"any where {condition}"
    query, report = diagnosed(text)
    assert query is None
    errors = [d for d in report if d.severity is Severity.ERROR]
    assert slug in [d.code for d in errors], errors
    found = next(d for d in errors if d.code == slug)
    assert found.span is not None
    if marked is not None:
        assert text[found.span.start : found.span.end] == marked


@pytest.mark.parametrize(
    ("condition", "tip"),
    [
        ("isNull(process.name)", "write `field == null`"),
        ('startsWiht(process.name, "a")', "did you mean `startsWith`?"),
        (
            'process.name : "a" or "b"',
            'for a list write `field : ("…", "…")`: `or` joins conditions, not values',
        ),
        (
            "process-name",
            "`-` is minus; a name with it stands in backticks, as in `` `process-…` ``",
        ),
        ("process.name != NULL", "write `null`"),
        ("process.name == cmd", 'for a text write `"cmd"`'),
        ('process.args : "x" -- y', "if `--` begins a comment, write `//`"),
    ],
)
def test_help_names_what_was_meant(condition: str, tip: str) -> None:
    _, report = diagnosed(f"any where {condition}")
    assert tip in [d.help for d in report if d.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ('process.pid == "4"', "process.pid: long == 4"),
        ("process.name == 4", 'process.name: keyword == "4"'),
        ("process.name == true", 'process.name: keyword == "true"'),
        ("@timestamp > 2020-01-01", "@timestamp: date > instant(1514764800000000000ns)"),
        (
            'process.code_signature.exists == "true"',
            "process.code_signature.exists: boolean == true",
        ),
    ],
)
def test_converted_with_a_warning(condition: str, taken: str) -> None:
    query, report = diagnosed(f"any where {condition}")
    assert query is not None
    assert dump(query.filter.condition) == taken
    assert [(d.code, d.severity) for d in report] == [("literal-converted", Severity.WARNING)]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ('source.ip == "10.0.0.0/8"', "source.ip: ip network (10.0.0.0/8)"),
        ('source.ip in ("::1", "10.6.48.157/8")', "source.ip: ip network (::1, 10.0.0.0/8)"),
        ('cidrmatch(source.ip, "FE80::/10")', "source.ip: ip network (fe80::/10)"),
        ("destination.port in (80, 443.0)", "destination.port: long in (80, 443.0)"),
        ("destination.port == 4.5", "destination.port: long == 4.5"),
        ('@timestamp > "1970-01-01T01:00:00+01:00"', "@timestamp: date > instant(0ns)"),
        ('@timestamp >= "1000000"', "@timestamp: date >= instant(1000000000000ns)"),
        ('process.name > "a"', 'process.name: keyword > "a"'),
        (
            "startsWith~(file.path, process.name)",
            "file.path: keyword starts-with~ process.name: keyword",
        ),
        ("(process.pid > 5) == null", "truth(process.pid: long > 5) is-null"),
    ],
)
def test_accepted(condition: str, taken: str) -> None:
    query, report = diagnosed(f"any where {condition}")
    assert query is not None, list(report)
    assert dump(query.filter.condition) == taken
    assert not len(report)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("my.own in (80, 443)", "long"),
        ("my.own > 0.5", "double"),
        ("my.own", "boolean"),
        ('cidrMatch(my.own, "10.0.0.0/8")', "ip"),
        ('my.own == "a"', "keyword"),
        ('my.own == "a" or my.own == 4', "keyword"),
        ("my.own + 1 > 5", "long"),
    ],
)
def test_an_unknown_field_is_what_its_use_asks_for(condition: str, kind: str) -> None:
    query, report = diagnosed(f"any where {condition}")
    assert query is not None, list(report)
    assert f"my.own: {kind}" in dump(query)
    assert "unknown-field" in [d.code for d in report]
    assert [d.code for d in report].count("unknown-field") == 1


def test_join_keys_of_other_types() -> None:
    text = "sequence [any where true] by process.pid [any where true] by process.name"
    _, report = diagnosed(text)
    found = next(d for d in report if d.code == "join-key-types-differ")
    assert found.span is not None
    assert text[found.span.start : found.span.end] == "process.name"


def test_an_unknown_join_key_fits_any() -> None:
    text = "sequence [any where true] by process.pid [any where true] by my.own"
    query, report = diagnosed(text)
    assert query is not None
    assert [d.code for d in report] == ["unknown-field"]
    assert "my.own: long" in dump(query)


def test_a_closed_schema_without_the_field() -> None:
    """Not optional: the rule runs and sees null. Optional: null before any event is seen."""
    schema = FieldList({"event.category": FieldInfo(FieldType.KEYWORD)})
    source = Source("query", 'any where not gone : "a"')
    report = Report(source)
    query = compile_source(source, Context(schema, report))
    assert query is not None
    assert dump(query) == 'event\n  any\n  not\n    gone: keyword ==~ "a"'
    assert [d.code for d in report] == ["unknown-field"]


def test_the_wildcard_trap_is_noted() -> None:
    """§13.1."""
    _, report = diagnosed('any where endsWith(file.path, "\\\\a.exe")')
    assert [(d.code, d.severity) for d in report] == [
        ("literal-in-wildcard-function", Severity.NOTE)
    ]
    _, report = diagnosed('any where startsWith(file.path, "a*")')
    assert not len(report)


def test_every_fault_is_found_at_once() -> None:
    _, report = diagnosed("any where lenght(a.b) > 1 and process.name : 4 and process.pid")
    codes = {d.code for d in report if d.severity is Severity.ERROR}
    assert codes == {"unknown-function", "pattern-not-text"}


def test_types_of_functions_are_those_of_their_signatures() -> None:
    """`ir.kinds` says them again, as the IR stands below the signatures."""
    results = {
        Kind.STRING: FieldType.KEYWORD,
        Kind.INTEGER: FieldType.LONG,
        Kind.NUMBER: FieldType.DOUBLE,
    }
    for function in Function:
        assert type_of(Call(function, ())) is results[of(function).result]
