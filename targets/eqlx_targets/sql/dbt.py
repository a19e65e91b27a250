"""A dbt model: the SELECT as a Jinja template, and the YAML file that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from eqlx.ir.nodes import EventQuery
from eqlx.printable import json_text
from eqlx.target import Request
from eqlx_targets.sql.header import attack_ids
from eqlx_targets.sql.tables import STAND_IN, is_dbt_relation

Yaml: TypeAlias = "str | int | Sequence[Yaml] | Mapping[str, Yaml]"

_JINJA = re.compile(r"\{(?=[{%#])")
SUFFIX = ".yml"


def template_text(text: str) -> str:
    """Text that a Jinja template prints as it is: its braces open nothing."""
    return _JINJA.sub("{{ '{' }}", text)


def with_relation(query: str, request: Request) -> str:
    """The query as a template, with the relation of dbt in the place of the stand-in."""
    text = template_text(query)
    table = request.options["table"]
    return text.replace(STAND_IN, table.strip()) if is_dbt_relation(table) else text


def alternatives(later: str, first: str) -> str:
    """A query for the first run of an incremental model, another for those after it."""
    return f"{{% if is_incremental() %}}\n{later}\n{{% else %}}\n{first}\n{{% endif %}}"


def configuration(request: Request, tags: str) -> str:
    """The arguments of the model's `config()`."""
    kind = request.options["materialized"]
    parts = [f"materialized='{kind}'", f"tags={tags}"]
    if kind == "incremental":
        parts.append(f"unique_key={json_text(request.options['row-id'])}")
    return ", ".join(parts)


def description(request: Request, name: str) -> str:
    """The text of the model's YAML file: description, meta data, tests."""
    rule = request.rule
    model: dict[str, Yaml] = {"name": name}
    if text := rule.description or rule.name:
        model["description"] = text
    model["meta"] = _meta(request)
    if columns := list(_columns(request)):
        model["columns"] = columns
    return "\n".join(_block({"version": 2, "models": [model]}, 0)) + "\n"


def _meta(request: Request) -> Mapping[str, Yaml]:
    rule, fidelity = request.rule, request.losses.fidelity()
    known: dict[str, Yaml | None] = {
        "rule_id": rule.id,
        "rule_name": rule.name,
        "severity": rule.severity,
        "risk_score": rule.risk_score,
        "attack": attack_ids(rule),
        "fidelity": list(fidelity.lines()),
    }
    return {key: value for key, value in known.items() if value not in (None, [])}


def _columns(request: Request) -> Iterator[Mapping[str, Yaml]]:
    """Columns that a test can be on: those of the table, which a join does not give."""
    if not isinstance(request.query, EventQuery):
        return
    timestamp = request.model.timestamp
    if "." not in timestamp:
        yield {"name": timestamp, "quote": True, "tests": ["not_null"]}
    if row_id := request.options["row-id"]:
        yield {"name": row_id, "quote": True, "tests": ["unique", "not_null"]}


def _block(value: Mapping[str, Yaml], indent: int) -> Iterator[str]:
    """Block style; strings are JSON's, which YAML reads as they are."""
    for key, child in value.items():
        start = f"{' ' * indent}{key}:"
        match child:
            case bool():
                yield f"{start} {json_text(child)}"
            case str():
                yield f"{start} {json_text(template_text(child))}"
            case int():
                yield f"{start} {child}"
            case Mapping():
                yield start
                yield from _block(child, indent + 2)
            case _:
                yield start
                for item in child:
                    yield from _item(item, indent + 2)


def _item(item: Yaml, indent: int) -> Iterator[str]:
    if isinstance(item, Mapping):
        first, *others = _block(item, indent + 2)
        yield f"{' ' * indent}- {first.lstrip()}"
        yield from others
    else:
        text = template_text(item) if isinstance(item, str) else item
        yield f"{' ' * indent}- {json_text(text)}"
