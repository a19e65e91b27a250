"""Values that are spelled differently: names for ids, words for numbers, texts for booleans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_targets.sigma import conditions
from eqlx_targets.sigma.rewrites.subject import (
    Rewrite,
    Rewritten,
    Subject,
    UnsuitedError,
    inside_pattern,
    joined_pieces,
    looked_up,
    same,
)


def inside(subject: Subject) -> Rewritten:
    """A part of a longer text."""
    patterns, case = subject.patterns()
    return Rewritten(subject.like(map(inside_pattern, patterns), case))


def hashed(subject: Subject) -> Rewritten:
    """One of several hashes that stand in one text, each with its kind before it."""
    if isinstance(subject.leaf, ir.IsNull):
        message = "no value asks whether a hash of one kind is there"
        raise UnsuitedError(message)
    patterns, _ = subject.patterns()
    written = [
        joined_pieces((Wild.ANY_RUN, f"{subject.argument}=", *pattern.pieces, Wild.ANY_RUN))
        for pattern in patterns
    ]
    return Rewritten(subject.like(written, ir.Case.INSENSITIVE))


_INTEGRITY = {
    "low": ("Low", "S-1-16-4096"),
    "medium": ("Medium", "S-1-16-8192"),
    "high": ("High", "S-1-16-12288"),
    "system": ("System", "S-1-16-16384"),
}
_DIRECTIONS = {
    "egress": ("true",),
    "outgoing": ("true",),
    "outbound": ("true",),
    "ingress": ("false",),
    "incoming": ("false",),
    "inbound": ("false",),
}
_SIGNATURES = {
    "trusted": ("Valid",),
    "valid": ("Valid",),
    "errorexpired": ("Expired",),
    "expired": ("Expired",),
    "errorrevoked": ("Revoked",),
    "revoked": ("Revoked",),
}
_LOGONS = {
    "interactive": 2, "network": 3, "batch": 4, "service": 5, "unlock": 7, "networkcleartext": 8,
    "newcredentials": 9, "remoteinteractive": 10, "cachedinteractive": 11,
}  # fmt: skip


def _by_table(table: Mapping[str, tuple[str, ...]]) -> Rewrite:
    folded = {key.lower(): values for key, values in table.items()}

    def apply(subject: Subject) -> Rewritten:
        patterns, _ = subject.patterns()
        return Rewritten(subject.equal(*(v for p in patterns for v in looked_up(p, folded))))

    return apply


integrity = _by_table(_INTEGRITY)
direction = _by_table(_DIRECTIONS)
signature = _by_table(_SIGNATURES)
audit_outcome = _by_table({"success": ("success",), "failure": ("failed",)})
okta_outcome = _by_table({"success": ("SUCCESS", "ALLOW"), "failure": ("FAILURE", "DENY")})


_FLAGS = (
    "USER_ACCOUNT_DISABLED", "USER_HOME_DIRECTORY_REQUIRED", "USER_PASSWORD_NOT_REQUIRED", "USER_TEMP_DUPLICATE_ACCOUNT",
    "USER_NORMAL_ACCOUNT", "USER_MNS_LOGON_ACCOUNT", "USER_INTERDOMAIN_TRUST_ACCOUNT", "USER_WORKSTATION_TRUST_ACCOUNT",
    "USER_SERVER_TRUST_ACCOUNT", "USER_DONT_EXPIRE_PASSWORD", "USER_ACCOUNT_AUTO_LOCKED", "USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED",
    "USER_SMARTCARD_REQUIRED", "USER_TRUSTED_FOR_DELEGATION", "USER_NOT_DELEGATED", "USER_USE_DES_KEY_ONLY",
    "USER_DONT_REQUIRE_PREAUTH", "USER_PASSWORD_EXPIRED", "USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION",
)  # fmt: skip
"""Of an account of Windows, from the lowest bit ([MS-SAMR] 2.2.1.12)."""


def flags(subject: Subject) -> Rewritten:
    """Names of bits, which the log writes as one hexadecimal number: the digit that holds the bit."""
    patterns, _ = subject.patterns()
    table = {name.lower(): (str(bit),) for bit, name in enumerate(_FLAGS)}
    bits = [int(looked_up(pattern, table)[0]) for pattern in patterns]
    written = [
        Wildcard((Wild.ANY_RUN, f"{digit:x}", *(Wild.ANY_ONE,) * (bit // 4)))
        for bit in bits
        for digit in range(16)
        if digit >> bit % 4 & 1
    ]
    return Rewritten(subject.like(written, ir.Case.INSENSITIVE))


def paired(subject: Subject) -> Rewritten:
    """The value of one of several properties, which the log holds as pairs of name and value."""
    if isinstance(subject.leaf, ir.IsNull):
        message = (
            "the log holds pairs of name and value, of which no test asks whether one is missing"
        )
        raise UnsuitedError(message)
    return same(subject)


def logon(subject: Subject) -> Rewritten:
    patterns, _ = subject.patterns()
    table = {name: (str(code),) for name, code in _LOGONS.items()}
    codes = [ir.Integer(int(looked_up(pattern, table)[0])) for pattern in patterns]
    return Rewritten(_among(subject, codes))


def number(subject: Subject) -> Rewritten:
    """Texts of digits as numbers."""
    if conditions.texts(subject.leaf) is None:
        return same(subject)
    patterns, _ = subject.patterns()
    if not all(pattern.text.isascii() and pattern.text.isdigit() for pattern in patterns):
        message = "its counterpart is a number"
        raise UnsuitedError(message)
    return Rewritten(_among(subject, [ir.Integer(int(pattern.text)) for pattern in patterns]))


def hexadecimal(subject: Subject) -> Rewritten:
    """Whole numbers as the log writes them: `0x1a4`."""
    match subject.leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Integer(number)) if number >= 0:
            return Rewritten(subject.equal(f"0x{number:x}"))
        case ir.Membership(_, choices):
            found = [c.value for c in choices if isinstance(c, ir.Integer) and c.value >= 0]
            if len(found) == len(choices):
                return Rewritten(subject.equal(*(f"0x{number:x}" for number in found)))
        case _:
            pass
    message = "its counterpart is a text such as `0x1a4`, which has no order"
    raise UnsuitedError(message)


def _among(subject: Subject, numbers: list[ir.Integer]) -> ir.Condition:
    field = replace(subject.field, type=FieldType.LONG)
    if len(numbers) == 1:
        return ir.Compare(ir.Comparison.EQUAL, field, numbers[0], span=subject.leaf.span)
    return ir.Membership(field, tuple(numbers), span=subject.leaf.span)


def _truth(subject: Subject) -> bool:
    match subject.leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Boolean(value)):
            return value
        case _:
            message = "only a comparison with true or false can be rewritten"
            raise UnsuitedError(message)


def boolean(subject: Subject) -> Rewritten:
    return Rewritten(subject.equal("true" if _truth(subject) else "false"))


def yes(subject: Subject) -> Rewritten:
    return Rewritten(subject.equal("Yes" if _truth(subject) else "No"))


def valid(subject: Subject) -> Rewritten:
    valid = subject.equal("Valid")
    if _truth(subject):
        return Rewritten(valid)
    absent = ir.IsNull(subject.field, span=subject.leaf.span)
    span = subject.leaf.span
    return Rewritten(ir.And((ir.Not(valid, span=span), ir.Not(absent, span=span)), span=span))


def implied(subject: Subject) -> Rewritten:
    return Rewritten(ir.Constant(value=True, span=subject.leaf.span))
