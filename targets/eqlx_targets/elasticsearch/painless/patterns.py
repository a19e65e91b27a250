"""Wildcards, regular expressions and networks as parameters of a script."""

from __future__ import annotations

from typing import assert_never

from eqlx.patterns import regex as rx
from eqlx.patterns.network import Network
from eqlx.patterns.wildcard import Wildcard
from eqlx_targets.elasticsearch.clauses import Json


def pieces(pattern: Wildcard, *, folded: bool) -> Json:
    """A wildcard as literals, `*` and `?`, none of which a literal has in it."""
    found = [piece if isinstance(piece, str) else piece.value for piece in pattern.pieces]
    return [fold(piece) for piece in found] if folded else found


def fold(text: str) -> str:
    """ASCII letters in lower case."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def network(wanted: Network) -> Json:
    """First and last address as 32 hexadecimal digits."""
    return {"first": f"{wanted.first:032x}", "last": f"{wanted.last:032x}"}


class LuceneOnlyError(Exception):
    """The pattern has an operator that the script does not run."""


def tree(pattern: rx.Regex) -> Json:
    """A regular expression as a tree.

    Raises:
        LuceneOnlyError: see there.
    """
    # Java folds ranges as well, Lucene does not (spec §3).
    return _node(pattern.root, wide=pattern.dialect is rx.RegexDialect.JAVA)


def _node(node: rx.RegexNode, *, wide: bool) -> dict[str, Json]:
    match node:
        case rx.Character(value):
            return {"t": "char", "c": ord(value)}
        case rx.AnyCharacter(newline):
            return {"t": "any", "line": newline}
        case rx.CharacterSet(singles, ranges, negated):
            spans: list[Json] = [[ord(low), ord(high)] for low, high in ranges]
            return {
                "t": "set",
                "singles": sorted(map(ord, singles)),
                "ranges": spans,
                "negated": negated,
                "wide": wide,
            }
        case rx.Concatenation(parts):
            return {"t": "row", "parts": [_node(part, wide=wide) for part in parts]}
        case rx.Alternation(parts):
            return {"t": "or", "parts": [_node(part, wide=wide) for part in parts]}
        case rx.Repetition(part, least, most):
            if most == 0:
                return {"t": "row", "parts": []}
            return {"t": "many", "part": _node(part, wide=wide), "least": least, "most": most}
        case rx.Interval() | rx.Complement() | rx.Intersection() | rx.AnyString() | rx.Nothing():
            raise LuceneOnlyError
        case _:
            assert_never(node)
