"""Constant expressions, each executed four ways: folded by the passes, settled by the interpreter's own
phase A, and as fields of an event by the interpreter and by DuckDB.

One *template* is an expression over fields; each event of the bench makes a constant expression of it,
with the event's values for the fields. So DuckDB answers for all of them in one statement.

As a script it surveys: `python tests/suites/constant_expressions.py FIRST_SEED TEMPLATES`.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

from duckdb_engine import Searched, searched

from eqlx.diagnostics import Report, Severity
from eqlx.execution import Bounds, Event
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList, Layered, Schema
from eqlx.ir.nodes import (
    Boolean,
    Compare,
    Condition,
    Constant,
    Decimal,
    EventQuery,
    Field,
    Integer,
    Literal,
    Null,
    Query,
    Text,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.passes.context import Context
from eqlx.passes.pipeline import lowered_source, run
from eqlx.reference import evaluate
from eqlx.reference.conditions import outcomes
from eqlx.reference.documents import numbered
from eqlx.reference.phase_a import ConstantFailure, in_phase_b
from eqlx.source import Source
from eqlx.target import EventModel

MODEL = EventModel(timestamp="t", category="c")
EVENTS = 100
"""Rows of the bench: so many constant expressions a template makes."""

TEXTS = (
    *("a", "A", "ab", "aB", "abcab", "cmd.exe", "CMD.EXE", "a*", "a?b", "\\", "a\nb", "a\r\nb"),
    *("", " ", "1", "10", "0x1F", "0X1F", "-0x1F", " 7 ", "1e3", "junk", "-5", "+5", "2.50", "5."),
    *(".5", "1d", "1f", "NaN", "Infinity", "1_0", "\u0663", "12", "zz", "9223372036854775807"),
    *("9223372036854775808", "1e400", "4.9E-324", "日本", "日本a", "'", '"', "\t", "true", "null"),
)
INTEGERS = (
    *(0, 1, -1, 2, -2, 3, 7, -7, 10, 16, 36, 37, 1000, 2**31, 2**53, 2**53 + 1, -(2**53) - 1),
    *(2**63 - 1, -(2**63), 4611686018427387904),
)
DOUBLES = (
    *(0.0, -0.0, 0.5, -1.5, 1.0, 2.0, 3.0, 10.5, 0.0005, 0.00012, 0.001, 1e-3, 9999999.0, 1e7),
    *(12345678.9, 1e10, 1e21, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 1e308, -1e308, 0.1, 1e16),
    *(2.0**53, 9.223372036854775807e18, 123456789012345.6, 100.0, 2.5e-5),
)
SMALL = (-7, -2, -1, 0, 1, 2, 3, 5)
FIELDS = {
    **{f"s{i}": FieldType.KEYWORD for i in range(3)},
    **{f"n{i}": FieldType.LONG for i in range(3)},
    **{f"x{i}": FieldType.DOUBLE for i in range(2)},
    "b": FieldType.BOOLEAN,
}
ANSWERED = "in (ANSWERS)"
"""A list of what the value comes to for some events, which the bench fills in: a wrong value shows."""
ACCEPTS_ALL = re.compile(r'(like|:|regex) "(\*+|\.\*)"')
SCHEMA = FieldList({name: FieldInfo(kind) for name, kind in FIELDS.items()})


def quoted(text: str) -> str:
    """The literal of a string."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c) for c in text) + '"'


