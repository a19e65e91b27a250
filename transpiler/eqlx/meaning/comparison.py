"""Equality and order of two values (spec §2, §7 "Comparison of mixed numbers")."""

from __future__ import annotations

import math

from eqlx.ir.nodes import Case, Comparison
from eqlx.meaning.dates import MILLISECOND, epoch_nanoseconds
from eqlx.meaning.text import folded
from eqlx.meaning.values import Address, Failed, Moment, Operand, Scalar, Version
from eqlx.patterns.network import Network, NetworkError, parse_address


def compare(operator: Comparison, left: Operand, right: Operand, case: Case) -> bool | None:
    """The comparison for one choice of values; None where either is null. Values of different kinds
    are never equal, and have no order: null.

    Raises:
        Failed: a text that should be read as a date, an address or a version is none.
    """
    if left is None or right is None:
        return None
    if operator is not Comparison.EQUAL and not _comparable(left, right):
        return None
    if operator is Comparison.EQUAL:
        return same(left, right, case)
    match operator:
        case Comparison.LESS:
            return _before(left, right)
        case Comparison.LESS_OR_EQUAL:
            return not _before(right, left)
        case Comparison.GREATER:
            return _before(right, left)
        case Comparison.GREATER_OR_EQUAL:
            return not _before(left, right)


def same(left: Scalar, right: Scalar, case: Case) -> bool:
    """Equality; on addresses a text with a `/` is a network (spec §2).

    Raises:
        Failed: a text that should be read as a date, an address or a version is none.
    """
    if not _comparable(left, right):
        return False
    if isinstance(left, Address) and isinstance(right, str):
        return within(left, _network(right))
    if isinstance(left, str) and isinstance(right, str):
        return folded(left, case) == folded(right, case)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return not _before(left, right) and not _before(right, left)


def within(address: Operand, network: Network) -> bool:
    """Whether an address, or the address that a text names, lies in the network.

    Raises:
        Failed: the text names none.
    """
    if isinstance(address, str):
        try:
            address = Address(parse_address(address)[0])
        except ValueError:
            raise Failed from None
    if not isinstance(address, Address):
        raise Failed
    return network.first <= address.number <= network.last


def _network(text: str) -> Network:
    try:
        return Network.parse(text)
    except NetworkError:
        raise Failed from None


_READ_FROM_TEXT = (Moment, Address, Version)


def _comparable(left: Scalar, right: Scalar) -> bool:
    """Whether an order of the two exists: they are of one kind, or one is read as the other's."""
    kinds = {_kind(left), _kind(right)}
    if len(kinds) == 1:
        return True
    if str in kinds:
        return any(kind in _READ_FROM_TEXT for kind in kinds)
    return kinds == {Moment, int} and float not in (type(left), type(right))


def _kind(value: Scalar) -> type:
    return int if isinstance(value, float) else type(value)


def _before(left: Scalar, right: Scalar) -> bool:
    """Whether `left` sorts before `right`; all orders here are total.

    Raises:
        Failed: a text that should be read as the other's kind is none.
    """
    match left, right:
        case (bool(), bool()):
            return left < right
        case (bool(), _) | (_, bool()):
            raise Failed  # of different kinds
        case ((int() | float()), (int() | float())):
            return _number_before(left, right)
        case (
            (str(), str()) | (Moment(), Moment()) | (Address(), Address()) | (Version(), Version())
        ):
            return left < right  # type: ignore[operator]  # of one kind, see above
        case Moment(), int():
            return left < Moment(right * MILLISECOND)
        case int(), Moment():
            return Moment(left * MILLISECOND) < right
        case str(), (Moment() | Address() | Version()):
            return _before(_read_as(right, left), right)
        case ((Moment() | Address() | Version()), str()):
            return _before(left, _read_as(left, right))
        case _:
            raise Failed


def _read_as(model: Moment | Address | Version, text: str) -> Scalar:
    """A text as a value of the model's kind.

    Raises:
        Failed: it is none.
    """
    match model:
        case Moment():
            nanoseconds = epoch_nanoseconds(text)
            if nanoseconds is None:
                raise Failed
            return Moment(nanoseconds)
        case Address():
            return Address(_network(text).first)
        case Version():
            return Version(text)


def _number_before(left: float, right: float) -> bool:
    """Mixed widths compare as doubles; NaN equals itself and sorts above all (spec §7)."""
    if math.isnan(left) or math.isnan(right):
        return math.isnan(right) and not math.isnan(left)
    if float in (type(left), type(right)):
        return float(left) < float(right)
    return left < right
