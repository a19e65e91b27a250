"""Wildcards, regular expressions and networks as parameters of a script."""

from __future__ import annotations

from typing import Final, assert_never

from eqlx.patterns import regex as rx
from eqlx.patterns.folding import Folding, fold
from eqlx.patterns.network import Network
from eqlx.patterns.wildcard import Wildcard
from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.folding import spelled_out


def pieces(pattern: Wildcard, folding: Folding | None) -> Json:
    """A wildcard as literals, `*` and `?`, none of which a literal has in it."""
    found = [piece if isinstance(piece, str) else piece.value for piece in pattern.pieces]
    return found if folding is None else [as_folded(piece, folding) for piece in found]


FUNCTIONS: Final = {Folding.UNICODE: "fold", Folding.ASCII: "asciiFold"}
"""The script's function for a level of letter case."""
_CHEROKEE: Final = range(0x13A0, 0x13F6)
"""Letters that Unicode folds to the capital, and the script to the small one, as all others."""


def as_folded(text: str, folding: Folding) -> str:
    """A constant as the script's function has it."""
    return "".join(c.lower() if ord(c) in _CHEROKEE else c for c in fold(text, folding))


def network(wanted: Network) -> Json:
    """First and last address as 32 hexadecimal digits."""
    return {"first": f"{wanted.first:032x}", "last": f"{wanted.last:032x}"}


class LuceneOnlyError(Exception):
    """The pattern has an operator that the script does not run."""


def tree(pattern: rx.Regex, folding: Folding | None) -> Json:
    """A regular expression as a tree, letters written in all their forms.

    Raises:
        LuceneOnlyError: see there.
    """
    return _node((pattern if folding is None else spelled_out(pattern, folding)).root)


def _node(node: rx.RegexNode) -> dict[str, Json]:
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
            }
        case rx.Concatenation(parts):
            return {"t": "row", "parts": [_node(part) for part in parts]}
        case rx.Alternation(parts):
            return {"t": "or", "parts": [_node(part) for part in parts]}
        case rx.Repetition(part, least, most):
            if most == 0:
                return {"t": "row", "parts": []}
            return {"t": "many", "part": _node(part), "least": least, "most": most}
        case rx.Interval() | rx.Complement() | rx.Intersection() | rx.AnyString() | rx.Nothing():
            raise LuceneOnlyError
        case _:
            assert_never(node)
