"""Addresses in text columns against Python's `ipaddress`: all forms, broken ones included."""

from __future__ import annotations

import ipaddress
import os
import random

import duckdb
from sqlglot import exp

from eqlx.patterns.network import Network, parse_address
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.lower.addresses import address_key, address_text, hex_digits, is_address
from eqlx_targets.sql.lower.network import in_networks
from eqlx_targets.sql.spelling import spelled

COUNT = 20_000 if os.environ.get("EQLX_LONG") == "1" else 600
BLOCKS = [
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "0.0.0.0/0", "10.1.2.3", "10.1.2.128/25",
    "::1", "fe80::/10", "ff00::/8", "2001:db8::/32", "::/0", "::/64", "1:2:3:4::/64", "8000::/1",
    "::ffff:10.1.2.3", "0::/1", "fc00::/7", "1:2:3:4:5:6:7:8",
]  # fmt: skip


def texts(rng: random.Random) -> list[str]:
    found = ["", ":", "::", ":::", "::1", "1::", "1.2.3.4", "01.2.3.4", "1.2.3.256", "::1.2.3"]
    for _ in range(COUNT):
        groups = [rng.choice([0, 0, 1, 0xFFFF, 0xFE80, rng.randrange(65536)]) for _ in range(8)]
        if rng.random() < 0.3:
            groups[:6] = [0, 0, 0, 0, 0, 0xFFFF]
        number = sum(group << (112 - 16 * place) for place, group in enumerate(groups))
        address = ipaddress.IPv6Address(number)
        spelled = [f"{group:x}" for group in groups]
        cut = rng.randrange(8)
        end = rng.randrange(cut, 9)
        octets = [rng.choice([0, 1, 10, 172, 192, rng.randrange(300)]) for _ in range(4)]
        tail = ".".join(map(str, octets[: rng.choice([4, 4, 4, 3])]))
        found += [
            str(address),
            address.exploded.upper(),
            ":".join(spelled[:cut]) + "::" + ":".join(spelled[end:]),
            ":".join(spelled)[: rng.randrange(40)],
            ":".join(spelled[:6]) + ":" + tail,
            ":".join(spelled[:cut]) + "::" + tail,
            tail,
        ]
    return found


def table(values: list[str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a VARCHAR)")
    connection.execute("INSERT INTO t SELECT unnest(?)", [values])
    return connection


def number_of(text: str) -> int | None:
    try:
        return parse_address(text)[0]
    except ValueError:
        return None


def test_keys_and_canonical_texts() -> None:
    column = exp.column("a")
    wanted = [is_address(column), address_key(column), address_text(column)]
    select = exp.select("a", *[exp.alias_(w, f"c{i}") for i, w in enumerate(wanted)]).from_("t")
    valid = 0
    for text, is_valid, key, canonical in (
        table(texts(random.Random(1))).execute(spelled(select, DUCKDB).sql("duckdb")).fetchall()
    ):
        number = number_of(text)
        if number is None:
            assert (is_valid, key, canonical) == (False, None, None), text
            continue
        valid += 1
        mapped = ipaddress.IPv6Address(number).ipv4_mapped
        assert (is_valid, key) == (True, hex_digits(number)), text
        assert canonical == str(mapped or ipaddress.IPv6Address(number)), text
    assert valid > COUNT


def test_networks() -> None:
    column = exp.column("a")
    rng = random.Random(2)
    connection = table(texts(rng))
    sets = [[block] for block in BLOCKS] + [rng.sample(BLOCKS, 4) for _ in range(10)]
    for blocks in sets:
        networks = [Network.parse(block) for block in blocks]
        select = exp.select("a").from_("t").where(in_networks(column, networks))
        found = sorted(
            a for (a,) in connection.execute(spelled(select, DUCKDB).sql("duckdb")).fetchall()
        )
        everything = [a for (a,) in connection.execute("SELECT a FROM t").fetchall()]
        expected = sorted(
            a
            for a in everything
            if (n := number_of(a)) is not None and any(w.first <= n <= w.last for w in networks)
        )
        assert found == expected, blocks
