"""An EQL text in canonical form, with its comments where they were.

The printer lays the tree out; each comment then goes behind the token that it stood behind. A comment
that had a line of its own keeps one, and one that ended a line still ends one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eqlx.diagnostics import Report
from eqlx.source import Source, Span
from eqlx.syntax.comments import blank_comments, find_comments
from eqlx.syntax.parser import parse
from eqlx.syntax.printer import print_statement
from eqlx.syntax.tokens import path_name, unescape
from eqlx.syntax.tree import Statement

_INDENT = "  "
_NAME = r"(?:`(?:[^`]|``)*`|[\w@]+)"
_TOKEN = re.compile(
    r'"""(?P<raw>[^\r\n]*?"{0,2})"""(?!")'
    r'|"(?P<string>[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+)"'
    rf"|(?P<name>{_NAME}(?:\s*\.\s*{_NAME})*)"
    r"|\S"
)
_LINE_END = re.compile(r"\r\n?")
_JOINERS = frozenset({"and", "or", ","})
_CLOSERS = frozenset({")", "]"})
_ROUNDS = 6
_REACH = 8
"""Tokens that one text may have and the other not, in one place."""


class FormattingError(Exception):
    """The formatted text is not proved to be the same query with the same comments."""


def format_source(source: Source, report: Report) -> str | None:
    """The canonical form of an EQL text, without a line end at its end; None after at least one error in
    `report`. Line ends become line feeds.

    Raises:
        FormattingError: the result reads as another tree, or lacks a comment (a bug).
    """
    statement = parse(source, report)
    if statement is None:
        return None
    if "\r" in source.text:
        # Line ends stand in comments only: the tree is the same, with other spans.
        source = Source(source.name, _LINE_END.sub("\n", source.text))
        statement = parse(source, Report(source)) or statement
    return _settled(source.text, statement)


def _settled(text: str, statement: Statement) -> str:
    """The canonical text, which formatting leaves as it is. A comment that the printer puts at the end of
    a line may have the next round lay out a list differently, so there are a few rounds."""
    found = comment_texts(text)
    for _ in range(_ROUNDS):
        made = _formatted(text, statement)
        again = parse(Source("formatted", made), Report())
        if again is None or again != statement:
            message = "the formatted text reads as another query"
            raise FormattingError(message)
        if comment_texts(made) != found:
            message = "a comment is lost or changed"
            raise FormattingError(message)
        if made == text:
            return made
        text, statement = made, again
    message = "the formatted text would be formatted once more"
    raise FormattingError(message)


def comment_texts(text: str) -> list[str]:
    """The comments of an EQL text, in order, without the blanks at their ends."""
    text = _LINE_END.sub("\n", text)
    return [text[span.start : span.end].rstrip() for span in find_comments(text)[0]]


@dataclass(frozen=True, slots=True)
class _Comment:
    """`is_first` and `is_last`: nothing but blanks stands before or behind it on its line."""

    text: str
    start: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    span: Span


def _formatted(text: str, statement: Statement) -> str:
    comments = list(_comments(text))
    if not comments:
        return print_statement(statement)
    printed = print_statement(statement, [c.start for c in comments if c.is_first or c.is_last])
    return _with_comments(printed, text, comments)


def _comments(text: str) -> Iterator[_Comment]:
    for span in find_comments(text)[0]:
        line_start = text.rfind("\n", 0, span.start) + 1
        line_end = text.find("\n", span.end)
        before = text[line_start : span.start]
        behind = text[span.end : len(text) if line_end < 0 else line_end]
        is_first, is_last = not before.strip(), not behind.strip()
        yield _Comment(text[span.start : span.end].rstrip(), span.start, is_first, is_last)


def _tokens(text: str) -> list[_Token]:
    """The tokens of a text without comments, their values as far as they say the same."""
    return [_Token(_value(m), Span(m.start(), m.end())) for m in _TOKEN.finditer(text)]


def _value(match: re.Match[str]) -> str:
    if match["raw"] is not None:
        return match["raw"]
    if match["string"] is not None:
        return unescape(match["string"], 0)
    if match["name"] is not None:
        return path_name(re.sub(r"\s*\.\s*", ".", match["name"]))
    return match.group()


def _partners(old: Sequence[_Token], new: Sequence[_Token]) -> list[int]:
    """For each token of `old` the number of the last token of `new` that stands no later."""
    partners: list[int] = []
    at, last = 0, -1
    while at < len(old):
        skipped_old, skipped_new = _apart(old, new, at, last + 1)
        partners += [last] * skipped_old
        at += skipped_old
        if at < len(old):
            last = min(last + 1 + skipped_new, len(new) - 1)
            partners.append(last)
            at += 1
    return partners


def _apart(old: Sequence[_Token], new: Sequence[_Token], i: int, j: int) -> tuple[int, int]:
    """How many tokens each text has from here on before the two agree again (brackets, mostly)."""
    for total in range(_REACH):
        for skipped in range(total, -1, -1):
            a, b = i + skipped, j + total - skipped
            if a < len(old) and b < len(new) and old[a].value == new[b].value:
                return skipped, total - skipped
    return 0, 0


def _with_comments(printed: str, text: str, comments: Sequence[_Comment]) -> str:
    old, new = _tokens(blank_comments(text)[0]), _tokens(printed)
    partners = _partners(old, new)
    gaps: dict[int, list[_Comment]] = {}
    at, anchor = 0, -1
    for comment in comments:
        while at < len(old) and old[at].span.start < comment.start:
            anchor = partners[at]
            at += 1
        place = anchor
        behind = new[place + 1].value if 0 <= place < len(new) - 1 else ""
        if behind in _JOINERS and (comment.is_first or comment.is_last):
            place += 1
        place = max(place, max(gaps, default=-1))
        gaps.setdefault(place, []).append(comment)
    parts: list[str] = []
    done = 0
    for place, found in gaps.items():
        start = new[place].span.end if place >= 0 else 0
        end = new[place + 1].span.start if place + 1 < len(new) else len(printed)
        next_token = new[place + 1].value if place + 1 < len(new) else None
        parts.append(printed[done:start])
        parts.append(_gap(printed, Span(start, end), found, next_token))
        done = end
    parts.append(printed[done:])
    return "".join(parts)


def _gap(printed: str, gap: Span, comments: Sequence[_Comment], next_token: str | None) -> str:
    """What stands between two tokens: the comments, and what the printer had put there."""
    blank = printed[gap.start : gap.end]
    line_start = printed.rfind("\n", 0, gap.start) + 1
    line = printed[line_start : gap.start]
    outer = line[: len(line) - len(line.lstrip())]
    inner = outer + _INDENT
    if gap.start == 0 or next_token is None:
        outer = inner = ""
    elif "\n" in blank:
        outer = inner = blank.rpartition("\n")[2]
    if next_token in _CLOSERS:
        inner = outer + _INDENT
    parts: list[str] = []
    # Where brackets are gone, comments meet that had tokens between them.
    apart = [
        comment.is_first or (number > 0 and comments[number - 1].is_last)
        for number, comment in enumerate(comments)
    ]
    for number, comment in enumerate(comments):
        if number > 0 or gap.start > 0:
            parts.append("\n" + inner if apart[number] else " ")
        parts.append(comment.text)
    if next_token is None:
        return "".join(parts)
    if any(apart) or comments[-1].is_last:
        parts.append("\n" + (outer if next_token in _CLOSERS or "\n" in blank else inner))
    else:
        parts.append(blank or ("" if next_token in _CLOSERS | {","} else " "))
    return "".join(parts)
