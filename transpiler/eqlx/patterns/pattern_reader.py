"""What the readers of Lucene's and Java's regular expressions share: a place in the text, alternatives,
repetitions and the limits of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, NoReturn

from eqlx.patterns.regex import RegexError, RegexNode, Repetition, united

MAX_DEPTH: Final = 50
"""Nesting of groups (and Lucene's `~`) beyond which a pattern is refused: the engines' own parsers recurse too."""

MAX_COUNT: Final = 2**31 - 1


class PatternReader(ABC):
    """Recursive descent over one pattern. A language says what an alternative of it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    @abstractmethod
    def alternative(self) -> RegexNode:
        """What stands between two `|`."""

    def fail(self, message: str, offset: int | None = None) -> NoReturn:
        """Raises:
        RegexError: at `offset`, or where the reader is.
        """
        raise RegexError(message, self.position if offset is None else offset)

    def more(self) -> bool:
        return self.position < len(self.text)

    def peek(self, characters: str) -> bool:
        """Whether one of these characters is next."""
        return self.more() and self.text[self.position] in characters

    def starts(self, text: str) -> bool:
        """Whether `text` is next."""
        return self.text.startswith(text, self.position)

    def match(self, text: str) -> bool:
        """Take `text` if it is next."""
        if not self.starts(text):
            return False
        self.position += len(text)
        return True

    def take(self) -> str:
        """The next character."""
        if not self.more():
            self.fail("the pattern ends too early")
        self.position += 1
        return self.text[self.position - 1]

    def union(self) -> RegexNode:
        """Alternatives up to the end of the group or of the pattern."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"groups nested more than {MAX_DEPTH} deep")
        parts = [self.alternative()]
        while self.match("|"):
            parts.append(self.alternative())
        self.depth -= 1
        return united(parts)

    def quantified(self, node: RegexNode) -> RegexNode:
        """`node` with the `?`, `*`, `+` or `{…}` that is next."""
        match self.take():
            case "?":
                return Repetition(node, 0, 1)
            case "*":
                return Repetition(node, 0, None)
            case "+":
                return Repetition(node, 1, None)
            case _:
                return self._counted(node)

    def _counted(self, node: RegexNode) -> RegexNode:
        """The rest of `{n}`, `{n,}`, `{n,m}`."""
        start = self.position - 1
        minimum = self._number()
        maximum = minimum
        if minimum is None:
            self.fail("a number must follow `{`")
        if self.match(","):
            maximum = self._number()
        if not self.match("}"):
            self.fail("a repetition without its `}`", start)
        if maximum is not None and maximum < minimum:
            self.fail(f"a repetition from {minimum} down to {maximum}", start)
        return Repetition(node, minimum, maximum)

    def _number(self) -> int | None:
        start = self.position
        while self.peek("0123456789"):
            self.position += 1
        digits = self.text[start : self.position]
        if len(digits) > 10 or (digits and int(digits) > MAX_COUNT):
            self.fail("a number beyond 32 bits", start)
        return int(digits) if digits else None
