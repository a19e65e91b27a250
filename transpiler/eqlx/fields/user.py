"""Field lists that users give: eqlx's own form, Elasticsearch mappings, ECS's `fields.csv`."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeGuard

from eqlx import inputs
from eqlx.diagnostics import EqlxError, Report
from eqlx.diagnostics.catalogue.fields import broken_field_list
from eqlx.fields.layout import Column
from eqlx.fields.nearest import distance
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType, field_type
from eqlx.printable import is_safe, json_text
from eqlx.source import Source, Span

HEADER = (
    "# eqlx fields: a name and a type a line; `[]` for several values in one event;\n"
    "# then the type of its column, where there is one\n"
)
TYPES = (
    *("boolean", "byte", "constant_keyword", "date", "date_nanos", "double", "flattened", "float"),
    *("half_float", "integer", "ip", "keyword", "long", "match_only_text", "scaled_float", "short"),
    *("text", "unsigned_long", "version", "wildcard"),
)
"""Mapping types whose values EQL can compare."""

OTHER_TYPES = frozenset(
    (
        *("aggregate_metric_double", "annotated_text", "binary", "completion", "date_range"),
        *("dense_vector", "double_range", "float_range", "geo_point", "geo_shape", "histogram"),
        *("integer_range", "ip_range", "join", "long_range", "murmur3", "nested", "object"),
        *("passthrough", "percolator", "point", "rank_feature", "rank_features"),
        *("search_as_you_type", "semantic_text", "shape", "sparse_vector", "token_count"),
        *("unsupported",),
    )
)
"""Mapping types that EQL cannot compare (spec §2); such a field is known and refused in use."""

COLUMN = r"[A-Z][A-Z0-9_]*(?:\(\d+(?:, ?\d+)?\))?(?: WITH TIME ZONE)?(?:\[\])?"
"""The type of a column, in capital letters."""

_LINE = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|[^"#].*?)(?:\s*\t\s*|\s+)(\S+?)(?:\s+(' + COLUMN + r"))?\s*$"
)
_PLAIN_NAME = re.compile(r'[^\s"#][^\x00-\x1f]*(?<!\s)')

Refuse = Callable[[str, Span | None], NoReturn]


def load_schema(path: str | Path) -> FieldList:
    """The fields of a file; its form is told by its content.

    Raises:
        EqlxError: the content is none of the known forms; a diagnostic says where.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    return parse_schema(Source(str(path), inputs.read_bytes(path).decode("utf-8-sig")))


def parse_schema(source: Source) -> FieldList:
    """The fields that a text lists. Raises `EqlxError` as `load_schema` does."""

    def refuse(reason: str, span: Span | None) -> NoReturn:
        report = Report(source)
        report.add(broken_field_list(reason, span=span))
        raise EqlxError(report.diagnostics)

    text = source.text
    if text.lstrip().startswith(("{", "[")):
        return FieldList(dict(_mapping_fields(text, refuse)))
    header = text.partition("\n")[0].strip().split(",")
    if "Field" in header and "Type" in header:
        return FieldList(dict(_ecs_fields(text, refuse)))
    return FieldList(dict(_own_fields(source, refuse)))


def format_schema(fields: FieldList) -> str:
    """The text of a field list in eqlx's own form, sorted by name; `parse_schema` reads it back."""
    rows = sorted(fields.fields.items())
    names = [
        name if _PLAIN_NAME.fullmatch(name) and is_safe(name) else json_text(name)
        for name, _ in rows
    ]
    width = min(max(map(len, names), default=0), 60)
    return HEADER + "".join(
        f"{name:{width}}  {_types(info)}\n" for name, (_, info) in zip(names, rows, strict=True)
    )


def _types(info: FieldInfo) -> str:
    written = f"{info.type.value}{'[]' if info.multivalued else ''}"
    if info.column is None:
        return written
    return f"{written:12}  {info.column.type}{'[]' if info.column.is_list else ''}"


def _column(text: str | None) -> Column | None:
    return None if text is None else Column(text.removesuffix("[]"), text.endswith("[]"))


