"""Deliberate faults in the SQL target, each of which `eqlx verify` must notice.

    python benchmarks/mutations.py [COUNT] [SEED]

A fault is put between the passes and the SQL lowering (a lowering that drops a clause gives what a
right one gives for the query without it) or into the finished SQL tree. Rules are the shipped ones
and, where the data is there, real ones. A mutant that no event can tell from the original is
listed in EQUIVALENT with its reason, and is counted as alive if it is not.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from sqlglot import exp

from eqlx.driver.comparing import Batch, batches
from eqlx.driver.convert import compile_rule, event_model
from eqlx.driver.verdict import Verdict
from eqlx.driver.verify import Loaders, RuleRun, Track, VerifyPlan, tracks
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children, walk
from eqlx.registry import load_executor, load_target
from eqlx.rule import Rule
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx.target import Request, Target

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("EQLX_DATA", ROOT / "../shared/data"))
REAL_RULES = 110

EQUIVALENT: dict[str, str] = {}
"""Mutant id to the reason why no event shows it; filled by hand, one by one."""

Edit = Callable[[Node], Node | None]
"""A node with a fault, or None where this node cannot have it."""


# --- faults in the IR's way to SQL ----------------------------------------------------------------


def drop_clause(node: Node) -> Node | None:
    if not isinstance(node, ir.And):
        return None
    rest = node.conditions[:-1]
    return rest[0] if len(rest) == 1 else replace(node, conditions=rest)


def drop_first_clause(node: Node) -> Node | None:
    if not isinstance(node, ir.And):
        return None
    rest = node.conditions[1:]
    return rest[0] if len(rest) == 1 else replace(node, conditions=rest)


def drop_branch(node: Node) -> Node | None:
    if not isinstance(node, ir.Or):
        return None
    rest = node.conditions[:-1]
    return rest[0] if len(rest) == 1 else replace(node, conditions=rest)


def and_as_or(node: Node) -> Node | None:
    return ir.Or(node.conditions) if isinstance(node, ir.And) else None


def or_as_and(node: Node) -> Node | None:
    return ir.And(node.conditions) if isinstance(node, ir.Or) else None


def drop_not(node: Node) -> Node | None:
    return node.condition if isinstance(node, ir.Not) else None


def flip_case(node: Node) -> Node | None:
    if isinstance(node, ir.Membership) and not any(
        isinstance(c, ir.Text) and c.value.lower() != c.value.upper() for c in node.choices
    ):
        return None  # values without letters have one case
    textual = (ir.Membership, ir.Like, ir.RegexMatch, ir.TextMatch)
    is_text = isinstance(node, ir.Compare) and isinstance(node.right, ir.Text)
    if isinstance(node, ir.Compare) and (not is_text or node.operator is not ir.Comparison.EQUAL):
        return None
    if not isinstance(node, (*textual, ir.Compare)):
        return None
    flipped = {ir.Case.SENSITIVE: ir.Case.INSENSITIVE, ir.Case.INSENSITIVE: ir.Case.SENSITIVE}
    return replace(node, case=flipped[node.case])


def strictness(node: Node) -> Node | None:
    other = {
        ir.Comparison.LESS: ir.Comparison.LESS_OR_EQUAL,
        ir.Comparison.LESS_OR_EQUAL: ir.Comparison.LESS,
        ir.Comparison.GREATER: ir.Comparison.GREATER_OR_EQUAL,
        ir.Comparison.GREATER_OR_EQUAL: ir.Comparison.GREATER,
    }
    if isinstance(node, ir.Compare) and node.operator in other:
        return replace(node, operator=other[node.operator])
    return None


def number_off(node: Node) -> Node | None:
    if isinstance(node, ir.Compare) and isinstance(node.right, ir.Integer):
        return replace(node, right=ir.Integer(node.right.value + 1))
    return None


def drop_choice(node: Node) -> Node | None:
    match node:
        case ir.Membership(_, choices) if len(choices) > 1:
            return replace(node, choices=choices[:-1])
        case ir.Like(_, patterns) if len(patterns) > 1:
            return replace(node, patterns=patterns[1:])
        case ir.NetworkMatch(_, networks) if len(networks) > 1:
            return replace(node, networks=networks[:-1])
        case _:
            return None


def drop_middle_choice(node: Node) -> Node | None:
    match node:
        case ir.Membership(_, c) if len(c) > 2:
            return replace(node, choices=c[: len(c) // 2] + c[len(c) // 2 + 1 :])
        case ir.Like(_, p) if len(p) > 2:
            return replace(node, patterns=p[: len(p) // 2] + p[len(p) // 2 + 1 :])
        case _:
            return None


def wildcard_prefix(node: Node) -> Node | None:
    """The pattern's last `*` forgotten, or one added."""
    from eqlx.patterns.wildcard import Wild, Wildcard

    if not isinstance(node, ir.Like):
        return None
    first, *rest = node.patterns
    pieces = first.pieces
    changed = pieces[:-1] if pieces[-1] is Wild.ANY_RUN else (*pieces, Wild.ANY_RUN)
    return replace(node, patterns=(Wildcard(changed), *rest)) if changed else None


