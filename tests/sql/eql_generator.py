"""Random events and random EQL event queries over them, for differential tests."""

from __future__ import annotations

import random

TEXTS = [
    "",
    "a",
    "A",
    "cmd.exe",
    "CMD.EXE",
    "cmd_exe",
    "c:\\Windows\\x",
    "50%",
    "a_b",
    "it's",
    'say "hi"',
    "line\nbreak",
    "ab\r",
    "é",
    "É",
    "K",
    "kim",
    "KIM",
    "\u017f",
    "s",
    "😀",
    "a😀b",
    "😀😀",
    "x😀",
    "5",
    "05",
    "4.5",
    " 7 ",
    "0x1F",
    "1e3",
    "NaN",
    "-3",
    "true",
    "null",
    "*",
    "?",
    "a*b",
    "axxb",
    "a?b",
    "\x00z",
    "zz",
    "aXa",
    "aaa",
    "abcabc",
    "10.0.0.1",
    "İ",
    "i",
    "\u2028",
    "--",
    "/*",
    "$x",
    "{{x}}",
]
IPS = [
    "10.0.0.1", "10.255.3.4", "192.168.1.1", "::1", "FE80::1", "fe80:0:0:0:0:0:0:1", "::ffff:10.0.0.1",
    "::FFFF:a00:1", "0:0:0:0:0:ffff:10.0.0.1", "2001:db8::8a2e:370:7334", "not-an-ip", "010.0.0.1",
    "1.2.3", "::", "1::2::3", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "::1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4", ":1", "fe80::1%eth0", "12345::", "0:0:0:0:0:FFFF:0a00:0001",
]  # fmt: skip
DATES = [
    "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456789Z", "2024-01-01T02:00:00+02:00",
    "2024-01-01", "2024-01-01T00:00:00.123Z", 1704067200000, 1704067200123, "soon", "2023-12-31T23:59",
    "1704067200000", "2024", "2024-01-01T00:00:00.5-0130",
]  # fmt: skip
NUMBERS = [
    0,
    1,
    -1,
    4,
    5,
    80,
    443,
    2**31,
    -(2**63),
    2**63 - 1,
    2**53 + 1,
    1000,
    7,
    "12",
    "4.7",
    "junk",
]
DOUBLES = [0.0, 1.5, -2.5, 4.5, 1e10, 1e-5, 0.1, 5, 3, 1e300, 12345678.9, "2.5"]
BOOLS = [True, False, "true", "false", "", "maybe"]

FIELDS = {
    "process.name": ("text", False, TEXTS),
    "process.executable": ("text", False, TEXTS),
    "process.args": ("text", True, TEXTS),
    "tags": ("text", True, TEXTS),
    "process.pid": ("long", False, NUMBERS),
    "process.parent.pid": ("long", False, NUMBERS),
    "event.risk_score": ("double", False, DOUBLES),
    "process.interactive": ("bool", False, BOOLS),
    "source.ip": ("ip", False, IPS),
    "host.ip": ("ip", True, IPS),
    "event.created": ("date", False, DATES),
    "related.numbers": ("long", True, [n for n in NUMBERS if isinstance(n, int)]),
}


def random_event(rng: random.Random, number: int, *, astral: bool = True) -> dict[str, object]:
    event: dict[str, object] = {
        "@timestamp": 1704067200000 + number,
        "event": {"category": "process"},
    }
    for name, (_, several, all_values) in FIELDS.items():
        values = [v for v in all_values if astral or not isinstance(v, str) or "😀" not in v]
        if rng.random() < 0.3:
            continue
        value: object = rng.choice(values)
        if several or rng.random() < 0.1:
            value = [rng.choice(values) for _ in range(rng.randrange(4))]
        _put(event, name, value, dotted=rng.random() < 0.1)
    return event


