"""EQL text in, surface tree or diagnostics out: lark's LALR parser with what lies around it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, cast

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue import syntax as say
from eqlx.source import Source, Span
from eqlx.syntax.builder import Builder
from eqlx.syntax.comments import blank_comments
from eqlx.syntax.depth import check_depth
from eqlx.syntax.structure import check_structure
from eqlx.syntax.tokens import FaultError
from eqlx.syntax.tree import Statement


@cache
def grammar() -> Lark:
    """The parser of `eql.lark`, made once a process; it calls the `Builder` while it parses.

    Where lark-cython is installed (the extra `fast`), it does the lexing and the automaton.
    """
    text = files("eqlx.syntax").joinpath("eql.lark").read_text("utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        propagate_positions=False,
        transformer=cast("Any", Builder()),
        _plugins=_plugins(),
    )


def _plugins() -> dict[str, Any]:
    try:
        plugins = import_module("lark_cython").plugins
    except ImportError:
        return {}
    return cast("dict[str, Any]", plugins)


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
    text, unclosed = blank_comments(source.text)
    if unclosed is None and not text.strip(" \t\r\n"):
        report.add(say.empty_query(span=Span(0, len(text))))
        return None
    try:
        # Lark passes on whatever the builder made of the start rule.
        statement = cast("Statement", cast("object", grammar().parse(text)))
    except FaultError as fault:
        report.add(fault.diagnostic)
    except UnexpectedInput as fault:
        report.add(_explained(text, fault, unclosed))
    else:
        if unclosed is None:
            return statement
        report.add(say.unclosed_comment(span=unclosed))
    return None


def _explained(text: str, fault: UnexpectedInput, unclosed: Span | None) -> Diagnostic:
    """What was meant; a comment left open explains every fault from its start on."""
    from eqlx.syntax.mistakes import explain

    offset = len(text) if fault.pos_in_stream is None else fault.pos_in_stream
    expected: Iterable[str] = ()
    if isinstance(fault, UnexpectedToken):
        expected = fault.expected
        if fault.token.type == "$END":
            offset = len(text)
    elif isinstance(fault, UnexpectedCharacters):
        expected = fault.allowed or ()
    if unclosed is not None and not text[offset : unclosed.start].strip(" \t\r\n"):
        return say.unclosed_comment(span=unclosed)
    return explain(text, offset, frozenset(expected))