def one_as_run(node: Node) -> Node | None:
    from eqlx.patterns.wildcard import Wild, Wildcard

    if not isinstance(node, ir.Like):
        return None
    for at, pattern in enumerate(node.patterns):
        if Wild.ANY_ONE in pattern.pieces:
            text = pattern.text.replace("?", "*")
            patterns = (*node.patterns[:at], Wildcard.parse(text), *node.patterns[at + 1 :])
            return replace(node, patterns=patterns)
    return None


def text_place(node: Node) -> Node | None:
    if isinstance(node, ir.TextMatch):
        other = ir.Where.ANYWHERE if node.where is not ir.Where.ANYWHERE else ir.Where.START
        return replace(node, where=other)
    return None


def network_end(node: Node) -> Node | None:
    if isinstance(node, ir.NetworkMatch) and node.networks[0].last > node.networks[0].first:
        first, *rest = node.networks
        return replace(node, networks=(replace(first, last=first.last - 1), *rest))
    return None


def network_wide(node: Node) -> Node | None:
    if isinstance(node, ir.NetworkMatch):
        *rest, last = node.networks
        return replace(node, networks=(*rest, replace(last, last=last.last + 1)))
    return None


def drop_category(node: Node) -> Node | None:
    if isinstance(node, ir.Filter) and node.category is not None:
        return replace(node, category=None)
    return None


def null_test(node: Node) -> Node | None:
    return ir.Not(node) if isinstance(node, ir.IsNull) else None


def swap_stages(node: Node) -> Node | None:
    if not isinstance(node, ir.Sequence) or len({id(s) for s in node.stages}) < 2:
        return None
    first, second, *rest = node.stages
    return replace(node, stages=(second, first, *rest))


def ignore_until(node: Node) -> Node | None:
    if isinstance(node, ir.Sequence) and node.until is not None:
        return replace(node, until=None)
    return None


def span_wide(node: Node) -> Node | None:
    if isinstance(node, ir.Sequence) and node.maxspan is not None:
        return replace(node, maxspan=node.maxspan + 1)
    return None


def span_narrow(node: Node) -> Node | None:
    if isinstance(node, ir.Sequence) and node.maxspan is not None:
        return replace(node, maxspan=node.maxspan - 1)
    return None


def span_ignored(node: Node) -> Node | None:
    is_free = isinstance(node, ir.Sequence) and not any(s.missing for s in node.stages)
    if isinstance(node, ir.Sequence) and is_free and node.maxspan is not None:
        return replace(node, maxspan=None)
    return None


def drop_key(node: Node) -> Node | None:
    if isinstance(node, ir.Sequence | ir.Sample) and len(node.stages[0].keys) > 1:
        stages = tuple(replace(s, keys=s.keys[1:]) for s in node.stages)
        changed = replace(node, stages=stages)
        if isinstance(changed, ir.Sequence) and changed.until is not None:
            until = replace(changed.until, keys=changed.until.keys[1:])
            changed = replace(changed, until=until)
        return changed
    return None


def null_keys(node: Node) -> Node | None:
    """Null keys join where they must not, or do not where they must."""
    if not isinstance(node, ir.Sequence | ir.Sample) or not node.stages[0].keys:
        return None
    stages = tuple(
        replace(s, keys=(replace(s.keys[0], optional=not s.keys[0].optional), *s.keys[1:]))
        for s in node.stages
    )
    return replace(node, stages=stages)


def one_run_less(node: Node) -> Node | None:
    if isinstance(node, ir.Stage) and node.runs > 1:
        return replace(node, runs=node.runs - 1)
    return None


def missing_ignored(node: Node) -> Node | None:
    if isinstance(node, ir.Sequence) and any(s.missing for s in node.stages):
        stages = tuple(
            replace(s, filter=ir.Filter(None, _impossible())) if s.missing else s
            for s in node.stages
        )
        return replace(node, stages=stages)
    return None


def _impossible() -> ir.Condition:
    field = ir.Field("event.kind", type=FieldType.KEYWORD)
    return ir.Compare(ir.Comparison.EQUAL, field, ir.Text("never"))


