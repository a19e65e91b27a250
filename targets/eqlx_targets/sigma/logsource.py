"""Which of Sigma's log sources hold the events that a filter asks for, and what is then left to ask.

A kind of event has a known operating system, category, type and action. Under each kind those
predicates have a known truth; the filter concerns the kind if what is left is not false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eqlx.capability import Drift, Losses, Polarity
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx_targets.sigma.conditions import conjuncts, field_of, simplified, texts, united
from eqlx_targets.sigma.options import KEEP_ECS
from eqlx_targets.sigma.records import Located, Scribe, recorded
from eqlx_targets.sigma.taxonomy import Kind, Place, Use, taxonomy
from eqlx_targets.sigma.truth import DATASETS, leaves, matches_text, without_absent
from eqlx_targets.sigma.worlds import FALSE, Under, under

_NAMING = frozenset(("event.category", "event.type", "event.action", "host.os.type", "host.os.family"))  # fmt: skip
_ASSUMED_KIND = "the log source holds the kinds of events that the rule names by `event.type` and `event.action`"  # fmt: skip


def located(
    event_filter: ir.Filter,
    indices: tuple[str, ...],
    report: Report,
    losses: Losses,
    *,
    lenient: bool = False,
) -> tuple[Located, ...]:
    """Each log source that can hold a match; none where a refusal was reported. `lenient`: a kind of
    events that the rule names and no log source holds is left out on record."""
    found = recorded(event_filter, indices, Scribe(report, losses, lenient))
    return _endpoint(event_filter, report, losses, lenient=lenient) if found is None else found


def _endpoint(
    event_filter: ir.Filter, report: Report, losses: Losses, *, lenient: bool
) -> tuple[Located, ...]:
    named = {field_of(leaf) for leaf, _ in leaves(event_filter.condition)}
    if event_filter.category is None and not named & _NAMING:
        why = "each Sigma rule is for one log source"
        report.add(
            inexpressible("sigma", "a rule on events of any kind", why, event_filter.span, KEEP_ECS)
        )
        return ()
    survey = _Survey(event_filter)
    if not survey.found:
        _refuse(event_filter, survey.lost, report)
        return ()
    losses.assume(_ASSUMED_KIND)
    _record_lost(event_filter, survey.lost, survey.covered, losses, lenient=lenient)
    conventions = (kind.note for kind in survey.covered if kind.use is Use.CONVENTION)
    for reason in dict.fromkeys(conventions):
        span = event_filter.span
        losses.record("kind-by-convention", Drift.SHIFTS, reason, span, by_convention=True)
    for reason in survey.not_told_apart():
        span = event_filter.span
        losses.record("kind-not-told-apart", Drift.WIDENS, reason, span, by_convention=True)
    return _merged(
        tuple(
            Located(place, united([_directed(left, notes) for left, notes in by_left.items()]))
            for place, by_left in survey.found.items()
        )
    )


class _Survey:
    """Which kinds of events a filter concerns. `found`: by log source what is left of the filter, with
    the directions of such events; `covered` and `lost`: the kinds with and without a log source."""

    def __init__(self, event_filter: ir.Filter) -> None:
        self.found: dict[Place, dict[ir.Condition, set[str]]] = {}
        self.covered: list[Kind] = []
        self.lost: list[Kind] = []
        self.excluded: list[Kind] = []
        self.merged: list[str] = []
        asked: list[tuple[Kind, Under]] = []
        for kind in taxonomy().kinds:
            left = under(event_filter, kind)
            if left.condition == FALSE:
                self.excluded += [kind] if left.concerned else []
            elif kind.use is Use.ASKED:
                asked.append((kind, left))
            else:
                self.take(kind, left)
        for kind, left in asked:
            if not self.found or _names(event_filter, kind, self.covered) is not None:
                self.take(kind, left)
            else:
                self.lost.append(kind)
        self.lost = [
            kind
            for kind in self.lost
            if kind.use is not Use.NAMED or _names(event_filter, kind, self.covered)
        ]

    def take(self, kind: Kind, left: Under) -> None:
        if kind.place is None:
            self.lost.append(kind)
            return
        own = without_absent(left.condition, kind.place)
        if own != FALSE:
            self.covered.append(kind)
            self.found.setdefault(kind.place, {}).setdefault(own, set()).add(kind.direction)
            self.merged += left.merged

    def not_told_apart(self) -> Iterator[str]:
        """What the rule tells apart and a log source does not."""
        yield from dict.fromkeys(self.merged)
        for kind in self.excluded:
            if kind.place in self.found and not kind.direction:
                yield f"{kind.place.shown} holds events of the action `{kind.actions[0]}` too"
        for place, by_left in self.found.items():
            if len(by_left) > 1 and all(directions == {""} for directions in by_left.values()):
                yield f"{place.shown} does not tell apart the kinds of events that the rule does"


def _directed(condition: ir.Condition, directions: set[str]) -> ir.Condition:
    """The condition, on connections of the one direction if the rule is about one alone."""
    if directions == {""} or len(directions) > 1:
        return condition
    field = ir.Field("network.direction", type=FieldType.KEYWORD, span=condition.span)
    (direction,) = directions
    asked = ir.Compare(ir.Comparison.EQUAL, field, ir.Text(direction), span=condition.span)
    return simplified(ir.And((condition, asked), span=condition.span))


def _record_lost(
    event_filter: ir.Filter,
    lost: list[Kind],
    covered: list[Kind],
    losses: Losses,
    *,
    lenient: bool,
) -> None:
    """Kinds of events that match, and that no log source holds. Sigma's rules each speak of one log
    source, so that it is the convention to leave out what a rule does not name."""
    by_leaf: dict[tuple[Span, bool], list[str]] = {}
    for kind in lost:
        leaf = _names(event_filter, kind, covered)
        place = (event_filter.span if leaf is None else leaf.span, leaf is not None)
        by_leaf.setdefault(place, []).append(kind.note)
    for (span, is_named), reasons in by_leaf.items():
        slug = "named-kind-without-log-source" if is_named else "kind-without-log-source"
        reason = f"no log source holds {', '.join(dict.fromkeys(reasons))}"
        losses.record(slug, Drift.NARROWS, reason, span, by_convention=lenient or not is_named)


def _names(event_filter: ir.Filter, kind: Kind, covered: list[Kind]) -> ir.Leaf | None:
    """The leaf that asks for this kind by a word that no kind with a log source answers to."""
    for leaf, polarity in leaves(event_filter.condition):
        field, found = field_of(leaf), texts(leaf)
        if found is None or polarity is Polarity.NEGATIVE:
            continue
        for pattern in found[0]:
            mine = any(matches_text(pattern, found[1], word) for word in _words(kind, field))
            others = (word for other in covered for word in _words(other, field))
            if mine and not any(matches_text(pattern, found[1], word) for word in others):
                return leaf
    return None


def _words(kind: Kind, field: str | None) -> tuple[str, ...]:
    """What events of a kind have in a field by which rules name kinds."""
    match field:
        case "event.type":
            return kind.types
        case "event.action":
            return kind.actions
        case "host.os.type":
            return (kind.product,)
        case _:
            return ()


def _refuse(event_filter: ir.Filter, lost: list[Kind], report: Report) -> None:
    wanted = ("event.action", "event.type", *DATASETS, "event.category")
    reasons_first = sorted(wanted, key=lambda name: not _excludes_all(event_filter, name))
    leaf = next(
        (
            leaf
            for name in reasons_first
            for leaf, _ in leaves(event_filter.condition)
            if field_of(leaf) == name
        ),
        None,
    )
    span = leaf.span if leaf is not None else event_filter.span
    reasons = ", ".join(dict.fromkeys(kind.note for kind in lost))
    what = "this kind of event" if leaf is None else f"`{field_of(leaf)}` with this value"
    known = f"SigmaHQ's taxonomy has no log source for {reasons}" if reasons else ""
    why = known or "no log source of SigmaHQ's taxonomy holds such events"
    report.add(inexpressible("sigma", what, why, span, KEEP_ECS))


def _excludes_all(event_filter: ir.Filter, name: str) -> bool:
    """Whether it is the tests of this field that no kind of event passes."""
    without = replace(event_filter, condition=_without(event_filter.condition, name))
    return any(under(without, kind).condition != FALSE for kind in taxonomy().kinds)


def _without(condition: ir.Condition, name: str) -> ir.Condition:
    kept = tuple(
        c
        for c in conjuncts(condition)
        if field_of(c.condition if isinstance(c, ir.Not) else c) != name
    )
    return ir.And(kept, span=condition.span) if kept else ir.Constant(value=True)


def _merged(found: tuple[Located, ...]) -> tuple[Located, ...]:
    """`registry_event` for the same condition on all three kinds of registry events."""
    registry = [part for part in found if (part.place.category or "").startswith("registry_")]
    if len(registry) == 3 and len({part.condition for part in registry}) == 1:
        whole = Located(Place("windows", "registry_event"), registry[0].condition)
        return (*(part for part in found if part not in registry), whole)
    return found
