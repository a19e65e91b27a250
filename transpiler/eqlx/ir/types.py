"""Field and value types, as Elasticsearch's mappings name them (eql-semantics.md §2)."""

from __future__ import annotations

from enum import Enum


class FieldType(Enum):
    """What a field holds. `UNRESOLVED` exists only before the pass `resolve_fields`."""

    UNRESOLVED = "unresolved"
    KEYWORD = "keyword"
    TEXT = "text"
    LONG = "long"
    UNSIGNED_LONG = "unsigned_long"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_NANOS = "date_nanos"
    IP = "ip"
    VERSION = "version"
    UNSUPPORTED = "unsupported"

    @property
    def is_string(self) -> bool:
        """Whether values compare as text: keyword families and text."""
        return self in (FieldType.KEYWORD, FieldType.TEXT)

    @property
    def is_number(self) -> bool:
        return self in (FieldType.LONG, FieldType.UNSIGNED_LONG, FieldType.DOUBLE)

    @property
    def is_integer(self) -> bool:
        return self in (FieldType.LONG, FieldType.UNSIGNED_LONG)

    @property
    def is_date(self) -> bool:
        return self in (FieldType.DATE, FieldType.DATE_NANOS)


_MAPPINGS = {
    "keyword": FieldType.KEYWORD,
    "constant_keyword": FieldType.KEYWORD,
    "wildcard": FieldType.KEYWORD,
    "flattened": FieldType.KEYWORD,
    "text": FieldType.TEXT,
    "match_only_text": FieldType.TEXT,
    "byte": FieldType.LONG,
    "short": FieldType.LONG,
    "integer": FieldType.LONG,
    "long": FieldType.LONG,
    "unsigned_long": FieldType.UNSIGNED_LONG,
    "half_float": FieldType.DOUBLE,
    "float": FieldType.DOUBLE,
    "double": FieldType.DOUBLE,
    "scaled_float": FieldType.DOUBLE,
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "date_nanos": FieldType.DATE_NANOS,
    "ip": FieldType.IP,
    "version": FieldType.VERSION,
}


def field_type(mapping: str) -> FieldType:
    """The type for an Elasticsearch mapping type's name; `UNSUPPORTED` for geo, nested, object …"""
    return _MAPPINGS.get(mapping, FieldType.UNSUPPORTED)
