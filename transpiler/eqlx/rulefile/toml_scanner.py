"""Where the values of a TOML document stand in its text, and how a string maps back to it.

`tomllib` gives values without places. The scanner walks a text that `tomllib` has accepted, so it
does not check anything; what it decodes is compared with `tomllib`'s value by its caller.
"""

from __future__ import annotations

import re

from eqlx.rulefile.embedded import Decoded
from eqlx.source import Span

Path = tuple[str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_INLINE_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[^\s.=\]\"'#]+")
_SCALAR = re.compile(r"[^,\[\]{}\"'#\r\n]+")
_LITERAL = re.compile(r"'[^'\n]*'")
_BASIC = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"')
_LONG_LITERAL = re.compile(r"'''.*?'''(?:''?)?", re.DOTALL)
_LONG_BASIC = re.compile(r'"""[^"\\]*+(?:(?:\\.|"{1,2}(?!"))[^"\\]*+)*"""(?:""?)?', re.DOTALL)
_LINE_ENDING_BACKSLASH = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*")
_PLAIN = re.compile(r"[^\\\r]+")
_ESCAPES = {
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    '"': '"',
    "\\": "\\",
}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


class ScanError(ValueError):
    """The text is not what the scanner takes it for; the caller does without places."""


def value_spans(text: str, until: Path | None = None) -> dict[Path, Span]:
    """Path of each key (tables' names included) to the span of its value, up to the key `until`.

    A table's own place is its name in its first header. Of keys of tables in arrays
    (`[[rule.threat]]`) and of inline tables nothing is listed. Raises `ScanError` where the text
    cannot be followed.
    """
    return _Scanner(text).spans(until)


class _Scanner:
    """One walk over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.arrays: set[Path] = set()

    def spans(self, until: Path | None) -> dict[Path, Span]:
        found: dict[Path, Span] = {}
        table: Path | None = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return found
            if self.text.startswith("[", self.at):
                table = self.header(found)
                continue
            key = self.key()
            self.expect("=")
            self.skip(_INLINE_BLANK)
            start = self.at
            self.value()
            if table is not None:
                found.setdefault(table + key, Span(start, self.at))
                if table + key == until:
                    return found

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Pass what `pattern` matches here (it may match nothing)."""
        match = pattern.match(self.text, self.at)
        if match is None:
            message = f"nothing known at offset {self.at}"
            raise ScanError(message)
        self.at = match.end()
        return match.group()

    def expect(self, token: str) -> None:
        self.skip(_INLINE_BLANK)
        if not self.text.startswith(token, self.at):
            message = f"no `{token}` at offset {self.at}"
            raise ScanError(message)
        self.at += len(token)

    def header(self, found: dict[Path, Span]) -> Path | None:
        """The path of `[a.b]`; None for `[[a.b]]` and for tables inside of one."""
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        self.skip(_INLINE_BLANK)
        start = self.at
        path = self.key()
        place = Span(start, start + len(self.text[start : self.at].rstrip()))
        self.expect("]" * brackets)
        if any(path[: len(array)] == array for array in self.arrays):
            return None
        found.setdefault(path, place)
        if brackets == 2:
            self.arrays.add(path)
            return None
        return path

    def key(self) -> Path:
        parts: list[str] = []
        while True:
            self.skip(_INLINE_BLANK)
            if self.text[self.at : self.at + 1] in ('"', "'"):
                start = self.at
                self.string()
                parts.append(decode(self.text, Span(start, self.at)).value)
            else:
                parts.append(self.skip(_BARE_KEY))
            self.skip(_INLINE_BLANK)
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def string(self) -> None:
        for opening, pattern in (
            ('"""', _LONG_BASIC),
            ("'''", _LONG_LITERAL),
            ('"', _BASIC),
            ("'", _LITERAL),
        ):
            if self.text.startswith(opening, self.at):
                self.skip(pattern)
                return

    def value(self) -> None:
        """Pass a value; brackets are counted, for strings and comments may hold brackets too."""
        depth = 0
        while True:
            character = self.text[self.at : self.at + 1]
            if character in ('"', "'"):
                self.string()
            elif character in ("[", "{"):
                depth += 1
                self.at += 1
            elif character in ("]", "}"):
                depth -= 1
                self.at += 1
            elif character == "," and depth:
                self.at += 1
            elif character == "":
                break
            else:
                self.skip(_SCALAR)
            if depth <= 0:
                break
            self.skip(_BLANK)


def decode(text: str, span: Span) -> Decoded:
    """The value of the string token at `span`, with the place of every character."""
    token = text[span.start : span.end]
    quote = token[:1]
    if quote not in ('"', "'"):
        message = "not a string"
        raise ScanError(message)
    long = token.startswith(quote * 3) and len(token) >= 6
    width = 3 if long else 1
    start, end = span.start + width, span.end - width
    if long and text.startswith("\r\n", start):
        start += 2
    elif long and text.startswith("\n", start):
        start += 1
    if not ("\r" in token or (quote == '"' and "\\" in token)):
        return Decoded(text[start:end], range(start, end + 1))
    return _unescape(text, start, end, escapes=quote == '"', long=long)


def _unescape(text: str, start: int, end: int, *, escapes: bool, long: bool) -> Decoded:
    parts: list[str] = []
    offsets: list[int] = []
    at = start
    while at < end:
        if (plain := _PLAIN.match(text, at, end)) is not None:
            parts.append(plain.group())
            offsets.extend(range(at, plain.end()))
            at = plain.end()
            continue
        # TOML readers turn every CRLF into a line feed before anything else.
        if text.startswith("\r\n", at):
            value, after = "\n", at + 2
        elif text[at] == "\\" and escapes:
            value, after = _escape(text, at, end, long=long)
        else:
            value, after = text[at], at + 1
        parts.append(value)
        offsets.extend([at] * len(value))
        at = after
    offsets.append(end)
    return Decoded("".join(parts), offsets)


def _escape(text: str, at: int, end: int, *, long: bool) -> tuple[str, int]:
    """The value of the escape at `at` and the offset after it."""
    if long and (folded := _LINE_ENDING_BACKSLASH.match(text, at, end)) is not None:
        return "", folded.end()
    kind = text[at + 1]
    if kind in _ESCAPES:
        return _ESCAPES[kind], at + 2
    if kind in _HEX_DIGITS:
        after = at + 2 + _HEX_DIGITS[kind]
        return chr(int(text[at + 2 : after], 16)), after
    message = f"unknown escape at offset {at}"
    raise ScanError(message)
