"""Times as Sysmon writes them: `2024-01-31 12:00:00.000`, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eqlx.ir import nodes as ir
from eqlx.patterns.regex import Character, CharacterSet, RegexNode, joined
from eqlx_targets.sigma.rewrites.subject import ANY, Rewritten, Subject, UnsuitedError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE = (ir.Comparison.LESS, ir.Comparison.LESS_OR_EQUAL)
_OR_EQUAL = (ir.Comparison.LESS_OR_EQUAL, ir.Comparison.GREATER_OR_EQUAL)


def utc_time(subject: Subject) -> Rewritten:
    """A date against a constant: texts of one length are in the order of their times."""
    match subject.leaf:
        case ir.Compare(operator, _, ir.Instant(nanoseconds)):
            text = _written(nanoseconds)
        case _:
            message = "only a comparison with a date can be rewritten"
            raise UnsuitedError(message)
    if operator is ir.Comparison.EQUAL:
        return Rewritten(subject.equal(text))
    found = list(_on_one_side(text, before=operator in _BEFORE))
    if operator in _OR_EQUAL:
        found.append(joined(tuple(map(Character, text))))
    return Rewritten(subject.regex(found, ir.Case.SENSITIVE))


def _written(nanoseconds: int) -> str:
    """To the millisecond.

    Raises:
        UnsuitedError: no such text has this time.
    """
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    try:
        time = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        rest = 1
        time = _EPOCH
    if rest:
        message = "the log writes milliseconds, of years with four digits"
        raise UnsuitedError(message)
    return f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d}"


def _on_one_side(text: str, *, before: bool) -> list[RegexNode]:
    """Texts that differ first at a digit, which is less (or greater) there."""
    found: list[RegexNode] = []
    for place, digit in enumerate(text):
        if not digit.isdigit() or digit == ("0" if before else "9"):
            continue
        ends = ("0", chr(ord(digit) - 1)) if before else (chr(ord(digit) + 1), "9")
        other = CharacterSet(frozenset(), (ends,), negated=False)
        found.append(joined((*map(Character, text[:place]), other, ANY)))
    return found
