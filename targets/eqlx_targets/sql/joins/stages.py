"""The stages of sequences and samples as CTEs: row ids, join keys and ordinals of what matches.

Every stage gives one row per matching event and combination of its key values (spec §9.2), with the
columns `key_1` …, and for sequences `event_time`, `event_tie` (where a tiebreaker is configured) and
`event_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from eqlx.ir.features import Polarity
from eqlx.ir.nodes import Constant, Field, Filter, IsNull, Stage
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx_targets.sql import conversion
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower.addresses import is_dotted, v6_digits
from eqlx_targets.sql.lower.choices import Choices
from eqlx_targets.sql.lower.condition import category_sql, condition_sql, three_valued
from eqlx_targets.sql.reading import Reading
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.words.vocabulary import word

TIME = "event_time"
TIE = "event_tie"
ID = "event_id"
CANDIDATES = "candidates"
ADDRESSES = "addresses"

Clause = Callable[[Span], str]
"""The EQL text of a part of the query, for comments."""


def keys(count: int) -> list[str]:
    """`key_1`, `key_2`, …"""
    return [f"key_{number}" for number in range(1, count + 1)]


def columns(*names: str, table: str | None = None) -> list[exp.Expr]:
    return [exp.column(name, table=table) for name in names]


def null(alias: str) -> exp.Expr:
    return exp.alias_(exp.null(), alias)


@dataclass
class Stages:
    """Collects the CTEs of a query in order; equal stages share one."""

    scope: Scope
    clause: Clause
    timed: bool
    terms: Sequence[Stage] = ()
    """All stages of the query."""
    ctes: list[tuple[str, exp.Expr]] = field(default_factory=list)
    _made: dict[tuple[Stage, bool], str] = field(default_factory=dict)
    _read: set[Span] = field(default_factory=set)
    _marks: dict[str, exp.Expr] = field(default_factory=dict)
    _addresses: dict[str, exp.Expr] = field(default_factory=dict)

    def add(self, name: str, query: exp.Expr, comment: str) -> str:
        """A CTE with a comment that says what it stands for."""
        if comment:
            query.add_comments([comment.replace("*/", "* /")])
        self.ctes.append((name, query))
        return name

    def stage(self, name: str, stage: Stage, *, ends: bool = False) -> str:
        """The CTE of a stage, made as `name` unless there is one already.

        `ends`: the stage is `until`, whose keys may be null (spec §9.3).
        """
        known = (Stage(stage.filter, stage.keys, missing=stage.missing), ends)
        place = stage.filter.span
        if known in self._made and place in self._read:
            return self._made[known]
        self._read.add(place)
        negative = stage.missing or ends
        polarity = Polarity.NEGATIVE if negative else Polarity.POSITIVE
        # An equal stage at another place is lowered again for what is lost there, which the record
        # of the artifact must name.
        condition = filter_sql(stage.filter, self.scope, polarity)
        if known not in self._made:
            if self.needs_candidates:
                self._marks[f"is_{name}"] = condition
                condition = exp.column(f"is_{name}")
            select = self._select(stage, condition, ends=ends)
            comment = self.clause(stage.filter.span)
            self._made[known] = self.add(name, select, f"until {comment}" if ends else comment)
        return self._made[known]

    def with_sources(self) -> list[tuple[str, exp.Expr]]:
        """All CTEs, those that the stages read from first. Call when all stages are made."""
        first: list[tuple[str, exp.Expr]] = list(self.scope.ctes())
        if self.needs_candidates:
            first.append((CANDIDATES, self._candidates()))
        elif self._addresses:
            first.append((ADDRESSES, self._with_addresses()))
        return first + self.ctes

    @property
    def needs_candidates(self) -> bool:
        """Whether events have to be numbered here, for want of a column that tells them apart."""
        return self.scope.row_id is None

    @property
    def has_nanoseconds(self) -> bool:
        """Whether `event_time` is exact to the nanosecond."""
        role = self.scope.role(self.scope.model.timestamp, FieldType.DATE)
        kind = role.type if role.type.is_date else FieldType.DATE
        return self.scope.read(Field(role.name, type=kind)).converted_type == "TIMESTAMP_NS"

    @property
    def has_tie(self) -> bool:
        return self.timed and self.scope.tiebreaker is not None and not self.needs_candidates

    @property
    def ordinal(self) -> list[str]:
        """The columns that order events (spec §9.1)."""
        if not self.timed:
            return [ID]
        return [TIME, TIE, ID] if self.has_tie else [TIME, ID]

    def source(self) -> exp.Table:
        """What events are joined back from, and, unless an address joins them, read from."""
        return exp.to_table(CANDIDATES) if self.needs_candidates else self.scope.source()

    def event_id(self) -> exp.Expr:
        return self.scope.row_id or exp.column(ID)

    @property
    def added(self) -> list[str]:
        """The columns that `source` has beside the events' own."""
        return [*self._marks, *self._addresses, ID] if self.needs_candidates else []

    def _candidates(self) -> exp.Expr:
        """The events that any stage matches, numbered in their order."""
        order = [self.scope.timestamp, self.scope.tiebreaker] if self.timed else []
        number = exp.Window(
            this=exp.RowNumber(), order=ordered([o for o in order if o is not None])
        )
        marks = [exp.alias_(condition, name, copy=False) for name, condition in self._marks.items()]
        marked = exp.select("*", *marks).from_(self.scope.source(), copy=False)
        source = marked.subquery("marked", copy=False)
        select = exp.select("*", *self._spelled(), exp.alias_(number, ID)).from_(source, copy=False)
        select = select.where(sql.disjunction(columns(*self._marks)), copy=False)
        select.add_comments(["every event that a stage matches, numbered in order"])
        return select

    def _with_addresses(self) -> exp.Expr:
        """The events with their addresses in one spelling: a page of SQL, which stands here once."""
        select = exp.select("*", *self._spelled()).from_(self.scope.source(), copy=False)
        select.add_comments(["addresses in one spelling, for the events that a stage matches"])
        return select

    def _spelled(self) -> list[exp.Expr]:
        return [exp.alias_(value, name, quoted=True) for name, value in self._addresses.items()]

    def _key(self, place: int, key: Field) -> exp.Expr:
        """The key's values as they are compared: typed and case-sensitive (spec §9.2).

        Addresses are brought to one spelling, since `::FFFF:10.0.0.1` and `10.0.0.1` are the same.
        """
        reading = self.scope.read(key)
        if reading.absent:
            return self._null_key(place)
        if key.type is not FieldType.IP:
            return reading.expression
        name = f"canonical {key.name}"
        self._addresses[name] = canonical_addresses(reading, self.scope)
        return exp.column(name, quoted=True)

    def _null_key(self, place: int) -> exp.Expr:
        """The null of a key that the data have not, in the type of the keys that it is compared with:
        some engines compare no others."""
        fields = [term.keys[place] for term in self.terms]
        there = (key.type for key in fields if not self.scope.read(key).absent)
        kind = next(there, fields[0].type)
        return sql.cast(exp.null(), conversion.COLUMN_TYPES[kind])

    def _select(self, stage: Stage, condition: exp.Expr, *, ends: bool) -> exp.Expr:
        conditions = [] if condition == exp.true() else [condition]
        projections: list[exp.Expr] = []
        required: list[tuple[str, exp.Expr]] = []
        listed: list[tuple[str, bool]] = []
        addressed = False
        names = keys(len(stage.keys))
        for place, (name, key) in enumerate(zip(names, stage.keys, strict=True)):
            optional = key.optional or ends
            value = self._key(place, key)
            addressed |= value.name in self._addresses
            is_list = self.scope.read(key).is_list
            projections.append(exp.alias_(value, _values(name) if is_list else name))
            if is_list:
                listed.append((name, optional))
            elif not optional:
                required.append((name, value))
        projections += self._ordinal_projections()
        if self.timed:
            required.append((TIME, self.scope.timestamp))
        columns_ = [value for _, value in required if isinstance(value, exp.Column | exp.Dot)]
        conditions += [exp.Not(this=sql.is_null(value.copy())) for value in columns_]
        own = addressed and not self.needs_candidates
        source = exp.to_table(ADDRESSES) if own else self.source()
        select = exp.select(*projections).from_(source, copy=False)
        if conditions:
            select = select.where(sql.conjunction(conditions), copy=False)
        computed = [name for name, value in required if not isinstance(value, exp.Column | exp.Dot)]
        if computed:
            select = _present(select, computed)
        for name, optional in listed:
            select = _one_row_a_value(select, name, optional=optional)
        return select

    def _ordinal_projections(self) -> list[exp.Expr]:
        projections = []
        if self.timed:
            projections.append(exp.alias_(self.scope.timestamp, TIME, copy=False))
        if self.has_tie and (tie := self.scope.tiebreaker) is not None:
            projections.append(exp.alias_(tie, TIE))
        own = self.event_id()
        return [*projections, own if own.alias_or_name == ID else exp.alias_(own, ID)]


