"""Test files as tests: the keys that there are, events merged with their base, names resolved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from eqlx import inputs
from eqlx.diagnostics import Diagnostic, EqlxError, Report
from eqlx.diagnostics.catalogue.ruletest import (
    unknown_event_name,
    unknown_test_key,
    wrong_in_test_file,
)
from eqlx.diagnostics.nearest import nearest
from eqlx.events import read_events
from eqlx.execution import DatasetError, Event
from eqlx.ruletest.events import Times, nested, plain
from eqlx.ruletest.model import DEFAULT_ENGINES, Expected, Name, RuleTest, TestFile
from eqlx.ruletest.nodes import Items, Node, Scalar, Table, parse_yaml
from eqlx.source import Source, Span

NAME_KEY = "_id"
_FILE_KEYS = ("tests", "base", "engines", "rule", "id_field")
_TEST_KEYS = ("name", "events", "matches", "base")

N = TypeVar("N", bound=Node)


def read_test_file(path: Path, timestamp: str = "@timestamp") -> TestFile:
    """The tests of a file. `timestamp` is the field of an event's time.

    Raises:
        EqlxError: the file cannot be read or is at fault; all faults of its structure are given,
            each at its line.
        OSError, UnicodeDecodeError: as reading raises them.
    """
    return parse_test_file(
        Source(str(path), inputs.read_bytes(path).decode("utf-8-sig")), timestamp
    )


def parse_test_file(source: Source, timestamp: str = "@timestamp") -> TestFile:
    """As `read_test_file`, of a text; files of events lie beside `source.name`."""
    report = Report(source)
    reader = _Reader(source, report, timestamp)
    try:
        file = reader.file(parse_yaml(source))
    except _Stopped:
        file = None
    if file is None or report.has_errors:
        raise EqlxError(report.diagnostics)
    return file


class _Stopped(Exception):  # noqa: N818 a way out, not an error: what is wrong stands in the report
    """The part being read is at fault, which has been said."""


class _Reader:
    def __init__(self, source: Source, report: Report, timestamp: str) -> None:
        self.source = source
        self.report = report
        self.timestamp = timestamp

    def file(self, node: Node) -> TestFile:
        table = self.wanted(node, Table, "a table of `tests`, `base` and `engines`")
        self.known_keys(table, _FILE_KEYS, "a test file")
        tests = self.entry(table, "tests", Items, "a list of tests")
        base = self.base(table)
        id_field = self.text(table, "id_field")
        engines = self.engines(table)
        read = []
        for item in tests.items:
            try:
                read.append(self.test(item, base, id_field))
            except _Stopped:
                continue
        if not tests.items:
            self.say(wrong_in_test_file("`tests` is empty", None, span=tests.span))
        self.distinct_names(read)
        return TestFile(self.source, tuple(read), engines, self.text(table, "rule"))

    def engines(self, table: Table) -> tuple[str, ...]:
        if "engines" not in table.entries:
            return DEFAULT_ENGINES
        listed = self.wanted(table.entries["engines"], Items, "a list of engines")
        names = tuple(self.string(item, "the name of an engine") for item in listed.items)
        if not names:
            raise self.stopped(wrong_in_test_file("`engines` is empty", None, span=listed.span))
        return names

    def test(self, node: Node, base: Mapping[str, object], id_field: str | None) -> RuleTest:
        table = self.wanted(node, Table, "a test with `name`, `events` and `matches`")
        self.known_keys(table, _TEST_KEYS, "a test")
        name = self.string(self.entry(table, "name", Scalar, "a name"), "a name")
        common = {**base, **self.base(table)}
        events, names = self.events(table, common, id_field)
        expected = self.expected(table, names)
        # The name's own line is where an annotation should stand.
        return RuleTest(name, events, names, expected, table.entries["name"].span)

    def base(self, table: Table) -> dict[str, object]:
        if "base" not in table.entries:
            return {}
        return self.flat(self.wanted(table.entries["base"], Table, "a table of fields"))

    def events(
        self, table: Table, base: Mapping[str, object], id_field: str | None
    ) -> tuple[tuple[Event, ...], tuple[Name, ...]]:
        node = table.entries.get("events")
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self.from_file(node, node.value, id_field)
        listed = self.entry(table, "events", Items, "a list of events, or the name of a file")
        events: list[Event] = []
        names: list[Name] = []
        times = Times(self.timestamp)
        for number, item in enumerate(listed.items, start=1):
            one = self.wanted(item, Table, "a table of fields")
            fields = self.flat(one)
            name = fields.pop(NAME_KEY, None)
            if name is not None and not isinstance(name, str):
                raise self.stopped(
                    wrong_in_test_file("an `_id` is a text", "quote it", span=one.keys[NAME_KEY])
                )
            if name in names:
                message = f"two events are named `{name}`"
                raise self.stopped(wrong_in_test_file(message, None, span=one.keys[NAME_KEY]))
            kept = {k: v for k, v in base.items() if not _replaced(k, fields)}
            merged = {**kept, **fields}
            fault = times.complete(merged)
            if fault is not None:
                place = one.keys.get(self.timestamp, one.span)
                raise self.stopped(wrong_in_test_file(fault, "as in `+1m30s`", span=place))
            events.append(nested(merged))
            names.append(number if name is None else name)
        return tuple(events), tuple(names)

    def from_file(
        self, node: Scalar, name: str, id_field: str | None
    ) -> tuple[tuple[Event, ...], tuple[Name, ...]]:
        path = Path(self.source.name).parent / name
        try:
            events = read_events([path])
        except DatasetError as error:
            line = "" if error.line is None else f" (line {error.line})"
            message = f"cannot read `{name}`{line}: {error}"
            raise self.stopped(
                wrong_in_test_file(message, "a path from this file's folder", span=node.span)
            ) from None
        names: list[Name] = []
        for number, event in enumerate(events, start=1):
            value = None if id_field is None else plain(event, id_field)
            names.append(number if value is None else value)
        return tuple(events), tuple(names)

    def expected(self, table: Table, names: tuple[Name, ...]) -> Expected:
        form = "a number, `none`, or a list of events (of lists, for sequences and samples)"
        node = table.entries.get("matches")
        match node:
            case Scalar(value=bool()):
                pass
            case Scalar(value=int(count)) if count >= 0:
                return Expected(count)
            case Scalar(value="none"):
                return Expected(0, ())
            case Items():
                matches = tuple(self.match(item, names) for item in node.items)
                return Expected(len(matches), matches)
            case _:
                pass
        span = table.span if node is None else node.span
        missing = "a test without `matches`: expected" if node is None else "`matches` is"
        raise self.stopped(
            wrong_in_test_file(f"{missing} {form}", None, span=_line(self.source, span))
        )

    def match(self, node: Node, names: tuple[Name, ...]) -> tuple[Name, ...]:
        items = node.items if isinstance(node, Items) else (node,)
        return tuple(self.event_name(item, names) for item in items)

    def event_name(self, node: Node, names: tuple[Name, ...]) -> Name:
        if not isinstance(node, Scalar) or isinstance(node.value, bool | float | None):
            raise self.stopped(
                wrong_in_test_file(
                    "an event is named by its `_id` or its number", None, span=node.span
                )
            )
        value = node.value
        if isinstance(value, int) and value not in names and 1 <= value <= len(names):
            return names[value - 1]
        if value not in names:
            near = nearest(str(value), [str(name) for name in names])
            raise self.stopped(unknown_event_name(str(value), near, span=node.span))
        return value

    # --- parts -----------------------------------------------------------------------------------

    def flat(self, table: Table, prefix: str = "") -> dict[str, object]:
        """Fields by dotted path, as written in either form."""
        found: dict[str, object] = {}
        for key, node in table.entries.items():
            path = f"{prefix}{key}"
            inner = self.flat(node, f"{path}.") if isinstance(node, Table) else {path: _value(node)}
            for name, value in inner.items():
                if name in found:
                    message = f"the field `{name}` stands twice"
                    raise self.stopped(wrong_in_test_file(message, None, span=table.keys[key]))
                found[name] = value
        return found

    def known_keys(self, table: Table, known: tuple[str, ...], place: str) -> None:
        for key, span in table.keys.items():
            if key not in known:
                self.say(unknown_test_key(key, place, known, nearest(key, known), span=span))

    def distinct_names(self, tests: list[RuleTest]) -> None:
        seen: set[str] = set()
        for test in tests:
            if test.name in seen:
                message = f"two tests are named `{test.name}`"
                self.say(wrong_in_test_file(message, None, span=test.span))
            seen.add(test.name)

    def entry(self, table: Table, key: str, kind: type[N], form: str) -> N:
        if key not in table.entries:
            message = f"`{key}` is missing: expected {form}"
            raise self.stopped(
                wrong_in_test_file(message, None, span=_line(self.source, table.span))
            )
        return self.wanted(table.entries[key], kind, form)

    def text(self, table: Table, key: str) -> str | None:
        node = table.entries.get(key)
        return None if node is None else self.string(node, "a text")

    def string(self, node: Node, form: str) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        raise self.stopped(
            wrong_in_test_file(f"expected {form}, found {_kind(node)}", None, span=node.span)
        )

    def wanted(self, node: Node, kind: type[N], form: str) -> N:
        if isinstance(node, kind):
            return node
        span = _line(self.source, node.span)
        raise self.stopped(
            wrong_in_test_file(f"expected {form}, found {_kind(node)}", None, span=span)
        )

    def say(self, diagnostic: Diagnostic) -> None:
        self.report.add(diagnostic)

    def stopped(self, diagnostic: Diagnostic) -> _Stopped:
        self.say(diagnostic)
        return _Stopped()


def _replaced(path: str, fields: Mapping[str, object]) -> bool:
    """Whether an event's own fields take the place of one of the base: the same, one above it (such
    as `process: null`), or one below it."""
    return any(
        path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.")
        for name in fields
    )


def _value(node: Node) -> object:
    match node:
        case Scalar(value):
            return value
        case Items(items):
            return [_value(item) for item in items]
        case Table(entries):
            return {key: _value(item) for key, item in entries.items()}


def _kind(node: Node) -> str:
    match node:
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return "true or false"
        case Scalar(value=int() | float()):
            return "a number"
        case Scalar():
            return "a text"
        case Items():
            return "a list"
        case Table():
            return "a table"


def _line(source: Source, span: Span) -> Span:
    """The first line of a span: a mark below a whole block helps nobody."""
    end = source.text.find("\n", span.start, span.end)
    return span if end == -1 else Span(span.start, max(end, span.start))
