"""EQL text in, surface tree or diagnostics out: lark's LALR parser with what lies around it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, UnexpectedInput

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import syntax as say
from eqlx.source import Source, Span
from eqlx.syntax.builder import Builder, FaultError
from eqlx.syntax.comments import UnclosedCommentError, blank_comments
from eqlx.syntax.depth import check_depth
from eqlx.syntax.structure import check_structure
from eqlx.syntax.tree import Statement


@cache
def grammar() -> Lark:
    """The parser of `eql.lark`, made once a process; it calls the `Builder` while it parses."""
    text = files("eqlx.syntax").joinpath("eql.lark").read_text("utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        propagate_positions=False,
        transformer=cast("Any", Builder()),
    )


def parse(source: Source, report: Report) -> Statement | None:
    """The statement that `source` holds, or None after at least one error in `report`.

    Never raises for any text.
    """
    statement = _read(source, report)
    if statement is None:
        return None
    before = len(report)
    check_depth(statement, report)
    check_structure(statement, report)
    return statement if len(report) == before else None


def _read(source: Source, report: Report) -> Statement | None:
    try:
        text = blank_comments(source.text)
    except UnclosedCommentError as fault:
        report.add(say.unclosed_comment(span=fault.span))
        return None
    if not text.strip(" \t\r\n"):
        report.add(say.empty_query(span=Span(0, len(text))))
        return None
    try:
        # Lark passes on whatever the builder made of the start rule.
        return cast("Statement", cast("object", grammar().parse(text)))
    except FaultError as fault:
        report.add(fault.diagnostic)
    except UnexpectedInput as fault:
        offset = min(fault.pos_in_stream or 0, len(text))
        report.add(say.unexpected_text("this", "something else", span=Span(offset, len(text))))
    return None
