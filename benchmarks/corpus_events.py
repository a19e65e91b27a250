"""20 real rules, and synthetic events that meet them: for `event_queries.py --corpus`.

Rule texts stay where they are (`EQLX_DATA`). Each event is made for one of the rules: in each field
it mostly holds a value that the rule names (a text of a pattern, an address in a network), else a
near miss, what another rule names, or nothing; so each clause lets a fair share pass. What a `*`
stands for differs in every event.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import by_hand
import duckdb

from eqlx.driver import compile_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir import nodes as n
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.patterns.network import Network
from eqlx.patterns.wildcard import Wildcard
from eqlx.rule import Rule
from eqlx.rulefile.loader import load
from eqlx.synthesis.regex_texts import regex_texts

COUNT = 20
DRAWS = 96
"""Values a field and rule, of which events draw."""
STAR = "\x01"
"""In a value of a pool: a stretch that is different in every event."""
CATEGORY = "event.category"


@dataclass(frozen=True)
class Chosen:
    """A rule, as `name` for the table of results, with its filter and the clause by hand."""

    name: str
    rule: Rule
    filter: n.Filter
    clause: str


def choose(folder: Path, count: int = COUNT) -> tuple[list[Chosen], int]:
    """Event rules in turn from each folder (an operating system, or all integrations), in each by a
    hash of the id; and how many were passed over because nobody has said how to write them by hand."""
    groups: dict[str, list[Chosen]] = defaultdict(list)
    passed = 0
    rules = sorted(load([folder]).rules, key=lambda r: hashlib.sha256(r.label.encode()).digest())
    for rule in rules:
        query = compile_rule(rule, schema=CATALOGUE).query
        if not isinstance(query, n.EventQuery) or rule.path is None:
            continue
        place = Path(rule.path).relative_to(folder).with_suffix("")
        group = "/".join(place.parts[:-1][:2])
        try:
            written = by_hand.clause(query.filter)
        except by_hand.Unwritten:
            passed += 1
            continue
        groups[group].append(Chosen(place.as_posix(), rule, query.filter, written))
    turns = zip_longest(*(groups[group] for group in sorted(groups)))
    return list(islice((c for turn in turns for c in turn if c is not None), count)), passed


# --- the events -------------------------------------------------------------------------------


def make(path: Path, chosen: list[Chosen], events: int) -> None:
    """Write the events. Seeded, but the number of threads decides who draws what."""
    fields: dict[str, n.Field] = {}
    named: list[dict[str, list[object]]] = []
    for one in chosen:
        values: dict[str, list[object]] = defaultdict(list)
        if one.filter.category is not None:
            values[CATEGORY].append(one.filter.category)
        for node, _, _ in walk(one.filter):
            if isinstance(node, n.Field):
                fields[node.name] = node
            elif isinstance(node, n.Leaf) and (field := field_of(node)) is not None:
                values[field.name] += mentioned(node)
        for several in values.values():
            stretches = [v for v in several if isinstance(v, str) and v[:1] == v[-1:] == STAR]
            if len(stretches) > 1:
                # One rule may ask for several texts in one.
                several.extend(["".join(map(str, stretches))] * (1 + len(several) // 4))
        named.append(values)
    fields[CATEGORY] = n.Field(CATEGORY, type=FieldType.KEYWORD, multivalued=True)
    listed = [f"{drawn(field, named)} AS {by_hand.column(field)}" for field in fields.values()]
    listed.append(
        "TIMESTAMP '2024-01-01' + to_milliseconds(CAST(random() * 86400000 AS BIGINT))"
        ' AS "@timestamp"'
    )
    source = f"SELECT range AS i, hash(range) % {len(chosen)} AS rule FROM range({events})"
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"COPY (SELECT {', '.join(listed)} FROM ({source})) TO '{path}' (FORMAT parquet)"
        )


def field_of(leaf: n.Leaf) -> n.Field | None:
    return next((node for node, _, _ in walk(leaf) if isinstance(node, n.Field)), None)


def mentioned(leaf: n.Leaf) -> list[object]:
    """Values that make the leaf true or, of numbers, lie beside its bound."""
    match leaf:
        case n.Compare(_, n.Call(n.Function.LENGTH), n.Integer(count)):
            return [STAR + "x" * max(0, count + more) for more in (-9, -8, -7, 8)]
        case n.Compare(_, _, n.Text(value)) | n.Compare(_, _, n.Boolean(value)):
            return [value]
        case n.Compare(_, _, n.Integer(value)):
            return [value - 1, value, value + 1]
        case n.Compare(_, _, n.Decimal(value)):
            return [value - 0.25, value, value + 0.25]
        case n.Membership(_, choices):
            return [c.value for c in choices if isinstance(c, n.Text | n.Integer)]
        case n.Like(_, patterns):
            return [star(pattern) for pattern in patterns]
        case n.RegexMatch(_, patterns, case):
            texts = (text for p in patterns for _, text in islice(regex_texts(p, case), 8))
            return [text for text in texts if text.isascii() and text.isprintable()]
        case n.NetworkMatch(_, networks):
            return [address for network in networks for address in addresses(network)]
        case n.TextMatch(where, _, n.Text(value)):
            before = "" if where is n.Where.START else STAR
            return [before + value + ("" if where is n.Where.END else STAR)]
        case _:
            return []


def star(pattern: Wildcard) -> str:
    return "".join(
        piece if isinstance(piece, str) else STAR if piece.value == "*" else "q"
        for piece in pattern.pieces
    )


def addresses(network: Network) -> Iterator[str]:
    """First, last and middle of a block, and those just outside."""
    middle = (network.first + network.last) // 2
    for number in (network.first, network.last, middle, network.first - 1, network.last + 1):
        near = max(0, min(number, (1 << 128) - 1))
        yield Network(near, near).canonical


def pool(field: n.Field, rule: int, named: list[dict[str, list[object]]]) -> list[object]:
    """What events of one rule draw from in a field: 60 % its own, near misses, others', nothing."""
    rng = random.Random(f"{field.name} {rule}")
    own = named[rule].get(field.name, [])
    others = [v for values in named for v in values.get(field.name, [])] or [fallback(field, rng)]
    near = [miss(rng, value) for value in own] or others
    own = own or others
    values: list[object] = []
    for _ in range(DRAWS):
        draw = rng.random()
        source = own if draw < 0.6 else near if draw < 0.75 else others
        values.append(rng.choice(source) if draw < 0.88 else None)
    return values


