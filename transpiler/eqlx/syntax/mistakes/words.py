"""Mistakes with words: wrong letter case, `not` in the wrong place, a missing word between two."""

from __future__ import annotations

from difflib import get_close_matches

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import foreign, structure, syntax
from eqlx.diagnostics.catalogue import mistakes as say
from eqlx.source import Span
from eqlx.syntax.keywords import KEYWORDS
from eqlx.syntax.mistakes.failure import Failure, Piece
from eqlx.syntax.mistakes.hints import in_keys

_BINARY = frozenset({"and", "or"})
_MATCHING = frozenset({":", "like", "like~", "regex", "regex~", "==", "!=", "<", ">", "<=", ">="})
_WORD_OPERATORS = {
    "contains": "like~",
    "startswith": "like~",
    "endswith": "like~",
    "matches": "regex~",
    "match": "regex~",
    "is": "== null",
    "eq": "==",
    "has": "like~",
    "equals": "==",
    "ilike": "like~",
    "rlike": "regex",
    "between": ">= … and … <=",
    "exists": "!= null",
}


def letter_case(failure: Failure) -> Diagnostic | None:
    """`AND`, `Or`, `NOT`, `Where`, here or directly before."""
    for piece in (failure.piece, failure.near(-1)):
        word = piece.text.lower()
        if piece.kind == "name" and piece.text != word and word.rstrip("~") in KEYWORDS:
            return say.letter_case(piece.text, word, span=piece.span)
    return None


def dangling_operator(failure: Failure) -> Diagnostic | None:
    """`and` or `or` without a condition after it or before it."""
    piece, before = failure.piece, failure.near(-1)
    if piece.text in _BINARY and before.text in {"where", "(", "[", "not", *_BINARY}:
        return say.dangling_word(piece.text, "before", span=piece.span)
    if piece.text in {"|", "[", "!["} and before.text in {*_BINARY, "not"}:
        return say.dangling_word(before.text, "after", span=before.span)
    at_end = piece.kind == "end" or piece.text in {")", "]", "until"}
    if at_end and before.text in {*_BINARY, "not"}:
        return say.dangling_word(before.text, "after", span=before.span)
    return None


def not_after_field(failure: Failure) -> Diagnostic | None:
    """`x not like "a"`, `x not : "a"`, `x not == 1`."""
    piece, before = failure.piece, failure.near(-1)
    if before.text != "not" or not failure.near(-2).ends_operand:
        return None
    if piece.text not in _MATCHING:
        return None
    operand = failure.near(-2)
    field = operand.text if operand.is_field else "field"
    return say.not_after_field(field, piece.text, span=before.span.to(piece.span))


def missing_operator(failure: Failure) -> Diagnostic | None:
    """Two conditions, or a field and a value, side by side."""
    piece, before = failure.piece, failure.near(-1)
    if before.text == "not" and failure.near(-2).ends_operand and piece.starts_operand:
        return say.missing_word(span=before.span, before=failure.near(-2).span)
    if not (before.ends_operand and piece.starts_operand):
        return None
    if "_AND" not in failure.expected or in_keys(failure):
        return None
    misspelt = _misspelt(failure)
    if misspelt is not None:
        return misspelt
    if before.is_field and (piece.is_string or piece.kind == "number" or piece.text == "("):
        return say.missing_comparison(
            before.text, is_list=piece.text == "(", span=piece.span, before=before.span
        )
    return say.missing_word(span=piece.span, before=before.span)


def _misspelt(failure: Failure) -> Diagnostic | None:
    """A word where only an operator fits that is nearly one: `a nd`, `adn`, `contains`."""
    piece, after = failure.piece, failure.near(1)
    if not piece.is_field or "." in piece.text:
        return None
    word = piece.text.lower()
    joined = piece.text + after.text
    if joined in _BINARY and after.kind == "name":
        return say.misspelt(f"{piece.text} {after.text}", joined, span=piece.span.to(after.span))
    if word in _WORD_OPERATORS:
        return foreign.word_operator(piece.text, _instead(failure, word), span=piece.span)
    near = get_close_matches(word, ["and", "or", "in", "like", "regex", "not"], 1, 0.6)
    if near and len(word) <= len(near[0]) + 1 and (after.starts_operand or after.text == "("):
        return say.misspelt(piece.text, near[0], span=piece.span)
    run_on = next((w for w in ("and", "or") if word.startswith(w) and len(word) > len(w)), None)
    if run_on is not None:
        span = Span(piece.start, piece.start + len(run_on))
        return say.run_on_word(piece.text, run_on, span=span)
    return None


def _instead(failure: Failure, word: str) -> str:
    """`is null`, `is not null`, `is "x"` are three things."""
    if word != "is" or failure.near(1).text.lower() == "null":
        return _WORD_OPERATORS[word]
    return "!= null" if failure.near(1).text.lower() == "not" else "=="


def one_query_more(failure: Failure) -> Diagnostic | None:
    """`process where true file where true`."""
    if not failure.near(-1).ends_operand or failure.near(1).text != "where":
        return None
    return syntax.unexpected_text(
        "a second query",
        "one",
        span=failure.piece.span,
        hint="events in order are one query: `sequence [… where …] [… where …]`",
    )


def pipe_without_bar(failure: Failure) -> Diagnostic | None:
    """`process where true head 5`."""
    piece, count = failure.piece, failure.near(1)
    if piece.text not in {"head", "tail"} or count.kind != "number":
        return None
    return syntax.unexpected_text(
        f"`{piece.text}`", "`|` before it", span=piece.span, hint=f"write `| {piece.text} …`"
    )


