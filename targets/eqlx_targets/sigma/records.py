"""Logs that a data set or an event code tells: those of clouds, and the records of Windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eqlx.capability import Drift, Losses, Polarity
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns.wildcard import Shape
from eqlx.source import Span
from eqlx_targets.sigma.audits import LINUX, PLACE, RECORD, audited
from eqlx_targets.sigma.conditions import field_of, negated, simplified, texts, united
from eqlx_targets.sigma.options import KEEP_ECS
from eqlx_targets.sigma.taxonomy import Place, taxonomy
from eqlx_targets.sigma.truth import DATASETS, Facts, is_leaf, leaves, specialised

_CATEGORISATION = ("event.category", "event.type", "event.kind", "event.module")
_OF_ANY = ("filebeat-*", "packetbeat-*")
"""Indices that hold whatever the others of a rule hold."""
_CODES = ("event.code", "winlog.event_id")
_OF_FILTERING = range(5150, 5160)
"""Codes of Windows' filtering platform."""
_PROGRAM = ("process.name", "process.executable")
_OF_RECORDS = ("authentication", "configuration", "iam", "session")
_ON_WINDOWS = {"host.os.type": frozenset(("windows",))}
_ELSEWHERE = {"host.os.type": frozenset(("linux", "macos"))}
_ASSUMED_CODE = "the event code tells the category, type, action and provider of an event"
_AUDITED = (
    "such events are read from the audit log of Linux, which needs rules for the system calls, and may "
    "hold events that other sensors do not report"
)
_ASSUMED_RECORD = (
    "the type of a record and its system call tell the category, type and action of an event"
)
_ASSUMED_CLOUD = "the event's name tells its category and type"


@dataclass(frozen=True)
class Located:
    """A log source, and the condition on its events, in the fields of ECS."""

    place: Place
    condition: ir.Condition


@dataclass(frozen=True)
class Scribe:
    """Where refusals and losses go. `lenient`: what no log source tells is left out on record."""

    report: Report
    losses: Losses
    lenient: bool

    def shifted(self, reason: str, span: Span) -> None:
        slug = "kind-by-convention"
        self.losses.record(slug, Drift.SHIFTS, reason, span, by_convention=True)

    def merged(self, reason: str, span: Span) -> None:
        slug = "kind-not-told-apart"
        self.losses.record(slug, Drift.WIDENS, reason, span, by_convention=True)

    def widened(self, reason: str, span: Span) -> None:
        self.losses.record("category-left-out", Drift.WIDENS, reason, span, by_convention=True)


def recorded(
    event_filter: ir.Filter, indices: tuple[str, ...], scribe: Scribe
) -> tuple[Located, ...] | None:
    """The log sources of a filter on such logs; none where a refusal was reported, and None for a
    filter on other events."""
    if names := _datasets(event_filter, indices):
        return _clouds(event_filter, names, scribe)
    if (own := audited(event_filter)) is not None:
        scribe.shifted(_AUDITED, event_filter.span)
        return _one(own, LINUX, PLACE, _ASSUMED_RECORD, scribe)
    event_filter = _by_code(event_filter)
    codes = _codes(event_filter.condition)
    places = tuple(dict.fromkeys(map(taxonomy().by_code, codes)))
    if not codes or None in places:
        return None
    if len(places) > 1 and not _needs_code(event_filter.condition):
        return None
    return tuple(
        part
        for place in places
        if place is not None
        for part in _of_place(event_filter, place, scribe)
    )


def _clouds(event_filter: ir.Filter, names: Sequence[str], scribe: Scribe) -> tuple[Located, ...]:
    """The log sources of clouds' data sets; those of one log source are not told apart in it."""
    by_place: dict[Place, dict[ir.Condition, None]] = {}
    for name in names:
        place = taxonomy().by_dataset(name)
        if place is None:
            continue
        facts: dict[str, frozenset[str]] = {field: frozenset((name,)) for field in DATASETS}
        known = taxonomy().categories.get(name)
        if known is not None:
            facts["event.category"] = frozenset((known,))
        own = (
            replace(event_filter, category=None) if known == event_filter.category else event_filter
        )
        for part in _one(own, facts, place, _ASSUMED_CLOUD, scribe):
            by_place.setdefault(place, {})[part.condition] = None
    for place, conditions in by_place.items():
        if len(conditions) > 1:
            reason = f"{place.shown} does not tell its data sets apart as the rule does"
            scribe.merged(reason, event_filter.span)
        if not place.product:
            reason = f"{place.shown} is the log source of such logs of any product"
            scribe.merged(reason, event_filter.span)
    return tuple(Located(place, united(tuple(found))) for place, found in by_place.items())


