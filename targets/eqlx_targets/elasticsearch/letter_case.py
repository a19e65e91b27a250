"""Which level of letter case a request needs of its engine, and what that means (spec §13.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eqlx.capability import Drift
from eqlx.ir import nodes as ir
from eqlx.ir.walk import LEAVES, walk
from eqlx.patterns.folding import Folding, levels_differ
from eqlx.target import Request
from eqlx_targets.elasticsearch.folding import folds_beyond_ascii

ENGINE_FOLDS: Final = {
    Folding.UNICODE: "the engine folds letters by Unicode's simple folding, as Elasticsearch does "
    "after 9.4 (up to 9.4 in ASCII alone: `--folding ascii`)",
    Folding.ASCII: "the engine folds letters in ASCII alone, as Elasticsearch did up to 9.4",
}
"""What is assumed where a letter folds otherwise at the other level."""


def record_levels(request: Request, *, as_eql: bool) -> None:
    """Say what the engine's own folding of letters means, leaf by leaf.

    Elasticsearch is taken to fold at the level of the run, which is recorded. OpenSearch folds in
    ASCII alone, so that at the level `unicode` a leaf with other letters narrows. `as_eql`: the
    engine is given EQL, so that regular expressions and computed values fold in it, too.
    """
    for leaf, polarity, _ in walk(request.query):
        if not isinstance(leaf, LEAVES) or isinstance(leaf, ir.NetworkMatch | ir.IsNull):
            continue
        folding = leaf.case.folding
        if folding is None or not any(_differs(leaf, as_eql=as_eql)):
            continue
        if request.dialect != "opensearch":
            request.losses.assume(ENGINE_FOLDS[folding])
        elif folding is Folding.UNICODE:
            request.losses.record(
                "ascii-case-folding",
                Drift.NARROWS.under(polarity),
                "OpenSearch folds letters in ASCII alone",
                leaf.span,
                by_convention=True,
                beyond_ascii=True,
            )


def _differs(leaf: ir.Leaf, *, as_eql: bool) -> Iterator[bool]:
    """For each constant that the engine folds: whether the levels differ for it."""
    match leaf:
        case ir.Compare(left=left, right=ir.Text(text)) if as_eql or isinstance(left, ir.Field):
            yield levels_differ(text)
        case ir.Membership(ir.Field(), choices):
            yield from (levels_differ(c.value) for c in choices if isinstance(c, ir.Text))
        case ir.Like(ir.Field(), patterns):
            yield from (levels_differ(pattern.literal) for pattern in patterns)
        case ir.TextMatch(_, ir.Field(), ir.Text(text)):
            yield levels_differ(text)
        case ir.RegexMatch(patterns=expressions) if as_eql:
            yield from (folds_beyond_ascii(each.root) for each in expressions)
        case _:
            yield as_eql
