"""IP addresses and networks as ranges of 128-bit numbers (spec §7 `cidrMatch`)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

MAPPED = 0xFFFF << 32
"""Where IPv4 lies in the 128-bit space: ``::ffff:0:0/96``."""


class NetworkError(ValueError):
    """The text is no address and no network; the message says why."""


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses from `first` to `last` (128-bit, IPv4 mapped to ``::ffff:0:0/96``).

    `text` is as written, and takes no part in equality. A network that spans the mapped range
    (``::/0``) covers IPv4 as well.
    """

    first: int
    last: int
    text: str = field(compare=False, default="")

    @classmethod
    def parse(cls, text: str) -> Network:
        """Read an address or a block; host bits may be set (`10.6.48.157/8`).

        A prefix length on a mapped address is an error (spec §13.15).

        Raises:
            NetworkError: for any other text, a zone id (`fe80::1%eth0`) and octets with leading
                zeros included.
        """
        address, slash, prefix = text.partition("/")
        try:
            number, bits = parse_address(address)
        except ValueError as error:
            raise NetworkError(str(error)) from None
        if not slash:
            return cls(number, number, text)
        if not (prefix.isascii() and prefix.isdigit()) or int(prefix) > bits:
            message = f"`{prefix}` is no prefix length from 0 to {bits}"
            raise NetworkError(message)
        if bits == 128 and number >> 32 == 0xFFFF:
            message = "a prefix length on an IPv4-mapped address"
            raise NetworkError(message)
        host = bits - int(prefix)
        first = number >> host << host
        return cls(first, first | ((1 << host) - 1), text)

    @property
    def v4(self) -> tuple[int, int] | None:
        """First and last IPv4 address as 32-bit numbers, or None where it covers none."""
        first, last = max(self.first, MAPPED), min(self.last, MAPPED | 0xFFFFFFFF)
        return (first - MAPPED, last - MAPPED) if first <= last else None

    @property
    def v6(self) -> tuple[tuple[int, int], ...]:
        """The ranges outside IPv4, as 128-bit numbers: none, one, or two around the mapped range."""
        sides = (
            (self.first, min(self.last, MAPPED - 1)),
            (max(self.first, MAPPED + (1 << 32)), self.last),
        )
        return tuple((first, last) for first, last in sides if first <= last)

    @property
    def canonical(self) -> str:
        """Shortest text: `10.0.0.0/8`, `fe80::/10`, and `127.0.0.1` for one address."""
        host = (self.last - self.first).bit_length()
        is_v4 = self.first >> 32 == 0xFFFF and self.last >> 32 == 0xFFFF
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = (
            ipaddress.IPv4Address(self.first - MAPPED)
            if is_v4
            else ipaddress.IPv6Address(self.first)
        )
        return str(address) if host == 0 else f"{address}/{(32 if is_v4 else 128) - host}"


def parse_address(text: str) -> tuple[int, int]:
    """An address as (128-bit number, bits of its own family: 32 or 128).

    Raises:
        ValueError: the text is no address.
    """
    if "%" in text:
        message = f"`{text}` has a zone id"
        raise ValueError(message)
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return MAPPED | int(address), 32
    return int(address), 128