def _one(
    event_filter: ir.Filter, facts: Facts, place: Place, assumption: str, scribe: Scribe
) -> tuple[Located, ...]:
    """One log source, whose events Elastic puts into categories by what they are called."""
    condition = specialised(event_filter.condition, facts)
    if condition == ir.Constant(value=False):
        return ()
    conjuncts = condition.conditions if isinstance(condition, ir.And) else (condition,)
    kept: list[ir.Condition] = []
    left_out: list[ir.Condition] = []
    needed = event_filter.category is not None
    for conjunct in conjuncts:
        inner = conjunct.condition if isinstance(conjunct, ir.Not) else conjunct
        if is_leaf(inner) and field_of(inner) in _neutral(place):
            needed = needed or field_of(inner) in _CATEGORISATION
            left_out.append(conjunct)
        else:
            kept.append(conjunct)
    if needed:
        scribe.losses.assume(assumption)
    for conjunct in left_out:
        if isinstance(conjunct, ir.Not):
            scribe.widened(
                f"{place.shown} does not tell what the rule excludes here", conjunct.span
            )
    left = simplified(ir.And(tuple(kept)) if kept else ir.Constant(value=True))
    pinned = not needed or any(
        field_of(leaf) in ("event.action", RECORD, *_CODES) for conjunct in kept
        for leaf, polarity in leaves(conjunct) if polarity is Polarity.POSITIVE
    )  # fmt: skip
    if not pinned and scribe.lenient and kept:
        why = "the category is left out: nothing in the log itself tells that of an event"
        scribe.widened(why, event_filter.span)
    elif not pinned:
        why = "nothing in the log itself tells the category of an event"
        scribe.report.add(
            inexpressible(
                "sigma", "a rule on a category of events", why, event_filter.span, KEEP_ECS
            )
        )
        return ()
    return (Located(place, left),)


def _neutral(place: Place) -> tuple[str, ...]:
    own = ("event.action", "event.provider", "winlog.channel") if place.product == "windows" else ()
    return (*_CATEGORISATION, *DATASETS, *own)


def _datasets(event_filter: ir.Filter, indices: tuple[str, ...]) -> tuple[str, ...]:
    """The data sets of cloud logs that the rule names, or else those of the indices that it searches:
    of all of them where it searches no others, and otherwise of those whose fields it names."""
    named: dict[str, None] = {}
    for leaf, polarity in leaves(event_filter.condition):
        found = texts(leaf)
        if field_of(leaf) in DATASETS and found is not None and polarity is Polarity.POSITIVE:
            named.update(dict.fromkeys(p.literal for p in found[0] if _is_cloud(p.literal)))
    if named:
        return tuple(named)
    searched = [i.removeprefix("logs-").rstrip("*-") for i in indices if i not in _OF_ANY]
    clouds = [name for name in searched if _is_cloud(name)]
    if len(clouds) == len(searched):
        return tuple(dict.fromkeys(clouds))
    fields = [field_of(leaf) or "" for leaf, _ in leaves(event_filter.condition)]
    own = [name for name in clouds if any(f.split(".")[0] == name.split(".")[0] for f in fields)]
    return tuple(dict.fromkeys(own))


def _is_cloud(name: str) -> bool:
    return taxonomy().by_dataset(name) is not None


def _by_code(event_filter: ir.Filter) -> ir.Filter:
    """A filter on the security log of Windows with its actions as event codes, if it is one."""
    condition = event_filter.condition
    conjuncts = condition.conditions if isinstance(condition, ir.And) else (condition,)
    is_windows = any(
        field_of(c) == "host.os.type" and specialised(c, _ON_WINDOWS) != specialised(c, _ELSEWHERE)
        for c in conjuncts
    )
    is_record = event_filter.category in _OF_RECORDS or _names_actions_only(condition)
    if not is_record or not is_windows:
        return event_filter
    return replace(event_filter, condition=_actions_as_codes(condition))


