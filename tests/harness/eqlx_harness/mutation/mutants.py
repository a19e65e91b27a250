"""Mutants: which fault at which place of which rule, and the SQL target that has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from sqlglot import exp

from eqlx.capability import Losses
from eqlx.diagnostics import Report
from eqlx.driver.convert import Outcome, compile_rule, convert_rule, event_model
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo, FieldList, Layered, Schema
from eqlx.ir import nodes as ir
from eqlx.ir.walk import LITERALS, Node, map_children, walk
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.target import EventModel, Request, Target
from eqlx_harness.mutation import leaf_faults, query_faults, stage_faults, tree_faults
from eqlx_harness.mutation.faults import FAULTS, Fault, Level
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.lower import condition
from eqlx_targets.sql.spelling import spelled

assert all((leaf_faults, query_faults, stage_faults, tree_faults))  # they register what they hold

Site = tuple[object, ...]
"""Where: the number of the faulty form in the query; the clause and the number in its SQL; the CTE
and the number in it."""
READABLE = {"row_id": "row", "sequences": "long", "order": "time"}


@dataclass(frozen=True)
class Subject:
    """A rule to put faults into. `origin`: `shipped`, `real`, or `golden` (a query of our tests)."""

    origin: str
    rule: Rule
    model: EventModel
    fields: FieldList | None = None

    @classmethod
    def of(cls, origin: str, rule: Rule) -> Subject:
        return cls(origin, rule, event_model(rule))

    @property
    def schema(self) -> Schema:
        return CATALOGUE if self.fields is None else Layered((self.fields, CATALOGUE))

    def compiled(self) -> Outcome:
        return compile_rule(self.rule, schema=self.schema, model=self.model)

    def query(self) -> ir.Query | None:
        return self.compiled().query


@dataclass(frozen=True)
class Mutant:
    """One fault at one place of one rule."""

    subject: Subject
    fault: Fault
    site: Site

    @property
    def id(self) -> str:
        """The same in every run."""
        text = f"{self.subject.rule.label}|{self.fault.name}|{self.site}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def __str__(self) -> str:
        return f"{self.id} {self.fault.kind}: {self.fault.name} {self.site} in {self.subject.rule.label} ({self.subject.rule.name})"


# --- the faulty target ----------------------------------------------------------------------------


@dataclass
class Faulty:
    """The SQL target with one fault; everything else is the real target's. `changed`: whether the
    fault has had an effect on any statement."""

    base: Target
    fault: Fault
    site: Site
    changed: bool = False

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def lower(self, request: Request) -> object:
        shadow = replace(request, losses=Losses(), report=Report(request.rule.query, ""))
        right = self.base.lower(shadow)
        wrong = self.lowered(request)
        self.changed |= wrong != right
        return wrong

    def lowered(self, request: Request) -> object:
        match self.fault.level:
            case Level.QUERY:
                query = edited(request.query, self.fault, self.site[0])
                return self.base.lower(replace(request, query=query))
            case Level.LEAF:
                with patch.multiple(condition, **self.leaf_hooks()):
                    return self.base.lower(request)
            case Level.TREE:
                tree = self.base.lower(request)
                assert isinstance(tree, exp.Expr)
                return edited_tree(tree, self.fault, self.site)

    def leaf_hooks(self) -> dict[str, object]:
        clause, number = self.site

        def changed(key: object, made: exp.Expr) -> exp.Expr:
            if key != clause:
                return made
            forms = list(self.fault.edit(made))
            return forms[number % len(forms)] if forms else made

        return hooks(changed)


def hooks(changed: object) -> dict[str, object]:
    """`_leaf` and `_negated` of the condition module, with what they give passed through
    `changed(key, sql)`, in the words of DuckDB: what faults change is what is executed."""
    leaf, negated = condition._leaf, condition._negated
    duckdb = DIALECTS["duckdb"]

    def leaf_of(node: ir.Leaf, *rest: object) -> exp.Expr:
        return changed(clause_key(node), spelled(leaf(node, *rest), duckdb))

    def negated_of(node: ir.Condition, *rest: object) -> exp.Expr:
        return changed(("not", *clause_key(node)), spelled(negated(node, *rest), duckdb))

    return {"_leaf": leaf_of, "_negated": negated_of}


def clause_key(node: ir.Condition) -> tuple[object, ...]:
    """What names a clause in every compilation of its rule; the category has no span."""
    own = ""
    if isinstance(node, ir.Compare) and node.span.end <= node.span.start:
        own = str(getattr(node.right, "value", ""))
    return type(node).__name__, node.span.start, node.span.end, own


def edited(query: ir.Query, fault: Fault, site: object) -> ir.Query:
    """The query with the fault's `site`-th form."""
    count = 0
    done = False

    def visit(node: Node) -> Node:
        nonlocal count, done
        if done or isinstance(node, LITERALS):
            return node
        for changed in fault.edit(node, query):
            if count == site:
                done = True
                return changed
            count += 1
        return map_children(node, visit)

    return visit(query)  # type: ignore[return-value]  # a query stays one


