"""Random leaves that only a script can say, over every type, function and operator; and their events."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from random_values import quoted

from eqlx.execution import Event
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType

TEXTS = (
    *(
        "",
        "a",
        "A",
        "ab",
        "aB",
        "abcab",
        "cmd.exe",
        "CMD.EXE",
        "a*",
        "a?b",
        "a\\b",
        "a\nb",
        "b\r\n",
    ),
    *("é", "É", "\u212a", "\U0001f600", "a\U0001f600b", "\U0001f600a*", "a\u2028b", "true", "5"),
    *("1", "-7", "+7", "0x1F", "0x", "-0x1F", " 7 ", "1e3", "1d", "NaN", "-Infinity", "junk", "zz"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "10.0.0.1", "::1"),
)
WHOLES = (-7, -3, -1, 0, 1, 2, 3, 5, 10, 443, 2**31 - 1, 2**31, -(2**31), 2**53 + 1)
WIDE = (*WHOLES, 2**63 - 1, -(2**63), 2**62, 3037000500, -(2**63) + 1)
UNSIGNED = (0, 1, 5, 2**31, 2**63 - 1, 2**63, 2**64 - 1)
BEYOND = (-1, -(2**63), 2**63, 2**64 - 1, 2**64, 1.5, 1e300, -1e300)
DOUBLES = (0.0, 0.5, -1.5, 1.0, 2.0, 4.5, 1e7, 12345678.9, 1e10, 1e-5, 1e300, -1e308, 1e-300)
ADDRESSES = (
    *("10.0.0.1", "10.255.0.1", "0.0.0.1", "255.255.255.255", "::", "::1", "fe80::a:0"),
    *("::ffff:10.0.0.1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", "::2:0:0:1", "ab::", "::10.0.0.1"),
)
NETWORKS = ("10.0.0.0/8", "10.0.0.1", "::/0", "fe80::/10", "::1", "0.0.0.0/0", "2001:db8::/32")
MILLISECONDS = ("2026-01-01", "1969-12-31T23:59:59.999Z", "2026-01-01T00:00:00.001Z", "0999-01-01")
NANOSECONDS = ("2026-01-01T00:00:00.000000001Z", "2026-01-01", "1970-01-01T00:00:00.0001Z")
POOLS: dict[str, tuple[FieldType, tuple[object, ...]]] = {
    "s": (FieldType.KEYWORD, TEXTS),
    "t": (FieldType.KEYWORD, TEXTS),
    "full": (FieldType.TEXT, TEXTS),
    "n": (FieldType.LONG, WIDE),
    "m": (FieldType.LONG, WHOLES),
    "u": (FieldType.UNSIGNED_LONG, UNSIGNED),
    "d": (FieldType.DOUBLE, DOUBLES),
    "e": (FieldType.DOUBLE, DOUBLES),
    "b": (FieldType.BOOLEAN, (True, False)),
    "ip": (FieldType.IP, ADDRESSES),
    "when": (FieldType.DATE, MILLISECONDS),
    "fine": (FieldType.DATE_NANOS, NANOSECONDS),
}
SCHEMA = FieldList(
    {
        "@timestamp": FieldInfo(FieldType.DATE),
        **{name: FieldInfo(kind, multivalued=True) for name, (kind, _) in POOLS.items()},
    }
)


def random_events(rng: random.Random, count: int) -> tuple[Event, ...]:
    """Events with none, one or some values a field."""
    return tuple(_event(rng, second) for second in range(count))


def _event(rng: random.Random, second: int) -> Event:
    event: dict[str, Any] = {"@timestamp": f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"}
    full = rng.random() < 0.3  # events without gaps are the only ones to pass long conditions
    for name, (_, pool) in POOLS.items():
        count = rng.choice((1, 1, 1, 2, 3)) if full else rng.choice((0, 0, 1, 1, 2))
        if count:
            values = [rng.choice(pool) for _ in range(count)]
            event[name] = values[0] if count == 1 else values
    return event


class ScriptWriter:
    """Writes leaves as EQL text. They aim at legal EQL; what does not compile is skipped."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def one(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def leaf(self) -> str:
        make: Callable[[], str] = self.one(
            *(self.comparison,) * 3, self.text_test, self.listed, self.nullness, self.truth
        )
        return make()

    def comparison(self) -> str:
        order = self.one("==", "==", "!=", "<", "<=", ">", ">=")
        match self.rng.randrange(3):
            case 0:
                value, text = self.computed_text(), self.rng.choice(TEXTS)
                # Halves of a pair have no order that all engines share (spec §13.10).
                order = order if text.isascii() else "=="
                return f"{value} {order} {quoted(text)}"
            case _:
                value = self.one(self.whole, self.number)(2)
                return f"{value} {order} {self.number_for(value)}"

    def text_test(self) -> str:
        match self.rng.randrange(3):
            case 0:
                name = self.one("startsWith", "endsWith", "stringContains") + self.one("", "~")
                return f"{name}({self.text_value(1)}, {self.text_value(1)})"
            case 1:
                patterns = [quoted(self.pattern()) for _ in range(self.one(1, 1, 2))]
                word = self.one(":", "like", "like~")
                return f"{self.computed_text()} {word} ({', '.join(patterns)})"
            case _:
                expression = self.one(
                    *("a.*", "[a-c]+", "[A-C]*", "(a|b)+.?", "[^a-z]*", "\\\\d+", "a{1,2}b?.*", ".")
                )
                word = self.one("regex", "regex~")
                return f'{self.computed_text()} {word} "{expression}"'

    def pattern(self) -> str:
        if self.rng.random() < 0.3:
            return str(self.one("*", "?*", "*?", "??", "*a*b*", "*\n*", "", "*b", "a*", "*??b"))
        text = self.rng.choice(TEXTS)
        return "".join(self.one(c, c, c, "*", "?", f"*{c}", f"{c}*") for c in text)

    def listed(self) -> str:
        if self.rng.random() < 0.5:
            texts = ", ".join(self.text() for _ in range(self.one(1, 2, 4)))
            return f"{self.computed_text()} {self.one('in', 'in~', 'not in')} ({texts})"
        value = self.one(self.whole, self.number)(2)
        numbers = ", ".join(self.number_for(value) for _ in range(self.one(1, 2, 4)))
        return f"{value} {self.one('in', 'not in')} ({numbers})"

    def nullness(self) -> str:
        value = self.one(self.computed_text, lambda: self.whole(2), lambda: self.number(2))()
        return f"{value} {self.one('==', '!=')} null"

    def truth(self, depth: int = 2) -> str:
        condition = self.condition(depth)
        return f"({condition}) {self.one('==', '!=')} {self.one('null', 'null', 'true', 'false')}"

    def condition(self, depth: int) -> str:
        draw = self.rng.random()
        if depth and draw < 0.4:
            word = self.one(" and ", " or ")
            return f"({word.join(self.condition(depth - 1) for _ in range(self.one(2, 2, 3)))})"
        if depth and draw < 0.55:
            return f"not ({self.condition(depth - 1)})"
        if draw < 0.65:
            return self.truth(0)
        make: Callable[[], str] = self.one(
            *(self.comparison, self.text_test, self.listed, self.nullness, self.typed, self.typed)
        )
        return make()

    def typed(self) -> str:
        """Addresses, dates and booleans, which stay plain outside of a condition as a value."""
        order = self.one("==", "<", "<=", ">", ">=")
        networks = ", ".join(quoted(self.one(*NETWORKS)) for _ in range(self.one(1, 2)))
        address = self.one(*ADDRESSES)
        return str(
            self.one(
                f"cidrMatch(ip, {networks})",
                f"ip {order} {quoted(address)}",
                f"when {order} {quoted(self.one(*MILLISECONDS, *NANOSECONDS))}",
                f"fine {order} {quoted(self.one(*MILLISECONDS, *NANOSECONDS))}",
                f"when in ({quoted(self.one(*MILLISECONDS))}, {quoted(self.one(*NANOSECONDS))})",
                f"b == {self.one('true', 'false')}",
                f"b in ({self.one('true', 'false', 'true, false')})",
                *(f"{name} {order} {self.number_for(name)}" for name in "nud"),
                f"s {order} {self.text()}",
                f"s in~ ({self.text()}, {self.text()})",
            )
        )

    # --- values -------------------------------------------------------------------------------

    def text(self) -> str:
        return quoted(self.rng.choice(TEXTS))

    def any_number(self) -> str:
        return str(self.one(*WIDE, *UNSIGNED, *DOUBLES, *WHOLES, 0.25, 31, 7))

    def number_for(self, value: str) -> str:
        """A constant to compare with; on a plain field of whole numbers, some are beyond its type."""
        if value in ("m", "n", "u"):
            return str(self.one(*POOLS[value][1], *BEYOND))
        return str(self.one(*POOLS[value][1])) if value in POOLS else self.any_number()

    def text_value(self, depth: int) -> str:
        draw = self.rng.random()
        if depth and draw < 0.4:
            return self.computed_text(depth)
        return str(self.one("s", "s", "t", "full", self.text()))

    def computed_text(self, depth: int = 2) -> str:
        inner, fold = self.text_value(depth - 1), self.one("", "~")
        match self.rng.randrange(5):
            case 0:
                return (
                    f"concat({', '.join(self.scalar(depth - 1) for _ in range(self.one(1, 2, 3)))})"
                )
            case 1:
                greedy = self.one("", ", true", ", false", ", b", ", (n > 1)")
                left, right = self.text_value(depth - 1), self.text_value(depth - 1)
                return f"between{fold}({inner}, {left}, {right}{greedy})"
            case 2:
                return f"string({self.scalar(depth - 1)})"
            case _:
                end = self.one("", f", {self.place(depth - 1)}")
                return f"substring({inner}, {self.place(depth - 1)}{end})"

    def scalar(self, depth: int) -> str:
        return str(
            self.one(
                *("s", "n", "u", "d", "b", "ip", "when", "fine", self.text(), "true", "(n > 1)"),
                *(self.any_number(), self.text_value(max(depth, 0)), self.whole(max(depth, 0))),
            )
        )

    def place(self, depth: int) -> str:
        if self.rng.random() < 0.6:
            return str(self.one(-4, -1, 0, 0, 1, 2, 3, 2**40, -(2**40)))
        return self.whole(max(depth, 0))

    def whole(self, depth: int) -> str:
        draw = self.rng.random()
        if not depth or draw < 0.15:
            return str(self.one("n", "m", "m", "u", "n", self.one(*WHOLES)))
        text = self.text_value(depth - 1)
        if draw < 0.35:
            return f"length({text})"
        if draw < 0.55:
            start = self.one("", "", f", {self.place(depth - 1)}")
            return f"indexOf{self.one('', '~')}({text}, {self.text_value(depth - 1)}{start})"
        if draw < 0.63:
            return f"-{self.whole(depth - 1)}"
        operator = self.one(*"+-*/%")
        return f"({self.whole(depth - 1)} {operator} {self.whole(depth - 1)})"

    def number(self, depth: int) -> str:
        draw = self.rng.random()
        if not depth or draw < 0.1:
            return str(self.one("d", "e", "n", "u", self.any_number()))
        if draw < 0.4:
            base = self.one("", "", ", 16", ", 10", ", 36", ", 1", f", {self.place(depth - 1)}")
            return f"number({self.text_value(depth - 1)}{base})"
        if draw < 0.5:
            return f"-{self.number(depth - 1)}"
        operator = self.one(*"+-*/%")
        return (
            f"({self.number(depth - 1)} {operator} {self.one(self.number, self.whole)(depth - 1)})"
        )
