"""Lucene's regular expressions, as Elasticsearch's `regexp` query reads them (flags ALL, spec §4).

The parser follows the grammar of Lucene's ``RegExp`` class, its surprises included: an operator
where an operand must stand is a literal (`*a`, `(|a)`), `~` binds closer than `*`, and `^`, `$` are
letters like any other. Where Lucene's own versions read a pattern differently, the reading of the
current one holds if the older is an error; otherwise the pattern is refused.
"""

from __future__ import annotations

from typing import Final

from eqlx.patterns.pattern_reader import MAX_COUNT, MAX_DEPTH, PatternReader
from eqlx.patterns.regex import (
    Alternation,
    AnyCharacter,
    AnyString,
    Character,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Interval,
    Nothing,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
    joined,
)

LAST: Final = chr(0x10FFFF)
LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

_CLASSES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "d": (("0", "9"),),
    "D": (("\0", "/"), (":", LAST)),
    "s": (("\t", "\n"), ("\r", "\r"), (" ", " ")),
    "S": (("\0", "\x08"), ("\x0b", "\x0c"), ("\x0e", "\x1f"), ("!", LAST)),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "W": (("\0", "/"), (":", "@"), ("[", "^"), ("`", "`"), ("{", LAST)),
}


def parse_lucene(text: str) -> Regex:
    """Read a pattern; it must match a whole value.

    >>> parse_lucene("ab?").root
    Concatenation(parts=(Character(value='a'), Repetition(part=Character(value='b'), minimum=0, maximum=1)))

    Raises:
        RegexError: Lucene would refuse the pattern, or its versions disagree on it.
    """
    root = _Parser(text).pattern() if text else Concatenation(())
    return Regex(RegexDialect.LUCENE, root, text)


class _Parser(PatternReader):
    """Recursive descent; one method a rule of Lucene's grammar."""

    def pattern(self) -> RegexNode:
        node = self.union()
        if self.more():
            self.fail(f"a `{self.text[self.position]}` that nothing opens")
        return node

    def alternative(self) -> RegexNode:
        parts = [self.concatenation()]
        while self.match("&"):
            parts.append(self.concatenation())
        return parts[0] if len(parts) == 1 else Intersection(tuple(parts))

    def concatenation(self) -> RegexNode:
        parts = [self.repetition()]
        while self.more() and not self.peek(")|&"):
            parts.append(self.repetition())
        return joined(parts)

    def repetition(self) -> RegexNode:
        node = self.complement()
        while self.peek("?*+{"):
            node = self.quantified(node)
        return node

    def complement(self) -> RegexNode:
        count = 0
        while self.match("~"):
            count += 1
        if count > MAX_DEPTH:
            self.fail(f"more than {MAX_DEPTH} `~` in a row")
        node = self.character_class() if self.match("[") else self.simple()
        for _ in range(count):
            node = Complement(node)
        return node

    def character_class(self) -> RegexNode:
        """The rest of `[…]`; an escape in it never starts a range."""
        start = self.position - 1
        negated = self.match("^")
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        while True:
            if self.match("\\"):
                self.escaped_in_class(singles, ranges)
            else:
                self.item_of_class(singles, ranges)
            if not self.more():
                self.fail("a `[` without its `]`", start)
            if self.match("]"):
                return CharacterSet(frozenset(singles), tuple(ranges), negated)

    def escaped_in_class(self, singles: set[str], ranges: list[tuple[str, str]]) -> None:
        start = self.position - 1
        if (ranges_of_class := self.predefined()) is not None:
            ranges.extend(ranges_of_class)
            return
        singles.add(self.take())
        if self.peek("-") and self.text[self.position + 1 : self.position + 2] not in ("]", ""):
            self.fail(
                "a range that starts with an escape, which Lucene's versions read differently",
                start,
            )

    def item_of_class(self, singles: set[str], ranges: list[tuple[str, str]]) -> None:
        start = self.position
        low = self.take()
        if not self.match("-"):
            singles.add(low)
            return
        self.match("\\")
        high = self.take()
        if high < low:
            self.fail(f"a range from `{low}` down to `{high}`", start)
        ranges.append((low, high))

    def predefined(self) -> tuple[tuple[str, str], ...] | None:
        """After a backslash: the class that the next letter names, or None for no letter."""
        if not self.more():
            self.fail("the pattern ends with a single `\\`")
        letter = self.text[self.position]
        if letter not in LETTERS:
            return None
        if letter not in _CLASSES:
            self.fail(f"`\\{letter}`, which means nothing in Lucene", self.position - 1)
        self.position += 1
        return _CLASSES[letter]

    def simple(self) -> RegexNode:
        match self.take():
            case ".":
                return AnyCharacter(newline=True)
            case "#":
                return Nothing()
            case "@":
                return AnyString()
            case '"':
                return self.quoted()
            case "(":
                return self.group()
            case "<":
                return self.interval()
            case "\\":
                ranges = self.predefined()
                if ranges is not None:
                    return CharacterSet(frozenset(), ranges, negated=False)
                return Character(self.take())
            case character:
                return Character(character)

    def quoted(self) -> RegexNode:
        start = self.position
        end = self.text.find('"', start)
        if end < 0:
            self.fail('a `"` without its end', start - 1)
        self.position = end + 1
        return joined([Character(c) for c in self.text[start:end]])

    def group(self) -> RegexNode:
        start = self.position - 1
        if self.match(")"):
            return Concatenation(())
        node = self.union()
        if not self.match(")"):
            self.fail("a `(` without its `)`", start)
        return node

    def interval(self) -> RegexNode:
        start = self.position - 1
        end = self.text.find(">", self.position)
        if end < 0:
            self.fail("a `<` without its `>`", start)
        first, _, second = self.text[self.position : end].partition("-")
        self.position = end + 1
        for number in (first, second):
            if not (number.isascii() and number.isdigit() and int(number[-11:]) <= MAX_COUNT):
                self.fail("an interval must be two numbers, `<1-20>`", start)
        low, high = sorted((int(first), int(second)))
        return Interval(low, high, len(first) if len(first) == len(second) else 0)


