"""A condition on ECS fields as one on the fields of Sigma's taxonomy, every change on record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from eqlx.capability import Drift, Losses, Polarity, Unsupported
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.ir.feature_walk import features
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.source import Span
from eqlx_targets.sigma.capabilities import TABLE
from eqlx_targets.sigma.computed import as_number_texts, as_text_test
from eqlx_targets.sigma.conditions import field_of, negated, simplified, texts
from eqlx_targets.sigma.expressions import as_expression
from eqlx_targets.sigma.nulls import as_null_test
from eqlx_targets.sigma.options import UNMAPPED
from eqlx_targets.sigma.rewrites import rewrite
from eqlx_targets.sigma.rewrites.subject import Rewritten, Subject, UnsuitedError
from eqlx_targets.sigma.taxonomy import Grade, Place, Row, taxonomy
from eqlx_targets.sigma.truth import without_absent
from eqlx_targets.sigma.unmapped import Lost, Part, Unsaid, joined

NO_VOLUMES = "the log source writes drive letters, never `\\Device\\HarddiskVolume…`"
_NAMES_VOLUMES = (None, "file_access")
"""Log sources of Windows that do write the volumes of its kernel: its own records, and file_access."""

_OF_PROCESSES = (None, "process_creation", "process_access")
"""Log sources in which what is said of a process is what an event is about."""

_PATHS = ("Image", "ParentImage", "SourceImage", "TargetFilename", "SourceFilename", "ImageLoaded")

NUMBER = (
    "number-as-text",
    "a number in a text is looked for as it is usually written, in decimal and as `0x…`",
)
APART = (
    "pieces-apart",
    "a text that is made of a field and constants is looked for in pieces, wherever they stand",
)


@dataclass
class Translator:
    """Translates for one log source. `unmapped`: `auto`, `error`, `keep` or `drop`."""

    place: Place
    unmapped: str
    report: Report
    losses: Losses
    refused: set[tuple[str, Span]] = field(default_factory=set)

    def condition(
        self, condition: ir.Condition, polarity: Polarity, *, beside: type | None = None
    ) -> Part | None:
        """The condition in Sigma's fields; None where it is left out, `Unsaid` where it is above to
        decide. `beside`: `And` or `Or` above it, which says in what direction leaving it out changes
        the rule."""
        match condition:
            case ir.Constant():
                return condition
            case ir.Not(inner):
                found = self.condition(inner, polarity.flipped, beside=_flipped(beside))
                if found is None or isinstance(found, Unsaid):
                    return found
                return negated(found, condition.span)
            case ir.And(conditions) | ir.Or(conditions):
                kind = ir.And if isinstance(condition, ir.And) else ir.Or
                parts = [self.condition(c, polarity, beside=kind) for c in conditions]
                if self.unmapped == "auto":
                    return joined(condition, [p for p in parts if p], polarity, self.losses)
                kept = tuple(p for p in parts if p is not None and not isinstance(p, Unsaid))
                if kept:
                    return simplified(kind(kept, span=condition.span))
                self.dropped_whole(condition, polarity, beside)
                return None
            case _:
                return self.leaf(condition, polarity, beside)

    def dropped_whole(
        self, condition: ir.And | ir.Or, polarity: Polarity, beside: type | None
    ) -> None:
        """Where nothing of an `and` or `or` is left, it is the whole that is missing beside its
        neighbours, in the direction of these."""
        if self.unmapped != "drop" or beside is None:
            return
        drift = (Drift.WIDENS if beside is ir.And else Drift.NARROWS).under(polarity)
        reason = "a condition of which no test has a counterpart is left out"
        self.losses.record("dropped-condition", drift, reason, condition.span, by_convention=True)

    def leaf(self, leaf: ir.Leaf, polarity: Polarity, beside: type | None) -> Part | None:
        if isinstance(leaf, ir.TextMatch) and not isinstance(leaf.text, ir.Text):
            return self.compared(leaf, polarity, beside)
        name = field_of(leaf)
        if name is None:  # a computed value, which the lowering of leaves refuses or rewrites
            return self.computed(leaf, polarity, beside)
        row = taxonomy().row(name, self.place)
        if row is not None and row.grade is Grade.ABSENT:
            return ir.Constant(isinstance(leaf, ir.IsNull), span=leaf.span)
        if row is not None and row.rewrite.startswith("constant:"):
            return without_absent(leaf, self.place)
        is_time = row is not None and row.rewrite == "utctime"
        if not is_time and (why := unsayable(leaf)) is not None:
            return self.without(leaf, name, why, polarity, beside)
        if row is None or row.grade in (Grade.NONE, Grade.KEY):
            why = row.reason if row and row.reason else self.nowhere()
            return self.without(leaf, name, why, polarity, beside)
        sigma = row.name(name)
        if sigma != "-" and not taxonomy().is_listed(sigma, self.place):
            why = f"events of {self.place.shown} have no `{sigma}`"
            return self.without(leaf, name, why, polarity, beside)
        kept = without_volumes(leaf, sigma, self.place)
        if kept is not leaf:
            self.losses.assume(NO_VOLUMES)
        if isinstance(kept, ir.Constant):
            return kept
        leaf = kept
        if isinstance(leaf, ir.IsNull) and taxonomy().is_always(sigma, self.place):
            self.losses.assume(f"events of {self.place.shown} have a `{sigma}`")
            return ir.Constant(value=False, span=leaf.span)
        try:
            rewritten = self.rewritten(leaf, name, row, polarity)
        except UnsuitedError as error:
            choices = alternatives(leaf)
            if self.unmapped == "auto" and len(choices) > 1:
                each = ir.Or(choices, span=leaf.span)
                return self.condition(each, polarity, beside=beside)
            return self.without(leaf, name, str(error), polarity, beside)
        self.record(leaf, row, rewritten, polarity)
        return rewritten.condition

    def computed(self, leaf: ir.Leaf, polarity: Polarity, beside: type | None) -> Part | None:
        """`length(field)` is the one computed value that Sigma can say, on a field that stays as it is;
        some others ask for nothing but a text."""
        plain = self.without_computing(leaf, polarity)
        if plain is not None:
            return self.condition(plain, polarity, beside=beside)
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
                why = unsayable(leaf) or "Sigma compares fields with constants"
                return self.without(leaf, "a computed value", why, polarity, beside)

    def without_computing(self, leaf: ir.Leaf, polarity: Polarity) -> ir.Condition | None:
        """The same test without a computed value, if there is one."""
        if self.unmapped != "auto":
            return None
        for rewritten in (as_text_test, as_expression, as_null_test):
            if (plain := rewritten(leaf)) is not None:
                return plain
        texts_of_number = as_number_texts(leaf)
        if texts_of_number is not None:
            drift = Drift.NARROWS.under(polarity)
            self.losses.record(NUMBER[0], drift, NUMBER[1], leaf.span, by_convention=True)
        return texts_of_number

    def compared(self, leaf: ir.TextMatch, polarity: Polarity, beside: type | None) -> Part | None:
        """A test of one field's text for another's, as a reference to the field; what stands around it
        there is looked for by itself."""
        within, other, around = leaf.value, *_parts(leaf.text)
        name = field_of(leaf) or "a computed value"
        if not isinstance(within, ir.Field) or other is None or self.unmapped != "auto":
            why = unsayable(leaf) or "Sigma compares fields with constants"
            return self.without(leaf, name, why, polarity, beside)
        renamed = [self.referred(ecs) for ecs in (within, other)]
        for ecs, sigma in zip((within, other), renamed, strict=True):
            if sigma is None:
                return self.without(leaf, ecs.name, self.nowhere(), polarity, beside)
        if around and leaf.where is not ir.Where.ANYWHERE:
            return self.without(leaf, name, unsayable(leaf) or "", polarity, beside)
        value, text = (sigma for sigma in renamed if sigma is not None)
        self.losses.assume(f"no `{text.name}` is empty")
        if around:
            drift = Drift.WIDENS.under(polarity)
            self.losses.record(APART[0], drift, APART[1], leaf.span, by_convention=True)
        sought: tuple[ir.Value, ...] = (*around, text)
        pieces = [replace(leaf, value=value, text=piece) for piece in sought]
        return simplified(ir.And(tuple(pieces), span=leaf.span))

    def referred(self, field: ir.Field) -> ir.Field | None:
        """A field whose counterpart has the same text in it."""
        row = taxonomy().row(field.name, self.place)
        if row is None or row.grade in (Grade.NONE, Grade.KEY, Grade.ABSENT):
            return None
        name = row.name(field.name)
        is_same = row.rewrite.partition(":")[0] in ("same", "keep", "camel", "parameters")
        if not is_same or not taxonomy().is_listed(name, self.place):
            return None
        return replace(field, name=name)

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
        match row.grade:
            case Grade.ASSUMED:
                self.losses.assume(row.reason)
            case Grade.CONVENTION | Grade.APPROXIMATE:
                drift = (row.drift or Drift.SHIFTS).under(polarity)
                reason = f"`{field_of(leaf)}` as `{name}`: {row.reason}"
                convention = row.grade is Grade.CONVENTION or self.unmapped == "auto"
                slug = f"taxonomy-{row.rewrite}"
                if not isinstance(leaf, ir.IsNull):
                    self.losses.record(slug, drift, reason, leaf.span, by_convention=convention)
            case _:
                pass
        if rewritten.inexact:
            drift = Drift.WIDENS.under(polarity)
            reason = f"`{field_of(leaf)}` as `{name}`: {rewritten.why}"
            self.losses.record(rewritten.slug, drift, reason, leaf.span, by_convention=True)

    def without(
        self, leaf: ir.Leaf, name: str, why: str, polarity: Polarity, beside: type | None
    ) -> Part | None:
        """A test without a counterpart: above to decide, kept under its own name, left out, or
        refused."""
        what = f"the field `{name}`" if " " not in name else name
        if self.unmapped == "auto":
            of_process = name.startswith("process.") and self.place.category not in _OF_PROCESSES
            return Unsaid((Lost(leaf, what, why, of_process),))
        if self.unmapped == "keep" and field_of(leaf) is not None and unsayable(leaf) is None:
            drift = Drift.NARROWS.under(polarity)
            reason = f"{what} keeps its name, which other systems do not know: {why}"
            self.losses.record("unmapped-field", drift, reason, leaf.span, by_convention=True)
            return leaf
        if self.unmapped == "drop" and beside is not None:
            drift = (Drift.WIDENS if beside is ir.And else Drift.NARROWS).under(polarity)
            reason = f"{what} is left out: {why}"
            self.losses.record("dropped-predicate", drift, reason, leaf.span, by_convention=True)
            return None
        self.refuse(Unsaid((Lost(leaf, what, why),)))
        return ir.Constant(value=True, span=leaf.span)

    def refuse(self, unsaid: Unsaid) -> None:
        """Report tests without a counterpart, each once."""
        for test in unsaid.tests:
            if (test.what, test.leaf.span) not in self.refused:
                self.refused.add((test.what, test.leaf.span))
                found = inexpressible("sigma", test.what, test.why, test.leaf.span, UNMAPPED)
                self.report.add(found)

    def nowhere(self) -> str:
        return f"Sigma's taxonomy has no counterpart for it in {self.place.shown}"


def _parts(value: ir.Value) -> tuple[ir.Field | None, tuple[ir.Text, ...]]:
    """The one field of a text, and the constants that stand around it; no field for other values."""
    match value:
        case ir.Field():
            return value, ()
        case ir.Call(ir.Function.STRING, (ir.Field() as field,)):
            return field, ()
        case ir.Call(ir.Function.CONCAT, arguments):
            found = [
                _parts(argument) for argument in arguments if not isinstance(argument, ir.Text)
            ]
            fields = [field for field, around in found if field is not None and not around]
            around = tuple(a for a in arguments if isinstance(a, ir.Text) and a.value)
            return (fields[0], around) if len(fields) == len(found) == 1 else (None, ())
        case _:
            return None, ()


def _is_some(leaf: ir.Compare) -> bool:
    """Whether a comparison of a length asks for nothing but some text."""
    least = {ir.Comparison.GREATER: ir.Integer(0), ir.Comparison.GREATER_OR_EQUAL: ir.Integer(1)}
    return least.get(leaf.operator) == leaf.right


def _flipped(beside: type | None) -> type | None:
    """Seen from below a `not`, leaving a conjunct out is leaving a disjunct out."""
    if beside is None:
        return None
    return ir.Or if beside is ir.And else ir.And


def unsayable(leaf: ir.Leaf) -> str | None:
    """Why Sigma's language has no words for a leaf, whatever its field is called; None if it has."""
    if isinstance(leaf, ir.IsNull) and isinstance(leaf.value, ir.Field):
        return None
    query = ir.EventQuery(ir.Filter(None, leaf))
    for feature, _, _ in features(query):
        if isinstance(found := TABLE.get(feature), Unsupported):
            return found.why
    return None


