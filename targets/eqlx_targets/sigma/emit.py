"""A Sigma file as YAML text, with the fidelity record as a comment at its top."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import assert_never

from eqlx.rule import Rule
from eqlx.target import OutputFile, Request
from eqlx_targets.sigma.metadata import left_out
from eqlx_targets.sigma.taxonomy import taxonomy
from eqlx_targets.sigma.tree import (
    Block,
    Conjunction,
    Correlation,
    DetectionRule,
    Disjunction,
    Document,
    Expression,
    Footer,
    Header,
    Inversion,
    Item,
    Quantified,
    Reference,
    SearchMap,
    SigmaFile,
)
from eqlx_targets.sigma.unmapped import summed
from eqlx_targets.sigma.yaml_writer import Yaml, document

FILE_NAME_LENGTH = 86
"""SigmaHQ's bound, less the suffix."""

_UNSUITED = re.compile(r"[^a-z0-9]+")
_TACTIC = re.compile(
    r"^(?:reconnaissance|resource_development|initial_access|execution|persistence|privilege_escalation|"
    r"defense_evasion|credential_access|discovery|lateral_movement|collection|command_and_control|"
    r"exfiltration|impact)_(?=.)"
)
"""How files of Elastic's rules start, and SigmaHQ's do not."""


def emit_file(file: SigmaFile, request: Request) -> str:
    """The text of all documents: comments, then the documents, parted by `---`."""
    return _text(file.documents, request)


def emit_files(file: SigmaFile, request: Request) -> tuple[OutputFile, ...]:
    """The text of each file, and its name by SigmaHQ's convention."""
    return tuple(
        OutputFile(_stem(documents, request.rule), _text(documents, request))
        for documents in file.files
    )


def _text(documents: tuple[Document, ...], request: Request) -> str:
    comment = "".join(f"# {line}\n" for line in _record(request))
    return comment + "---\n".join(document(content(d)) for d in documents)


def _stem(documents: tuple[Document, ...], rule: Rule) -> str:
    """`proc_creation_win_…`, `correlation_…`: the rest is the name of the rule's own file."""
    first = documents[0]
    if isinstance(first, Correlation):
        prefix = "correlation_"
    else:
        source = first.logsource
        rest = source.category or f"service:{source.service}"
        prefix = taxonomy().prefix(f"{source.product or ''}/{rest}")
    path = PurePath(rule.path) if rule.path else None
    own = path.stem if path is not None and path.suffix in (".toml", ".eql") else rule.name
    slug = _TACTIC.sub("", _UNSUITED.sub("_", (own or rule.label).lower()).strip("_"))
    stem = (prefix + slug)[:FILE_NAME_LENGTH].rstrip("_")
    return stem if len(stem) >= 10 and "_" in stem else f"eql_rule_{stem}"


def content(written: Document) -> Mapping[str, Yaml]:
    """A document as plain data, in the order in which it is written."""
    match written:
        case DetectionRule():
            source = {
                "category": written.logsource.category,
                "product": written.logsource.product,
                "service": written.logsource.service,
            }
            body: dict[str, Yaml] = {
                "logsource": _known(source),
                "detection": {
                    **{block.name: _block(block) for block in written.detection.blocks},
                    "condition": condition_text(written.detection.condition),
                },
            }
        case Correlation():
            body = {"correlation": _correlation(written)}
        case _:
            assert_never(written)
    return {**_header(written.header), **body, **_footer(written.footer)}


def condition_text(expression: Expression) -> str:
    """A condition as Sigma writes it; every operator below another stands in brackets, except
    `not`, which binds tightest."""
    match expression:
        case Reference(name):
            return name
        case Quantified(quantifier, pattern):
            return f"{quantifier} of {pattern}"
        case Inversion(operand):
            return f"not {_operand(operand)}"
        case Conjunction(operands):
            return " and ".join(map(_operand, operands))
        case Disjunction(operands):
            return " or ".join(map(_operand, operands))
        case _:
            assert_never(expression)


def _operand(expression: Expression) -> str:
    text = condition_text(expression)
    return f"({text})" if isinstance(expression, Conjunction | Disjunction) else text


def _block(block: Block) -> Yaml:
    maps = tuple(_map(search) for search in block.maps)
    return maps[0] if len(maps) == 1 else maps


def _map(search: SearchMap) -> Mapping[str, Yaml]:
    written: dict[str, Yaml] = {}
    for item in search:
        if item.key in written:
            message = f"the key {item.key} stands twice in one map"
            raise AssertionError(message)
        written[item.key] = _values(item)
    return written


def _values(item: Item) -> Yaml:
    return item.values[0] if len(item.values) == 1 else item.values


def _correlation(written: Correlation) -> Mapping[str, Yaml]:
    parts: dict[str, Yaml] = {
        "type": written.kind,
        "rules": written.rules,
        "group-by": written.group_by,
        "timespan": written.timespan,
    }
    if written.aliases:
        parts["aliases"] = {alias: dict(fields) for alias, fields in written.aliases}
    match written.condition:
        case None:
            pass
        case str(text):
            parts["condition"] = text
        case (comparison, number):
            parts["condition"] = {comparison: number}
        case _:
            assert_never(written.condition)
    return parts


def _header(header: Header) -> Mapping[str, Yaml]:
    related = tuple({"id": identifier, "type": kind} for identifier, kind in header.related)
    return _known(
        {
            "title": header.title,
            "id": header.id,
            "related": related,
            "name": header.name,
            "taxonomy": header.taxonomy,
            "status": header.status,
            "description": header.description,
            "license": header.license,
            "references": header.references,
            "author": header.author,
            "date": header.date,
            "modified": header.modified,
            "tags": header.tags,
        }
    )


def _footer(footer: Footer) -> Mapping[str, Yaml]:
    return _known({"falsepositives": footer.falsepositives, "level": footer.level})


def _known(entries: Mapping[str, Yaml]) -> Mapping[str, Yaml]:
    return {key: value for key, value in entries.items() if value not in (None, "", ())}


def _record(request: Request) -> Iterator[str]:
    """The lines of the comment."""
    yield _comment(f"converted from the EQL rule {request.rule.label} by eqlx")
    fidelity = request.losses.fidelity()
    if request.options["comments"] == "short":
        fidelity = replace(fidelity, assumptions=())
    yield from map(_comment, fidelity.lines())
    yield from map(_comment, summed(fidelity.losses))
    for part in left_out(request.rule):
        yield _comment(f"- left out: {part}")


def _comment(text: str) -> str:
    """Text that cannot end the comment: a line of printable characters."""
    return "".join(c if c.isprintable() else " " for c in text)
