"""Which list of fields a query is read with, where there are several (spec §13.3)."""

from __future__ import annotations

from eqlx.fields.schema import FieldInfo, FieldList, Layered, Schema
from eqlx.ir.nodes import Field, Query
from eqlx.ir.walk import walk


def schema_of(fields: FieldList | None, data: Schema | None = None) -> Schema:
    """The field catalogue, behind a user's field list and the fields that the data have."""
    from eqlx.fields.catalogue import CATALOGUE

    own = [each for each in (fields, data) if each is not None]
    return Layered((*own, CATALOGUE)) if own else CATALOGUE


def schema_of_query(query: Query, data: Schema, below: Schema) -> Schema:
    """The types that a query was made with, and so its events; the data say what is a list."""
    own: dict[str, FieldInfo] = {}
    for node, _, _ in walk(query):
        if isinstance(node, Field):
            known = data.lookup(node.name)
            several = node.multivalued if known is None else known.multivalued
            own[node.name] = FieldInfo(node.type, several)
    return Layered((FieldList(own, closed=False), below))
