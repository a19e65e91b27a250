"""Regular expressions as lowering and folding need them: read, or a diagnostic (spec §4)."""

from __future__ import annotations

from typing import cast

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.constants import invalid_regex
from eqlx.ir.nodes import And, Condition, Field, Like, Not, Or, RegexMatch
from eqlx.ir.walk import Node, map_children
from eqlx.patterns.regex import Regex, RegexDialect, RegexError
from eqlx.source import Span


def parse_regex(text: str, dialect: RegexDialect, span: Span, report: Report) -> Regex | None:
    """The pattern as a tree; None where it cannot be read, which is then in the report."""
    try:
        if dialect is RegexDialect.LUCENE:
            from eqlx.patterns.lucene import parse_lucene

            return parse_lucene(text)
        from eqlx.patterns.java import parse_java

        return parse_java(text)
    except RegexError as error:
        report.add(invalid_regex(dialect.value.capitalize(), str(error), error.offset, span=span))
        return None


def as_leaf(condition: Condition, report: Report) -> Condition:
    """`condition`, taken out of a value, with patterns on fields as leaves of their own have them:
    wildcards that cross lines, and Lucene's regular expressions (spec §4)."""

    def settle(node: Node) -> Node:
        match node:
            case And() | Or() | Not():
                return map_children(node, settle)
            case Like(value=Field(), crosses_lines=False):
                return Like(node.value, node.patterns, node.case, span=node.span)
            case RegexMatch(value=Field()):
                return _in_lucene(node, report)
            case _:
                return node

    return cast("Condition", settle(condition))


def _in_lucene(node: RegexMatch, report: Report) -> RegexMatch:
    patterns: list[Regex] = []
    for pattern in node.patterns:
        if pattern.dialect is RegexDialect.LUCENE:
            patterns.append(pattern)
        elif (
            read := parse_regex(pattern.text, RegexDialect.LUCENE, node.span, report)
        ) is not None:
            patterns.append(read)
    return RegexMatch(node.value, tuple(patterns), node.case, span=node.span)
