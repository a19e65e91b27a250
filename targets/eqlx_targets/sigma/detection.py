"""A condition as search identifiers and a Sigma condition, in the shape that Sigma authors write.

The conjuncts of a rule become one `selection`, or `selection_*` blocks where a conjunct has
alternatives; what the rule excludes becomes `filter_main_*` blocks. Only where `and`, `or` and
`not` nest deeper do `branch_*` blocks and a written-out condition appear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx_targets.sigma import naming
from eqlx_targets.sigma.tree import (
    Block,
    Conjunction,
    Detection,
    Disjunction,
    Expression,
    Inversion,
    Item,
    Quantified,
    Reference,
    SearchMap,
)

LeafMaps = Callable[[ir.Leaf, Polarity], tuple[SearchMap, ...]]


def detection(
    condition: ir.Condition, leaf_maps: LeafMaps, *, explicit: bool, by_content: bool = False
) -> Detection:
    """The detection of a condition that is no constant.

    `explicit`: every negation also names the fields that may be missing, for back ends in which
    `not` on a missing field does not hold. `by_content`: blocks are named by what they hold, and
    pieces of one text are asked for together (`contains|all`); otherwise they are numbered, and each
    is asked for by itself, since a field may have several values.
    """
    builder = _Builder(leaf_maps, explicit=explicit, by_content=by_content)
    if explicit:
        condition = negation_inwards(condition)
    for conjunct in condition.conditions if isinstance(condition, ir.And) else (condition,):
        builder.conjunct(conjunct)
    return builder.detection()


def negation_inwards(condition: ir.Condition, *, negated: bool = False) -> ir.Condition:
    """The same condition with `Not` on leaves only (De Morgan, exact in two-valued logic)."""
    match condition:
        case ir.Not(inner):
            return negation_inwards(inner, negated=not negated)
        case ir.And(conditions) | ir.Or(conditions):
            children = tuple(negation_inwards(child, negated=negated) for child in conditions)
            kind = ir.And if isinstance(condition, ir.And) is not negated else ir.Or
            flat = tuple(
                grandchild
                for child in children
                for grandchild in (child.conditions if isinstance(child, kind) else (child,))
            )
            return kind(flat, span=condition.span)
        case ir.Constant(value):
            return ir.Constant(not value if negated else value, span=condition.span)
        case _:
            return ir.Not(condition, span=condition.span) if negated else condition


@dataclass
class _Builder:
    leaf_maps: LeafMaps
    explicit: bool
    by_content: bool = False
    main: dict[str, Item] = field(default_factory=dict)
    selections: list[tuple[SearchMap, ...]] = field(default_factory=list)
    filters: list[tuple[SearchMap, ...]] = field(default_factory=list)
    branches: list[Block] = field(default_factory=list)
    missing: dict[tuple[str, ...], Block] = field(default_factory=dict)
    nested: list[Expression] = field(default_factory=list)

    def conjunct(self, condition: ir.Condition) -> None:
        """One thing that the rule asks for, or excludes."""
        inner = condition.condition if isinstance(condition, ir.Not) else condition
        polarity = Polarity.NEGATIVE if isinstance(condition, ir.Not) else Polarity.POSITIVE
        maps = self.maps(inner, polarity)
        if maps is None:
            self.nested.append(self.expression(condition, Polarity.POSITIVE))
        elif polarity is Polarity.NEGATIVE:
            if maps not in self.filters:
                self.filters.append(maps)
        elif len(maps) == 1 and (joined := self.added(self.main, maps[0])) is not None:
            self.main = joined
        elif maps not in self.selections:
            self.selections.append(maps)

    def added(self, items: Mapping[str, Item], more: SearchMap) -> dict[str, Item] | None:
        """Items and more of them in one map; None where a key would come twice."""
        whole = dict(items)
        for item in more:
            together = f"{item.key}|all"
            before = whole.get(together, whole.get(item.key))
            if before is None:
                whole[item.key] = item
                continue
            if before == item:
                continue
            is_piece = self.by_content and item.modifiers[:1] == ("contains",)
            if not is_piece or len(item.values) != 1 or item.modifiers[-1] == "all":
                return None
            if before.modifiers[-1] != "all" and len(before.values) != 1:
                return None
            whole.pop(item.key, None)
            values = tuple(dict.fromkeys(before.values + item.values))
            whole[together] = Item(item.field, (*item.modifiers, "all"), values)
        return whole

    def maps(self, condition: ir.Condition, polarity: Polarity) -> tuple[SearchMap, ...] | None:
        """The condition as one search identifier, or None where it needs several."""
        match condition:
            case ir.Or(conditions):
                parts = [self.maps(child, polarity) for child in conditions]
                if any(part is None for part in parts):
                    return None
                return _alternatives(m for part in parts if part is not None for m in part)
            case ir.And(conditions):
                return self.joined(conditions, polarity)
            case ir.Not():
                return None
            case ir.Constant():  # refused by the caller: nothing to select
                return ()
            case (
                ir.Compare()
                | ir.Membership()
                | ir.Like()
                | ir.RegexMatch()
                | ir.NetworkMatch()
                | ir.TextMatch()
                | ir.IsNull()
            ):
                return self.leaf_maps(condition, polarity)
            case _:
                assert_never(condition)

    def joined(
        self, conditions: Iterable[ir.Condition], polarity: Polarity
    ) -> tuple[SearchMap, ...] | None:
        """All of the conditions in one map: each must be one map, and no key may come twice."""
        items: dict[str, Item] = {}
        for child in conditions:
            part = self.maps(child, polarity)
            joined = self.added(items, part[0]) if part is not None and len(part) == 1 else None
            if joined is None:
                return None
            items = joined
        return (tuple(items.values()),)

    def expression(self, condition: ir.Condition, polarity: Polarity) -> Expression:
        """Any condition, its blocks named `branch_*`."""
        maps = self.maps(condition, polarity)
        if maps is not None:
            return self.branch(maps)
        match condition:
            case ir.Not(inner):
                return self.inversion(inner, polarity.flipped)
            case ir.And(conditions):
                return Conjunction(tuple(self.expression(c, polarity) for c in conditions))
            case ir.Or(conditions):
                flat = [child for child in conditions if self.maps(child, polarity) is not None]
                rest = [child for child in conditions if child not in flat]
                operands = [self.expression(child, polarity) for child in rest]
                if flat:
                    plain = flat[0] if len(flat) == 1 else ir.Or(tuple(flat))
                    operands.insert(0, self.expression(plain, polarity))
                return operands[0] if len(operands) == 1 else Disjunction(tuple(operands))
            case _:
                message = f"a constant below another condition: {condition}"
                raise AssertionError(message)

    def inversion(self, inner: ir.Condition, polarity: Polarity) -> Expression:
        negation = Inversion(self.expression(inner, polarity))
        maps = self.maps(inner, polarity)
        return self.guarded(negation, maps) if self.explicit and maps else negation

    def branch(self, maps: tuple[SearchMap, ...]) -> Expression:
        known = next((block for block in self.branches if block.maps == maps), None)
        if known is None:
            names = [block.name for block in self.branches]
            known = Block(naming.branch(maps, names, by_content=self.by_content), maps)
            self.branches.append(known)
        return Reference(known.name)

    def guarded(self, negation: Expression, maps: tuple[SearchMap, ...]) -> Expression:
        """`negation`, or one of its fields is missing. A test for null is two-valued as it is."""
        if any(item.values == (None,) for search in maps for item in search):
            return negation
        fields = tuple(dict.fromkeys(item.field for search in maps for item in search))
        if fields not in self.missing:
            nulls = tuple((Item(name, (), (None,)),) for name in fields)
            self.missing[fields] = Block(f"missing_{len(self.missing) + 1}", nulls)
        return Disjunction((negation, Reference(self.missing[fields].name)))

    def detection(self) -> Detection:
        """Names for the blocks, and the condition over them."""
        main: list[tuple[SearchMap, ...]] = [(tuple(self.main.values()),)] if self.main else []
        groups = main + self.selections
        if self.by_content:
            blocks, filters = naming.selections(groups), naming.filters(self.filters)
        else:
            blocks = _named("selection", groups)
            filters = [Block(f"filter_main_{i}", maps) for i, maps in enumerate(self.filters, 1)]
        operands: list[Expression] = []
        if len(blocks) == 1:
            operands.append(Reference(blocks[0].name))
        elif blocks:
            operands.append(Quantified("all", "selection_*"))
        operands += self.nested
        if self.explicit:
            operands += [self.guarded(Inversion(Reference(b.name)), b.maps) for b in filters]
        else:
            operands += _excluded(filters)
        condition = operands[0] if len(operands) == 1 else Conjunction(tuple(operands))
        everything = (*blocks, *self.branches, *filters, *self.missing.values())
        return Detection(everything, condition)


def _excluded(filters: Sequence[Block]) -> Iterator[Expression]:
    """What excludes the filters, by their two prefixes."""
    for prefix in ("filter_main_", "filter_optional_"):
        own = [block for block in filters if block.name.startswith(prefix)]
        if len(own) == 1:
            yield Inversion(Reference(own[0].name))
        elif own:
            yield Inversion(Quantified("1", f"{prefix}*"))


def _named(name: str, groups: list[tuple[SearchMap, ...]]) -> list[Block]:
    """One block takes the bare name, several are numbered."""
    if len(groups) == 1:
        return [Block(name, groups[0])]
    return [Block(f"{name}_{i}", maps) for i, maps in enumerate(groups, start=1)]


def _alternatives(maps: Iterable[SearchMap]) -> tuple[SearchMap, ...]:
    """Alternatives with lone items on one key made one list; null is never in a list (Sigma
    specification, "Value modifiers")."""
    gathered: dict[object, SearchMap] = {}
    for search in maps:
        lone = search[0] if len(search) == 1 and search[0].values != (None,) else None
        key: object = search if lone is None else lone.key
        before = gathered.get(key)
        if lone is not None and before is not None:
            values = tuple(dict.fromkeys(before[0].values + lone.values))
            gathered[key] = (Item(lone.field, lone.modifiers, values),)
        else:
            gathered[key] = search
    return tuple(gathered.values())
