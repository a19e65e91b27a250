"""Faults in the statement of a sequence or sample: windows, frames, joins, order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from eqlx_harness.mutation.faults import in_tree
from eqlx_harness.mutation.leaf_faults import one_value

_UNTIL, _PARTIAL = "2", "1"


def _is_column(node: object, *names: str) -> bool:
    return isinstance(node, exp.Column) and node.name in names


def _literal(node: object, text: str) -> bool:
    return isinstance(node, exp.Literal) and node.name == text


def _last_matched(node: exp.Expr) -> int:
    """The number of a sequence's last positive stage."""
    names = [cte.alias for cte in node.root().find_all(exp.CTE)]
    numbers = [re.fullmatch(r"matched_(\d+)", name) for name in names]
    return max((int(n[1]) for n in numbers if n), default=0)


def _is_span(node: exp.LTE) -> bool:
    added = node.expression
    return isinstance(node.this, exp.Sub) or (
        isinstance(added, exp.Add) and isinstance(added.expression, exp.Interval)
    )


def _inside(node: exp.Expr, kind: type[exp.Expr]) -> bool:
    return node.find_ancestor(kind) is not None


# --- windows of a sequence ------------------------------------------------------------------------


@in_tree("maxspan", "matched_")
def span_strict(node: exp.Expr) -> Iterator[exp.Expr]:
    """`<=` maxspan as `<`: of a difference, or of a start that maxspan is added to."""
    if isinstance(node, exp.LTE) and _is_span(node):
        yield exp.LT(this=node.this.copy(), expression=node.expression.copy())


@in_tree("maxspan", "matched_")
def span_not_from_the_start(node: exp.Expr) -> Iterator[exp.Expr]:
    """maxspan between neighbours, not from the first event. Only at the third event or later (the
    second one's neighbour is the first), and at the last (its own test makes up for the others)."""
    if isinstance(node, exp.LTE | exp.Lag) and node.find(exp.Column) is not None:
        cte, last = node.find_ancestor(exp.CTE), _last_matched(node)
        if last < 3 or cte is None or cte.alias != f"matched_{last}":
            return
        if isinstance(node, exp.LTE) and not _is_span(node):
            return
        if not any(c.name == "start_time" for c in node.find_all(exp.Column)):
            return
        changed = node.copy()
        for column in list(changed.find_all(exp.Column)):
            if column.name == "start_time":
                column.replace(exp.column("event_time"))
        yield changed


@in_tree("order of ties", "matched_")
def lag_of_two(node: exp.Expr) -> Iterator[exp.Expr]:
    """The event before the one before."""
    if isinstance(node, exp.Lag) and node.args.get("offset") is None:
        yield exp.Lag(this=node.this.copy(), offset=exp.Literal.number(2))


@in_tree("order of ties", "")
def results_in_row_order(node: exp.Expr) -> Iterator[exp.Expr]:
    """The results of an event query as they come."""
    if not isinstance(node, exp.Select) or node.args.get("with_") or node.find(exp.Subquery):
        return
    if node.args.get("order") and node.args.get("limit") is None:
        changed = node.copy()
        changed.set("order", None)
        yield changed


@in_tree("order of ties", "matched_", "results")
def time_forgotten(node: exp.Expr) -> Iterator[exp.Expr]:
    """Events in the order of their rows, not of their times."""
    if isinstance(node, exp.Order) and len(node.expressions) > 1:
        first, *rest = node.expressions
        if _is_column(first.this, "event_time"):
            yield exp.Order(expressions=[e.copy() for e in rest])


@in_tree("order of ties", "matched_", "results")
def ties_turned(node: exp.Expr) -> Iterator[exp.Expr]:
    """At the same time the later row first."""
    if not isinstance(node, exp.Ordered) or node.args.get("desc"):
        return
    if _is_column(node.this, "event_id", "event_tie") and _inside(node, exp.Window):
        yield exp.Ordered(this=node.this.copy(), desc=True, nulls_first=False)


@in_tree("order of ties", "matched_", "results")
def time_turned(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Ordered) and _is_column(node.this, "event_time"):
        yield exp.Ordered(this=node.this.copy(), desc=True, nulls_first=False)