def other_end(node: Node) -> Node | None:
    if isinstance(node, ir.Limit):
        return replace(node, end=ir.End.HEAD if node.end is ir.End.TAIL else ir.End.TAIL)
    return None


def one_result_more(node: Node) -> Node | None:
    return replace(node, count=node.count + 1) if isinstance(node, ir.Limit) else None


QUERY_FAULTS: tuple[Edit, ...] = (
    drop_clause,
    drop_first_clause,
    drop_branch,
    and_as_or,
    or_as_and,
    drop_not,
    flip_case,
    strictness,
    number_off,
    drop_choice,
    drop_middle_choice,
    wildcard_prefix,
    one_as_run,
    text_place,
    network_end,
    network_wide,
    drop_category,
    null_test,
    swap_stages,
    ignore_until,
    span_wide,
    span_narrow,
    span_ignored,
    drop_key,
    null_keys,
    one_run_less,
    missing_ignored,
    other_end,
    one_result_more,
)


# --- faults in the SQL tree -----------------------------------------------------------------------

SQLEdit = Callable[[exp.Expr], "exp.Expr | None"]


def forget_null(node: exp.Expr) -> exp.Expr | None:
    """`NOT coalesce(x, FALSE)` without the coalesce: three-valued `not`."""
    inner = node.this if isinstance(node, exp.Not) else None
    inner = inner.unnest() if isinstance(inner, exp.Paren) else inner
    if isinstance(inner, exp.Coalesce) and isinstance(inner.parent, exp.Not | exp.Paren):
        return exp.Not(this=exp.Paren(this=inner.this.copy()))
    return None


def forget_escape(node: exp.Expr) -> exp.Expr | None:
    return node.this.copy() if isinstance(node, exp.Escape) else None


def fold_forgotten(node: exp.Expr) -> exp.Expr | None:
    return node.this.copy() if isinstance(node, exp.Lower) else None


def like_not_ilike(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.ILike):
        return exp.Like(this=node.this.copy(), expression=node.expression.copy())
    return None


def sql_less(node: exp.Expr) -> exp.Expr | None:
    pairs = ((exp.LT, exp.LTE), (exp.LTE, exp.LT), (exp.GT, exp.GTE), (exp.GTE, exp.GT))
    for one, other in pairs:
        if type(node) is one:
            return other(this=node.this.copy(), expression=node.expression.copy())
    return None


def lag_two(node: exp.Expr) -> exp.Expr | None:
    """The event before the one before."""
    if isinstance(node, exp.Lag) and node.args.get("offset") is None:
        return exp.Lag(this=node.this.copy(), offset=exp.Literal.number(2))
    return None


SQL_FAULTS: tuple[SQLEdit, ...] = (
    forget_null,
    forget_escape,
    fold_forgotten,
    like_not_ilike,
    sql_less,
    lag_two,
)


# --- mutants --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One fault at one place: the `site`-th node that can have it."""

    rule: Rule
    fault: Edit | SQLEdit
    site: int
    in_sql: bool = False

    @property
    def id(self) -> str:
        return f"{self.rule.label}:{self.fault.__name__}:{self.site}"


@dataclass
class Faulty:
    """The SQL target with one fault; everything else is the real target's."""

    base: Target
    mutant: Mutant

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def lower(self, request: Request) -> object:
        if not self.mutant.in_sql:
            query = edited(request.query, self.mutant.fault, self.mutant.site)  # type: ignore[arg-type]  # by `in_sql`
            return self.base.lower(replace(request, query=query))
        tree = self.base.lower(request)
        assert isinstance(tree, exp.Expr)
        return edited_sql(tree, self.mutant.fault, self.mutant.site)  # type: ignore[arg-type]  # by `in_sql`


def edited(query: ir.Query, fault: Edit, site: int) -> ir.Query:
    """The query with the fault at its `site`-th place."""
    count = 0

    def visit(node: Node) -> Node:
        nonlocal count
        if isinstance(node, LITERALS):
            return node
        changed = fault(node)
        if changed is not None:
            count += 1
            if count == site + 1:
                return changed
        return map_children(node, visit)

    return visit(query)  # type: ignore[return-value]  # a query stays one


def edited_sql(tree: exp.Expr, fault: SQLEdit, site: int) -> exp.Expr:
    copy = tree.copy()
    places = [(n, c) for n in copy.walk() if (c := fault(n)) is not None]
    if places:
        node, changed = places[site % len(places)]
        node.replace(changed)
    return copy


def sites(query: ir.Query, fault: Edit) -> int:
    return sum(fault(node) is not None for node, _, _ in walk(query))


