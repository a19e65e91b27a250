"""Generated IR and events, for properties: queries as lowering gives them, over a few typed fields.

`queries()` draws a raw query (fields unresolved) that is well typed under `SCHEMA`; `events()` draws
events for it, with missing, single and several values.
"""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir import nodes as ir
from eqlx.ir.nodes import Case, Comparison, Function, Operator, Where
from eqlx.ir.types import FieldType
from eqlx.patterns.java import parse_java
from eqlx.patterns.lucene import parse_lucene
from eqlx.patterns.network import Network
from eqlx.patterns.wildcard import Wildcard

SCHEMA = FieldList(
    {
        "@timestamp": FieldInfo(FieldType.DATE),
        "event.category": FieldInfo(FieldType.KEYWORD),
        "text": FieldInfo(FieldType.KEYWORD),
        "texts": FieldInfo(FieldType.KEYWORD, multivalued=True),
        "number": FieldInfo(FieldType.LONG),
        "numbers": FieldInfo(FieldType.LONG, multivalued=True),
        "double": FieldInfo(FieldType.DOUBLE),
        "flag": FieldInfo(FieldType.BOOLEAN),
        "date": FieldInfo(FieldType.DATE),
        "address": FieldInfo(FieldType.IP),
        "a version": FieldInfo(FieldType.VERSION),
    }
)

TEXTS = ("", "a", "A", "ab", "aB", "b*", "a?b", "a\nb", "é", "\u212a", "k", 'x"y', "\\", "5", "in")
PATTERNS = ("a*", "*b", "*a*", "a?", "a?b*", "*", "", "ab", "A*B", "*\\*", "é*")
REGEXES = ("a.*", "[a-c]+", "a|b", "(ab)?", "a{1,2}", "é.?")
INSTANTS = ("2026-01-01", "2026-01-01T00:00:00.123456789Z", "100", "1969-12-31T23:59:59.999Z")
NETWORKS = ("10.0.0.0/8", "10.1.2.3", "::1", "fe80::/10", "::ffff:10.0.0.1")
VERSIONS = ("1.2.3", "1.10.0", "2.0.0-beta", "1.2.3+5")
CASES = st.sampled_from((Case.SENSITIVE, Case.INSENSITIVE))
ORDERS = st.sampled_from(Comparison)

texts = st.sampled_from(TEXTS).map(ir.Text)
integers = st.integers(-5, 5).map(ir.Integer) | st.sampled_from((1 << 62, 1 << 63)).map(ir.Integer)
decimals = st.sampled_from((0.5, -1.5, 2.0, 1e30, 1e-9)).map(ir.Decimal)


@cache
def fields(*names: str) -> SearchStrategy[ir.Field]:
    return st.builds(ir.Field, st.sampled_from(names), st.booleans())


text_fields = fields("text", "texts")
number_fields = fields("number", "numbers")


@cache
def text_values(depth: int = 2) -> SearchStrategy[ir.Value]:
    """A field, or a function of such; never a constant alone."""
    if depth == 0:
        return text_fields
    inner = text_values(depth - 1)
    argument = inner | texts
    small = st.integers(-3, 3).map(ir.Integer)
    computed = st.one_of(
        st.tuples(inner, small).map(lambda a: ir.Call(Function.SUBSTRING, a)),
        st.tuples(inner, small, small).map(lambda a: ir.Call(Function.SUBSTRING, a)),
        st.tuples(inner, argument).map(lambda a: ir.Call(Function.CONCAT, a)),
        st.tuples(number_fields).map(lambda a: ir.Call(Function.STRING, a)),
        st.builds(ir.Call, st.just(Function.BETWEEN), st.tuples(inner, argument, argument), CASES),
    )
    return text_fields | computed