# --- printing ---------------------------------------------------------------------------------

_OPERATORS: Final = frozenset('.?+*|{}[]()"\\~<>&@#')
_RESERVED_IN_CLASS: Final = frozenset('\\]^-["&~')
_NO_RANGE_START: Final = frozenset("\\]^-")


def print_lucene(regex: Regex) -> str:
    r"""The pattern in a form that Lucene 8 to 10 read alike: classes spelled out, operators escaped.

    >>> print_lucene(parse_lucene(r'"a.b"\d+'))
    'a\\.b[0-9]+'
    """
    return _print(regex.root, 0)


def _print(node: RegexNode, level: int) -> str:
    """`level`: 0 union, 1 intersection, 2 concatenation, 3 operand of a repetition, 4 of `~`."""
    match node:
        case Character(value):
            return f"\\{value}" if value in _OPERATORS else value
        case AnyCharacter(newline=True):
            return "."
        case AnyCharacter():
            return "[^\n\r\x85\u2028\u2029]"
        case CharacterSet():
            return _print_set(node)
        case AnyString():
            return "@"
        case Nothing():
            return "#"
        case Interval():
            return _print_interval(node)
        case Concatenation(()):
            return "()"
        case Concatenation(parts):
            return _wrapped("".join(_print(p, 3) for p in parts), level > 2)
        case Alternation(parts):
            return _wrapped("|".join(_print(p, 1) for p in parts), level > 0)
        case Intersection(parts):
            return _wrapped("&".join(_print(p, 2) for p in parts), level > 1)
        case Repetition(part, minimum, maximum):
            text = _print(part, 4 if not isinstance(part, Repetition) else 3)
            return _wrapped(text + _quantifier(minimum, maximum), level > 3)
        case Complement(part):
            return _wrapped("~" + _print(part, 4), level > 3)


def _wrapped(text: str, needed: bool) -> str:  # noqa: FBT001  a private helper's only choice
    return f"({text})" if needed else text


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


def _print_set(node: CharacterSet) -> str:
    singles = set(node.singles)
    ranges: list[str] = []
    for low, high in node.ranges:
        # Versions disagree on ranges that start with an escape, so none does.
        while low in _NO_RANGE_START and low < high:
            singles.add(low)
            low = chr(ord(low) + 1)  # noqa: PLW2901  the range shrinks
        if low == high:
            singles.add(low)
        else:
            ranges.append(f"{low}-{_in_class(high)}")
    if not singles and not ranges:
        return "." if node.negated else "#"
    body = "".join(_in_class(c) for c in sorted(singles)) + "".join(ranges)
    return f"[{'^' if node.negated else ''}{body}]"


def _in_class(character: str) -> str:
    return f"\\{character}" if character in _RESERVED_IN_CLASS else character


def _print_interval(node: Interval) -> str:
    low, high = str(node.low), str(node.high)
    if node.digits:
        return f"<{low.zfill(node.digits)}-{high.zfill(node.digits)}>"
    if len(low) == len(high):  # equal lengths would fix the number of digits
        low = "0" + low
    return f"<{low}-{high}>"
