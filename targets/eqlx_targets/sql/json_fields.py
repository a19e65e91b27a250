"""A field of a JSON column as a list of texts: nested path or dotted key, array or scalar."""

from __future__ import annotations

from sqlglot import exp

from eqlx.fields.layout import Column

COLUMN = Column("VARCHAR", is_list=True)
"""Every field of a JSON document reads as a list of texts."""


def values(document: exp.Expression, name: str, column: Column) -> exp.Expression:
    """The field's values as VARCHAR[] (VARCHAR where `column` says that it is never an array).

    Both spellings of the path are looked up (`{"a": {"b": 1}}`, `{"a.b": 1}`), and an array of
    objects at one place of the path (`{"a": [{"b": 1}]}`).
    """
    parts = name.split(".")
    spellings = list(dict.fromkeys((_path(parts), _path([name]))))
    found: list[exp.Expression] = [_extract(document, path) for path in spellings]
    if not column.is_list:
        texts = [
            exp.Anonymous(
                this="json_extract_string", expressions=[document.copy(), exp.Literal.string(p)]
            )
            for p in spellings
        ]
        return texts[0] if len(texts) == 1 else exp.Coalesce(this=texts[0], expressions=texts[1:])
    lists: list[exp.Expression] = [exp.Array(expressions=found)]
    lists += [
        _extract(document, _path(parts[:end]) + "[*]" + _path(parts[end:])[1:])
        for end in range(1, len(parts))
    ]
    value = exp.to_identifier("j")
    gathered = lists[0]
    for other in lists[1:]:
        gathered = exp.ArrayConcat(this=gathered, expressions=[other])
    texts_of = exp.Lambda(this=_texts(value), expressions=[value.copy()])
    return exp.Flatten(this=exp.Transform(this=gathered, expression=texts_of))


def _texts(value: exp.Expression) -> exp.Expression:
    kind = exp.JSONType(this=value.copy())
    array = exp.FromJson(this=value.copy(), expression=exp.Literal.string('["VARCHAR"]'))
    scalar = exp.Array(
        expressions=[
            exp.Anonymous(
                this="json_extract_string", expressions=[value.copy(), exp.Literal.string("$")]
            )
        ]
    )
    return exp.case(kind).when("'ARRAY'", array).when("'OBJECT'", exp.Array()).else_(scalar)


def _extract(document: exp.Expression, path: str) -> exp.Expression:
    return exp.Anonymous(
        this="json_extract", expressions=[document.copy(), exp.Literal.string(path)]
    )


def _path(parts: list[str]) -> str:
    """A JSONPath with every key quoted: `$."process"."name"`."""
    return "$" + "".join(
        '."' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts
    )
