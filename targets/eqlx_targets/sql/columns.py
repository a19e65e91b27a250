"""Which fields a table's columns hold: dotted columns, structs, lists of structs, in any mixture.

A field that lies in one place is read there. One that lies in several (`"process.name"` beside
`process.name` in a struct), or in lists of lists, gets a column of its own where a view can be made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.fields.table import TableShape
from eqlx.ir.types import FieldType
from eqlx_targets.sql import expressions as sql


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column: `word` (see `conversion`), of the `element` of a list, or the `members` of
    a struct."""

    word: str
    element: Kind | None = None
    members: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A place of a field: a column's name and struct members below it. `spread`: after how many of
    `keys` there is a list of structs."""

    keys: tuple[str, ...]
    spread: tuple[int, ...]
    kind: str
    is_list: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.keys)

    def values(self) -> exp.Expr:
        """The list of its values in a row."""
        found = _below(exp.Column(this=_quoted(self.keys[0])), self, 1)
        if self.is_list or self.spread:
            return exp.Coalesce(this=found, expressions=[exp.Array(expressions=[])])
        absent = exp.If(this=sql.is_null(found), true=exp.Array(expressions=[]))
        return exp.Case(ifs=[absent], default=exp.Array(expressions=[found.copy()]))


def _below(base: exp.Expr, source: Source, at: int) -> exp.Expr:
    for place in range(at, len(source.keys) + 1):
        lists = source.spread.count(place)
        is_last = place == len(source.keys)
        for _ in range(lists if is_last else lists - 1):
            base = exp.Flatten(this=base)
        if lists and not is_last:
            item = exp.to_identifier(f"i{place}")
            inner = _member(item, source.keys[place])
            mapped = exp.Transform(
                this=base, expression=sql.lambda_(item, _below(inner, source, place + 1))
            )
            deeper = source.is_list or any(other > place for other in source.spread)
            return exp.Flatten(this=mapped) if deeper else mapped
        if place < len(source.keys):
            base = _member(base, source.keys[place])
    return base


def _member(base: exp.Expr, key: str) -> exp.Expr:
    return exp.Anonymous(this="struct_extract", expressions=[base, exp.Literal.string(key)])


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def layout_of(columns: Mapping[str, Kind]) -> tuple[Layout, dict[str, exp.Expr]]:
    """The layout, and the columns that the view needs besides its own: name to expression.

    Nested where there are structs, JSON where one JSON column is all there is, else flat.
    """
    texts = [name for name, kind in columns.items() if kind.word == "JSON"]
    if len(columns) == 1 and texts:
        return Layout(LayoutKind.JSON, None, json_column=texts[0]), {}
    sources: dict[str, list[Source]] = {}
    found: dict[str, Column] = {}
    for name, kind in columns.items():
        for source in _sources(Source((name,), (), ""), kind):
            sources.setdefault(source.name, []).append(source)
            found.update(_lists_of_structs(source))
    nested = any((kind.element or kind).members for kind in columns.values())
    made: dict[str, exp.Expr] = {}
    taken = {name.lower() for name in columns}
    for name, places in sources.items():
        column = _in_place(places[0], nested=nested) if len(places) == 1 else None
        if column is None:
            own = _free(name, taken)
            taken.add(own.lower())
            column, made[own] = _combined(places, own)
        found[name] = column
    return Layout(LayoutKind.NESTED if nested else LayoutKind.FLAT, found), made


def _sources(here: Source, kind: Kind) -> Iterator[Source]:
    if (inner := kind.element) is not None:
        if inner.members or inner.element is not None:
            yield from _sources(Source(here.keys, (*here.spread, len(here.keys)), ""), inner)
        else:
            yield Source(here.keys, here.spread, inner.word, is_list=True)
    elif kind.members:
        for member, child in kind.members:
            yield from _sources(Source((*here.keys, member), here.spread, ""), child)
    else:
        yield Source(here.keys, here.spread, kind.word, is_list=False)


def _lists_of_structs(source: Source) -> dict[str, Column]:
    """By their own names, for `Scope`, which maps over them."""
    return {
        ".".join(source.keys[:end]): Column("STRUCT", is_list=True)
        for end in source.spread
        if end < len(source.keys)
    }


def _in_place(source: Source, *, nested: bool) -> Column | None:
    """The column where it is; None where no path leads there."""
    if source.spread:
        by_name = source.keys == tuple(source.name.split("."))
        simple = len(source.spread) == 1 and not source.is_list
        return Column(source.kind, is_list=True) if by_name and simple else None
    usual = tuple(source.name.split(".")) if nested else (source.name,)
    return Column(source.kind, source.is_list, None if source.keys == usual else source.keys)


def _combined(places: list[Source], name: str) -> tuple[Column, exp.Expr]:
    kinds = {place.kind for place in places}
    kind = kinds.pop() if len(kinds) == 1 else "VARCHAR"
    lists = [exp.cast(place.values(), f"{kind}[]", dialect="duckdb") for place in places]
    whole: exp.Expr = lists[0]
    if len(lists) > 1:
        whole = exp.ArrayConcat(this=lists[0], expressions=lists[1:])
    return Column(kind, is_list=True, path=(name,)), whole


def _free(name: str, taken: set[str]) -> str:
    number = 1
    while f"{name}_{number}".lower() in taken:
        number += 1
    return f"{name}_{number}"


_TYPES = {
    "boolean": FieldType.BOOLEAN,
    "double": FieldType.DOUBLE,
    "float": FieldType.DOUBLE,
    "date": FieldType.DATE,
    "timestamp": FieldType.DATE,
    "timestamp with time zone": FieldType.DATE,
    "timestamp_s": FieldType.DATE,
    "timestamp_ms": FieldType.DATE,
    "timestamp_ns": FieldType.DATE_NANOS,
    "ubigint": FieldType.UNSIGNED_LONG,
}
_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger")


def fields_of(layout: Layout) -> FieldList:
    """The fields of a table: the catalogue's type where it knows the name, else the column's. Closed
    where the columns are known."""
    from eqlx.fields.catalogue import CATALOGUE

    types = {}
    for name, column in (layout.columns or {}).items():
        if column.type == "STRUCT":
            continue
        known = CATALOGUE.lookup(name)
        word = column.type.lower()
        guess = FieldType.LONG if word in _INTEGERS else _TYPES.get(word, FieldType.KEYWORD)
        if word.startswith("decimal"):
            guess = FieldType.DOUBLE
        physical = column if column.path is None else None
        types[name] = FieldInfo(known.type if known else guess, column.is_list, physical)
    return FieldList(types, closed=layout.columns is not None)


def shape_of(columns: Mapping[str, Kind], *, is_guessed: bool = False) -> TableShape:
    """A table as it is, to which no view adds a column. Fields that no one path leads to are
    `Layout.unreadable`; with `is_guessed`, those whose text was taken for times as well."""
    layout, made = layout_of(columns)
    if layout.columns is None:
        return TableShape(fields_of(layout), layout)
    unreadable, holding = {}, []
    for name, column in layout.columns.items():
        if column.path and column.path[0] in made:
            unreadable[name] = "it lies in several columns, or in lists in one another"
        elif column.type == "JSON" or column.type.startswith(("MAP", "UNION")):
            unreadable[name] = f"its column has the type {column.type.partition('(')[0]}"
            holding.append(name)
    fields = replace(fields_of(layout), opaque=frozenset(holding))
    if is_guessed:
        unreadable |= _guessed(layout.columns)
    return TableShape(fields, replace(layout, unreadable=unreadable))


def _guessed(columns: Mapping[str, Column]) -> dict[str, str]:
    """Fields that no catalogue has as dates, and whose text a reader took for times or UUIDs."""
    from eqlx.fields.catalogue import CATALOGUE

    found = {}
    for name, column in columns.items():
        known = CATALOGUE.lookup(name)
        is_date = known is not None and known.type.is_date
        if not is_date and column.type.startswith(("TIME", "DATE", "UUID")):
            found[name] = f"its text was read as {column.type}, so it is not what it was"
    return found
