"""Events of Linux's audit log: system calls that a rule names, and actions that stand in its records."""

from __future__ import annotations

from collections.abc import Sequence

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns.wildcard import Shape, Wildcard
from eqlx_targets.sigma.conditions import field_of, negated, simplified, texts, united
from eqlx_targets.sigma.taxonomy import Place, taxonomy
from eqlx_targets.sigma.truth import leaves, specialised

PLACE = Place("linux", None, "auditd")
LINUX = {"host.os.type": frozenset(("linux",))}
_ELSEWHERE = {"host.os.type": frozenset(("windows", "macos"))}
RECORD = "auditd.message_type"
_CALL = "auditd.data.syscall"
_SUCCESS = "auditd.data.success"


def audited(event_filter: ir.Filter) -> ir.Filter | None:
    """The filter on records of the audit log, if it asks for those; otherwise None."""
    condition = event_filter.condition
    conjuncts = condition.conditions if isinstance(condition, ir.And) else (condition,)
    is_linux = any(
        field_of(c) == "host.os.type" and specialised(c, LINUX) != specialised(c, _ELSEWHERE)
        for c in conjuncts
    )
    if not is_linux:
        return None
    asked = [
        (field_of(leaf) or "", leaf) for leaf, p in leaves(condition) if p is Polarity.POSITIVE
    ]
    actions = [leaf for name, leaf in asked if name == "event.action"]
    if any(name == _CALL for name, _ in asked):
        own = ir.And((_equal(RECORD, ("SYSCALL",), condition), _without_action(condition)))
        return ir.Filter(None, simplified(own), span=event_filter.span)
    if not actions or not all(map(_is_known, actions)):
        return None
    return ir.Filter(None, _as_records(condition), span=event_filter.span)


def _is_known(leaf: ir.Leaf) -> bool:
    found = texts(leaf)
    return found is not None and _are_known(found[0])


def _are_known(patterns: Sequence[Wildcard]) -> bool:
    known = taxonomy().audits
    return all(p.shape is Shape.EXACT and p.literal in known for p in patterns)


def _without_action(condition: ir.Condition) -> ir.Condition:
    """Beside a system call the action says nothing more."""
    conjuncts = condition.conditions if isinstance(condition, ir.And) else (condition,)
    kept = tuple(c for c in conjuncts if field_of(c) != "event.action")
    return ir.And(kept, span=condition.span)


def _as_records(condition: ir.Condition) -> ir.Condition:
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            return simplified(kind(tuple(map(_as_records, conditions)), span=condition.span))
        case ir.Not(inner):
            return negated(_as_records(inner), condition.span)
        case _:
            found = texts(condition) if field_of(condition) == "event.action" else None
            if found is None or not _are_known(found[0]):
                return condition
            rows = [taxonomy().audits[pattern.literal] for pattern in found[0]]
            return united(
                [_record(types, calls, condition) for types, calls in dict.fromkeys(rows)]
            )


def _record(types: tuple[str, ...], calls: tuple[str, ...], at: ir.Condition) -> ir.Condition:
    tests = [_equal(RECORD, types, at)]
    if calls:
        tests += [_equal(_CALL, calls, at), _equal(_SUCCESS, ("yes",), at)]
    return simplified(ir.And(tuple(tests), span=at.span))


def _equal(name: str, values: tuple[str, ...], at: ir.Condition) -> ir.Condition:
    field = ir.Field(name, type=FieldType.KEYWORD, span=at.span)
    case = ir.Case.INSENSITIVE  # the log writes them in one way
    if len(values) == 1:
        return ir.Compare(ir.Comparison.EQUAL, field, ir.Text(values[0]), case, span=at.span)
    return ir.Membership(field, tuple(map(ir.Text, values)), case, span=at.span)
