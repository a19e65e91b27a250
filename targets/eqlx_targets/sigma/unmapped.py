"""What `-O unmapped=auto` does about tests without a counterpart: decided test by test, on record.

A part of a condition that cannot be said is handed upwards as `Unsaid` until a place is reached where
it can be left out in a direction that is known:

1. an alternative beside one that can be said is left out: the rule narrows;
2. an exclusion, or an alternative of one, is left out: the rule widens;
3. a conjunct that only sets the scope is left out: the rule widens;
4. beside a test of the program that did something, a conjunct on the rest of its process (its command
   line, its parent) is left out where the log source tells the program alone: the rule widens.

What reaches the top is the detection itself, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from eqlx.capability import Drift, Loss, Losses, Polarity
from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Shape, Wild, Wildcard
from eqlx_targets.sigma.conditions import field_of, simplified
from eqlx_targets.sigma.taxonomy import taxonomy

ALTERNATIVE = "unmapped-alternative"
EXCLUSION = "unmapped-exclusion"
SCOPE = "unmapped-scope"
PROCESS = "unmapped-process"
KEY = "unmapped-key"

SUMMED = {
    ALTERNATIVE: ("alternative", "alternatives"),
    EXCLUSION: ("exclusion", "exclusions"),
    SCOPE: ("condition on the scope", "conditions on the scope"),
    PROCESS: ("condition on the process", "conditions on the process"),
    KEY: ("join key", "join keys"),
}
"""What is counted in the comment of an artifact."""

_PROGRAM = ("process.name", "process.executable")
_SOME = Wildcard((Wild.ANY_ONE, Wild.ANY_RUN))


@dataclass(frozen=True)
class Lost:
    """A test without a counterpart: what it is about, and why it has none. `of_process`: it is about
    the process behind an event of another kind."""

    leaf: ir.Leaf
    what: str
    why: str
    of_process: bool = False


@dataclass(frozen=True)
class Unsaid:
    """A part of a condition that cannot be said, and the tests in it that are why."""

    tests: tuple[Lost, ...]


Part = ir.Condition | Unsaid


def joined(condition: ir.And | ir.Or, parts: Sequence[Part], polarity: Polarity, losses: Losses) -> Part:  # fmt: skip
    """The parts of a conjunction or disjunction put together again, less what can be left out.

    `parts` are those of `condition`, in order; `polarity` is that of `condition`.
    """
    said = [part for part in parts if not isinstance(part, Unsaid)]
    decisive = ir.Constant(isinstance(condition, ir.Or))
    if decisive in said:
        return ir.Constant(decisive.value, span=condition.span)
    kind = ir.And if isinstance(condition, ir.And) else ir.Or
    if len(said) == len(parts):
        return simplified(kind(tuple(said), span=condition.span))
    rows = list(zip(condition.conditions, parts, strict=True))
    choose = _of_alternatives if isinstance(condition, ir.Or) else _of_conjuncts
    left_out = choose(rows, polarity)
    if isinstance(left_out, Unsaid):
        return left_out
    for slug, drift, unsaid in left_out:
        _record(unsaid, slug, drift, losses)
    return simplified(kind(tuple(said), span=condition.span))


def is_test(part: Part) -> bool:
    """Whether a part asks for something."""
    return not isinstance(part, Unsaid | ir.Constant)


LeftOut = list[tuple[str, Drift, Unsaid]]


def _of_alternatives(rows: Sequence[tuple[ir.Condition, Part]], polarity: Polarity) -> LeftOut | Unsaid:  # fmt: skip
    if not any(is_test(part) for _, part in rows):
        return _together(rows)
    if polarity is Polarity.POSITIVE:
        slug, drift = ALTERNATIVE, Drift.NARROWS
    else:
        slug, drift = EXCLUSION, Drift.WIDENS
    return [(slug, drift, part) for _, part in rows if isinstance(part, Unsaid)]


def _of_conjuncts(rows: Sequence[tuple[ir.Condition, Part]], polarity: Polarity) -> LeftOut | Unsaid:  # fmt: skip
    if (
        polarity is Polarity.NEGATIVE
    ):  # without one of its conjuncts an exclusion would exclude more
        return _together(rows)
    left_out: LeftOut = []
    program = any(is_test(part) and _of_program(condition) for condition, part in rows)
    for condition, part in rows:
        if isinstance(part, Unsaid):
            if is_scope(condition):
                left_out.append((SCOPE, Drift.WIDENS, part))
            elif isinstance(condition, ir.Not):
                left_out.append((EXCLUSION, Drift.WIDENS, part))
            elif program and all(test.of_process for test in part.tests):
                left_out.append((PROCESS, Drift.WIDENS, part))
            else:
                return _together(rows)
    only_exclusions = all(slug == EXCLUSION for slug, _, _ in left_out)
    asked = any(
        is_test(part) and (only_exclusions or not isinstance(part, ir.Not)) for _, part in rows
    )
    return left_out if asked else _together(rows)


def _of_program(condition: ir.Condition) -> bool:
    """Whether a condition asks for a program, in each of its alternatives."""
    match condition:
        case ir.Or(conditions):
            return all(map(_of_program, conditions))
        case ir.And(conditions):
            return any(map(_of_program, conditions))
        case _:
            return field_of(condition) in _PROGRAM


def _together(rows: Sequence[tuple[ir.Condition, Part]]) -> Unsaid:
    tests = (test for _, part in rows if isinstance(part, Unsaid) for test in part.tests)
    return Unsaid(tuple(dict.fromkeys(tests)))


def is_scope(condition: ir.Condition) -> bool:
    """Whether a condition only says where or in what kind of session something happens, or that a
    field is there at all."""
    match condition:
        case ir.Not(ir.IsNull()):
            return True
        case ir.Not(inner):
            return _is_of_scope(inner)
        case ir.Or(conditions) | ir.And(conditions):
            return all(map(is_scope, conditions))
        case ir.Constant():
            return False
        case ir.Like(_, patterns):
            some = any(p.shape is Shape.ANYTHING or p == _SOME for p in patterns)
            return some or _is_of_scope(condition)
        case _:
            return _is_of_scope(condition)


def _is_of_scope(condition: ir.Condition) -> bool:
    name = field_of(condition)
    return name is not None and any(fnmatchcase(name, p) for p in taxonomy().scope)


def _record(unsaid: Unsaid, slug: str, drift: Drift, losses: Losses) -> None:
    for test in unsaid.tests:
        reason = f"{test.what} is left out ({SUMMED[slug][0]}): {test.why}"
        losses.record(slug, drift, reason, test.leaf.span, by_convention=True)


def summed(losses: Sequence[Loss]) -> Iterator[str]:
    """One line for what was left out, if anything was."""
    parts = []
    for slug, (one, more) in SUMMED.items():
        of = [loss for loss in losses if loss.slug == slug]
        if of:
            parts.append(f"{len(of)} {one if len(of) == 1 else more} ({of[0].drift.value})")
    if parts:
        yield f"left out as Sigma has no words for it: {', '.join(parts)}"