def mark_after_name(failure: Failure) -> Diagnostic | None:
    """`process.name?`, `process?.name`: the mark stands before the whole name."""
    piece, name = failure.piece, failure.near(-1)
    if piece.text != "?" or not name.is_field or name.end != piece.start:
        return None
    rest = failure.near(1).text + failure.near(2).text if failure.near(1).text == "." else ""
    return syntax.unexpected_text(
        "`?`", "it before the name", span=piece.span, hint=f"write `?{name.text}{rest}`"
    )


def run_on_path(failure: Failure) -> Diagnostic | None:
    """`"x" andprocess.name in (…)`: the blank after `and` is missing."""
    piece = failure.piece
    if not piece.is_field or not failure.near(-1).ends_operand or "_AND" not in failure.expected:
        return None
    for word in ("and", "or"):
        rest = piece.text[len(word) :]
        if piece.text.startswith(word) and "." in rest and rest[:1].isalpha():
            return say.run_on_word(
                piece.text, word, span=Span(piece.start, piece.start + len(word))
            )
    return None


def reserved_word(failure: Failure) -> Diagnostic | None:
    """`event.sequence`, or a keyword where a value must stand."""
    piece = failure.piece
    if piece.kind != "name" or "NAME" not in failure.expected:
        return None
    segments = piece.text.split(".")
    guilty = next((s for s in segments if s in KEYWORDS), None)
    if guilty is None or (len(segments) == 1 and failure.near(-1).text != "."):
        return None
    start = piece.start + sum(len(s) + 1 for s in segments[: segments.index(guilty)])
    written = ".".join(f"`{s}`" if s in KEYWORDS else s for s in segments)
    return syntax.reserved_word(guilty, span=Span(start, start + len(guilty)), written=written)


def reserved_segment(failure: Failure) -> Diagnostic | None:
    """As `reserved_word`, where the parse stopped inside of a path after its good start."""
    piece = failure.piece
    segments = piece.text.split(".")
    if piece.kind != "name" or len(segments) < 2 or "`" in piece.text:
        return None
    guilty = next((s for s in segments if s in KEYWORDS), None)
    if guilty is None:
        return None
    start = piece.start + sum(len(s) + 1 for s in segments[: segments.index(guilty)])
    written = ".".join(f"`{s}`" if s in KEYWORDS else s for s in segments)
    return syntax.reserved_word(guilty, span=Span(start, start + len(guilty)), written=written)


def missing_where(failure: Failure) -> Diagnostic | None:
    """`process process.name == "x"`, `process.name == "x"`, `[process.name == "x"]`, `where …`."""
    piece, before = failure.piece, failure.near(-1)
    if (
        "_WHERE" in failure.expected
        and piece.is_field
        and "." in piece.text
        and (failure.at == 0 or before.text in {"[", "!["})
    ):
        return say.missing_category(span=piece.span)
    if "_WHERE" in failure.expected and before.ends_operand:
        if not _at_filter_start(failure, before):
            return None
        if piece.text.startswith(("=", ":", "!", "<", ">")) or piece.text in {"in", "like", "."}:
            return say.missing_category(span=before.span)
        span = before.span if piece.kind == "end" else piece.span
        return say.missing_where(before.text, span=span, category_span=before.span)
    if "ANY" in failure.expected and piece.text == "where":
        return say.missing_category(span=piece.span)
    if "ANY" in failure.expected and (piece.text in {"not", "(", "?"} or "." in piece.text):
        return say.missing_category(span=piece.span)
    return None


def _at_filter_start(failure: Failure, category: Piece) -> bool:
    return failure.at == 1 or failure.near(-2).text in {"[", "!["} or category.is_string


def clause_order(failure: Failure) -> Diagnostic | None:
    """`sequence with maxspan=1m by x`, `sequence by x maxspan=1m`, `[…] with maxspan=1m`."""
    piece, before = failure.piece, failure.near(-1)
    if before.text == "maxspan" or (before.text == "=" and failure.near(-2).text == "maxspan"):
        return _maxspan_form(failure)
    if piece.text == "maxspan" and before.text == "with":
        return structure.unknown_term_option("maxspan", span=piece.span)
    if piece.text == "maxspan":
        return say.missing_with(span=piece.span)
    if piece.text == "by" and before.text not in {"by", "where", "]"}:
        texts = [p.text for p in failure.pieces[: failure.at]]
        if "maxspan" in texts or "runs" in texts:
            return say.clause_order(span=piece.span)
    return None


def _maxspan_form(failure: Failure) -> Diagnostic:
    """`maxspan: 5m`, `maxspan == 5m`, `maxspan="5m"`, `maxspan=-5m`."""
    piece = failure.piece
    found = "a string" if piece.is_string else f"`{piece.text}`"
    found = "the end of the query" if piece.kind == "end" else found
    expected = "a duration" if failure.near(-1).text == "=" else "`=`"
    return syntax.unexpected_text(found, expected, span=piece.span, hint="write `with maxspan=5m`")


def key_is_no_field(failure: Failure) -> Diagnostic | None:
    """`by length(x)`, `by "x"`."""
    piece, before = failure.piece, failure.near(-1)
    if before.text == "by" and (piece.is_string or piece.kind == "number"):
        return say.key_is_no_field(span=piece.span)
    called = piece.text == "(" and before.is_field and not failure.openers
    if called and failure.near(-2).text in {"by", ","}:
        return say.key_is_no_field(span=before.span)
    return None
