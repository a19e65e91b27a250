"""Queries over raw tables: the projection of a pack stands before the query as a CTE."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from eqlx.diagnostics import EqlxError
from eqlx.diagnostics.catalogue import sql as say
from eqlx.diagnostics.catalogue.packs import unknown_shape, wrong_pack
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.packs.model import Kind, Pack, Shape
from eqlx.packs.reader import load_pack, pack_and_shape
from eqlx.target import Request
from eqlx_targets.sql.packs.projection import view
from eqlx_targets.sql.query import lower_query
from eqlx_targets.sql.tables import is_dbt_relation, is_name, table_parts

_EVENTS = "ecs_events"
"""The CTE of the ECS events."""
_COLUMNS = {
    Kind.TEXT: Column("VARCHAR", is_list=False),
    Kind.INTEGER: Column("BIGINT", is_list=False),
    Kind.BOOLEAN: Column("BOOLEAN", is_list=False),
    Kind.TIME: Column("TIMESTAMP", is_list=False),
    Kind.TEXTS: Column("VARCHAR", is_list=True),
}


def lower_over_pack(request: Request) -> exp.Expr:
    """The query over the ECS events that the pack makes of the raw table.

    Raises:
        EqlxError: there is no such pack or shape, or the table's name is none.
    """
    name, wanted = pack_and_shape(request.options["pack"])
    pack = load_pack(name)
    shape = shape_of(pack, wanted)
    names = request.options["pack-columns"].replace(" ", "")
    columns = frozenset(names.lower().split(",")) if names else None
    layout = Layout(LayoutKind.FLAT, {name: _COLUMNS[pack.kind(name)] for name in pack.names})
    options = {**request.options, "table": _EVENTS, "layout": "auto"}
    query = lower_query(replace(request, options=options, layout=layout))
    table = _table(request.options["table"], is_model=request.options["envelope"] == "dbt")
    projection = view(pack, shape, table, columns)
    earlier = query.args.get("with_")
    ctes = [] if earlier is None else list(earlier.expressions)
    own = exp.CTE(this=projection, alias=exp.TableAlias(this=exp.to_identifier(_EVENTS)))
    query.set("with_", exp.With(expressions=[own, *ctes]))
    return query


def view_sql(
    pack: Pack, shape: Shape, table: str, columns: frozenset[str] | None, dialect: str
) -> str:
    """`CREATE VIEW` of the ECS events over a raw table."""
    _refuse_additions(pack)
    name = pack.name.replace("-", "_") + "_events"
    projection = view(pack, shape, _table(table), columns).sql(dialect, pretty=True)
    return f'CREATE VIEW "{name}" AS\n{projection};\n'


def shape_of(pack: Pack, name: str) -> Shape:
    """The shape of this name; the first for an empty one."""
    _refuse_additions(pack)
    found = next((shape for shape in pack.shapes if name in ("", shape.name)), None)
    if found is None:
        names = tuple(shape.name for shape in pack.shapes)
        raise EqlxError((unknown_shape(pack.name, name, names),))
    return found


def _refuse_additions(pack: Pack) -> None:
    """A pack that only adds to events would lose their own fields in a projection."""
    if pack.keeps:
        why = f"the pack `{pack.name}` adds to events that are ECS already: it is for `eqlx run` alone"
        raise EqlxError((wrong_pack(why),))


def _table(name: str, *, is_model: bool = False) -> exp.Table:
    if is_dbt_relation(name) and not is_model:
        raise EqlxError((say.dbt_relation(name),))
    if not is_dbt_relation(name) and not is_name(name):
        raise EqlxError((say.table_name(name),))
    parts = table_parts({"table": name})
    *outer, last = [exp.to_identifier(part, quoted=True) for part in parts]
    places = dict(zip(("db", "catalog"), reversed(outer), strict=False))
    return exp.Table(this=last, **places)