def _put(event: dict[str, object], name: str, value: object, *, dotted: bool) -> None:
    if dotted:
        event[name] = value
        return
    *outer, last = name.split(".")
    node = event
    for key in outer:
        node = node.setdefault(key, {})  # type: ignore[assignment]  # built of dictionaries only
    node[last] = value


def quoted(text: str) -> str:
    out = []
    for c in text:
        if c in '"\\':
            out.append("\\" + c)
        elif c < " " or c in "\u2028\x7f":
            out.append(f"\\u{{{ord(c):02x}}}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


class Generator:
    """EQL texts; everything is type-correct."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def field(self, kind: str) -> str:
        names = [n for n, (k, _, _) in FIELDS.items() if k == kind]
        return ("?" if self.rng.random() < 0.1 else "") + self.rng.choice(names)

    def text(self) -> str:
        return self.rng.choice(TEXTS)

    def lit(self) -> str:
        return quoted(self.text())

    def pattern(self) -> str:
        rng = self.rng
        base = self.text()
        cut = base[rng.randrange(len(base) + 1) :]
        shape = rng.randrange(6)
        return quoted(
            [base, cut + "*", "*" + cut, "*" + cut + "*", cut[:1] + "*" + cut[1:] + "?", "?" + cut][
                shape
            ]
        )

    def regex(self) -> str:
        rng = self.rng
        options = [
            "c.*",
            "[a-c]+",
            "(cmd|CMD)[._]exe",
            "a.b",
            "(ab|b)?c*",
            "[^a]*",
            ".",
            "",
            "a{1,3}",
            "<1-50>",
            "a@",
            "(x|😀)+.?",
            "[ks]im?",
        ]
        return quoted(rng.choice(options))

    def number(self) -> str:
        return str(self.rng.choice([0, 1, 4, 5, 7, 80, 443, 4.5, 1.5, 1000, 2**31, 2**53 + 1, 3]))

    def condition(self, depth: int = 0) -> str:
        rng = self.rng
        roll = rng.random()
        if depth < 3 and roll < 0.35:
            op = rng.choice([" and ", " or "])
            return "(" + op.join(self.condition(depth + 1) for _ in range(rng.randint(2, 3))) + ")"
        if roll < 0.5:
            return f"not ({self.condition(depth + 1)})"
        return self.leaf()

    def leaf(self) -> str:  # noqa: C901 one case a kind of leaf
        rng = self.rng
        many = lambda make: "(" + ", ".join(make() for _ in range(rng.randint(1, 6))) + ")"  # noqa: E731
        choice = rng.randrange(26)
        f = self.field
        match choice:
            case 0 | 1:
                return f"{f('text')} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.lit()}"
            case 2:
                return f"{f('text')} {rng.choice(['in', 'in~', 'not in'])} {many(self.lit)}"
            case 3 | 4 | 5:
                return f"{f('text')} {rng.choice([':', 'like', 'like~'])} {many(self.pattern)}"
            case 6:
                return f"{f('text')} {rng.choice(['regex', 'regex~'])} {many(self.regex)}"
            case 7:
                return f"{f(rng.choice(['long', 'double']))} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.number()}"
            case 8:
                return f"{f('long')} {rng.choice(['in', 'not in'])} {many(lambda: str(rng.choice([0, 1, 4, 80, 443])))}"
            case 9:
                return f"{f('bool')} == {rng.choice(['true', 'false'])}"
            case 10:
                nets = [
                    "10.0.0.0/8",
                    "::1",
                    "fe80::/10",
                    "192.168.1.1",
                    "::/0",
                    "2001:db8::/32",
                    "0.0.0.0/0",
                    "10.0.0.1/32",
                    "1:2:3:4:5:6:7:8",
                    "::ffff:10.0.0.1",
                    "10.128.0.0/9",
                ]
                return f"cidrMatch({f('ip')}, {', '.join(quoted(rng.choice(nets)) for _ in range(rng.randint(1, 3)))})"
            case 11:
                return f"{f('ip')} {rng.choice(['==', '!=', '<', '>', '>='])} {quoted(rng.choice(['10.0.0.1', '::1', 'fe80::1', '192.168.0.0']))}"
            case 12:
                return f"{f('date')} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {quoted(rng.choice(['2024-01-01', '2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.123456789Z', '2024-01-01T00:00:00Z']))}"
            case 13:
                name = rng.choice(list(FIELDS))
                return f"{name} {rng.choice(['==', '!='])} null"
            case 14 | 15:
                function = rng.choice(["startsWith", "endsWith", "stringContains"])
                second = self.lit() if rng.random() < 0.7 else self.text_value(1)
                return f"{function}{rng.choice(['', '~'])}({self.text_value(1) if rng.random() < 0.4 else f('text')}, {second})"
            case 16 | 17 | 18:
                return f"{self.number_value(0)} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.number()}"
            case 19 | 20:
                return f"{self.text_value(0)} {rng.choice(['==', '!=', ':', '<'])} " + self.lit()
            case 21:
                return f"({self.number_value(0)}) {rng.choice(['==', '!='])} null"
            case 22:
                return f"{self.text_value(0)} {rng.choice(['==', '!='])} null"
            case 23:
                return f"({self.condition(3)}) == {rng.choice(['null', 'true', 'false'])}"
            case 24:
                return f"{self.text_value(0)} {rng.choice(['like', 'like~'])} {self.pattern()}"
            case _:
                return f"{self.text_value(0)} {rng.choice(['regex', 'regex~'])} {quoted(rng.choice(['c.*', '[a-c]+', 'a.b', '.*', '.{1,3}']))}"

    def text_value(self, depth: int) -> str:
        rng = self.rng
        if depth > 2 or rng.random() < 0.3:
            return self.field("text") if rng.random() < 0.8 else self.lit()
        deeper = lambda: self.text_value(depth + 1)  # noqa: E731
        match rng.randrange(5):
            case 0:
                return f"concat({', '.join(rng.choice([deeper, lambda: self.number_value(depth + 1), lambda: self.field('bool')])() for _ in range(rng.randint(1, 3)))})"
            case 1:
                extra = f", {self.int_value()}" if rng.random() < 0.6 else ""
                return f"substring({deeper()}, {self.int_value()}{extra})"
            case 2:
                greedy = rng.choice(["", ", true", ", false"])
                return f"between{rng.choice(['', '~'])}({deeper()}, {self.lit()}, {self.lit()}{greedy})"
            case 3:
                return f"string({self.number_value(depth + 1)})"
            case _:
                return self.field("text")

    def int_value(self) -> str:
        if self.rng.random() < 0.75:
            return str(self.rng.choice([0, 1, 2, 3, 5, -1, -2, -5]))
        return f"length({self.field('text')})" if self.rng.random() < 0.5 else self.field("long")

    def number_value(self, depth: int) -> str:
        rng = self.rng
        if depth > 2 or rng.random() < 0.25:
            return rng.choice([self.field("long"), self.field("double"), self.number()])
        deeper = lambda: self.number_value(depth + 1)  # noqa: E731
        match rng.randrange(7):
            case 0:
                return f"length({self.text_value(depth + 1)})"
            case 1:
                extra = f", {self.int_value()}" if rng.random() < 0.5 else ""
                return f"indexOf{rng.choice(['', '~'])}({self.text_value(depth + 1)}, {self.text_value(depth + 1)}{extra})"
            case 2:
                base = rng.choice(["", ", 10", ", 16", ", 8", ", 2"])
                return f"number({self.field('text')}{base})"
            case 3:
                return f"(-{deeper()})"
            case _:
                return f"({deeper()} {rng.choice('+-*/%')} {deeper()})"


def random_query(rng: random.Random) -> str:
    tail = rng.choice(["", "", "", " | head 3", " | tail 2", " | tail 5 | head 2"])
    return f"{rng.choice(['any', 'process'])} where {Generator(rng).condition()}{tail}"