def forms(query: ir.Query, fault: Fault) -> int:
    """How many faulty forms of the query there are."""
    return sum(
        1
        for node, _, _ in walk(query)
        if not isinstance(node, LITERALS)
        for _ in fault.edit(node, query)
    )


def edited_tree(tree: exp.Expr, fault: Fault, site: Site) -> exp.Expr:
    """A copy of the statement with the fault in a CTE; unchanged where it has no such place."""
    copy = tree.copy()
    cte, number = site
    places = list(_places(copy, fault, str(cte)))
    if not places:
        return copy
    node, changed = places[number % len(places)]  # type: ignore[operator]  # a number in trees
    if node is copy:
        return changed
    node.replace(changed)
    return copy


def _places(tree: exp.Expr, fault: Fault, cte: str) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    if cte:
        bodies = [c.this for c in tree.find_all(exp.CTE) if c.alias == cte]
        nodes = [node for body in bodies[:1] for node in body.walk()]
    else:
        nodes = [n for n in tree.walk() if n.find_ancestor(exp.CTE) is None]
    for node in nodes:
        for changed in fault.edit(node):
            yield node, changed


# --- all mutants of a rule ------------------------------------------------------------------------


def _text_keys(query: ir.Query) -> bool:
    keys = () if isinstance(query, ir.EventQuery) else query.stages[0].keys
    return bool(keys) and all(key.type.is_string for key in keys)


@dataclass
class _Probe:
    """The SQL target, which keeps what it makes of each clause and of the whole."""

    base: Target
    clauses: dict[tuple[object, ...], list[exp.Expr]] = field(default_factory=dict)
    tree: exp.Expr | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def lower(self, request: Request) -> object:
        def keep(key: tuple[object, ...], made: exp.Expr) -> exp.Expr:
            self.clauses.setdefault(key, []).append(made.copy())
            return made

        with patch.multiple(condition, **hooks(keep)):
            tree = self.base.lower(request)
        assert isinstance(tree, exp.Expr)
        self.tree = tree.copy()
        return tree


def mutants(subject: Subject) -> Iterator[Mutant]:
    """Every place of the rule that can have a fault, whether or not it makes a difference."""
    query = subject.query()
    if query is None:
        return
    for fault in FAULTS.values():
        if fault.level is Level.QUERY:
            for number in range(forms(query, fault)):
                yield Mutant(subject, fault, (number,))
    found: dict[tuple[str, Site], Mutant] = {}
    for several in (False, True):
        for mutant in _in_sql(subject, query, several=several):
            found.setdefault((mutant.fault.name, mutant.site), mutant)
    yield from found.values()


def _in_sql(subject: Subject, query: ir.Query, *, several: bool) -> Iterator[Mutant]:
    """Faults in the SQL as it is where no field, or each field, has lists."""
    fields = {n.name: n for n, _, _ in walk(query) if isinstance(n, ir.Field)}
    own = FieldList({n: FieldInfo(f.type, several) for n, f in fields.items()}, closed=False)
    probe = _Probe(load_target("sql"))
    schema = Layered((own, subject.schema))
    convert_rule(
        subject.rule,
        probe,  # type: ignore[arg-type]  # a target by its attributes
        dialect="duckdb",
        schema=schema,
        model=subject.model,
        options=READABLE,
    )
    for fault in FAULTS.values():
        if fault.level is Level.LEAF:
            for clause, made in probe.clauses.items():
                if (clause[0] == "not") is not (fault.name == "null_in_not"):
                    continue  # a clause below `not` has its own entry
                for number in range(sum(1 for _ in fault.edit(made[0]))):
                    yield Mutant(subject, fault, (clause, number))
        elif fault.level is Level.TREE and probe.tree is not None:
            names = [c.alias for c in probe.tree.find_all(exp.CTE)]
            for cte in ("", *names):
                if fault.name == "key_in_any_case" and not _text_keys(query):
                    continue  # numbers and addresses have one case
                if cte in fault.ctes or (cte and cte.startswith(tuple(c for c in fault.ctes if c))):
                    count = sum(1 for _ in _places(probe.tree, fault, cte))
                    yield from (Mutant(subject, fault, (cte, n)) for n in range(count))