def fallback(field: n.Field, rng: random.Random) -> object:
    """For a field that rules only ask to be there."""
    if field.type is FieldType.BOOLEAN:
        return rng.random() < 0.5
    if field.type.is_number:
        return rng.randrange(100)
    return "10.1.2.3" if field.type is FieldType.IP else f"{STAR}value"


def miss(rng: random.Random, value: object) -> object:
    """Nearly the value."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + rng.choice((-2, 2, 10))
        case str() if value.count(".") == 3 or value.count(":") > 1:
            return rng.choice(("10.1.2.3", "93.184.216.34", "2001:db8::1"))
        case str():
            return rng.choice((f"{value}x", f"x{value}", value[:-1], value.swapcase()))
        case _:
            return value


def drawn(field: n.Field, named: list[dict[str, list[object]]]) -> str:
    """The SQL of a column."""
    kind = {FieldType.BOOLEAN: "BOOLEAN", FieldType.DOUBLE: "DOUBLE"}.get(field.type, "VARCHAR")
    if field.type.is_number and kind == "VARCHAR":
        kind = "BIGINT"
    values = [value for rule in range(len(named)) for value in pool(field, rule, named)]
    if kind == "VARCHAR":
        values = [None if value is None else str(value) for value in values]
    listed = f"CAST({duckdb.ConstantExpression(values)} AS {kind}[])"
    one = f"list_extract({listed}, CAST(rule * {DRAWS} + 1 + floor(random() * {DRAWS}) AS INT))"
    if kind == "VARCHAR" and any(STAR in str(value) for value in values):
        one = f"replace({one}, '{STAR}', substring(md5(CAST(i AS VARCHAR)), 1, 9))"
    if not field.multivalued:
        return one
    some = f"CASE WHEN random() < 0.6 THEN [{one}] ELSE [{one}, {one}] END"
    return f"nullif(list_filter({some}, LAMBDA v : v IS NOT NULL), [])"
