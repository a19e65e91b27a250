"""Comments (spec §1, §13.13): found outside strings and blanked, so that all offsets stay."""

from __future__ import annotations

import re

from eqlx.source import Span

_PIECE = re.compile(
    r'"""[^\r\n]*?"""(?:"{0,2})'
    r'|"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+"?'
    r"|`[^`]*`"
    r"|(?P<line>//[^\r\n]*)"
    r"|(?P<block>/\*)"
)
_EDGE = re.compile(r"/\*|\*/")
_VISIBLE = re.compile(r"[^\r\n]")


def blank_comments(text: str) -> tuple[str, Span | None]:
    """`text` with blanks for comments (lines and offsets stay), and the `/*` that nothing closes.

    >>> blank_comments('a /* b /* c */ d */ == "/*" // e')
    ('a                   == "/*"     ', None)
    >>> blank_comments('a /* b')
    ('a     ', Span(start=2, end=4))
    """
    spans, unclosed = find_comments(text)
    if not spans:
        return text, None
    parts: list[str] = []
    done = 0
    for span in spans:
        parts.append(text[done : span.start])
        parts.append(_VISIBLE.sub(" ", text[span.start : span.end]))
        done = span.end
    parts.append(text[done:])
    return "".join(parts), unclosed


def find_comments(text: str) -> tuple[list[Span], Span | None]:
    """The comments of `text` in order, a line comment without its line end, and the `/*` that nothing
    closes.

    >>> find_comments('a // b')
    ([Span(start=2, end=6)], None)
    """
    spans: list[Span] = []
    unclosed: Span | None = None
    if "//" not in text and "/*" not in text:
        return spans, unclosed
    position = 0
    while (match := _PIECE.search(text, position)) is not None:
        position = match.end()
        if match["block"]:
            end = _block_end(text, match.start())
            unclosed = unclosed if end is not None else Span(match.start(), match.end())
            position = end if end is not None else len(text)
        elif not match["line"]:
            continue
        spans.append(Span(match.start(), position))
    return spans, unclosed


def _block_end(text: str, start: int) -> int | None:
    """The end of the block comment at `start`; with an inner one open, the last `*/` (§13.13)."""
    depth = 1
    for edge in _EDGE.finditer(text, start + 2):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    last = text.rfind("*/", start + 2)
    return None if last < 0 else last + 2
