"""What the logs of clouds spell differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Piece, Wild, Wildcard
from eqlx_targets.sigma.rewrites.subject import (
    Rewritten,
    Subject,
    UnsuitedError,
    joined_pieces,
    looked_up,
)

_OUTCOMES = {"success": ("success",), "failure": ("failure",)}
_STRUCTURE = frozenset('{}[], "\\')


def outcome(subject: Subject) -> Rewritten:
    """A field for errors is missing where a call succeeded."""
    patterns, _ = subject.patterns()
    found = {value for pattern in patterns for value in looked_up(pattern, _OUTCOMES)}
    if len(found) != 1:
        message = "both outcomes are asked for at once"
        raise UnsuitedError(message)
    absent = ir.IsNull(subject.field, span=subject.leaf.span)
    is_success = found == {"success"}
    return Rewritten(absent if is_success else ir.Not(absent, span=subject.leaf.span))


def parameters(subject: Subject) -> Rewritten:
    """A part of an object that Elastic writes as `{key=value, ...}`: in the field of the key, or in the
    object's JSON text, where a key ends in a quotation mark, and what else parts keys and values is left open."""
    patterns, case = subject.patterns()
    within = subject.like(map(_in_json, patterns), case)
    keyed = [found for found in map(_of_key, patterns) if found is not None]
    if not keyed:
        return Rewritten(within)
    fields = (replace(subject.field, name=f"{subject.field.name}.{key}") for key, _ in keyed)
    by_key = [
        replace(subject, field=field).like((value,), case)
        for field, (_, value) in zip(fields, keyed, strict=True)
    ]
    return Rewritten(ir.Or((*by_key, within), span=subject.leaf.span))


_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9]*)=([^{}\[\], \"\\]+)([,}]?)")


def _of_key(pattern: Wildcard) -> tuple[str, Wildcard] | None:
    """`*key=value*` as the key and the start of its value, or the whole value where its end is there too:
    most back ends keep the object's keys as fields of their own."""
    match pattern.pieces:
        case (Wild.ANY_RUN, str() as text, Wild.ANY_RUN) if found := _PAIR.fullmatch(text):
            key, value, end = found.groups()
            return key, Wildcard((value,) if end else (value, Wild.ANY_RUN))
        case _:
            return None


def _in_json(pattern: Wildcard) -> Wildcard:
    pieces = pattern.pieces
    if len(pieces) < 2 or not pieces[0] is pieces[-1] is Wild.ANY_RUN or not pattern.literal:
        message = "its text as a whole has no counterpart, only a part of it"
        raise UnsuitedError(message)
    return joined_pieces(_json_pieces(pieces))


def _json_pieces(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if not isinstance(piece, str):
            yield piece
            continue
        for character in piece:
            if character in _STRUCTURE:
                yield Wild.ANY_RUN
            elif character == "=":
                yield '"'
                yield Wild.ANY_RUN
            else:
                yield character
