"""Leaves that no clause of Query DSL has, as `script` queries in Painless, generated for each leaf.

What comes from a rule (field names, constants, patterns) is data in `params`; the source is made of
typed pieces of ours, so that leaves of one shape share a source, which a cluster compiles once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from eqlx.ir import nodes as ir
from eqlx.ir.walk import walk
from eqlx.source import Span
from eqlx_targets.elasticsearch.clauses import MATCH_NONE, Clause, all_of, exists
from eqlx_targets.elasticsearch.painless.conditions import Conditions
from eqlx_targets.elasticsearch.painless.program import NeverTrueError, Program


def script_clause(
    leaf: ir.Leaf, name: Callable[[ir.Field], str], refuse: Callable[[str, Span], None]
) -> Clause:
    """The leaf as a `script` query, or as a clause where it comes to one. `name` gives the doc values' name of a field.

    What no script here can say goes to `refuse`.
    """
    names = Counter(name(node) for node, *_ in walk(leaf) if isinstance(node, ir.Field))
    program = Program(frozenset(path for path, count in names.items() if count > 1))
    try:
        condition = Conditions(program, name, refuse).leaf(leaf)
        if (field := program.missing(condition)) is not None:
            return all_of((), (exists(field),))
        source = program.finish(condition)
    except NeverTrueError:
        return MATCH_NONE
    script: Clause = {"lang": "painless", "source": source, "params": program.params}
    return {"script": {"script": script}}