def _own_fields(source: Source, refuse: Refuse) -> Iterator[tuple[str, FieldInfo]]:
    for number, start in enumerate(source.line_starts, 1):
        line = source.line(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            refuse("expected a field name and a type", Span(start, start + len(line)))
        name = match[1]
        if name.startswith('"'):
            try:
                name = json.loads(name)
            except ValueError:
                span = Span(start + match.start(1), start + match.end(1))
                refuse("the quoted name is no JSON string", span)
        word = match[2].removesuffix("[]")
        span = Span(start + match.start(2), start + match.start(2) + len(word))
        several = match[2].endswith("[]")
        yield name, FieldInfo(_type(word, span, refuse), several, _column(match[3]))


def _type(word: str, span: Span | None, refuse: Refuse) -> FieldType:
    found = field_type(word)
    if found is FieldType.UNSUPPORTED and word not in OTHER_TYPES:
        near = [name for name in (*TYPES, *sorted(OTHER_TYPES)) if distance(word, name) <= 2]
        also = f"; did you mean `{near[0]}`?" if near else f", expected one of {', '.join(TYPES)}"
        refuse(f"unknown type `{word}`{also}", span)
    return found


def _ecs_fields(text: str, refuse: Refuse) -> Iterator[tuple[str, FieldInfo]]:
    for row in csv.DictReader(text.splitlines()):
        name, word = row.get("Field"), row.get("Type")
        if not name or not word:
            refuse("a row without `Field` or `Type`", None)
        yield (
            name,
            FieldInfo(_type(word, None, refuse), "array" in (row.get("Normalization") or "")),
        )


def _mapping_fields(text: str, refuse: Refuse) -> Iterator[tuple[str, FieldInfo]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(len(text) - 1, 0))
        refuse(f"invalid JSON: {error.msg}", Span(at, min(at + 1, len(text))))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        refuse(f"invalid JSON: {reason}", None)
    found = list(_properties(document))
    if not found:
        refuse("no `properties` as in an Elasticsearch mapping", None)
    for properties in found:
        fields = dict(_walk("", properties, refuse))
        for name, target in fields.items():
            info = _aliased(target, fields) if isinstance(target, str) else target
            yield name, _multiplied(name, info)


def _multiplied(name: str, info: FieldInfo) -> FieldInfo:
    """Mappings do not say which fields hold several values; the catalogue does for its own."""
    from eqlx.fields.catalogue import CATALOGUE

    known = CATALOGUE.lookup(name)
    return FieldInfo(info.type, info.multivalued or (known is not None and known.multivalued))


def _aliased(target: str, fields: Mapping[str, FieldInfo | str]) -> FieldInfo:
    info = fields.get(target)
    return info if isinstance(info, FieldInfo) else FieldInfo(FieldType.KEYWORD)


def _properties(document: object) -> Iterator[Mapping[str, object]]:
    """The `properties` of a mapping, a template or an answer of `GET <index>/_mapping`."""
    if not _is_object(document):
        return
    if _is_object(properties := document.get("properties")):
        yield properties
        return
    for key, value in document.items():
        # Index names stand outside of `mappings`; a field named `settings` has no `properties`.
        if key in ("mappings", "template", "_doc") or _is_object(value):
            yield from _properties(value)


def _walk(
    prefix: str, properties: Mapping[str, object], refuse: Refuse, *, many: bool = False
) -> Iterator[tuple[str, FieldInfo | str]]:
    """Field name to what is known; an alias gives the name that it stands for."""
    for key, mapping in properties.items():
        name = f"{prefix}{key}"
        if not _is_object(mapping):
            refuse(f"the mapping of `{name}` is no object", None)
        word = mapping.get("type", "object")
        children = mapping.get("properties")
        if word == "alias":
            yield name, str(mapping.get("path", ""))
        elif word != "object" or children is None:
            yield name, FieldInfo(_type(str(word), None, refuse), many)
        for group in (children, mapping.get("fields")):
            if _is_object(group):
                yield from _walk(f"{name}.", group, refuse, many=many or word == "nested")


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