def _names_actions_only(condition: ir.Condition) -> bool:
    """Whether every action that the rule asks for is one of the security log of Windows."""
    asked = [
        texts(leaf)
        for leaf, polarity in leaves(condition)
        if field_of(leaf) == "event.action" and polarity is Polarity.POSITIVE
    ]
    return bool(asked) and all(
        found is not None
        and all(p.shape is Shape.EXACT and p.literal in taxonomy().actions for p in found[0])
        for found in asked
    )


def _actions_as_codes(condition: ir.Condition) -> ir.Condition:
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            parts = tuple(_actions_as_codes(c) for c in conditions)
            return kind(parts, span=condition.span)
        case ir.Not(inner):
            return ir.Not(_actions_as_codes(inner), span=condition.span)
        case _:
            found = texts(condition) if field_of(condition) == "event.action" else None
            known = taxonomy().actions
            if found is None or any(
                p.shape is not Shape.EXACT or p.literal not in known for p in found[0]
            ):
                return condition
            codes = tuple(ir.Text(code) for p in found[0] for code in known[p.literal])
            field = ir.Field("event.code", type=FieldType.KEYWORD, span=condition.span)
            return ir.Membership(field, codes, span=condition.span)


def _of_place(event_filter: ir.Filter, place: Place, scribe: Scribe) -> tuple[Located, ...]:
    """The filter on the records of Windows that one log source holds."""
    condition = _with_codes_of(event_filter.condition, place)
    if all(int(code) in _OF_FILTERING for code in _codes(condition)):
        condition = _of_filtering(condition)
    own = replace(event_filter, condition=condition)
    return _one(own, _ON_WINDOWS, place, _ASSUMED_CODE, scribe)


def _of_filtering(condition: ir.Condition) -> ir.Condition:
    """The program of a connection stands in a field of its own in records of the filtering platform."""
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            return kind(tuple(map(_of_filtering, conditions)), span=condition.span)
        case ir.Not(inner):
            return ir.Not(_of_filtering(inner), span=condition.span)
        case ir.Constant():
            return condition
        case ir.Compare(left=ir.Field(name) as field) if name in _PROGRAM:
            return replace(condition, left=replace(field, name=f"filter.{name}"))
        case ir.Compare():
            return condition
        case _ if isinstance(condition.value, ir.Field) and condition.value.name in _PROGRAM:
            name = f"filter.{condition.value.name}"
            return replace(condition, value=replace(condition.value, name=name))
        case _:
            return condition


def _needs_code(condition: ir.Condition) -> bool:
    """Whether every alternative names an event code."""
    return _with_codes_of(condition, None) == ir.Constant(value=False)


def _with_codes_of(condition: ir.Condition, place: Place | None) -> ir.Condition:
    """The condition on events that have no codes but those of the log source (None: none at all)."""
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            parts = tuple(_with_codes_of(c, place) for c in conditions)
            return simplified(kind(parts, span=condition.span))
        case ir.Not(inner):
            return negated(_with_codes_of(inner, place), condition.span)
        case ir.Membership(ir.Field(name) as field, choices, case) if name in _CODES:
            own = tuple(c for c in choices if isinstance(c, ir.Text) and _holds(place, c.value))
            if not own:
                return ir.Constant(value=False, span=condition.span)
            if len(own) == len(choices):
                return condition
            return ir.Membership(field, own, case, span=condition.span)
        case ir.Compare(ir.Comparison.EQUAL, ir.Field(name), ir.Text(text)) if name in _CODES:
            kept = _holds(place, text)
            return condition if kept else ir.Constant(value=False, span=condition.span)
        case _:
            return condition


def _holds(place: Place | None, code: str) -> bool:
    return place is not None and taxonomy().by_code(code) == place


def _codes(condition: ir.Condition) -> tuple[str, ...]:
    """The event codes that the rule asks for, one way or another."""
    found: list[str] = []
    for leaf, polarity in leaves(condition):
        if field_of(leaf) in _CODES and polarity is Polarity.POSITIVE:
            if (patterns := texts(leaf)) is not None:
                found += [pattern.literal for pattern in patterns[0]]
            elif isinstance(leaf, ir.Compare) and isinstance(leaf.right, ir.Integer):
                found.append(str(leaf.right.value))
    return tuple(found)