def _present(select: exp.Select, names: Sequence[str]) -> exp.Select:
    """Rows with a value in each of these outputs, which are computed once: inside."""
    outputs = columns(*(projection.alias_or_name for projection in select.selects))
    present = sql.conjunction([exp.Not(this=sql.is_null(column)) for column in columns(*names)])
    inner = select.subquery("computed", copy=False)
    return exp.select(*outputs).from_(inner, copy=False).where(present, copy=False)


def _values(name: str) -> str:
    """The list that a key is spread from: no output may have the name of an input."""
    return f"{name}_values"


def _one_row_a_value(select: exp.Select, name: str, *, optional: bool) -> exp.Select:
    """Spread a list column over rows; an optional key without values keeps one null row."""
    values: exp.Expr = word("list_distinct", exp.column(_values(name)))
    if optional:
        some = exp.GT(this=word("list_length", values), expression=sql.whole(0))
        values = exp.case().when(some, values).else_(exp.Array(expressions=[exp.Null()]))
    spread = exp.alias_(word("list_spread", values), name)
    outputs = [
        spread if output == _values(name) else exp.column(output)
        for output in (projection.alias_or_name for projection in select.selects)
    ]
    return exp.select(*outputs).from_(select.subquery("spread", copy=False), copy=False)


def filter_sql(filter_: Filter, scope: Scope, polarity: Polarity) -> exp.Expr:
    """Category and condition as one boolean."""
    parts: list[exp.Expr] = []
    if filter_.category is not None:
        parts.append(category_sql(filter_.category, scope))
    if filter_.condition != Constant(value=True):
        parts.append(condition_sql(filter_.condition, scope, polarity))
    return sql.conjunction(parts) if parts else exp.true()