@in_tree("stages", "matched_")
def event_extends_itself(node: exp.Expr) -> Iterator[exp.Expr]:
    """At the same event the partial comes before the event, which then follows itself."""
    if isinstance(node, exp.Alias) and node.alias == "kind" and _literal(node.this, _PARTIAL):
        around = node.find_ancestor(exp.CTE)
        if around is not None and not any(
            s.args.get("qualify") for s in around.find_all(exp.Select)
        ):
            yield exp.alias_(exp.Neg(this=exp.Literal.number(1)), "kind")
    if isinstance(node, exp.Select) and node.args.get("qualify") is not None:
        changed = node.copy()
        changed_any = False
        for alias in list(changed.find_all(exp.Alias)):
            if alias.alias == "kind" and _literal(alias.this, _PARTIAL):
                alias.this.replace(exp.Neg(this=exp.Literal.number(1)))
                changed_any = True
        for equal in list(changed.find_all(exp.EQ)):
            if isinstance(equal.this, exp.Window) and _literal(equal.expression, _PARTIAL):
                equal.expression.replace(exp.Neg(this=exp.Literal.number(1)))
        if changed_any:
            yield changed


@in_tree("runs", "matched_")
def one_event_twice_in_a_run(node: exp.Expr) -> Iterator[exp.Expr]:
    """An event counts twice in a run: a run one short is long enough."""
    if not isinstance(node, exp.Select) or node.args.get("qualify") is None:
        return
    cte = node.find_ancestor(exp.CTE)
    number = re.fullmatch(r"matched_(\d+)", "" if cte is None else cte.alias)
    if number is None:
        return
    stages = {c.alias for c in node.root().find_all(exp.CTE)}
    if f"stage_{number[1]}" not in stages:  # the stage of the one before
        yield from event_extends_itself(node)


@in_tree("until", "matched_")
def until_ignored_by_a_stage(node: exp.Expr) -> Iterator[exp.Expr]:
    """The rows of `until` left out of one window."""
    if isinstance(node, exp.Union) and isinstance(node.expression, exp.Select):
        kind = next((p for p in node.expression.selects if p.alias == "kind"), None)
        if kind is not None and _literal(kind.this, _UNTIL):
            yield node.this.copy()


@in_tree("until", "matched_")
def until_before_its_own_row(node: exp.Expr) -> Iterator[exp.Expr]:
    """`until` ends what stands before it at the same row: it comes before the events there."""
    if isinstance(node, exp.Alias) and node.alias == "kind" and _literal(node.this, _UNTIL):
        yield exp.alias_(exp.Neg(this=exp.Literal.number(1)), "kind")


@in_tree("keys", "matched_")
def key_not_compared(node: exp.Expr) -> Iterator[exp.Expr]:
    """One key left out of a window's partition."""
    parts = node.args.get("partition_by") if isinstance(node, exp.Window) else None
    for place in range(len(parts or ())):
        changed = node.copy()
        rest = [p.copy() for at, p in enumerate(parts or ()) if at != place]
        changed.set("partition_by", rest)
        yield changed


@in_tree("keys", "stage_", "until_events", "missing_", "term_")
def first_of_several_keys(node: exp.Expr) -> Iterator[exp.Expr]:
    """A key with several values joins by its first only."""
    if isinstance(node, exp.Explode):
        yield exp.Explode(this=one_value(node.this, 1))


@in_tree("keys", "matched_")
def key_in_any_case(node: exp.Expr) -> Iterator[exp.Expr]:
    """A text key is compared without regard to letter case in one window."""
    parts = node.args.get("partition_by") if isinstance(node, exp.Window) else None
    for place, part in enumerate(parts or ()):
        changed = node.copy()
        folded = exp.Lower(this=exp.cast(part.copy(), "VARCHAR"))
        changed.set("partition_by", [*parts[:place], folded, *parts[place + 1 :]])
        yield changed


@in_tree("order of ties", "")
def time_may_be_null(node: exp.Expr) -> Iterator[exp.Expr]:
    """Events without a time take part, in all stages. Under maxspan none could pass anyway."""
    if node.parent is not None or any(c.name == "start_time" for c in node.find_all(exp.Column)):
        return
    changed = node.copy()
    tests = [
        test
        for cte in changed.find_all(exp.CTE)
        if cte.alias.startswith("stage_")
        for test in cte.find_all(exp.Not)
        if isinstance(test.this, exp.Is) and _is_column(test.this.this, "event_time", "@timestamp")
    ]
    for test in tests:
        test.replace(exp.true())
    if tests:
        yield changed


