"""What is left of a filter under a kind of event, whichever sensor wrote it down.

The sensors of one kind of event spell its action differently, and each has a data set of its own; an
event has one action and one data set. A log source of Sigma's does not say which. So the filter is
judged in each such world: where the worlds differ in more than whether the filter holds at all, what
the rule tells apart cannot be told apart, which is on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx_targets.sigma.conditions import field_of, negated, simplified, texts, united
from eqlx_targets.sigma.taxonomy import Kind, Use, taxonomy
from eqlx_targets.sigma.truth import DATASETS, Facts, leaves, matches_text, specialised

FALSE = ir.Constant(value=False)
_ACTION = ("event.action",)


@dataclass(frozen=True)
class Under:
    """What is left of a filter under a kind of event. `merged`: what the rule tells apart there and
    no log source does. `concerned`: whether such events are of the rule's category and system."""

    condition: ir.Condition
    merged: tuple[str, ...] = ()
    concerned: bool = False


def under(event_filter: ir.Filter, kind: Kind) -> Under:
    """What is left of the filter under a kind of event: in any of its worlds."""
    condition = event_filter.condition
    if event_filter.category is not None and event_filter.category not in kind.categories:
        return Under(FALSE)
    if kind.use is Use.NAMED and not _is_named(condition, kind):
        return Under(FALSE)
    system = {
        "host.os.type": frozenset((kind.product,)),
        "host.os.family": frozenset((kind.product,)),
        "event.category": frozenset(kind.categories),
        "event.kind": frozenset(("event",)),
    }
    facts = {**system, "event.type": frozenset(kind.types)}
    condition = specialised(condition, facts)
    actions = _told_apart(condition, _ACTION, kind.actions)
    datasets = _told_apart(condition, DATASETS, tuple(_datasets(kind)))
    lefts: dict[ir.Condition, None] = {}
    merged: list[str] = []
    for action, dataset in product(actions, datasets):
        world: Facts = {
            "event.action": frozenset() if action is None else frozenset((action,)),
            **({} if dataset is None else dict.fromkeys(DATASETS, frozenset((dataset,)))),
        }
        left = specialised(condition, world)
        lefts[left] = None
        for fields, value in ((_ACTION, action), (DATASETS, dataset)):
            if left == FALSE and value and _excludes(condition, fields, world):
                merged.append(f"no log source tells events with `{fields[0]}` `{value}` apart")
    held = [left for left in lefts if left != FALSE]
    if not held:
        concerned = specialised(event_filter.condition, system) != FALSE
        return Under(FALSE, concerned=concerned and kind.use is not Use.NAMED)
    if len(held) > 1:
        merged.append("no log source tells the sensors apart that the rule tells apart")
    return Under(united(held), tuple(dict.fromkeys(merged)), concerned=True)


def _told_apart(
    condition: ir.Condition, fields: tuple[str, ...], values: tuple[str, ...]
) -> tuple[str | None, ...]:
    """Of the values, one of each sort that the condition tells apart; None where it names no field."""
    own = [(leaf, texts(leaf)) for leaf, _ in leaves(condition) if field_of(leaf) in fields]
    if not own or not values:
        return (values[0] if values and fields == _ACTION else None,)
    sorts: dict[tuple[bool, ...], str] = {}
    for value in values:
        answers = (
            found is None or any(matches_text(pattern, found[1], value) for pattern in found[0])
            for _, found in own
        )
        sorts.setdefault(tuple(answers), value)
    return tuple(sorts.values())


def _datasets(kind: Kind) -> Iterator[str]:
    """The data sets in which sensors write down such events."""
    for pattern, of in taxonomy().sensors:
        if of == "*" or set(of.split("; ")) & set(kind.categories):
            yield pattern


def _excludes(condition: ir.Condition, fields: Iterable[str], world: Facts) -> bool:
    """Whether it is what the rule excludes by these fields that makes it false in a world."""
    return specialised(_without_exclusions(condition, tuple(fields)), world) != FALSE


def _without_exclusions(
    condition: ir.Condition, fields: tuple[str, ...], polarity: Polarity = Polarity.POSITIVE
) -> ir.Condition:
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            parts = tuple(_without_exclusions(c, fields, polarity) for c in conditions)
            return simplified(kind(parts, span=condition.span))
        case ir.Not(inner):
            return negated(_without_exclusions(inner, fields, polarity.flipped), condition.span)
        case _:
            excluded = polarity is Polarity.NEGATIVE and field_of(condition) in fields
            return ir.Constant(value=False, span=condition.span) if excluded else condition


def _is_named(condition: ir.Condition, kind: Kind) -> bool:
    """Whether the rule asks for the kind by an action."""
    return any(
        matches_text(text, case, action)
        for leaf, polarity in leaves(condition)
        if field_of(leaf) == "event.action" and polarity is Polarity.POSITIVE
        for texts_, case in (texts(leaf) or ((), ir.Case.SENSITIVE),)
        for text in texts_
        for action in kind.actions
    )
