"""Arguments, as words of a command line."""

from __future__ import annotations

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.patterns.regex import (
    AnyCharacter,
    Character,
    CharacterSet,
    Concatenation,
    RegexNode,
    Repetition,
    joined,
    united,
)
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_targets.sigma.conditions import bounds
from eqlx_targets.sigma.rewrites.subject import (
    ANY,
    Rewritten,
    Subject,
    UnsuitedError,
    inside_pattern,
    nodes,
)

_BOUNDARY = CharacterSet(frozenset(" \"'"), (), negated=False)
_BLANK = Character(" ")
_IN_WORD = CharacterSet(frozenset(" "), (), negated=True)
_IN_OPEN_WORD = CharacterSet(frozenset(' "'), (), negated=True)
_QUOTATION = joined(
    (
        Character('"'),
        Repetition(CharacterSet(frozenset('"'), (), negated=True), 0, None),
        Character('"'),
    )
)
_MOST_WORDS = 100


def argument(subject: Subject) -> Rewritten:
    """One of the arguments: anywhere in the command line; under `not` between its borders."""
    leaf = subject.leaf
    if isinstance(leaf, ir.RegexMatch):
        roots = [joined((ANY, regex.root, ANY)) for regex in leaf.patterns]
        return Rewritten(subject.regex(roots, leaf.case))
    patterns, case = subject.patterns()
    if any(not pattern.pieces for pattern in patterns):
        message = "an empty argument cannot be looked for in a command line"
        raise UnsuitedError(message)
    if subject.polarity is Polarity.POSITIVE:
        return Rewritten(subject.like(map(inside_pattern, patterns), case))
    around = [p for p in patterns if p.pieces[0] is p.pieces[-1] is Wild.ANY_RUN]
    rest = [p for p in patterns if p not in around]
    parts: list[ir.Condition] = []
    if around:
        parts.append(subject.like(around, case))
    if rest:
        parts.append(subject.regex([_token(pattern) for pattern in rest], case))
    return Rewritten(parts[0] if len(parts) == 1 else ir.Or(tuple(parts), span=leaf.span))


def _token(pattern: Wildcard) -> RegexNode:
    before = Repetition(joined((ANY, _BOUNDARY)), 0, 1)
    after = Repetition(joined((_BOUNDARY, ANY)), 0, 1)
    return Concatenation((before, *nodes(pattern, AnyCharacter(newline=True)), after))


def words(subject: Subject) -> Rewritten:
    """The number of arguments: that of the words of the command line, program included. On Windows
    quotation marks keep a word together; elsewhere a command line is its arguments with blanks
    between."""
    match subject.leaf:
        case ir.Compare(operator, _, ir.Integer(value)):
            low, high = bounds(operator, value)
        case _:
            message = "only a comparison with a number can be rewritten for its field in Sigma"
            raise UnsuitedError(message)
    low = max(low, 1)
    if (high is not None and high < low) or max(low, high or 0) > _MOST_WORDS:
        message = "a command line has at least one word, and no more are counted than a hundred"
        raise UnsuitedError(message)
    word = Repetition(_IN_WORD, 1, None)
    if subject.separator == "\\":
        word = Repetition(united((_IN_OPEN_WORD, _QUOTATION)), 1, None)
    blanks = Repetition(_BLANK, 1, None)
    more = Repetition(joined((blanks, word)), low - 1, None if high is None else high - 1)
    edge = Repetition(_BLANK, 0, None)
    return Rewritten(subject.regex([joined((edge, word, more, edge))], ir.Case.SENSITIVE))
