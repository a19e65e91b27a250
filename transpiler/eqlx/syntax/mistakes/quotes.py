"""Mistakes with quotes, backslashes and characters that EQL does not have."""

from __future__ import annotations

import re
import unicodedata

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import foreign, syntax
from eqlx.diagnostics.catalogue import mistakes as say
from eqlx.diagnostics.catalogue.constants import date_arithmetic
from eqlx.source import Span
from eqlx.syntax.mistakes.failure import Failure, Piece

_LOOKS_LIKE_QUERY = re.compile(r"\s(and|or|in|like~?|where)\s|==|\s:\s|\(\s*$")
_BARE = re.compile(r"[^\s,()\[\]\"|]+")


def unclosed_string(failure: Failure) -> Diagnostic | None:
    """A string that its line does not close; the opener is guessed where quotes are out of step."""
    pieces = [failure.pieces[i] for i in failure.line]
    last = next((p for p in pieces if p.kind in {"open_string", "open_raw"}), None)
    if last is not None and last.end >= failure.piece.start:
        opener = _overlong(failure.text, pieces) or last
        end = last.start + len(last.text.rstrip())
    else:
        overlong = _overlong(failure.text, [p for p in pieces if p.start <= failure.piece.start])
        if overlong is None or not _runs_on(failure.text, overlong):
            return None
        if not _LOOKS_LIKE_QUERY.search(overlong.text):
            return None
        opener, end = overlong, overlong.end
    quote = '`"""`' if opener.kind in {"open_raw", "raw"} else '`"`'
    return syntax.unclosed_string(
        quote, span=Span(opener.start, opener.start + len(quote) - 2), at=Span(end, end)
    )


def _overlong(text: str, pieces: list[Piece]) -> Piece | None:
    """The first string of the line that seems to have run over its own end."""
    for piece in pieces:
        if piece.kind == "string" and (
            _runs_on(text, piece) or _LOOKS_LIKE_QUERY.search(piece.text)
        ):
            return piece
    return None


def _runs_on(text: str, piece: Piece) -> bool:
    """Whether a word follows the string without a blank, as after `"cmd.exe and args : "-m`."""
    after = text[piece.end : piece.end + 1]
    return after.isalnum() or (after != "" and after in "_*?/\\%.-$")


def escaped_quotes(failure: Failure) -> Diagnostic | None:
    r"""`in (\"a\")`: the escapes of whatever held the query."""
    piece = failure.piece
    if piece.text == "\\" and failure.text.startswith('"', piece.end):
        return say.backslash_outside(span=piece.span)
    return None


def fence(failure: Failure) -> Diagnostic | None:
    """The three backticks of a block of Markdown."""
    piece = failure.piece
    if not piece.text.startswith("```"):
        return None
    return foreign.needless_sign("```", None, span=Span(piece.start, piece.start + 3))


def unclosed_name(failure: Failure) -> Diagnostic | None:
    """A backtick alone."""
    if failure.piece.kind == "other" and failure.piece.text == "`":
        return syntax.unclosed_name(span=failure.piece.span)
    return None


def foreign_quotes(failure: Failure) -> Diagnostic | None:
    """`'…'`, `?"…"`, `“…”`."""
    piece = failure.piece
    before = failure.near(-1)
    if piece.text == "?" and failure.near(1).is_string and failure.near(1).start == piece.end:
        string = failure.near(1)
        return foreign.old_raw_string(span=piece.span.to(string.span))
    if piece.is_string and before.text == "?" and before.end == piece.start:
        return foreign.old_raw_string(span=before.span.to(piece.span))
    if piece.kind == "single":
        value = piece.text[1:-1]
        return foreign.single_quotes(value, span=piece.span)
    if piece.kind == "open_single":
        span = Span(piece.start, piece.start + 1)
        return syntax.unclosed_string("`'`", span=span, at=Span(piece.end, piece.end))
    if piece.kind == "smart":
        return foreign.smart_quotes(span=piece.span)
    return None


def foreign_character(failure: Failure) -> Diagnostic | None:
    """Blanks that are no blanks, control characters, letters beyond ASCII in a name."""
    piece = failure.piece
    if piece.kind != "other":
        return None
    if piece.text == "\\":
        return _backslash(failure)
    if piece.text == "#":
        line = failure.text[piece.start :].split("\n", 1)[0].rstrip()
        return foreign.hash_comment(span=Span(piece.start, piece.start + len(line)))
    if ord(piece.text) < 128 and piece.text.isprintable():
        return None
    name = unicodedata.name(piece.text, "").lower()
    if piece.text.isalnum():
        return foreign.letter_in_name(piece.text, span=piece.span)
    return foreign.strange_character(name, f"{ord(piece.text):04X}", span=piece.span)


def _backslash(failure: Failure) -> Diagnostic:
    piece = failure.piece
    if failure.text.startswith("\\*", piece.start):
        return foreign.backslash_comment(span=Span(piece.start, piece.start + 2))
    return say.backslash_outside(span=piece.span)


def bare_text(failure: Failure) -> Diagnostic | None:
    """A word, pattern or address without quotes where a constant must stand."""
    piece = failure.piece
    if not (_wants_constant(failure) or _junk_value(failure)):
        return None
    if piece.is_string or piece.is_keyword or piece.kind in {"open_string", "end"}:
        return None
    start = piece
    if failure.near(-1).kind == "number" and failure.near(-1).end == piece.start:
        start = _word_start(failure)
    match = _BARE.match(failure.text, start.start)
    if match is None or failure.text[match.end() : match.end() + 1] == "(":
        return None
    if not re.search(r"[\w*]", match.group()) or match.group().startswith("?"):
        return None
    if match.group().startswith("-") and not re.search(r"[A-Za-z]", match.group()):
        return None
    relative = _RELATIVE.search(failure.text, 0, match.end())
    if relative is not None and relative.end() > match.start():
        return date_arithmetic(relative.group(), span=Span(relative.start(), relative.end()))
    return say.bare_text(match.group(), span=Span(match.start(), match.end()))


_RELATIVE = re.compile(r"\bnow(?:\s*\(\s*\))?(?:\s*[-+/]\s*[0-9]*[yMwdhHms])+\Z")
"""Elasticsearch's dates relative to now, and as SQL has them: `now-1d`, `now() - 1 d`."""


def _word_start(failure: Failure) -> Piece:
    """The first piece of what is written without blanks up to the fault: `now` of `now-1d`."""
    index = failure.at - 1
    while index > 0:
        before, here = failure.pieces[index - 1], failure.pieces[index]
        joined = before.end == here.start and (before.is_field or before.text in {"-", "/"})
        if not joined:
            break
        index -= 1
    return failure.pieces[index]


def _wants_constant(failure: Failure) -> bool:
    """Whether the parse stopped where only a constant fits."""
    return "STRING" in failure.expected and "NAME" not in failure.expected


def _junk_value(failure: Failure) -> bool:
    """`== *cmd*`, `in (10.0.0.0/8)`, `in (/usr/bin/x)`: no value starts like that."""
    piece, before = failure.piece, failure.near(-1)
    adjacent = before.end == piece.start
    if before.kind == "number" and adjacent:
        return piece.kind in {"number", "name"} or piece.text in {".", "/"}
    if before.text in {"==", "!=", ":", "in", "like", "regex", ",", "(", "like~", "regex~"}:
        return piece.text in {"*", "/", "%", "\\", "$"}
    return False