def mutants(rules: list[Rule], count: int, seed: int) -> list[Mutant]:
    """About as many mutants of each fault, spread over the rules."""
    rng = random.Random(seed)
    queries = {id(r): compile_rule(r).query for r in rules}
    pools: dict[str, list[Mutant]] = {}
    for rule in rules:
        query = queries[id(rule)]
        if query is None:
            continue
        for fault in QUERY_FAULTS:
            found = sites(query, fault)
            if found:
                mutant = Mutant(rule, fault, rng.randrange(found))
                pools.setdefault(fault.__name__, []).append(mutant)
        for sql_fault in SQL_FAULTS:
            mutant = Mutant(rule, sql_fault, rng.randrange(40), in_sql=True)
            pools.setdefault(sql_fault.__name__, []).append(mutant)
    for pool in pools.values():
        rng.shuffle(pool)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(pools.values()):
        for pool in pools.values():
            if pool and len(chosen) < count:
                chosen.append(pool.pop())
    return sorted(chosen, key=lambda m: m.rule.label)


# --- the check ------------------------------------------------------------------------------------


@dataclass
class Bench:
    """The events of a rule, made once for all of its mutants."""

    plan: VerifyPlan
    made: dict[int, tuple[RuleRun, list[Batch]]]

    def of(self, rule: Rule) -> tuple[RuleRun, list[Batch]]:
        if id(rule) not in self.made:
            query = compile_rule(rule).query
            assert query is not None
            model = event_model(rule)
            cases = synthesise(query, model).cases
            run = RuleRun(self.plan, rule, query, model)
            self.made = {id(rule): (run, list(batches(query, model, cases)))}
        return self.made[id(rule)]

    def outcome(self, mutant: Mutant, lanes: list[Track]) -> str:
        """`caught`, `alive`, or `no place` where the SQL has no node for the fault."""
        run, sets = self.of(mutant.rule)
        if mutant.in_sql and not self.has_place(mutant):
            return "no place"
        for track in lanes:
            assert track.target is not None
            faulty = replace(track, target=Faulty(track.target, mutant))  # type: ignore[arg-type]  # a target by its attributes
            for batch in sets:  # one at a time: the first difference is enough
                lane = run.lane(faulty, [batch])
                if lane.verdict in (Verdict.DIFFERS, Verdict.FAILED):
                    return "caught"
        return "alive"

    def has_place(self, mutant: Mutant) -> bool:
        from eqlx.driver.convert import convert_rule

        outcome = convert_rule(mutant.rule, load_target("sql"))
        tree = None if outcome.artifact is None else outcome.artifact.tree
        if not isinstance(tree, exp.Expr):
            return False
        return any(mutant.fault(n) is not None for n in tree.walk())  # type: ignore[arg-type]  # by `in_sql`


def rules_of(seed: int) -> list[Rule]:
    """The shipped rules and a sample of real ones."""
    rules = list(loader.load([ROOT / "rules"]).rules)
    real = DATA / "corpus" / "rules"
    if real.is_dir():
        found = list(loader.load([real]).rules)
        random.Random(seed).shuffle(found)
        rules += found[:REAL_RULES]
    else:
        print(f"no real rules: {real} is missing")
    return rules


def check(count: int, seed: int) -> Iterator[tuple[Mutant, str]]:
    """Mutants with what became of them; those without a place are replaced by further ones."""
    plan = VerifyPlan(minimise=False)
    lanes = list(tracks(plan, Loaders(load_executor, load_target)))
    # The layout that people mostly have first: a mutant that it catches needs no other.
    lanes.sort(key=lambda track: track.name != "duckdb/flat")
    bench = Bench(plan, {})
    for mutant in mutants(rules_of(seed), count, seed):
        yield mutant, bench.outcome(mutant, lanes)


def main() -> int:
    """Print the score; exit 1 below 98 %."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 230
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    started = perf_counter()
    totals: Counter[str] = Counter()
    for mutant, outcome in check(count, seed):
        known = EQUIVALENT.get(mutant.id) if outcome == "alive" else None
        totals["equivalent" if known else outcome] += 1
        if outcome == "alive":
            name = mutant.rule.name
            print(
                f"{'equivalent' if known else 'ALIVE'} {mutant.id} ({name}) {known or ''}",
                flush=True,
            )
    judged = totals["caught"] + totals["alive"]
    share = totals["caught"] / max(1, judged)
    print(
        f"{judged} faults, {totals['caught']} caught ({share:.1%}), {totals['alive']} alive, "
        f"{totals['equivalent']} equivalent, {totals['no place']} without a place; "
        f"{perf_counter() - started:.0f} s"
    )
    return 0 if share >= 0.98 else 1


if __name__ == "__main__":
    sys.exit(main())