# --- missing events -------------------------------------------------------------------------------


@in_tree("missing events", "matched_")
def frame_off(node: exp.Expr) -> Iterator[exp.Expr]:
    """A missing event at the neighbour's own millisecond, or 1 ms off, is seen or not."""
    if isinstance(node, exp.WindowSpec):
        side = "start" if node.args.get("start_side") == "FOLLOWING" else "end"
        if _literal(node.args.get(side), "1"):
            for number in (0, 2):
                changed = node.copy()
                changed.set(side, exp.Literal.number(number))
                yield changed


@in_tree("missing events", "matched_")
def gap_edge(node: exp.Expr) -> Iterator[exp.Expr]:
    """The edge of the gap or of the window in place of what lies beyond it, and back."""
    if _inside(node, exp.Coalesce) and isinstance(node, exp.GTE):
        yield exp.GT(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.GT) and isinstance(node.this, exp.Sub):
        yield exp.GTE(this=node.this.copy(), expression=node.expression.copy())


@in_tree("missing events", "matched_")
def farthest_missing(node: exp.Expr) -> Iterator[exp.Expr]:
    """The farthest missing event in place of the nearest."""
    for one, other in ((exp.Min, exp.Max), (exp.Max, exp.Min)):
        if isinstance(node, one):
            yield other(this=node.this.copy())


@in_tree("missing events", "matched_")
def none_is_no_answer(node: exp.Expr) -> Iterator[exp.Expr]:
    """Where there is no missing event at all, nothing matches."""
    if isinstance(node, exp.Coalesce) and node.expressions[:1] == [exp.true()]:
        yield exp.Coalesce(this=node.this.copy(), expressions=[exp.false()])


# --- samples --------------------------------------------------------------------------------------


@in_tree("samples", "chosen")
def same_event_twice(node: exp.Expr) -> Iterator[exp.Expr]:
    """An event may stand for two terms."""
    if isinstance(node, exp.NEQ):
        yield exp.true()


@in_tree("samples", "chosen")
def sample_key_not_compared(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.NullSafeEQ):
        yield exp.true()


@in_tree("samples", "first_")
def too_few_of_a_key(node: exp.Expr) -> Iterator[exp.Expr]:
    """Only the first event of a key is tried."""
    if isinstance(node, exp.LTE) and isinstance(node.expression, exp.Literal):
        yield exp.LTE(this=node.this.copy(), expression=exp.Literal.number(1))


@in_tree("samples", "chosen")
def several_of_a_key(node: exp.Expr) -> Iterator[exp.Expr]:
    """All combinations of a key, not the first."""
    if isinstance(node, exp.LTE) and _literal(node.expression, "1"):
        yield exp.LTE(this=node.this.copy(), expression=exp.Literal.number(99))


@in_tree("samples", "chosen")
def one_for_all_keys(node: exp.Expr) -> Iterator[exp.Expr]:
    """The first choice of all keys, not of each."""
    if isinstance(node, exp.Window) and node.args.get("partition_by"):
        changed = node.copy()
        changed.set("partition_by", None)
        yield changed


@in_tree("samples", "members")
def members_swapped(node: exp.Expr) -> Iterator[exp.Expr]:
    """The events of a result in another order of stages."""
    if not isinstance(node, exp.Array) or len(node.expressions) < 2:
        return
    if all(e.name.startswith("id_") for e in node.expressions):
        yield exp.Array(expressions=[e.copy() for e in reversed(node.expressions)])


# --- results --------------------------------------------------------------------------------------


@in_tree("pipes", "", "results")
def results_unordered(node: exp.Expr) -> Iterator[exp.Expr]:
    """The results in descending order."""
    if not isinstance(node, exp.Ordered) or node.args.get("desc"):
        return
    if _is_column(node.this, "_stage"):
        return
    if node.find_ancestor(exp.CTE) is None or _inside(node, exp.Window):
        yield exp.Ordered(this=node.this.copy(), desc=True, nulls_first=False)