@dataclass
class Templates:
    """Makes expressions; `depth` bounds how far values nest."""

    random: Random

    def condition(self) -> str:
        """A leaf, its constant side a literal."""
        r = self.random
        if self.coin():
            return f"({r.choice((self.text, self.text, self.integer, self.double))(3)}) {ANSWERED}"
        makers = (
            lambda: f"{self.text(3)} == {self.word()}",
            lambda: f"{self.text(2)} == {self.answer(self.text(2))}",
            lambda: f"{self.text(2)} in ({self.word()}, {self.word()})",
            lambda: f"{self.text(2)} {r.choice((':', 'like'))} {self.pattern()}",
            lambda: f"{self.text(2)} regex {self.regex()}",
            lambda: f"{self.located()}({self.text(2)}, {self.text(1)})",
            lambda: f"{self.text(2)} {self.order()} {self.word()}",
            lambda: f"({self.integer(3)}) {self.order()} {r.choice((*SMALL, *INTEGERS))}",
            lambda: f"({self.double(3)}) {self.order()} {self.bound()}",
            lambda: f"({self.double(2)}) in ({self.bound()}, {self.bound()})",
            lambda: f"number({self.text(1)}{self.base()}) {self.order()} {self.bound()}",
            lambda: f"string(number({self.text(1)}{self.base()})) == {self.answer(self.text(0))}",
            lambda: f"({r.choice((self.text, self.integer, self.double))(2)}) == null",
            lambda: f"({self.double(2)} {r.choice(('<', '>='))} {self.bound()}) == null",
            lambda: f"({self.located()}({self.text(1)}, {self.text(1)})) == null",
        )
        return r.choice(makers)()

    def text(self, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.25:
            return r.choice(("s0", "s1", "s2")) if r.random() < 0.8 else self.word()
        makers = (
            lambda: f"concat({self.any(depth - 1)}, {self.any(depth - 1)})",
            lambda: f"string({self.any(depth - 1)})",
            lambda: f"substring({self.text(depth - 1)}, {self.small()})",
            lambda: f"substring({self.text(depth - 1)}, {self.small()}, {self.small()})",
            lambda: f"between{self.tilde()}({self.text(depth - 1)}, {self.word()}, {self.word()})",
            lambda: (
                f"between({self.text(depth - 1)}, {self.text(0)}, {self.text(0)}, "
                f"{r.choice(('true', 'false'))})"
            ),
        )
        return r.choice(makers)()

    def any(self, depth: int) -> str:
        return self.random.choice((self.text, self.integer, self.double, self.boolean))(depth)

    def boolean(self, depth: int) -> str:  # noqa: ARG002 as the others
        return self.random.choice(("b", "true", "false"))

    def integer(self, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.25:
            return r.choice(("n0", "n1", "n2")) if r.random() < 0.8 else self.small()
        makers = (
            lambda: f"length({self.text(depth - 1)})",
            lambda: f"indexOf{self.tilde()}({self.text(depth - 1)}, {self.text(0)})",
            lambda: f"indexOf({self.text(depth - 1)}, {self.word()}, {self.small()})",
            lambda: f"({self.integer(depth - 1)}) {r.choice('+-*/%')} ({self.integer(depth - 1)})",
            lambda: f"-({self.integer(depth - 1)})",
        )
        return r.choice(makers)()

    def double(self, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.25:
            return r.choice(("x0", "x1")) if r.random() < 0.8 else self.bound()
        if r.random() < 0.2:
            return f"-({self.double(depth - 1)})"
        other = self.double if r.random() < 0.6 else self.integer
        return f"({self.double(depth - 1)}) {r.choice('+-*/%')} ({other(depth - 1)})"

    def base(self) -> str:
        return f", {self.random.choice((0, 1, 2, 8, 10, 16, 36, 37))}" if self.coin() else ""

    def coin(self) -> bool:
        return self.random.random() < 0.4

    def tilde(self) -> str:
        return "~" if self.coin() else ""

    def located(self) -> str:
        return self.random.choice(("startsWith", "endsWith", "stringContains")) + self.tilde()

    def order(self) -> str:
        return self.random.choice(("==", "<", "<=", ">", ">="))

    def small(self) -> str:
        return str(self.random.choice(SMALL))

    def word(self) -> str:
        return quoted(self.random.choice(TEXTS))

    def bound(self) -> str:
        return repr(self.random.choice((*DOUBLES, *SMALL)))

    def answer(self, text: str) -> str:  # noqa: ARG002 names what is compared
        """A text that a double or a cut may come to."""
        special = ("5.0E-4", "1.2E-4", "Infinity", "-Infinity", "NaN", "1.0E7", "0.0", "-0.0", "31")
        return quoted(self.random.choice((*special, *TEXTS)))

    def pattern(self) -> str:
        return self.random.choice(('"*"', '"**"', '"a*"', '"*b"', '"a?b"', '"a*b"', '"??"', '"1*"'))

    def regex(self) -> str:
        choices = ('".*"', '"a.*"', '".+"', '"a.b"', '"[a-c]+"', '"(a|b)*"', '"[0-9]+"', '""')
        return self.random.choice(choices)


def make_events(random: Random) -> list[Event]:
    """Events that hold values of the pools; a value is missing now and then."""
    pools: dict[FieldType, Sequence[object]] = {
        FieldType.KEYWORD: TEXTS,
        FieldType.LONG: (*INTEGERS, *SMALL, *SMALL),
        FieldType.DOUBLE: DOUBLES,
        FieldType.BOOLEAN: (True, False),
    }
    events: list[Event] = []
    for number in range(EVENTS):
        event: dict[str, object] = {"t": 1_704_067_200_000 + number, "c": "x"}
        for name, kind in FIELDS.items():
            if random.random() < 0.93:
                event[name] = random.choice(pools[kind])
        events.append(cast("Event", event))
    return events


def with_constants(query: Query, event: Event) -> Query:
    """The query with each field replaced by its value in the event: null where it has none."""

    def literal(field: Field) -> Literal:
        value = event.get(field.name)
        match value:
            case None:
                return Null(span=field.span)
            case bool():
                return Boolean(value, span=field.span)
            case int():
                return Integer(value, span=field.span)
            case float():
                return Decimal(value, span=field.span)
            case _:
                return Text(str(value), span=field.span)

    def replaced(node: Node) -> Node:
        if isinstance(node, LITERALS):
            return node
        return literal(node) if isinstance(node, Field) else map_children(node, replaced)

    return map_query_conditions(query, lambda c: cast("Condition", replaced(c)))


@dataclass(frozen=True)
class Difference:
    """One expression on which the four answers are not the same; None is "the request fails"."""

    template: str
    event: Event
    folded: bool | None
    settled: bool | None
    interpreted: bool
    executed: bool

    def __str__(self) -> str:
        answers = f"folded {self.folded}, phase A {self.settled}, as fields: interpreter "
        answers += f"{self.interpreted}, DuckDB {self.executed}"
        return f"{self.template}\n  {dict(self.event)}\n  {answers}"


class Refused(Exception):  # noqa: N818 a verdict, not a fault
    """The template is no valid query."""


@dataclass(frozen=True)
class Bench:
    events: Sequence[Event]
    engine: Searched
    schema: Schema

    def judge(self, text: str) -> Iterator[Difference]:
        """The differences among the constant expressions of one template.

        Raises:
            Refused: it is no valid query, or no target takes it.
        """
        if text.endswith(ANSWERED):
            text = self._answered(text.removesuffix(ANSWERED))
        report = Report()
        context = Context(self.schema, report, MODEL)
        lowered = lowered_source(Source("query", f"any where {text}"), context)
        if lowered is None:
            raise Refused(_errors(report))
        query = run(lowered, context)
        if report.has_errors:
            raise Refused(_errors(report))
        interpreted = _rows(evaluate(query, self.events, MODEL))
        executed = _rows(self.engine.run(query, verified=False))
        for row, event in enumerate(self.events, start=1):
            constant = with_constants(lowered, event)
            folded, settled = self._folded(constant), _settled(constant)
            truths = {row in interpreted, row in executed}
            # Where the request fails there is no truth: a pattern that accepts all is a `!= null`,
            # the negation of a leaf that fails (spec §13.4, §13.19), all else does not match.
            if folded is not None or not ACCEPTS_ALL.search(text):
                truths |= {folded is True, settled is True}
            if len(truths) > 1 or (folded is None) != (settled is None):
                yield Difference(text, event, folded, settled, row in interpreted, row in executed)

    def _answered(self, value: str) -> str:
        """The value in a list of what it is for the first events."""
        context = Context(self.schema, Report(), MODEL)
        query = lowered_source(Source("query", f"any where {value} == null"), context)
        assert isinstance(query, EventQuery)
        condition = query.filter.condition
        assert isinstance(condition, Compare), condition
        answers: list[str] = []
        for document in numbered(self.events[:12], MODEL):
            for found in outcomes(condition.left, document):
                if isinstance(found, str) and not found.isprintable():
                    continue
                if isinstance(found, str):
                    answers.append(quoted(found))
                elif isinstance(found, int | float) and math.isfinite(found):
                    answers.append(repr(found))
        if not answers:
            message = "no answer"
            raise Refused(message)
        return f"{value} in ({', '.join(dict.fromkeys(answers))})"

    def _folded(self, constant: Query) -> bool | None:
        report = Report()
        query = run(constant, Context(self.schema, report, MODEL))
        if report.has_errors:
            assert {d.code for d in _faults(report)} == {"constant-fails"}, list(report)
            return None
        return _constant(query)


def _settled(constant: Query) -> bool | None:
    try:
        return _constant(in_phase_b(constant))
    except ConstantFailure:
        return None


def _constant(query: Query) -> bool:
    assert isinstance(query, EventQuery)
    condition = query.filter.condition
    assert isinstance(condition, Constant), condition
    return condition.value is True


def _rows(matches: Sequence[object]) -> set[int]:
    return {event.row for match in matches for event in match.events}  # type: ignore[attr-defined]


def _faults(report: Report) -> list[object]:
    return [d for d in report if d.severity is Severity.ERROR]


def _errors(report: Report) -> str:
    return ", ".join(sorted({d.code for d in report if d.severity is Severity.ERROR}))


@contextmanager
def bench(seed: int) -> Iterator[Bench]:
    """Events of one seed, open in DuckDB."""
    events = make_events(Random(seed))
    with searched(events, MODEL, SCHEMA, LayoutKind.FLAT, Bounds(seconds=120, threads=1)) as engine:
        schema = Layered((SCHEMA, engine.session.schema))
        yield Bench(events, Searched(engine.session, MODEL, schema), SCHEMA)


def survey(seed: int, templates: int) -> tuple[int, int, list[Difference]]:
    """Expressions judged, templates refused, and the differences, for one seed."""
    made = Templates(Random(seed))
    judged = refused = 0
    differences: list[Difference] = []
    with bench(seed) as opened:
        while judged < templates * EVENTS:
            try:
                differences += opened.judge(made.condition())
                judged += EVENTS
            except Refused:
                refused += 1
    return judged, refused, differences


def main(arguments: Sequence[str]) -> None:
    first, templates = int(arguments[0]), int(arguments[1])
    judged, refused, differences = survey(first, templates)
    for difference in differences[:20]:
        print(difference)  # noqa: T201 a script's output
    print(f"{judged} expressions, {refused} templates refused, {len(differences)} differences")  # noqa: T201


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
