"""Mistakes with brackets: not closed, closed twice, empty, or with a comma too many."""

from __future__ import annotations

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import foreign, syntax
from eqlx.diagnostics.catalogue import mistakes as say
from eqlx.syntax.mistakes.failure import OPENERS, Failure, closer_of


def stray_comma(failure: Failure) -> Diagnostic | None:
    """`("a", )`, `(, "a")`, `"a",, "b"`, `where a == 1, b == 2`."""
    piece, before = failure.piece, failure.near(-1)
    closing = piece.text in {")", "]", "|", "[", "!["} or piece.kind == "end"
    if before.text == "," and closing:
        return say.stray_comma(span=before.span)
    if piece.text != ",":
        return None
    if before.text in {"(", "[", "where", "and", "or"} or not before.ends_operand:
        return say.stray_comma(span=piece.span)
    return None


def list_without_brackets(failure: Failure) -> Diagnostic | None:
    """`x : "a", "b"` and `x == "a", "b"`, where a list needs brackets and `in` or `:`."""
    if failure.piece.text != "," or not failure.near(-1).is_string:
        return None
    if not failure.near(1).starts_operand:
        return say.stray_comma(span=failure.piece.span)
    operator = failure.near(-2)
    if operator.text in {":", "like", "like~", "regex", "regex~", "==", "!="}:
        return say.list_without_brackets(
            operator.text, span=failure.piece.span, first=failure.near(-1).span
        )
    return None


def list_after_comparison(failure: Failure) -> Diagnostic | None:
    """`x == ("a", "b")`."""
    if failure.piece.text != "," or len(failure.openers) == 0:
        return None
    operator = failure.pieces[failure.openers[-1] - 1]
    if operator.text not in {"==", "!="}:
        return None
    return say.list_after_comparison(operator.text, span=operator.span)


def empty_brackets(failure: Failure) -> Diagnostic | None:
    """`()`, `in ()`, `[]`."""
    piece, before = failure.piece, failure.near(-1)
    if piece.text in OPENERS and before.text in {"(", "[", "!["}:
        return say.empty_brackets(span=before.span.to(piece.span))
    return None


def wrong_closer(failure: Failure) -> Diagnostic | None:
    """A closing bracket that closes nothing, or comes before an inner one is closed."""
    piece = failure.piece
    if piece.text not in OPENERS or failure.near(-1).text in {"and", "or", "not"}:
        return None
    opener = failure.opener
    if opener is None or OPENERS[piece.text] not in {
        failure.pieces[i].text.lstrip("!") for i in failure.openers
    }:
        return syntax.unopened_bracket(piece.text, OPENERS[piece.text], span=piece.span)
    if closer_of(opener.text) != piece.text:
        return syntax.unclosed_bracket(
            opener.text, closer_of(opener.text), f"`{piece.text}`", span=opener.span, at=piece.span
        )
    return None


def unclosed_at_end(failure: Failure) -> Diagnostic | None:
    """The query, or a pipe, comes while a bracket is open."""
    piece, opener = failure.piece, failure.opener
    if opener is None or (piece.kind != "end" and piece.text != "|"):
        return None
    if failure.near(-1).text in {"and", "or", "not"}:
        return None
    found = "the end of the query" if piece.kind == "end" else f"`{piece.text}`"
    return syntax.unclosed_bracket(
        opener.text, closer_of(opener.text), found, span=opener.span, at=piece.span
    )


def unclosed_list(failure: Failure) -> Diagnostic | None:
    """`in ("a", "b" and process.pid == 1`: a condition goes on while the list is open."""
    piece, opener, head = failure.piece, failure.opener, failure.list_head
    if opener is None or head is None or head.is_field:
        return None
    if not failure.near(-1).ends_operand:
        return None
    after = failure.near(1)
    goes_on = piece.text in {"and", "or"} and (after.is_field or after.text in {"not", "?", "("})
    starts = piece.is_field or piece.text in {"not", "?", "[", "!["}
    if not goes_on and not starts:
        return None
    return syntax.unclosed_bracket("(", ")", f"`{piece.text}`", span=opener.span, at=piece.span)


def unclosed_group(failure: Failure) -> Diagnostic | None:
    """The next step of a sequence comes while a bracket is open."""
    piece, opener = failure.piece, failure.opener
    if piece.text not in {"[", "!["} or opener is None or failure.near(-1).is_field:
        return None
    return syntax.unclosed_bracket(
        opener.text, closer_of(opener.text), f"`{piece.text}`", span=opener.span, at=piece.span
    )


def words_in_list(failure: Failure) -> Diagnostic | None:
    """`: ("a" or "b")`: a list has commas."""
    piece, head = failure.piece, failure.list_head
    if piece.text.lower() not in {"or", "and"} or piece.kind != "name" or head is None:
        return None
    if head.is_field or not failure.near(-1).ends_operand:
        return None
    return say.word_in_list(piece.text, span=piece.span)


def missing_comma(failure: Failure) -> Diagnostic | None:
    """Two constants of a list without a comma between them."""
    piece, before = failure.piece, failure.near(-1)
    constant = piece.is_string or piece.kind == "number"
    if failure.list_head is None:
        return None
    argument = failure.list_head.is_field and "." not in failure.list_head.text
    if argument and before.ends_operand and (constant or piece.is_field):
        return say.missing_comma(span=piece.span, before=before.span)
    if not constant:
        return None
    if not (before.is_string or before.kind == "number"):
        return None
    return say.missing_comma(span=piece.span, before=before.span)


def list_in_list(failure: Failure) -> Diagnostic | None:
    """`: (("a", "b"))`."""
    if failure.piece.text != "(" or failure.near(-1).text != "(" or failure.list_head is None:
        return None
    return say.list_in_list(span=failure.piece.span)


def index_of_array(failure: Failure) -> Diagnostic | None:
    """`process.args[0]`."""
    piece, before = failure.piece, failure.near(-1)
    if piece.text != "[" or not before.is_field or failure.near(1).kind != "number":
        return None
    closer = failure.near(2)
    span = before.span.to(closer.span if closer.text == "]" else failure.near(1).span)
    return foreign.array_index(before.text, span=span)


def in_without_brackets(failure: Failure) -> Diagnostic | None:
    """`x in "a"`."""
    piece, before = failure.piece, failure.near(-1)
    if before.text in {"in", "in~"} and piece.text != "(" and piece.starts_operand:
        return say.in_without_brackets(before.text, span=piece.span)
    return None