@cache
def number_values(depth: int = 2) -> SearchStrategy[ir.Value]:
    """A field, a function or arithmetic; never a constant alone."""
    if depth == 0:
        return number_fields
    inner = number_values(depth - 1)
    text = text_values(depth - 1)
    small = st.integers(1, 4).map(ir.Integer)
    return st.one_of(
        number_fields,
        st.tuples(text).map(lambda a: ir.Call(Function.LENGTH, a)),
        st.builds(ir.Call, st.just(Function.INDEX_OF), st.tuples(text, texts), CASES),
        st.builds(ir.Arithmetic, st.sampled_from(Operator), inner, small | inner),
        st.builds(ir.Negation, inner),
    )


@cache
def leaves(*, inside: bool = False, dates: bool = True) -> SearchStrategy[ir.Condition]:
    """Leaves; `inside` a value, where patterns are Java's and lines end wildcards."""

    def like(value: ir.Value, patterns: Sequence_[str], case: Case) -> ir.Like:
        plain = isinstance(value, ir.Field) and not inside
        return ir.Like(value, tuple(Wildcard.parse(p) for p in patterns), case, plain)

    def regex(value: ir.Value, patterns: Sequence_[str], case: Case) -> ir.RegexMatch:
        plain = isinstance(value, ir.Field) and not inside
        parse = parse_lucene if plain else parse_java
        return ir.RegexMatch(value, tuple(parse(p) for p in patterns), case)

    def lists(items: Sequence_[str]) -> SearchStrategy[list[str]]:
        return st.lists(st.sampled_from(items), min_size=1, max_size=3)

    flags = st.booleans().map(ir.Boolean)
    choices = st.lists(texts, min_size=1, max_size=3).map(tuple)
    amounts = st.lists(integers | decimals, min_size=1, max_size=3).map(tuple)
    kinds: list[SearchStrategy[ir.Condition]] = [
        st.builds(ir.Compare, ORDERS, text_values(), texts),
        st.builds(ir.Compare, ORDERS, number_values(), integers | decimals),
        st.builds(ir.Compare, ORDERS, integers, number_fields),
        st.builds(ir.Compare, ORDERS, fields("double"), integers | decimals),
        st.builds(ir.Compare, st.just(Comparison.EQUAL), fields("flag"), flags),
        st.builds(ir.Membership, text_values(), choices, CASES),
        st.builds(ir.Membership, number_values(), amounts),
        st.builds(like, text_values(), lists(PATTERNS), CASES),
        st.builds(regex, text_values(), lists(REGEXES), CASES),
        st.builds(ir.TextMatch, st.sampled_from(Where), text_values(), texts | text_fields, CASES),
        st.builds(ir.IsNull, text_values() | number_values() | fields("address", "flag", "date")),
    ]
    if dates:
        instants = st.sampled_from(INSTANTS).map(ir.Text)
        versions = st.sampled_from(VERSIONS).map(ir.Text)
        addresses = st.sampled_from(NETWORKS)
        networks = st.lists(addresses.map(Network.parse), min_size=1, max_size=2).map(tuple)
        kinds += [
            st.builds(ir.Compare, ORDERS, fields("date"), instants),
            st.builds(ir.Compare, ORDERS, fields("a version"), versions),
            st.builds(
                ir.Compare, st.just(Comparison.EQUAL), fields("address"), addresses.map(ir.Text)
            ),
            st.builds(ir.NetworkMatch, fields("address"), networks),
        ]
    return st.one_of(kinds)


@cache
def conditions(*, dates: bool = True) -> SearchStrategy[ir.Condition]:
    """Conditions of leaves, connectives and constants; no null constant, and no condition that is
    compared with a boolean: those mean something else after folding (spec §5 A)."""
    within = _combined(leaves(inside=True, dates=dates), 4)
    truths = within.map(lambda condition: ir.IsNull(ir.Truth(condition)))
    constants = st.booleans().map(ir.Constant)
    return _combined(st.one_of(leaves(dates=dates), leaves(dates=dates), truths, constants), 8)


