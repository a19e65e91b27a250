"""What a leaf says of single values: three-valued, None is null (spec §3, §4, §7).

Which values a leaf is asked about, and what becomes of its null, is the business of the passes (for
constants, spec §5 A) and of the interpreter (for events, §5 B).
"""

from __future__ import annotations

from eqlx.ir.nodes import Case, Like, Membership, NetworkMatch, RegexMatch, Where
from eqlx.meaning.comparison import same, within
from eqlx.meaning.matching import regex_matches, wildcard_matches
from eqlx.meaning.text import folded, units
from eqlx.meaning.values import Failed, Operand, Scalar, value_of

ValueTest = Membership | Like | RegexMatch | NetworkMatch
"""The leaves that test one value against constants."""


def conjunction(*operands: Operand) -> bool | None:
    """`and` of three values, as in SQL."""
    if any(operand is False for operand in operands):
        return False
    return None if any(operand is None for operand in operands) else True


def disjunction(*operands: Operand) -> bool | None:
    """`or` of three values, as in SQL."""
    if any(operand is True for operand in operands):
        return True
    return None if any(operand is None for operand in operands) else False


def opposite(operand: Operand) -> bool | None:
    """`not` of three values, as in SQL."""
    return None if operand is None else operand is not True


def matches(leaf: ValueTest, value: Operand) -> bool | None:
    """Whether a value passes the leaf's test; null is null.

    Raises:
        Failed: the value is of a kind that the leaf cannot test.
    """
    return None if value is None else _passes(leaf, value)


def _passes(leaf: ValueTest, value: Scalar) -> bool:
    match leaf:
        case Membership(_, choices, case):
            operands = [value_of(choice) for choice in choices]
            return any(same(value, o, case) for o in operands if o is not None)
        case Like(_, patterns, case, crosses_lines):
            text = _text(value)
            return any(
                wildcard_matches(p, text, folding=case.folding, crosses_lines=crosses_lines)
                for p in patterns
            )
        case RegexMatch(_, expressions, case):
            text = _text(value)
            return any(regex_matches(r, text, folding=case.folding) for r in expressions)
        case NetworkMatch(_, networks):
            return any(within(value, network) for network in networks)


def _text(value: Operand) -> str:
    if not isinstance(value, str):
        message = "not a string"
        raise Failed(message)
    return value


def text_match(where: Where, value: Operand, text: Operand, case: Case) -> bool | None:
    """`startsWith`, `endsWith`, `stringContains`; the last is false on empty text (spec §7).

    Raises:
        Failed: an operand is no string.
    """
    if value is None or text is None:
        return None
    whole, part = units(_text(value)), units(_text(text))
    whole, part = folded(whole, case), folded(part, case)
    match where:
        case Where.START:
            return whole.startswith(part)
        case Where.END:
            return whole.endswith(part)
        case Where.ANYWHERE:
            return bool(whole and part) and part in whole
