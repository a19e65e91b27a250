"""Random EQL leaves: comparisons, matches, functions and tests for null. See `generate`."""

from __future__ import annotations

from pools import (
    ADDRESS_VALUES,
    ADDRESSES,
    BOOLEANS,
    DATE_VALUES,
    DATES,
    LONG_VALUES,
    LONGS,
    NETWORKS,
    REGEXES,
    UNMAPPED,
    VERSIONS,
    WILDCARDS,
)
from random_values import ValueWriter, quoted


class LeafWriter(ValueWriter):
    """Writes conditions without `and`, `or`, `not`."""

    def leaf(self) -> str:
        writers = (
            *(self.text_leaf,) * 5,
            *(self.number_leaf,) * 3,
            *(self.match_leaf,) * 4,
            *(self.function_leaf,) * 4,
            self.arithmetic_leaf,
            self.address_leaf,
            self.boolean_leaf,
            self.date_leaf,
            self.version_leaf,
            self.null_leaf,
            self.null_leaf,
            self.truth_leaf,
        )
        text: str = self.rng.choice(writers)()
        return text

    def texts_list(self) -> str:
        return ", ".join(self.text() for _ in range(self.one(1, 2, 3)))

    def text_leaf(self) -> str:
        name = self.text_field()
        match self.rng.randrange(4):
            case 0:
                return f"{name} {self.one('in', 'not in', 'in~', 'not in~')} ({self.texts_list()})"
            case 1:
                return f"{self.text()} {self.comparison()} {name}"
            case _:
                return f"{name} {self.comparison()} {self.text()}"

    def match_leaf(self) -> str:
        value = self.text_field() if self.chance(0.75) else self.text_value(1)
        word = self.one(":", "like", "like~", "regex", "regex~")
        make = self.regex if word.startswith("regex") else self.wildcard
        patterns = [quoted(make()) for _ in range(self.one(1, 1, 2, 3))]
        listed = patterns[0] if len(patterns) == 1 else f"({', '.join(patterns)})"
        return f"{value} {word} {listed}"

    def wildcard(self) -> str:
        """A text of the pool with stretches of it made wild, or a pattern known to be of use."""
        if self.chance(0.3):
            return str(self.one(*WILDCARDS))
        pieces = [
            self.one(*[character] * 5, "*", "?", f"*{character}", f"{character}*")
            for character in self.rng.choice(self.texts)
        ]
        return str(self.one("", "", "*") + "".join(pieces) + self.one("", "", "*"))

    def regex(self) -> str:
        if self.chance(0.4):
            return str(self.one(*REGEXES))
        pieces = []
        for character in self.rng.choice(self.texts):
            escaped = f"\\{character}" if character in '.?+*|{}[]()"\\~<>&@#^$' else character
            pieces.append(
                self.one(
                    *[escaped] * 6,
                    *(".", ".*", ".?", f"{escaped}?", f"{escaped}+", f"({escaped}|b)"),
                    *("[a-c]", "[^a-c]", "[abB]", "\\d", "\\w", f"{escaped}{{1,2}}", "[^x]*"),
                )
            )
        body = "".join(pieces)
        return self.one(body, body, body, f"{body}|ab?", f"({body})*", f".*{body}")

    def number_leaf(self) -> str:
        match self.rng.randrange(5):
            case 0:
                numbers = ", ".join(str(self.one(*LONG_VALUES)) for _ in range(self.one(1, 2, 3)))
                return f"{self.one(*LONGS)} {self.one('in', 'not in')} ({numbers})"
            case 1:
                return f"{self.number_value(2)} {self.comparison()} {self.number()}"
            case 2:
                return f"{self.number()} {self.comparison()} {self.number_field()}"
            case _:
                return f"{self.number_field()} {self.comparison()} {self.number()}"

    def arithmetic_leaf(self) -> str:
        """A result that some event's value has, if rounded in one way or the other."""
        value, divisor = self.one(-7, -2, -1, 3, 5, 10), self.one(2, 3, -2, -3)
        name = self.one(*LONGS)
        if self.chance(0.5):
            result = self.one(int(value / divisor), value // divisor)
            return f"{name} / {divisor} {self.comparison()} {result}"
        result = self.one(value % divisor, value - divisor * int(value / divisor))
        return f"{name} % {divisor} {self.equality()} {result}"

    def address_leaf(self) -> str:
        name = self.one(*ADDRESSES)
        networks = ", ".join(quoted(self.one(*NETWORKS)) for _ in range(self.one(1, 2)))
        match self.rng.randrange(4):
            case 0:
                return f"{name} {self.equality()} {quoted(self.one(*ADDRESS_VALUES))}"
            case 1:
                return f"{name} {self.one('in', 'not in')} ({networks})"
            case 2:
                return f"{name} {self.one('<', '>=')} {quoted(self.one(*ADDRESS_VALUES))}"
            case _:
                return f"{self.one('cidrMatch', 'cidrmatch')}({name}, {networks})"

    def boolean_leaf(self) -> str:
        name = self.one(*BOOLEANS)
        return str(self.one(name, f"{name} == true", f"{name} == false", f"{name} != true"))

    def date_leaf(self) -> str:
        return f"{self.one(*DATES)} {self.comparison()} {quoted(self.one(*DATE_VALUES))}"

    def version_leaf(self) -> str:
        return f"ver {self.comparison()} {quoted(self.one(*VERSIONS))}"

    def null_leaf(self) -> str:
        value = self.one(
            self.text_field(),
            self.number_field(),
            self.one(*ADDRESSES, *DATES, *BOOLEANS, "ver"),
            self.text_value(1),
            self.number_value(1),
            f"?{self.one(*UNMAPPED)}",
        )
        return f"{value} {self.equality()} null"

    def truth_leaf(self) -> str:
        inner = self.one(self.text_leaf, self.number_leaf, self.boolean_function)()
        if self.chance(0.4):
            # A second operand, of those that can fail more often than not.
            other = self.one(self.function_leaf, self.arithmetic_leaf, self.failing_leaf)()
            inner = self.one(" and ", " or ").join(self.one([inner, other], [other, inner]))
        return f"({inner}) {self.equality()} {self.one('null', 'true', 'false')}"

    def failing_leaf(self) -> str:
        name = self.one(*LONGS)
        failing = (f"number({self.text_field()})", f"(1 / {name})", f"({name} * {name} * {name})")
        return f"{self.one(*failing)} {self.comparison()} {self.one(0, 1, 10)}"

    def boolean_function(self) -> str:
        name = self.one("startsWith", "endsWith", "stringContains") + self.one("", "~")
        first = self.text_field() if self.chance(0.7) else self.text_value(1)
        second = self.text() if self.chance(0.8) else self.text_field()
        return f"{name}({first}, {second})"

    def function_leaf(self) -> str:
        if not self.cuts and self.chance(0.7):
            return f"{self.number_value(1)} {self.equality()} {self.one(1, 2, 3, 4)}"
        match self.rng.randrange(4):
            case 0 | 1:
                call = self.boolean_function()
                return str(self.one(call, call, f"{call} == true", f"{call} == false"))
            case 2:
                return f"{self.text_value(2)} {self.comparison()} {self.text()}"
            case _:
                return f"{self.number_value(2)} {self.comparison()} {self.number()}"