def _combined(base: SearchStrategy[ir.Condition], most: int) -> SearchStrategy[ir.Condition]:
    def grow(inner: SearchStrategy[ir.Condition]) -> SearchStrategy[ir.Condition]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(ir.And, several), st.builds(ir.Or, several), st.builds(ir.Not, inner)
        )

    return st.recursive(base, grow, max_leaves=most)


@cache
def filters(*, dates: bool = True) -> SearchStrategy[ir.Filter]:
    category = st.sampled_from((None, "process", "file", "in"))
    return st.builds(ir.Filter, category, conditions(dates=dates))


limits = st.lists(st.builds(ir.Limit, st.sampled_from(ir.End), st.integers(0, 4)), max_size=2)


@st.composite
def sequences(draw: st.DrawFn, *, dates: bool = True) -> ir.Sequence:
    count = draw(st.integers(0, 2))
    spanned = draw(st.booleans())
    key = fields("text", "texts")

    def stage(runs: int, *, missing: bool) -> ir.Stage:
        keys = tuple(draw(key) for _ in range(count))
        return ir.Stage(draw(filters(dates=dates)), keys, runs, missing)

    stages = [stage(draw(st.integers(1, 2)), missing=False)]
    for _ in range(draw(st.integers(1, 2))):
        missing = spanned and draw(st.booleans())
        stages.insert(draw(st.integers(0, 1)), stage(draw(st.integers(1, 2)), missing=missing))
    until = stage(1, missing=False) if draw(st.booleans()) else None
    maxspan = draw(st.sampled_from((1500, 60_000, 7_200_000))) if spanned else None
    return ir.Sequence(tuple(stages), maxspan, until, tuple(draw(limits)))


@st.composite
def samples(draw: st.DrawFn, *, dates: bool = True) -> ir.Sample:
    names = draw(st.permutations(("text", "texts", "number")))[: draw(st.integers(1, 2))]
    keys = tuple(ir.Field(name, draw(st.booleans())) for name in names)
    stages = draw(st.lists(filters(dates=dates), min_size=2, max_size=3))
    return ir.Sample(tuple(ir.Stage(one, keys) for one in stages))


@cache
def event_queries(*, dates: bool = True) -> SearchStrategy[ir.EventQuery]:
    return st.builds(ir.EventQuery, filters(dates=dates), limits.map(tuple))


def queries(*, dates: bool = True) -> SearchStrategy[ir.Query]:
    events_twice = st.one_of(event_queries(dates=dates), event_queries(dates=dates))
    return st.one_of(events_twice, sequences(dates=dates), samples(dates=dates))


@cache
def events() -> SearchStrategy[list[dict[str, object]]]:
    """Events in order of time, a second apart, a few at the same time."""

    def several(one: SearchStrategy[object]) -> SearchStrategy[object]:
        return st.none() | one | st.lists(one, max_size=3)

    texts_ = st.sampled_from(TEXTS)
    numbers = st.integers(-5, 5)
    event = st.fixed_dictionaries(
        {"event.category": st.sampled_from(("process", "file", "in"))},
        optional={
            "text": texts_,
            "texts": several(texts_),
            "number": numbers,
            "numbers": several(numbers),
            "double": st.sampled_from((0.5, -1.5, 2.0)),
            "flag": st.booleans(),
            "date": st.sampled_from(INSTANTS),
            "address": st.sampled_from(("10.1.2.3", "::1", "fe80::1", "192.168.0.1")),
            "a version": st.sampled_from(VERSIONS),
        },
    )

    def timed(drawn: list[tuple[int, dict[str, object]]]) -> list[dict[str, object]]:
        clock = 0
        timed_events = []
        for step, one in drawn:
            clock += step
            timed_events.append({"@timestamp": f"2026-01-01T00:00:{clock:02d}Z", **one})
        return timed_events

    return st.lists(st.tuples(st.integers(0, 2), event), min_size=1, max_size=6).map(timed)
