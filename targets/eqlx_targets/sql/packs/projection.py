"""A pack as a projection: one SELECT that gives the ECS fields as columns of a raw table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from eqlx.packs.model import (
    FUNCTIONS,
    Apply,
    Constant,
    Events,
    Header,
    Kind,
    Own,
    Pack,
    Raw,
    Shape,
    Value,
    raws,
)
from eqlx_targets.sql.expressions import text
from eqlx_targets.sql.packs.functions import apply

Keys = tuple[str, ...]
Resolve = Callable[[Keys], exp.Expr]
"""The SQL of a raw value, by its keys from the top of the record."""

_LISTS = {name for name, (_, kind) in FUNCTIONS.items() if kind is Kind.TEXTS}
_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIME: "TIMESTAMP",
    Kind.TEXTS: "VARCHAR[]",
}


def recognising_paths(pack: Pack, shape: Shape) -> tuple[Keys, ...]:
    """The keys of every raw value by which records are recognised and told apart, each once."""
    found: dict[Keys, None] = dict.fromkeys(shape.has)
    for value in (*(Header(name) for name in pack.when), Header("id")):
        found.update(dict.fromkeys(raws(value, shape)))
    return tuple(found)


def fields_for(pack: Pack, entries: Sequence[Events]) -> dict[str, Value]:
    """Field to value for the events that these entries of the pack hold for, in order; what has none is
    left out."""
    found: dict[str, Value] = {}
    for name in pack.names:
        own = next((each.fields[name] for each in entries if name in each.fields), None)
        is_own = any(name in each.fields for each in entries)
        value = own if is_own else pack.fields.get(name)
        if value is not None:
            found[name] = value
    return found


@dataclass(frozen=True, slots=True)
class Projection:
    """The columns of one pack over one shape. `resolve` gives raw values as texts."""

    pack: Pack
    shape: Shape
    resolve: Resolve

    def recognises(self) -> exp.Expr:
        """Whether a record is of this source and in this shape; never NULL."""
        found: list[exp.Expr] = [
            exp.Not(this=exp.Is(this=self.resolve(keys), expression=exp.null()))
            for keys in self.shape.has
        ]
        for header, values in self.pack.when.items():
            value = self.shape.headers.get(header)
            if value is None:
                return exp.false()
            lowered = exp.Lower(this=self.value(value))
            chosen = exp.In(this=lowered, expressions=[text(v.lower()) for v in values])
            found.append(exp.Coalesce(this=exp.paren(chosen), expressions=[exp.false()]))
        return exp.and_(*found, copy=False)

    def columns(self, event_id: exp.Expr) -> dict[str, exp.Expr]:
        """Field to its SQL. `event_id`: a column that holds the id header's value."""
        return {name: self._column(name, event_id) for name in self.pack.names}

    def columns_of(self, fields: Mapping[str, Value]) -> dict[str, exp.Expr]:
        """Field to its SQL, for these fields alone."""
        return {name: self._typed(value, self.pack.kind(name)) for name, value in fields.items()}

    def event_id(self) -> exp.Expr:
        """The id that the pack's `events` are told apart by."""
        return self.value(Header("id"))

    def _column(self, name: str, event_id: exp.Expr) -> exp.Expr:
        kind = self.pack.kind(name)
        general = self.pack.fields.get(name)
        otherwise = self._typed(general, kind)
        cases = [
            (events.ids, self._typed(events.fields[name], kind))
            for events in self.pack.events
            if name in events.fields
        ]
        if not cases:
            return otherwise
        chosen = exp.Case(default=otherwise)
        for ids, value in cases:
            test = exp.In(this=event_id.copy(), expressions=[text(each) for each in ids])
            chosen = chosen.when(test, value, copy=False)
        return chosen

    def _typed(self, value: Value | None, kind: Kind) -> exp.Expr:
        if value is None:
            return exp.Cast(this=exp.null(), to=exp.DataType.build(_TYPES[kind], dialect="duckdb"))
        if isinstance(value, Constant) and isinstance(value.value, tuple):
            return exp.func("list_value", *(text(v) for v in value.value), dialect="duckdb")
        made = self.value(value)
        if kind is Kind.TEXTS and not self._is_list(value):
            listed = exp.func("list_value", made.copy(), dialect="duckdb")
            missing = exp.Is(this=exp.paren(made), expression=exp.null())
            return exp.Case(default=listed).when(missing, exp.null(), copy=False)
        return made

    def _is_list(self, value: Value) -> bool:
        return isinstance(value, Apply) and value.function in _LISTS

    def value(self, value: Value) -> exp.Expr:
        """A value as SQL; texts of the pack's `empty` are NULL."""
        match value:
            case Constant():
                return text(str(value.value))
            case Raw():
                return self._raw(value.keys)
            case Own():
                own = self.shape.own(value.keys)
                made = self.value(own)
                return made if isinstance(own, Raw) else without_empty(made, self.pack.empty)
            case Header():
                header = self.shape.headers.get(value.name)
                return exp.null() if header is None else self.value(header)
            case Apply():
                return apply(value.function, [self.value(each) for each in value.arguments])

    def _raw(self, keys: Keys) -> exp.Expr:
        return self.resolve(keys)


def without_empty(value: exp.Expr, empty: tuple[str, ...]) -> exp.Expr:
    """NULL for the texts that stand for no value."""
    test = exp.Not(this=exp.In(this=value.copy(), expressions=[text(each) for each in empty]))
    return exp.Case().when(test, value, copy=False)


def view(pack: Pack, shape: Shape, table: exp.Expr, columns: frozenset[str] | None) -> exp.Select:
    """The projection over a raw table; a raw name that is in none of its columns (where they are
    known, in lower case) is NULL."""

    def resolve(keys: Keys) -> exp.Expr:
        if columns is not None and keys[0].lower() not in columns:
            return exp.null()
        parts = [exp.to_identifier(key, quoted=True) for key in keys]
        column: exp.Expr = exp.Column(this=parts[0])
        for part in parts[1:]:
            column = exp.Dot(this=column, expression=part)
        cast = exp.Cast(this=column, to=exp.DataType.build("VARCHAR"))
        return without_empty(cast, pack.empty)

    projection = Projection(pack, shape, resolve)
    select = exp.Select(
        expressions=[
            exp.alias_(sql, name, quoted=True)
            for name, sql in projection.columns(projection.event_id()).items()
        ]
    )
    return select.from_(table, copy=False).where(projection.recognises(), copy=False)