def without_volumes(leaf: ir.Leaf, sigma: str, place: Place) -> ir.Leaf | ir.Constant:
    """The leaf less the values that name a volume of Windows' kernel, which Sysmon never writes;
    false where there are no others."""
    if place.product != "windows" or place.category in _NAMES_VOLUMES or sigma not in _PATHS:
        return leaf
    kept = [one for one in alternatives(leaf) if not _names_volume(one)]
    if len(kept) == len(alternatives(leaf)):
        return leaf
    if not kept:
        return ir.Constant(value=False, span=leaf.span)
    match leaf:
        case ir.Membership():
            choices = [c for one in kept if isinstance(one, ir.Membership) for c in one.choices]
            return replace(leaf, choices=tuple(choices))
        case ir.Like():
            patterns = [p for one in kept if isinstance(one, ir.Like) for p in one.patterns]
            return replace(leaf, patterns=tuple(patterns))
        case _:
            return leaf


def _names_volume(leaf: ir.Leaf) -> bool:
    found = texts(leaf)
    if found is None:
        return False
    starts = (p.pieces[0] for p in found[0] if p.pieces)
    return any(
        isinstance(s, str) and s.lower().startswith("\\device\\harddiskvolume") for s in starts
    )


def alternatives(leaf: ir.Leaf) -> tuple[ir.Leaf, ...]:
    """A leaf on several values as a leaf each."""
    match leaf:
        case ir.Membership(choices=choices):
            return tuple(replace(leaf, choices=(choice,)) for choice in choices)
        case ir.Like(patterns=patterns):
            return tuple(replace(leaf, patterns=(pattern,)) for pattern in patterns)
        case ir.RegexMatch(patterns=expressions):
            return tuple(replace(leaf, patterns=(expression,)) for expression in expressions)
        case _:
            return (leaf,)
