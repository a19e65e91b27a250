"""A condition on ECS fields as one on the fields of Sigma's taxonomy, every change on record."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqlx.capability import Drift, Losses, Polarity
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.source import Span
from eqlx_targets.sigma.conditions import field_of, negated, simplified
from eqlx_targets.sigma.options import KEEP_ECS
from eqlx_targets.sigma.rewrites import rewrite
from eqlx_targets.sigma.rewrites.subject import Rewritten, Subject, UnsuitedError
from eqlx_targets.sigma.taxonomy import Grade, Place, Row, taxonomy

_IN_PATH = "a name with wildcards is looked for in the whole path"


@dataclass
class Translator:
    """Translates for one log source. `unmapped`: `error`, `keep` or `drop`."""

    place: Place
    unmapped: str
    report: Report
    losses: Losses
    refused: set[tuple[str, Span]] = field(default_factory=set)

    def condition(
        self, condition: ir.Condition, polarity: Polarity, *, beside: type | None = None
    ) -> ir.Condition | None:
        """The condition in Sigma's fields; None where it is left out. `beside`: `And` or `Or` above
        it, which says in what direction leaving it out changes the rule."""
        match condition:
            case ir.Constant():
                return condition
            case ir.Not(inner):
                found = self.condition(inner, polarity.flipped, beside=_flipped(beside))
                return None if found is None else negated(found, condition.span)
            case ir.And(conditions) | ir.Or(conditions):
                kind = ir.And if isinstance(condition, ir.And) else ir.Or
                parts = [self.condition(c, polarity, beside=kind) for c in conditions]
                kept = tuple(part for part in parts if part is not None)
                return simplified(kind(kept, span=condition.span)) if kept else None
            case _:
                return self.leaf(condition, polarity, beside)

    def leaf(self, leaf: ir.Leaf, polarity: Polarity, beside: type | None) -> ir.Condition | None:
        name = field_of(leaf)
        if name is None:  # a computed value, which the lowering of leaves refuses or rewrites
            return self.computed(leaf, polarity, beside)
        row = taxonomy().row(name, self.place)
        if row is None or row.grade in (Grade.NONE, Grade.KEY):
            why = row.reason if row and row.reason else self.nowhere()
            return self.without(leaf, name, why, polarity, beside)
        if row.grade is Grade.ABSENT:
            return ir.Constant(isinstance(leaf, ir.IsNull), span=leaf.span)
        try:
            rewritten = self.rewritten(leaf, name, row, polarity)
        except UnsuitedError as error:
            return self.without(leaf, name, str(error), polarity, beside)
        self.record(leaf, row, rewritten, polarity)
        return rewritten.condition

    def computed(
        self, leaf: ir.Leaf, polarity: Polarity, beside: type | None
    ) -> ir.Condition | None:
        """`length(field)` is the one computed value that Sigma can say, on a field that stays as it is."""
        match leaf:
            case ir.Compare(left=ir.Call(ir.Function.LENGTH, (ir.Field(name) as inner,))):
                row = taxonomy().row(name, self.place)
                if row is not None and row.grade is not Grade.NONE and _is_some(leaf):
                    some = Wildcard((Wild.ANY_ONE, Wild.ANY_RUN))
                    renamed = ir.Field(row.name(name), type=inner.type, span=inner.span)
                    return ir.Like(renamed, (some,), ir.Case.INSENSITIVE, span=leaf.span)
                if row is not None and row.rewrite == "same" and row.grade is Grade.EXACT:
                    renamed = ir.Field(row.name(name), type=inner.type, span=inner.span)
                    call = ir.Call(ir.Function.LENGTH, (renamed,), span=leaf.left.span)
                    return ir.Compare(leaf.operator, call, leaf.right, span=leaf.span)
                return self.without(leaf, name, self.nowhere(), polarity, beside)
            case _:
                return self.without(leaf, "a computed value", "Sigma compares fields with constants", polarity, beside)  # fmt: skip

    def rewritten(self, leaf: ir.Leaf, name: str, row: Row, polarity: Polarity) -> Rewritten:
        ecs = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
        kind = ecs.type if isinstance(ecs, ir.Field) else None
        assert kind is not None  # noqa: S101 - `field_of` found the field
        verb, _, argument = row.rewrite.partition(":")
        subject = Subject(
            leaf,
            ir.Field(row.name(name), type=kind, span=ecs.span),
            "\\" if self.place.product == "windows" else "/",
            polarity,
            argument,
        )
        return rewrite(verb, subject)

    def record(self, leaf: ir.Leaf, row: Row, rewritten: Rewritten, polarity: Polarity) -> None:
        """What the row says of the change, and what the writing adds."""
        name = row.name(field_of(leaf) or "")
        if name != "-" and not taxonomy().is_listed(name, self.place):
            self.losses.assume(
                f"`{name}` is a field of {self.place.path}, though SigmaHQ lists none"
            )
        match row.grade:
            case Grade.ASSUMED:
                self.losses.assume(row.reason)
            case Grade.CONVENTION | Grade.APPROXIMATE:
                drift = (row.drift or Drift.SHIFTS).under(polarity)
                reason = f"`{field_of(leaf)}` as `{name}`: {row.reason}"
                convention = row.grade is Grade.CONVENTION
                slug = f"taxonomy-{row.rewrite}"
                if not isinstance(leaf, ir.IsNull):
                    self.losses.record(slug, drift, reason, leaf.span, by_convention=convention)
            case _:
                pass
        if rewritten.inexact:
            drift = Drift.WIDENS.under(polarity)
            reason = f"`{field_of(leaf)}` as `{name}`: {_IN_PATH}"
            self.losses.record("name-in-path", drift, reason, leaf.span, by_convention=True)

    def without(
        self, leaf: ir.Leaf, name: str, why: str, polarity: Polarity, beside: type | None
    ) -> ir.Condition | None:
        """A test without a counterpart: refused, kept under its own name, or left out."""
        what = f"the field `{name}`" if "." in name else name
        if self.unmapped == "keep" and field_of(leaf) is not None:
            drift = Drift.NARROWS.under(polarity)
            reason = f"{what} keeps its name, which other systems do not know: {why}"
            self.losses.record("unmapped-field", drift, reason, leaf.span, by_convention=True)
            return leaf
        if self.unmapped == "drop" and beside is not None:
            drift = (Drift.WIDENS if beside is ir.And else Drift.NARROWS).under(polarity)
            reason = f"{what} is left out: {why}"
            self.losses.record("dropped-predicate", drift, reason, leaf.span, by_convention=True)
            return None
        if (name, leaf.span) not in self.refused:
            self.refused.add((name, leaf.span))
            self.report.add(inexpressible("sigma", what, why, leaf.span, KEEP_ECS))
        return ir.Constant(value=True, span=leaf.span)

    def nowhere(self) -> str:
        return f"Sigma's taxonomy has no counterpart for it in {self.place.path}"


def _is_some(leaf: ir.Compare) -> bool:
    """Whether a comparison of a length asks for nothing but some text."""
    least = {ir.Comparison.GREATER: ir.Integer(0), ir.Comparison.GREATER_OR_EQUAL: ir.Integer(1)}
    return least.get(leaf.operator) == leaf.right


def _flipped(beside: type | None) -> type | None:
    """Seen from below a `not`, leaving a conjunct out is leaving a disjunct out."""
    if beside is None:
        return None
    return ir.Or if beside is ir.And else ir.And
