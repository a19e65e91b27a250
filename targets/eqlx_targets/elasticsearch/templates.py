"""Index templates: the mapping of the fields that rules read, for one rule and for a set of them.

An index template's document says all that is needed to join it with others, so that the one for a
set is made from those of its rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.fields.schema import FieldInfo
from eqlx.ir.types import FieldType
from eqlx.target import Artifact, Collection, OutputFile, Request, WindowFields
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.emit import emit_document
from eqlx_targets.elasticsearch.fields import fields_of
from eqlx_targets.elasticsearch.indices import indices
from eqlx_targets.elasticsearch.mapping import (
    Property,
    conflict,
    flat,
    nested,
    property_of,
    without_versions,
)

STEM = "index-template"
TOTAL_FIELDS = 1000
"""The default of `index.mapping.total_fields.limit`: fields, objects and sub-fields together."""

_NO_PATTERN = frozenset('\\/?"<>| ,#:')
"""Characters that an index pattern of a template must not have."""


def index_template(request: Request) -> Json:
    """The body of `PUT _index_template/<name>` for the fields of one rule."""
    patterns = _patterns(request)
    if not patterns:
        what = "an index template for no index"
        why = "the rule names none that a template can have: `-O index-patterns=…` does"
        _refuse(what, why, request)
    fields = _fields(request)
    if (pair := conflict(fields)) is not None:
        _refuse(*_both(*pair), request)
        return {}
    return _document(patterns, {name: property_of(info) for name, info in fields.items()})


def collected(artifacts: Sequence[Artifact]) -> Collection | None:
    """One index template for the rules of all artifacts, each an index template; None for none.

    A rule whose fields do not go with those before it has no part in it, and is refused.
    """
    patterns: dict[str, None] = {}
    fields = _Fields()
    refused: dict[int, tuple[Diagnostic, ...]] = {}
    for place, artifact in enumerate(artifacts):
        document = json.loads(artifact.text)
        reasons = fields.add(document["template"]["mappings"]["properties"])
        if reasons:
            refused[place] = tuple(_said(reasons, artifact))
        else:
            patterns.update(dict.fromkeys(document["index_patterns"]))
    if not patterns:
        return None
    text = emit_document(_document(patterns, fields.known), one_line=False)
    return Collection(OutputFile(STEM, text), refused)


@dataclass
class _Fields:
    """The fields of the rules so far, by dotted name."""

    known: dict[str, Property] = field(default_factory=dict)

    def add(self, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Take a rule's fields, all of them or none: what and why not."""
        found = dict(flat(properties))
        reasons = [
            _two_types(name, one, self.known[name])
            for name, one in found.items()
            if self.known.get(name, one) != one
        ]
        if (pair := conflict({**self.known, **found})) is not None:
            reasons.append(_both(*pair))
        if not reasons:
            self.known.update(found)
        return reasons


def _two_types(name: str, one: Property, other: Property) -> tuple[str, str]:
    what = f"`{name}` as `{one['type']}` beside `{other['type']}` in another rule"
    return what, "a field has one type in an index: a file for `--schema` can say which"


def _both(outer: str, inner: str) -> tuple[str, str]:
    return (
        f"both `{outer}` and `{inner}` in one index",
        "a field with values has no fields below it",
    )


def _said(reasons: Iterable[tuple[str, str]], artifact: Artifact) -> Iterator[Diagnostic]:
    report = Report(artifact.rule.query, artifact.rule.label)
    for what, why in reasons:
        report.add(inexpressible(artifact.target, what, why, artifact.query.span))
    return iter(report)


def _document(patterns: Iterable[str], fields: Mapping[str, Property]) -> Json:
    template: dict[str, Json] = {"mappings": {"properties": nested(fields)}}
    if (count := _count(fields)) > TOTAL_FIELDS:
        template = {"settings": {"index.mapping.total_fields.limit": count}, **template}
    return {"index_patterns": sorted(patterns), "template": template}


def _count(fields: Mapping[str, Property]) -> int:
    """What an index counts: fields, the objects around them, and sub-fields."""
    objects = {name[:at] for name in fields for at, c in enumerate(name) if c == "."}
    inner = (one.get("fields") for one in fields.values())
    below = sum(len(each) for each in inner if isinstance(each, Mapping))
    return len(fields) + len(objects) + below


def _fields(request: Request) -> dict[str, FieldInfo]:
    """The fields of the query, and those that the rule's time window is on."""
    found = fields_of(request.query, request.schema, request.model)
    if request.options["window"] == "rule" and request.rule.timestamp_override:
        for name in WindowFields.of(request.rule, request.model).names:
            found.setdefault(name, request.schema.lookup(name) or FieldInfo(FieldType.DATE))
    if request.dialect == "opensearch":
        return {name: without_versions(info) for name, info in found.items()}
    return found


def _patterns(request: Request) -> list[str]:
    """The patterns that were asked for, else those of the rule that a template can have."""
    if asked := request.options["index-patterns"]:
        patterns = [part.strip() for part in asked.split(",")]
        for pattern in patterns:
            if not _is_possible(pattern):
                _refuse(f"the index pattern `{pattern}`", "no index has such a name", request)
        return patterns
    known = indices(request)
    for pattern in known:
        if not _is_possible(pattern):
            request.losses.assume(f"`{pattern}` names no index that the template is for")
    return [pattern for pattern in known if _is_possible(pattern)]


def _is_possible(pattern: str) -> bool:
    """Whether it can be a template's: no remote cluster, no exclusion, no character beyond names."""
    return (
        pattern not in ("", ".", "..")
        and pattern[0] not in "_-+"
        and pattern == pattern.lower()
        and not _NO_PATTERN & set(pattern)
        and not any(c.isspace() for c in pattern)
    )


def _refuse(what: str, why: str, request: Request) -> None:
    request.report.add(inexpressible("elasticsearch", what, why, request.query.span))
