"""A failed parse as the recognisers see it: the text in pieces that need not be EQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from eqlx.source import Span
from eqlx.syntax.keywords import KEYWORDS

_SMART = "\u201c\u201d\u201e\u201f\xab\xbb\u2018\u2019\u201a\u201b"
"""Typographic quotes."""
_PIECE = re.compile(
    r'(?P<raw>"""[^\r\n]*?"""(?:"{0,2}))'
    r'|(?P<open_raw>"""[^\r\n]*)'
    r'|(?P<string>"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+")'
    r'|(?P<open_string>"[^\r\n]*)'
    r"|(?P<single>'[^'\\\r\n]*+(?:\\[^\r\n][^'\\\r\n]*+)*+')"
    r"|(?P<open_single>'[^\r\n]*)"
    rf"|(?P<smart>[{_SMART}][^{_SMART}\"\r\n]*[{_SMART}\"]?)"
    r"|(?P<marker>^(?:<{7}|={7}|>{7})[^\r\n]*)"
    r"|(?P<name>(?:`(?:[^`]|``)+`|[A-Za-z_@][A-Za-z0-9_]*)"
    r"(?:\.(?:`(?:[^`]|``)+`|[A-Za-z_@][A-Za-z0-9_]*))*~?)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<sign>!\[|===|!==|==|!=|<>|<=|>=|=~|!~|!:|~=|&&|\|\||[=<>!:+\-*/%?|&~,.\[\](){};])"
    r"|(?P<blank>[ \t\r\n]+)"
    r"|(?P<other>.)",
    re.MULTILINE | re.DOTALL,
)
_CLOSERS = {"(": ")", "[": "]", "![": "]", "{": "}"}
OPENERS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text; `kind` is a group of the pattern above, or `end`."""

    kind: str
    text: str
    start: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.text))

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_string(self) -> bool:
        return self.kind in {"string", "raw", "single", "smart"}

    @property
    def is_keyword(self) -> bool:
        return self.kind == "name" and self.text.rstrip("~") in KEYWORDS

    @property
    def is_field(self) -> bool:
        """A name that is no keyword."""
        return self.kind == "name" and not self.is_keyword

    @property
    def ends_operand(self) -> bool:
        """Whether a condition or a value can end here."""
        return (
            self.is_string
            or self.is_field
            or self.kind == "number"
            or self.text in {")", "true", "false", "null"}
        )

    @property
    def starts_operand(self) -> bool:
        """Whether a condition or a value can start here."""
        return (
            self.is_string
            or self.is_field
            or self.kind == "number"
            or self.text in {"(", "?", "not", "true", "false", "null"}
        )


_NOTHING = Piece("start", "", 0)


@dataclass(frozen=True)
class Failure:
    """Where the parse stopped: `pieces[at]` is at fault, or stands where something is missing.

    `expected` holds the terminals of the grammar that could have followed.
    """

    text: str
    pieces: tuple[Piece, ...]
    at: int
    expected: frozenset[str]

    @classmethod
    def of(cls, text: str, offset: int, expected: frozenset[str]) -> Failure:
        """The failure at `offset` of a text whose comments are blanked."""
        pieces = [
            Piece(match.lastgroup or "other", match.group(), match.start())
            for match in _PIECE.finditer(text)
            if match.lastgroup != "blank"
        ]
        last = pieces[-1].end if pieces else 0
        pieces.append(Piece("end", "", last))
        at = next((i for i, p in enumerate(pieces) if p.end > offset), len(pieces) - 1)
        return cls(text, tuple(pieces), at, expected)

    @property
    def piece(self) -> Piece:
        return self.pieces[self.at]

    def near(self, distance: int) -> Piece:
        """The piece `distance` away; an empty one beyond the edges."""
        index = self.at + distance
        return self.pieces[index] if 0 <= index < len(self.pieces) else _NOTHING

    @cached_property
    def openers(self) -> tuple[int, ...]:
        """Indexes of the brackets that are open before the fault, outermost first."""
        return open_brackets(self.pieces[: self.at])

    @property
    def opener(self) -> Piece | None:
        """The innermost bracket that is open before the fault."""
        return self.pieces[self.openers[-1]] if self.openers else None

    @property
    def list_head(self) -> Piece | None:
        """What the innermost open `(` belongs to: `in`, `:`, `like` … or a function's name."""
        if not self.openers or self.pieces[self.openers[-1]].text != "(":
            return None
        head = self.pieces[self.openers[-1] - 1] if self.openers[-1] > 0 else _NOTHING
        word = head.text.rstrip("~")
        if word in {"in", ":", "like", "regex"} or head.is_field:
            return head
        return None

    @property
    def line(self) -> range:
        """Indexes of the pieces that start on the line of the fault."""
        start = self.text.rfind("\n", 0, self.piece.start) + 1
        stop = self.text.find("\n", self.piece.start)
        stop = len(self.text) + 1 if stop < 0 else stop
        first = next(i for i, p in enumerate(self.pieces) if p.end > start or p.kind == "end")
        last = first
        while last < len(self.pieces) and self.pieces[last].start < stop:
            last += 1
        return range(first, last)


def open_brackets(pieces: tuple[Piece, ...]) -> tuple[int, ...]:
    """Indexes of the brackets that nothing closes, outermost first."""
    stack: list[int] = []
    for index, piece in enumerate(pieces):
        if piece.kind != "sign":
            continue
        if piece.text in _CLOSERS:
            stack.append(index)
        elif stack and _CLOSERS[pieces[stack[-1]].text] == piece.text:
            stack.pop()
    return tuple(stack)


def closer_of(opener: str) -> str:
    """The bracket that closes `opener`."""
    return _CLOSERS[opener]