_SPELLED = """CASE WHEN $key LIKE '00000000000000000000ffff%' THEN address_dotted_key($key)
ELSE text_strip_end(regex_replace_all($key, '(.{4})', '\\1:'), ':') END"""


def canonical_addresses(reading: Reading, scope: Scope) -> exp.Expr:
    """The addresses of a field (one, or a list) in one spelling each; NULL for a text that is none."""
    choices = Choices(scope, IsNull(reading.field), Polarity.POSITIVE, three_valued)
    if not reading.is_list:
        return canonical_address(reading.expression, choices)
    address = choices.fresh("a")
    canonical = canonical_address(address.copy(), choices)
    return word("list_map", reading.expression, sql.lambda_(address, canonical))


def canonical_address(value: exp.Expr, choices: Choices) -> exp.Expr:
    """One text an address: dotted for IPv4, eight groups of four digits for IPv6; NULL for none.

    A dotted text is spelled so already, without leading zeros.
    """
    variable = choices.fresh("k")
    case = exp.Case(ifs=[exp.If(this=is_dotted(value), true=value.copy())])
    case.set("default", sql.bind(v6_digits(value), variable, sql.fill(_SPELLED, key=variable)))
    return case


def ordered(expressions: Iterable[exp.Expr]) -> exp.Order | None:
    """`ORDER BY …`, ascending, nulls last (spec §9.1)."""
    listed = [exp.Ordered(this=e, nulls_first=False) for e in expressions]
    return exp.Order(expressions=listed) if listed else None


def with_ctes(query: exp.Select, ctes: Sequence[tuple[str, exp.Expr]]) -> exp.Select:
    """The query under its CTEs."""
    for name, body in ctes:
        # Else DuckDB would hold the whole table, spelled, for the stages to read.
        materialized = False if name == ADDRESSES else None
        query = query.with_(name, as_=body, materialized=materialized, copy=False)
    return query
