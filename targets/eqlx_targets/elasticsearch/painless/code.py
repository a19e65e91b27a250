"""Expressions of Painless as typed pieces: text of ours, put together by operator precedence.

Nothing here takes text of a rule: names come from a fixed alphabet, and constants are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce


class Level(IntEnum):
    """How tightly an expression's outermost operator binds."""

    CHOICE = 1
    OR = 2
    AND = 3
    EQUALITY = 4
    ORDER = 5
    SUM = 6
    PRODUCT = 7
    UNARY = 8
    ATOM = 9


@dataclass(frozen=True, slots=True)
class Code:
    """An expression. `opposite` is its negation, where that is more than a `!` in front."""

    text: str
    level: Level = Level.ATOM
    opposite: Code | None = field(default=None, compare=False, repr=False)

    def within(self, level: Level) -> str:
        """The text as an operand of an operator of that level."""
        return self.text if self.level >= level else f"({self.text})"


TRUE = Code("true", opposite=Code("false"))
FALSE = Code("false", opposite=TRUE)
NULL = Code("null")

_LEVELS = {
    **dict.fromkeys(("==", "!="), Level.EQUALITY),
    **dict.fromkeys(("<", "<=", ">", ">="), Level.ORDER),
    **dict.fromkeys("+-", Level.SUM),
    **dict.fromkeys("*/%", Level.PRODUCT),
}
_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def binary(operator: str, left: Code, right: Code, *, total: bool = False) -> Code:
    """`left operator right`. `total`: there is no NaN, so that the opposite of `<` is `>=`.

    >>> a, b = Code("a"), Code("b")
    >>> binary("*", binary("+", a, b), b).text, binary("-", a, binary("-", a, b)).text
    ('(a + b) * b', 'a - (a - b)')
    """
    level = _LEVELS[operator]
    text = f"{left.within(level)} {operator} {right.within(Level(level + 1))}"
    opposite = None
    if operator in ("==", "!=") or (total and operator in _OPPOSITES):
        flipped = _OPPOSITES[operator]
        opposite = Code(f"{left.within(level)} {flipped} {right.within(Level(level + 1))}", level)
    return Code(text, level, opposite)


def negated(code: Code) -> Code:
    """What is true where `code` is false.

    >>> negated(binary("==", Code("a"), NULL)).text, negated(binary("<", Code("a"), Code("b"))).text
    ('a != null', '!(a < b)')
    """
    if code.opposite is not None:
        return Code(code.opposite.text, code.opposite.level, code)
    return Code(f"!{code.within(Level.UNARY)}", Level.UNARY, code)


def all_of(*codes: Code) -> Code:
    """All hold; `true` for none.

    >>> all_of(Code("a"), TRUE, any_of(Code("b"), Code("c"))).text
    'a && (b || c)'
    """
    if FALSE in codes:
        return FALSE
    return _joined("&&", Level.AND, TRUE, codes)


def any_of(*codes: Code) -> Code:
    """One holds; `false` for none."""
    if TRUE in codes:
        return TRUE
    return _joined("||", Level.OR, FALSE, codes)


def _joined(operator: str, level: Level, neutral: Code, codes: tuple[Code, ...]) -> Code:
    parts = [code for code in dict.fromkeys(codes) if code != neutral]
    if len(parts) < 2:
        return parts[0] if parts else neutral
    return Code(f" {operator} ".join(part.within(level) for part in parts), level)


def choice(condition: Code, then: Code, otherwise: Code) -> Code:
    """`condition ? then : otherwise`; one of the two where the condition is constant."""
    if condition in (TRUE, FALSE):
        return then if condition == TRUE else otherwise
    parts = (condition.within(Level.OR), then.within(Level.OR), otherwise.within(Level.CHOICE))
    return Code("{} ? {} : {}".format(*parts), Level.CHOICE)


def call(function: str, *arguments: Code) -> Code:
    """A call of one of our functions, or of a static method."""
    return Code(f"{function}({', '.join(argument.text for argument in arguments)})")


def method(receiver: Code, name: str, *arguments: Code) -> Code:
    """A call of a method.

    >>> method(cast("String", Code("a")), "indexOf", Code("b")).text
    '((String) a).indexOf(b)'
    """
    return Code(f"{receiver.within(Level.ATOM)}.{call(name, *arguments).text}")


def cast(java: str, code: Code) -> Code:
    return Code(f"({java}) {code.within(Level.UNARY)}", Level.UNARY)


def minus(code: Code) -> Code:
    return Code(f"-{code.within(Level.ATOM)}", Level.UNARY)


def concatenated(codes: tuple[Code, ...]) -> Code:
    """Texts and other values in a row; the first must be a `String`."""
    return reduce(lambda left, right: binary("+", left, right), codes)
