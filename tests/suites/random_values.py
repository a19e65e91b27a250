"""Random EQL values: fields, literals, and functions of them. See `generate`."""

from __future__ import annotations

import random
from typing import Any

from pools import (
    ADDRESSES,
    BOOLEANS,
    DATES,
    DOUBLE_VALUES,
    DOUBLES,
    KEYWORDS,
    LONG_VALUES,
    LONGS,
    MULTI_KEYWORDS,
    UNMAPPED,
    WIDE_LONGS,
)


class ValueWriter:
    """Writes values as EQL. `texts`: those of the events; `cuts`: whether texts may be cut."""

    def __init__(
        self, rng: random.Random, texts: tuple[str, ...], *, dense: bool, cuts: bool
    ) -> None:
        self.rng = rng
        self.texts = texts
        self.dense = dense
        self.cuts = cuts

    def one(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def comparison(self) -> str:
        return str(self.one("==", "==", "!=", "<", "<=", ">", ">="))

    def equality(self) -> str:
        return str(self.one("==", "!="))

    def text_field(self) -> str:
        name = self.one(*KEYWORDS, *KEYWORDS, *MULTI_KEYWORDS)
        return f"?{self.one(name, name, *UNMAPPED)}" if self.chance(0.08) else str(name)

    def text(self) -> str:
        return quoted(self.rng.choice(self.texts))

    def number_field(self) -> str:
        return str(self.one(*LONGS, *LONGS, *DOUBLES))

    def number(self) -> str:
        return str(self.one(*LONG_VALUES, *LONG_VALUES, *DOUBLE_VALUES, 4.5, *WIDE_LONGS[:3]))

    def text_value(self, depth: int) -> str:
        inner = self.text_field() if depth <= 1 or self.chance(0.6) else self.text_value(depth - 1)
        fold = self.one("", "~")
        match self.rng.randrange(5):
            case 0:
                return f"concat({inner}, {self.one(self.text(), self.number_field(), self.text_field())})"
            case 1:
                greedy = self.one("", ", true", ", false")
                return f"between{fold}({inner}, {self.text()}, {self.text()}{greedy})"
            case 2:
                return f"string({self.one(*LONGS, *LONGS, *BOOLEANS, *self.spelled())})"
            case _ if not self.cuts:
                return f"concat({self.text()}, {inner})"
            case _:
                end = self.one("", f", {self.one(-3, -1, 0, 1, 2, 5)}")
                return f"substring({inner}, {self.one(-4, -1, 0, 1, 2)}{end})"

    def spelled(self) -> tuple[str, ...]:
        """Fields whose values have a text form of their own."""
        return (*ADDRESSES, *DOUBLES, *DATES, "ver")

    def number_value(self, depth: int) -> str:
        text = self.text_field() if depth <= 1 else self.one(self.text_field(), self.text_value(1))
        if not self.cuts and self.chance(0.6):
            # Positions in UTF-16 units, where the texts have characters of two.
            wanted = self.one("b", "a", "本", "a*", "")
            return str(self.one(f"length({text})", f"indexOf({text}, {quoted(wanted)})"))
        match self.rng.randrange(6):
            case 0:
                return f"length({text})"
            case 1:
                start = self.one("", f", {self.one(-1, 0, 1, 3)}")
                return f"indexOf{self.one('', '~')}({text}, {self.text()}{start})"
            case 2:
                return f"number({text}{self.one('', '', ', 16', ', 10')})"
            case 3:
                return (
                    f"({self.number_field()} {self.one(*'+-*/%')} {self.one(1, 2, 3, -2, 2.0, 0)})"
                )
            case 4:
                return f"({self.number_field()} {self.one(*'+-*/%')} {self.number_field()})"
            case _:
                name = self.one("add", "subtract", "multiply", "divide", "modulo")
                return f"{name}(-{self.number_field()}, {self.one(1, 2, 3, 0.5)})"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """An EQL string."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'
