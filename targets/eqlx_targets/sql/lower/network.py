"""Addresses in text columns: networks and order, for IPv4, IPv6 and mapped IPv6, without extensions.

IPv4 blocks are exact regular expressions over the dotted text. An IPv6 text is brought to 32
hexadecimal digits (which sort as the address does) behind a cheap test of its beginning. IPv4 and
its mapped IPv6 forms are the same address (spec §7 `cidrMatch`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from eqlx.patterns.network import MAPPED, Network
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower.addresses import OCTET, hex_digits, v6_digits


def in_networks(value: exp.Expr, networks: Sequence[Network]) -> exp.Expr:
    """Whether the text is an address in one of the networks; a text that is no address is not."""
    covered = [n for n in (_mapped_part(network) for network in networks) if n is not None]
    tests = []
    if covered:
        tests.append(_in_v4(value, covered))
    prefix = _prefix_test(networks)
    variable = exp.to_identifier("a")
    ranges = _ranges(networks)
    digits = v6_digits(value)
    if len(ranges) == 1:
        within = _within(digits, ranges[0])
    else:
        within = sql.bind(
            digits, variable, sql.disjunction([_within(variable.copy(), r) for r in ranges])
        )
    # A CASE, since below a NOT an AND would parse every text: only a filter stops at its left side.
    lazy = exp.If(this=sql.search(value.copy(), prefix, "i"), true=within)
    tests.append(exp.Case(ifs=[lazy], default=exp.false()))
    return sql.disjunction(tests)


def _mapped_part(network: Network) -> tuple[int, int] | None:
    """The IPv4 addresses in the network, as 32-bit first and last."""
    first, last = max(network.first, MAPPED), min(network.last, MAPPED + 0xFFFFFFFF)
    return (first - MAPPED, last - MAPPED) if first <= last else None


def _in_v4(value: exp.Expr, blocks: Sequence[tuple[int, int]]) -> exp.Expr:
    if all(first == last for first, last in blocks):
        return sql.one_of(value.copy(), [sql.text(_dotted(first)) for first, _ in blocks])
    patterns = dict.fromkeys(_block_pattern(first, last) for first, last in blocks)
    return sql.full_match(value.copy(), "|".join(patterns))


def _dotted(address: int) -> str:
    return ".".join(str(octet) for octet in address.to_bytes(4, "big"))


def _block_pattern(first: int, last: int) -> str:
    octets = zip(first.to_bytes(4, "big"), last.to_bytes(4, "big"), strict=True)
    return r"\.".join(_octet_pattern(low, high) for low, high in octets)


def _octet_pattern(low: int, high: int) -> str:
    if (low, high) == (0, 255):
        return OCTET
    if low == high:
        return str(low)
    return f"(?:{'|'.join(_decimal_patterns(low, high))})"


def _decimal_patterns(low: int, high: int) -> list[str]:
    """Decimal numbers from `low` to `high` as few patterns: runs of ten become `1[0-9]`."""
    patterns: list[str] = []
    number = low
    while number <= high:
        if number >= 10 and number % 10 == 0 and number + 9 <= high:
            patterns.append(f"{number // 10}[0-9]")
            number += 10
            continue
        end = min(high, number - number % 10 + 9)
        tens = str(number // 10) if number >= 10 else ""
        last, first = end % 10, number % 10
        patterns.append(f"{tens}{first}" if first == last else f"{tens}[{first}-{last}]")
        number = end + 1
    return patterns


def _ranges(networks: Sequence[Network]) -> list[tuple[int, int]]:
    return list(dict.fromkeys((network.first, network.last) for network in networks))


def _within(digits: exp.Expr, bounds: tuple[int, int]) -> exp.Expr:
    low, high = (sql.text(hex_digits(bound)) for bound in bounds)
    if bounds[0] == bounds[1]:
        return exp.EQ(this=sql.wrapped(digits), expression=low)
    return exp.Between(this=sql.wrapped(digits), low=low, high=high)


def _prefix_test(networks: Sequence[Network]) -> str:
    """How the texts of the networks' IPv6 addresses can begin, cheaply and never too narrowly."""
    starts = dict.fromkeys(_start(network) for network in networks)
    if "" in starts:
        return "^[0-9a-f]*:"
    return "^" + next(iter(starts)) if len(starts) == 1 else f"^(?:{'|'.join(starts)})"


def _start(network: Network) -> str:
    if network.first >= MAPPED and network.last <= MAPPED + 0xFFFFFFFF:
        return "[0:]+:ffff:"
    first, last = f"{network.first >> 112:04x}", f"{network.last >> 112:04x}"
    if first[0] == "0":
        return "[0:]" if last == "0000" else ""
    common = next((i for i in range(4) if first[i] != last[i]), 4)
    if common == 4 or (first[common], last[common]) == ("0", "f"):
        return first[:common]
    return f"{first[:common]}[{_hex_class(first[common], last[common])}]"


def _hex_class(low: str, high: str) -> str:
    return "".join("0123456789abcdef"[int(low, 16) : int(high, 16) + 1])
