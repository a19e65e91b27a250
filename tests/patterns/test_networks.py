"""Addresses and networks against the standard library's."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqlx.patterns.network import MAPPED, Network, NetworkError, parse_address

v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).map(str)


@given(v4, st.integers(0, 32), v4)
def test_v4_block(base: str, prefix: int, address: str) -> None:
    network = Network.parse(f"{base}/{prefix}")
    expected = ipaddress.ip_address(address) in ipaddress.ip_network(
        f"{base}/{prefix}", strict=False
    )
    for text in (address, f"::ffff:{address}"):
        assert (network.first <= parse_address(text)[0] <= network.last) == expected


@given(v6, st.integers(0, 128), v6)
def test_v6_block(base: str, prefix: int, address: str) -> None:
    if ipaddress.IPv6Address(base).ipv4_mapped is not None:
        return
    network = Network.parse(f"{base}/{prefix}".upper())
    expected = ipaddress.ip_address(address) in ipaddress.ip_network(
        f"{base}/{prefix}", strict=False
    )
    assert (network.first <= parse_address(address)[0] <= network.last) == expected


@given(v4)
def test_v4_is_its_mapped_address(address: str) -> None:
    assert parse_address(address)[0] == parse_address(f"::ffff:{address}")[0] >= MAPPED


def test_everything_covers_v4_too() -> None:
    network = Network.parse("::/0")
    assert network.first <= parse_address("10.0.0.1")[0] <= network.last
    assert network.v4 == (0, 2**32 - 1)
    assert network.v6 == ((0, MAPPED - 1), (MAPPED + 2**32, 2**128 - 1))


def test_parts_of_one_family() -> None:
    assert Network.parse("10.0.0.0/8").v4 == (10 << 24, (11 << 24) - 1)
    assert Network.parse("10.0.0.0/8").v6 == ()
    assert Network.parse("fe80::/10").v4 is None
    assert Network.parse("fe80::/10").v6 == ((0xFE80 << 112, (0xFEC0 << 112) - 1),)


@given(v4, v6, st.integers(0, 32))
def test_parts_make_up_the_whole(low: str, high: str, prefix: int) -> None:
    for text in (f"{low}/{prefix}", f"{high}/{prefix}", low, high):
        try:
            network = Network.parse(text)
        except NetworkError:
            continue  # a prefix on a mapped address
        size = sum(last - first + 1 for first, last in network.v6)
        if network.v4 is not None:
            size += network.v4[1] - network.v4[0] + 1
        assert size == network.last - network.first + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "10.0.0",
        "10.0.0.1/33",
        "010.0.0.1",
        "::/129",
        "fe80::1%eth0",
        "10.0.0.1/",
        "1.2.3.4/+8",
        "::ffff:10.0.0.0/104",
        "::ffff:0:0/96",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(NetworkError):
        Network.parse(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.6.48.157/8", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("FE80::/10", "fe80::/10"),
        ("0:0::1", "::1"),
        ("::/0", "::/0"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_canonical(text: str, canonical: str) -> None:
    assert Network.parse(text).canonical == canonical
