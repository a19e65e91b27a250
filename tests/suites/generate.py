"""Random EQL queries and random events that they meet, for comparing engines with each other.

Queries are made as text, so that parser and passes take part and a failing one can be read. Texts
that do not compile are simply skipped by the caller: the generator aims at legal EQL but does not
know all type rules. Queries and events draw their values from the same small pools, so that they
often meet. Everything follows from the seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from eqlx.execution import Event
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.target import EventModel

MODEL = EventModel(tiebreaker="event.sequence", category="event.category")
SCHEMA = FieldList({"ver": FieldInfo(FieldType.VERSION)})
"""What neither the catalogue nor the data can say of the generated events' fields."""

KEYWORDS = ("process.name", "user.name", "file.path")
MULTI_KEYWORDS = ("process.args", "tags")
LONGS = ("process.pid", "destination.port")
DOUBLES = ("event.risk_score",)
ADDRESSES = ("destination.ip", "source.ip")
BOOLEANS = ("process.interactive",)
DATES = ("event.created",)
KEYS = ("host.id", "user.id", "process.pid", "process.interactive")
MULTI_KEYS = ("tags",)
UNMAPPED = ("gone.one", "gone.two")
CATEGORIES = ("process", "file", "network")

TEXTS = (
    *("a", "A", "ab", "aB", "b", "aab", "ba", "abcab", "cmd.exe", "CMD.EXE", "xcmd.exe"),
    *("php7.4", "a*", "a?b", "a%b", "a_b", "a\\b", "\\", "a\nb", "a\r\nb", "'", '"', "[a-c]"),
    *("", " ", "1", "10", "0x1F", " 7 ", "1e3", "junk", "null", "true", "-5", "2.50", "k=*"),
)
UNICODE_TEXTS = ("é", "É", "aé", "\U0001f600", "a\U0001f600b", "\u212a", "\u017f", "ß", "İ", "日本")
ASTRAL_TEXTS = ("\U0001f600", "a\U0001f600b", "\U0001f600a*", "日本", "日\U0001f600本a")
"""Letters without case, some of two UTF-16 units."""

