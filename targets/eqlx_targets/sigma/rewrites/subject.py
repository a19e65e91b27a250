"""What a rewrite is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.patterns.regex import (
    AnyCharacter,
    Character,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
)
from eqlx.patterns.wildcard import Piece, Wild, Wildcard
from eqlx_targets.sigma import conditions
from eqlx_targets.sigma.conditions import literally


class UnsuitedError(ValueError):
    """The value has no counterpart; the message says why."""


@dataclass(frozen=True)
class Subject:
    """A leaf to rewrite for a field of Sigma."""

    leaf: ir.Leaf
    field: ir.Field
    separator: str
    polarity: Polarity
    argument: str

    def patterns(self) -> tuple[tuple[Wildcard, ...], ir.Case]:
        """The leaf's texts.

        Raises:
            UnsuitedError: the leaf tests something else.
        """
        found = conditions.texts(self.leaf)
        if found is None:
            message = "only a comparison with text can be rewritten for its field in Sigma"
            raise UnsuitedError(message)
        return found

    def like(self, patterns: Iterable[Wildcard], case: ir.Case) -> ir.Condition:
        """Any of the patterns on the field."""
        distinct = tuple(dict.fromkeys(patterns))
        plain = all(isinstance(p, str) for pattern in distinct for p in pattern.pieces)
        if plain and len(distinct) == 1:
            text = ir.Text(distinct[0].literal)
            equal = ir.Comparison.EQUAL
            return ir.Compare(equal, self.field, text, case, span=self.leaf.span)
        if plain:
            choices = tuple(ir.Text(pattern.literal) for pattern in distinct)
            return ir.Membership(self.field, choices, case, span=self.leaf.span)
        return ir.Like(self.field, distinct, case, span=self.leaf.span)

    def equal(self, *values: str) -> ir.Condition:
        """One of some values that have one spelling in Sigma."""
        return self.like(map(literally, values), ir.Case.INSENSITIVE)

    def regex(self, roots: Iterable[RegexNode], case: ir.Case) -> ir.Condition:
        return ir.RegexMatch(
            self.field,
            tuple(Regex(RegexDialect.LUCENE, root) for root in roots),
            case,
            span=self.leaf.span,
        )


@dataclass(frozen=True)
class Rewritten:
    """`inexact`: the test as it is written matches more values than it should, as `why` says."""

    condition: ir.Condition
    inexact: bool = False
    why: str = "a name with wildcards is looked for in the whole path"
    slug: str = "name-in-path"


Rewrite = Callable[[Subject], Rewritten]
"""What a row of the table names. A rewrite raises `UnsuitedError` for a value without a counterpart."""

ANY = Repetition(AnyCharacter(newline=True), 0, None)


def joined_pieces(pieces: Iterable[Piece]) -> Wildcard:
    """Pieces as a pattern: stretches of text in one, runs in one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, str) and isinstance(last, str):
            found[-1] = last + piece
        elif piece and not (piece is Wild.ANY_RUN and last is Wild.ANY_RUN):
            found.append(piece)
    return Wildcard(tuple(found))


def inside_pattern(pattern: Wildcard) -> Wildcard:
    """The pattern anywhere in a text."""
    return joined_pieces((Wild.ANY_RUN, *pattern.pieces, Wild.ANY_RUN))


def looked_up(pattern: Wildcard, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What a table says for a text, letter case aside.

    Raises:
        UnsuitedError: it says nothing.
    """
    values = table.get(pattern.text.lower())
    if values is None:
        message = f"the value `{pattern.text}` has no counterpart"
        raise UnsuitedError(message)
    return values


def nodes(pattern: Wildcard, inside: RegexNode) -> tuple[RegexNode, ...]:
    """A pattern as an expression, whose wildcards stand for `inside` only."""
    found: list[RegexNode] = []
    for piece in pattern.pieces:
        match piece:
            case str():
                found += map(Character, piece)
            case Wild.ANY_RUN:
                found.append(Repetition(inside, 0, None))
            case Wild.ANY_ONE:
                found.append(inside)
    return tuple(found)


def same(subject: Subject) -> Rewritten:
    """The same test, on the field of Sigma."""
    leaf = subject.leaf
    if isinstance(leaf, ir.Compare):
        return Rewritten(replace(leaf, left=subject.field))
    return Rewritten(replace(leaf, value=subject.field))
