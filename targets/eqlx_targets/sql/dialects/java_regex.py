"""A regular expression written in RE2's language, in Java's (`java.util.regex`)."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?P<any>\(\?s:\.\))
    |(?P<quoted>\\Q.*?(?:\\E|\Z))
    |(?P<escape>\\(?:x\{[0-9a-fA-F]+\}|[pP]\{\^?[A-Za-z_]+\}|[pP][A-Za-z]|.))
    |(?P<posix>\[:\^?[a-z]+:\])
    |(?P<plain>.)""",
    re.DOTALL | re.VERBOSE,
)
_ALIKE = {"k": "\u212a", "s": "\u017f"}
"""The letters beyond ASCII that RE2's option `i` takes for letters of ASCII, and Java's does not."""
_POSIX = {
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "0-9a-zA-Z",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:space:]": r"\t\n\x0B\f\r ",
}


def java(pattern: str, *, folding: bool, lines: bool) -> str:
    """The pattern for Java, with the flags that it needs. `folding`: RE2's option `i`. `lines`: a dot
    matches line feeds (RE2's option `s`); a pattern may say `(?s)` at its start as well."""
    if pattern.startswith("(?s)"):
        pattern, lines = pattern[4:], True
    made = _outside(pattern, folding=folding, lines=lines)
    return ("(?i)" if folding else "") + made


def _outside(pattern: str, *, folding: bool, lines: bool) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "[":
            inside, at = _class(pattern, at, folding=folding)
            parts.append(inside)
            continue
        found, at = _next(pattern, at)
        piece = found[0]
        if found["escape"] or found["quoted"] or found["any"]:
            parts.append(piece)
        elif piece == "$":
            parts.append(r"\z")
        elif piece == "^":
            parts.append(r"\A")
        elif piece == ".":
            parts.append(r"(?s:.)" if lines else r"[^\n]")
        elif folding and (other := _ALIKE.get(piece.lower())):
            parts.append(f"[{piece}{other}]")
        else:
            parts.append(piece)
    return "".join(parts)


def _next(pattern: str, at: int) -> tuple[re.Match[str], int]:
    """The piece that starts here, and where the next one does.

    Raises:
        ValueError: the pattern ends.
    """
    found = _PIECE.match(pattern, at)
    if found is None:
        message = f"the pattern `{pattern}` ends in a class"
        raise ValueError(message)
    return found, found.end()


def _class(pattern: str, start: int, *, folding: bool) -> tuple[str, int]:
    """The class that starts here, and where what follows begins. Java joins and cuts classes inside of
    classes, so that `[` and `&` are escaped."""
    at = start + 1
    parts = ["["]
    if pattern[at : at + 1] == "^":
        parts.append("^")
        at += 1
    members: list[str] = []
    first = True
    while first or pattern[at] != "]":
        first = False
        found, at = _next(pattern, at)
        piece = found[0]
        if found["posix"]:
            members.append(_POSIX[piece])
        elif found["escape"]:
            members.append(piece)
        else:
            members.append("\\" + piece if piece in "[]&" else piece)
    if folding:
        members += _unsaid(members)
    return "".join(parts + members) + "]", at + 1


def _unsaid(members: list[str]) -> list[str]:
    """The letters beyond ASCII that fold to a letter of the class, ranges included."""
    found = []
    try:
        own = re.compile(f"[{''.join(members)}]", re.IGNORECASE | re.ASCII)
    except re.error:
        return list(_ALIKE.values())
    for letter, other in _ALIKE.items():
        if own.fullmatch(letter):
            found.append(other)
    return found