WILDCARDS = ("a*b", "a?b", "*b", "a*", "??", "*.exe", "PHP*", "*", "?*", "*a*b*", "", "*\n*")
REGEXES = (
    *("[a-c]+", "[A-C]*", "[^a-z]+", "[a-z]+\\.exe", ".[a-b].*", "\\w+", "a.b", "a.*b", "(a|b)*"),
    *("~(a.*)", "~a", "a.*&.*b", "@b", "<1-20>", '"a*"', "#|a", "[a-c]{2,3}", "[^a-cA]*", "()|a"),
)
LONG_VALUES = (-7, -2, -1, 0, 1, 2, 3, 4, 5, 10, 80, 443, 65535)
WIDE_LONGS = (2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
DOUBLE_VALUES = (-1.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.5, 10.5, 1e10, 1e-5)
ADDRESS_VALUES = (
    *("10.0.0.1", "10.1.2.3", "192.168.1.1", "127.0.0.1", "0.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "FE80::AB", "::ffff:10.0.0.1", "2001:db8::1", "::10.0.0.1"),
)
NETWORKS = (
    *("10.0.0.0/8", "10.1.2.3/16", "192.168.0.0/24", "127.0.0.1", "0.0.0.0/0", "::/0", "::1"),
    *("fe80::/10", "FE80::/64", "2001:db8::/32", "::ffff:10.0.0.1", "10.0.0.1/31", "::/96"),
)
VERSIONS = (
    "1.0.0",
    "1.2.0",
    "1.10.0",
    "1.2.0-rc.1",
    "1.2.0-1",
    "1.2",
    "bad",
    "2.0.0+b1",
    "1.2.0-rc",
)
DATE_VALUES = (
    *("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.500Z", "2023-12-31T23:59:59.999Z"),
    *("2024-06-01T12:00:00Z", "2024-06-01", "2024-06-01T14:00:00+02:00"),
)
START = 1_704_067_200_000
"""2024-01-01 in epoch milliseconds: where generated events begin."""


@dataclass(frozen=True)
class Round:
    """Events, and queries to put to them."""

    seed: int
    events: tuple[Event, ...]
    queries: tuple[str, ...]


def make_round(seed: int, queries: int = 30, *, unicode: bool = False) -> Round:
    """Events and queries that follow from the seed. `unicode`: with letters beyond ASCII, whose
    folding engines may declare to be different. Some rounds are dense: many events, and mostly
    sequences whose stages ask little, so that partial sequences compete."""
    rng = random.Random(seed)
    texts = TEXTS + UNICODE_TEXTS if unicode else TEXTS
    dense = rng.random() < 0.4
    # No SQL engine has half of a surrogate pair (spec §13.10): such texts are never cut.
    cuts = unicode or rng.random() < 0.8
    if not cuts:
        texts = (*texts[::2], *ASTRAL_TEXTS, *ASTRAL_TEXTS)
    writer = _Writer(rng, texts, dense=dense, cuts=cuts)
    count = rng.choice((20, 30, 40) if dense else (0, 1, 3, 8, 15, 25))
    events = tuple(_event(rng, texts) for _ in range(count))
    return Round(seed, events, tuple(writer.query() for _ in range(queries)))


# --- events -----------------------------------------------------------------------------------


def _event(rng: random.Random, texts: tuple[str, ...]) -> Event:
    event: dict[str, Any] = {}
    if rng.random() < 0.97:
        # Few distinct times, so that ties are common; now and then a long gap.
        offset = rng.choice((0, 1, 2, 3, 500, 1000, 1001, 2000, 5000, 60_000))
        event["@timestamp"] = _iso(START + offset + rng.randrange(4))
    if rng.random() < 0.9:
        event["event.sequence"] = rng.randrange(6)
    event["event.category"] = rng.choice((*CATEGORIES, ["process", "file"], None))
    for name in KEYWORDS:
        _put(rng, event, name, [rng.choice(texts) for _ in range(_count(rng, 0.08))])
    for name in MULTI_KEYWORDS:
        _put(rng, event, name, [rng.choice(texts) for _ in range(_count(rng, 0.5))])
    longs = LONG_VALUES if rng.random() < 0.95 else WIDE_LONGS
    for name in LONGS:
        _put(rng, event, name, [rng.choice(longs) for _ in range(_count(rng, 0.08))])
    for name in DOUBLES:
        _put(rng, event, name, [rng.choice(DOUBLE_VALUES) for _ in range(_count(rng, 0.08))])
    for name in ADDRESSES:
        pool = (*ADDRESS_VALUES, "not an address") if rng.random() < 0.1 else ADDRESS_VALUES
        _put(rng, event, name, [rng.choice(pool) for _ in range(_count(rng, 0.15))])
    for name in BOOLEANS:
        _put(rng, event, name, [rng.random() < 0.5 for _ in range(_count(rng, 0.05))])
    for name in DATES:
        _put(rng, event, name, [rng.choice(DATE_VALUES) for _ in range(_count(rng, 0.05))])
    _put(rng, event, "ver", [rng.choice(VERSIONS) for _ in range(_count(rng, 0.05))])
    _put(rng, event, "host.id", [rng.choice("hgk") for _ in range(_count(rng, 0.03))])
    _put(rng, event, "user.id", [rng.choice(("u", "v")) for _ in range(_count(rng, 0.03))])
    return _nested(rng, event)


def _count(rng: random.Random, several: float) -> int:
    """How many values: mostly one, `several` of the time two or three, now and then none."""
    draw = rng.random()
    if draw < 0.12:
        return 0
    return rng.choice((2, 3)) if draw > 1 - several else 1


def _put(rng: random.Random, event: dict[str, Any], name: str, values: list[Any]) -> None:
    """The values as JSON has them: absent, null, an empty array, one value bare or in an array."""
    if not values:
        choice = rng.randrange(4)
        if choice < 3:
            event[name] = (None, [], [None])[choice]
    elif len(values) == 1 and rng.random() < 0.85:
        event[name] = values[0]
    else:
        event[name] = [*values, None] if rng.random() < 0.1 else values


def _nested(rng: random.Random, event: dict[str, Any]) -> Event:
    """The event with dotted names, nested objects, or both."""
    style = rng.random()
    if style < 0.3:
        return event
    nested: dict[str, Any] = {}
    for name, value in event.items():
        if style < 0.45 and rng.random() < 0.5:
            nested[name] = value
            continue
        node = nested
        *outer, last = name.split(".")
        for part in outer:
            node = node.setdefault(part, {})
        node[last] = value
    return nested


def _iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds - START, 1000)
    minutes, second = divmod(seconds, 60)
    return f"2024-01-01T00:{minutes:02}:{second:02}.{rest:03}Z"


# --- queries ----------------------------------------------------------------------------------


class _Writer:
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

    def query(self) -> str:
        draw = self.rng.random()
        if draw < (0.15 if self.dense else 0.6):
            return self.filter(3) + self.pipes()
        return self.sequence() if draw < 0.9 else self.sample()

    def pipes(self) -> str:
        if self.chance(0.85):
            return ""
        limits = [f" | {self.one('head', 'tail')} {self.rng.randrange(6)}" for _ in range(2)]
        return "".join(limits[: self.one(1, 1, 2)])

    def filter(self, depth: int) -> str:
        return f"{self.one('any', *CATEGORIES)} where {self.condition(depth)}"

    def condition(self, depth: int) -> str:
        draw = self.rng.random()
        if depth == 0 or draw < 0.4:
            return self.leaf()
        if draw < 0.6:
            return f"not ({self.condition(depth - 1)})"
        word = self.one(" and ", " or ")
        parts = [self.condition(depth - 1) for _ in range(self.one(2, 2, 3))]
        return "(" + word.join(parts) + ")"

    # sequences and samples

    def keys(self) -> tuple[int, list[list[str]]]:
        """How many keys, and for each of six stages which."""
        count = self.one(0, 1, 1, 1, 2)
        pools = [self.key_pool() for _ in range(count)]
        return count, [[self.one(*pool) for pool in pools] for _ in range(6)]

    def key_pool(self) -> list[str]:
        """Fields of one type, of which each stage may take its own."""
        name = self.one(*KEYS, *MULTI_KEYS, "destination.ip", "host.id", "user.id")
        pool = [name] * 4
        if self.chance(0.15):
            pool.append({"host.id": "user.id", "user.id": "process.name"}.get(name, name))
        if self.chance(0.25):
            pool = [f"?{name}" for name in pool]
        if self.chance(0.05):
            pool.append("?gone.one")
        return pool

    def by(self, keys: list[str]) -> str:
        return f" by {', '.join(keys)}" if keys else ""

    def sequence(self) -> str:
        _, keys = self.keys()
        same = self.chance(0.7)
        maxspan = self.one(None, "1ms", "1s", "2s", "1m", "2h")
        missing = maxspan is not None and self.chance(0.3)
        head = "sequence" + (self.by(keys[0]) if same else "")
        head += f" with maxspan={maxspan}" if maxspan else ""
        count = self.one(2, 2, 2, 3, 3, 4)
        marks = ("", "", "!") if missing else ("",)
        terms = [self.term(marks, [] if same else keys[n]) for n in range(count)]
        if all(term.startswith("!") for term in terms):
            terms[0] = terms[0][1:]
        until = ""
        if self.chance(0.25):
            until = f" until {self.term(('',), [] if same else keys[5], runs=0)}"
        limit = self.pipes() if not any("?" in key for row in keys for key in row) else ""
        return f"{head} {' '.join(terms)}{until}{limit}"

    def term(self, marks: tuple[str, ...], keys: list[str], *, runs: float = 0.1) -> str:
        depth = self.one(0, 0, 1)
        condition = "true" if self.chance(0.75 if self.dense else 0.4) else self.condition(depth)
        body = f"{self.one(*marks)}[{self.one('any', *CATEGORIES, *CATEGORIES)} where {condition}]"
        body += self.by(keys)
        return body + (f" with runs={self.one(2, 3)}" if self.chance(runs) else "")

    def sample(self) -> str:
        pool = self.key_pool()
        terms = [f"[{self.filter(self.one(0, 1))}]" for _ in range(self.one(2, 2, 3, 4))]
        if self.chance(0.7):
            return f"sample by {pool[0]} {' '.join(terms)}"
        return "sample " + " ".join(f"{term} by {self.one(*pool)}" for term in terms)

    # leaves

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

    def comparison(self) -> str:
        return str(self.one("==", "==", "!=", "<", "<=", ">", ">="))

    def equality(self) -> str:
        return str(self.one("==", "!="))

    def text_field(self) -> str:
        name = self.one(*KEYWORDS, *KEYWORDS, *MULTI_KEYWORDS)
        return f"?{self.one(name, name, *UNMAPPED)}" if self.chance(0.08) else str(name)

    def text(self) -> str:
        return quoted(self.rng.choice(self.texts))

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

    def number_field(self) -> str:
        return str(self.one(*LONGS, *LONGS, *DOUBLES))

    def number(self) -> str:
        return str(self.one(*LONG_VALUES, *LONG_VALUES, *DOUBLE_VALUES, 4.5, *WIDE_LONGS[:3]))

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
        return f"({inner}) {self.equality()} {self.one('null', 'true', 'false')}"

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

    # values

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
                return f"string({self.one(*LONGS, *LONGS, *BOOLEANS)})"
            case _ if not self.cuts:
                return f"concat({self.text()}, {inner})"
            case _:
                end = self.one("", f", {self.one(-3, -1, 0, 1, 2, 5)}")
                return f"substring({inner}, {self.one(-4, -1, 0, 1, 2)}{end})"

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
