"""Users: names for ids, accounts with their domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Shape, Wild, Wildcard
from eqlx_targets.sigma.rewrites.subject import (
    Rewrite,
    Rewritten,
    Subject,
    joined_pieces,
    looked_up,
)

_SESSIONS = {"s-1-5-18": ("0x3e7",), "s-1-5-19": ("0x3e5",), "s-1-5-20": ("0x3e4",)}
_NAMES = {
    "s-1-5-18": ("NT AUTHORITY\\SYSTEM",),
    "s-1-5-19": ("NT AUTHORITY\\LOCAL SERVICE",),
    "s-1-5-20": ("NT AUTHORITY\\NETWORK SERVICE",),
}


_PEOPLE = ("s-1-5-21", "s-1-5-21-", "s-1-12-1-")
"""How the ids of accounts of a domain, a computer or Entra ID begin."""

_NO_SERVICE = "whoever is none of the system's own accounts counts as an account of a person"


def _is_of_services(table: Mapping[str, tuple[str, ...]]) -> bool:
    return "s-1-5-18" in table


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_sid(text: str) -> bool:
    return text.upper().startswith("S-1-")


def _by_id(table: Mapping[str, tuple[str, ...]], foreign: Callable[[str], bool]) -> Rewrite:
    """By a table; an id as only the other systems give them is no user's."""

    def apply(subject: Subject) -> Rewritten:
        patterns, _ = subject.patterns()
        if all(p.shape is Shape.PREFIX and p.literal.lower() in _PEOPLE for p in patterns):
            services = [value for values in table.values() for value in values]
            if _is_of_services(table):
                nobody = ir.Not(subject.equal(*services), span=subject.leaf.span)
                return Rewritten(nobody, inexact=True, why=_NO_SERVICE, slug="account-of-a-person")
        known = [v for p in patterns if not foreign(p.text) for v in looked_up(p, table)]
        if not known:
            return Rewritten(ir.Constant(value=False, span=subject.leaf.span))
        return Rewritten(subject.equal(*known))

    return apply


session = _by_id(_SESSIONS, _is_number)
sid_name = _by_id(_NAMES, _is_number)
uid = _by_id({"0": ("root",)}, _is_sid)


def account(subject: Subject) -> Rewritten:
    """A name without its domain."""
    patterns, case = subject.patterns()
    return Rewritten(subject.like(map(_of_any_domain, patterns), case))


def _of_any_domain(pattern: Wildcard) -> Wildcard:
    if pattern.pieces[:1] == (Wild.ANY_RUN,):
        return pattern
    return joined_pieces((Wild.ANY_RUN, "\\", *pattern.pieces))


def domain(subject: Subject) -> Rewritten:
    """A domain, before the name."""
    patterns, case = subject.patterns()
    return Rewritten(
        subject.like((joined_pieces((*p.pieces, "\\", Wild.ANY_RUN)) for p in patterns), case)
    )
