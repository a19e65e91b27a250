"""The subset of java.util.regex that a regular expression on a computed value needs (spec §4).

Only regular constructs are read; what has no place in a full match over one value, or no place in
a regular language (look-around, back-references, flags, possessive quantifiers, class algebra), is
refused by name. Lazy quantifiers match the same whole values as greedy ones.
"""

from __future__ import annotations

from typing import Final

from eqlx.patterns.pattern_reader import PatternReader
from eqlx.patterns.regex import (
    AnyCharacter,
    Character,
    CharacterSet,
    Regex,
    RegexDialect,
    RegexNode,
    joined,
)

LAST: Final = chr(0x10FFFF)

_CLASSES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "d": (("0", "9"),),
    "D": (("\0", "/"), (":", LAST)),
    "s": (("\t", "\r"), (" ", " ")),
    "S": (("\0", "\x08"), ("\x0e", "\x1f"), ("!", LAST)),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "W": (("\0", "/"), (":", "@"), ("[", "^"), ("`", "`"), ("{", LAST)),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\x07", "e": "\x1b"}
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def parse_java(text: str) -> Regex:
    r"""Read a pattern; it must match a whole value, `.` takes no line end.

    >>> parse_java(r"\d+").root
    Repetition(part=CharacterSet(singles=frozenset(), ranges=(('0', '9'),), negated=False), minimum=1, maximum=None)

    Raises:
        RegexError: Java would refuse the pattern, or it lies beyond the subset.
    """
    return Regex(RegexDialect.JAVA, _Parser(text).pattern(), text)


class _Parser(PatternReader):
    def pattern(self) -> RegexNode:
        node = self.union()
        if self.more():
            self.fail("a `)` that nothing opens")
        return node

    def alternative(self) -> RegexNode:
        parts: list[RegexNode] = []
        # Under a full match, `^` first and `$` last in a whole alternative say nothing.
        if self.depth == 1:
            self.match("^")
        while self.more() and not self.peek("|)"):
            if self.depth == 1 and self.text[self.position :].partition("|")[0] == "$":
                self.position += 1
                break
            parts.append(self.repetition())
        return joined(parts)

    def repetition(self) -> RegexNode:
        start = self.position
        node = self.atom()
        while self.peek("?*+{"):
            node = self.quantified(node)
            if self.match("+"):
                self.fail("a possessive quantifier, which eqlx does not convert", start)
            self.match("?")  # lazy: the same whole values match
            if self.peek("?*+"):
                self.fail("a quantifier on a quantifier")
        return node

    def atom(self) -> RegexNode:
        start = self.position
        match self.take():
            case ".":
                return AnyCharacter(newline=False)
            case "(":
                return self.group(start)
            case "[":
                return self.character_class(start)
            case "\\":
                return self.escape(start)
            case character:
                self.refuse_operator(character, start)
                return Character(character)

    def refuse_operator(self, character: str, start: int) -> None:
        if character in "^$":
            self.fail(f"an anchor `{character}` inside the pattern", start)
        if character in "*+?{":
            self.fail(f"a `{character}` with nothing before it", start)

    def group(self, start: int) -> RegexNode:
        if self.match("?"):
            if self.match("<") and not (self.peek("=") or self.peek("!")):
                self.name(start)
            elif not self.match(":"):
                self.fail("a look-around, flag or atomic group, which eqlx does not convert", start)
        node = self.union()
        if not self.match(")"):
            self.fail("a `(` without its `)`", start)
        return node

    def name(self, start: int) -> None:
        end = self.text.find(">", self.position)
        name = self.text[self.position : end]
        if end < 0 or not (name.isascii() and name.isalnum() and name[0].isalpha()):
            self.fail("a group name must be letters and digits up to `>`", start)
        self.position = end + 1

    def escape(self, start: int) -> RegexNode:
        if self.match("Q"):
            end = self.text.find("\\E", self.position)
            quoted = self.text[self.position :] if end < 0 else self.text[self.position : end]
            self.position = len(self.text) if end < 0 else end + 2
            if len(quoted) != 1 and self.more() and self.text[self.position] in "?*+{":
                self.fail("a quantifier right after a quotation", start)
            return joined([Character(c) for c in quoted])
        if self.more() and self.text[self.position] in _CLASSES:
            return CharacterSet(frozenset(), _CLASSES[self.take()], negated=False)
        return Character(self.escaped_character(start))

    def escaped_character(self, start: int) -> str:
        """The code point that an escape names (the backslash is taken)."""
        letter = self.take()
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter == "x" and self.match("{"):
            end = self.text.find("}", self.position)
            digits = self.text[self.position : max(end, self.position)]
            self.position = end + 1
            return self.code_point(digits, start)
        if letter in "xu":
            length = 2 if letter == "x" else 4
            digits = self.text[self.position : self.position + length]
            self.position += len(digits)
            return self.code_point(digits if len(digits) == length else "", start)
        if letter.isascii() and letter.isalnum():
            self.fail(f"`\\{letter}`, which eqlx does not convert", start)
        return letter

    def code_point(self, digits: str, start: int) -> str:
        if not digits or len(digits) > 8 or not _HEX.issuperset(digits):
            self.fail("an escape of a code point needs hexadecimal digits", start)
        number = int(digits, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            self.fail(f"`{digits}` is no code point of a character", start)
        return chr(number)

    def character_class(self, start: int) -> RegexNode:
        negated = self.match("^")
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self.peek("]"):
            if not self.more():
                self.fail("a `[` without its `]`", start)
            if self.peek("[") or self.starts("&&") or (first and self.peek("]")):
                self.fail("class algebra in `[…]`, which eqlx does not convert")
            first = False
            low = self.class_item(ranges)
            if low is None:
                continue
            if self.peek("-") and not self.starts("-]"):
                self.take()
                high = self.class_item([])
                if high is None or high < low or high == "[":
                    self.fail("a range that Java refuses", start)
                ranges.append((low, high))
            else:
                singles.add(low)
        self.take()
        return CharacterSet(frozenset(singles), tuple(ranges), negated)

    def class_item(self, ranges: list[tuple[str, str]]) -> str | None:
        """One code point, or None when a predefined class was added to `ranges`."""
        start = self.position
        character = self.take()
        if character != "\\":
            return character
        if self.more() and self.text[self.position] in _CLASSES:
            ranges.extend(_CLASSES[self.take()])
            return None
        return self.escaped_character(start)
