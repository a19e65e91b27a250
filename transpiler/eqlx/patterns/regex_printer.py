"""Prints a regular expression in another engine's dialect, exactly or not at all.

The text is an unanchored body that is right under a full match (the caller anchors). Letter case is
resolved into the sets (`[aA]`), so that no engine's flag, and no engine's own folding, is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eqlx.patterns.characters import ALL, Characters
from eqlx.patterns.folding import Folding
from eqlx.patterns.regex import (
    Alternation,
    Concatenation,
    Nothing,
    Regex,
    RegexNode,
    Repetition,
)
from eqlx.patterns.regex_rewrite import Inexpressible, code_points, ordinary

__all__ = ["Inexpressible", "to_pcre", "to_re2"]


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How a dialect writes what dialects write differently."""

    any_character: str
    nothing: str
    code_point: str
    max_repetition: int


RE2_REPETITIONS: Final = 1000
"""RE2 refuses more, over nested repetitions together."""

_RE2: Final = _Spelling("(?s:.)", r"[^\x{0}-\x{10FFFF}]", r"\x{{{:X}}}", RE2_REPETITIONS)
_PCRE: Final = _Spelling(r"[\s\S]", r"[^\s\S]", r"\x{:02x}", 65535)

_SYNTAX: Final = frozenset(r"\.+*?()|[]{}^$")
_SYNTAX_IN_CLASS: Final = frozenset(r"\[]^-&~|")


def to_re2(regex: Regex, folding: Folding | None) -> str:
    """The pattern for RE2 (DuckDB's `regexp_full_match`, no options). `folding`: ignore letter case.

    >>> from eqlx.patterns.lucene import parse_lucene
    >>> to_re2(parse_lucene("a[b-d]."), Folding.ASCII)
    '[Aa][b-d](?s:.)'

    Raises:
        Inexpressible: with the reason.
    """
    return _printed(regex, _RE2, folding)


def to_pcre(regex: Regex, folding: Folding | None) -> str:
    """The pattern for PCRE, Python, Java and .NET alike. `folding`: ignore letter case.

    Raises:
        Inexpressible: with the reason.
    """
    return _printed(regex, _PCRE, folding)


def _printed(regex: Regex, spelling: _Spelling, folding: Folding | None) -> str:
    node = ordinary(regex, folding)
    if _repetitions(node) > spelling.max_repetition:
        reason = f"more than {spelling.max_repetition} repetitions"
        raise Inexpressible(reason)
    return _Printer(spelling).print(node, 0)


def _repetitions(node: RegexNode) -> int:
    """The largest product of counts along nested repetitions."""
    match node:
        case Concatenation(parts) | Alternation(parts):
            return max((_repetitions(p) for p in parts), default=1)
        case Repetition(part, minimum, maximum):
            return max(minimum, maximum or 0, 1) * _repetitions(part)
        case _:
            return 1


class _Printer:
    def __init__(self, spelling: _Spelling) -> None:
        self.spelling = spelling

    def print(self, node: RegexNode, level: int) -> str:
        """`level`: 0 alternatives may stand free, 1 rows may, 2 only single units."""
        match node:
            case Concatenation(parts):
                text = "".join(self.print(p, 1) for p in parts)
                return f"(?:{text})" if level > 1 or not parts else text
            case Alternation(parts):
                return self.alternation(parts, level)
            case Repetition(part, minimum, maximum):
                text = self.print(part, 2) + _quantifier(minimum, maximum)
                return f"(?:{text})" if level > 1 else text
            case Nothing():
                return self.spelling.nothing
            case _:
                points = code_points(node)
                if points is None:
                    reason = f"an operator that was not rewritten: {type(node).__name__}"
                    raise Inexpressible(reason)
                return self.characters(points)

    def alternation(self, parts: tuple[RegexNode, ...], level: int) -> str:
        empty = [p for p in parts if p == Concatenation(())]
        others = [p for p in parts if p != Concatenation(())]
        if empty and others:
            body = others[0] if len(others) == 1 else Alternation(tuple(others))
            return self.print(Repetition(body, 0, 1), level)
        text = "|".join(self.print(p, 1) for p in parts)
        return f"(?:{text})" if level > 0 else text

    def characters(self, points: Characters) -> str:
        if points == ALL:
            return self.spelling.any_character
        intervals = points.intervals
        if len(intervals) == 1 and intervals[0][0] == intervals[0][1]:
            return self.escaped(intervals[0][0], _SYNTAX)
        negated = intervals[-1][1] == ALL.intervals[0][1]
        body = "".join(
            self.interval(low, high)
            for low, high in (points.complement.intervals if negated else intervals)
        )
        return f"[^{body}]" if negated else f"[{body}]"

    def interval(self, low: int, high: int) -> str:
        first = self.escaped(low, _SYNTAX_IN_CLASS)
        if low == high:
            return first
        dash = "-" if high - low > 1 else ""
        return f"{first}{dash}{self.escaped(high, _SYNTAX_IN_CLASS)}"

    def escaped(self, code: int, syntax: frozenset[str]) -> str:
        character = chr(code)
        if character in syntax:
            return f"\\{character}"
        if code < 0x20 or code == 0x7F:
            return self.spelling.code_point.format(code)
        if not character.isprintable() and code <= 0xFF:
            return self.spelling.code_point.format(code)
        return character


def _quantifier(minimum: int, maximum: int | None) -> str:
    match minimum, maximum:
        case 0, 1:
            return "?"
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case _, None:
            return f"{{{minimum},}}"
        case _:
            return f"{{{minimum}}}" if minimum == maximum else f"{{{minimum},{maximum}}}"
