"""Arguments, as words of a command line."""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.ir import nodes as ir
from eqlx.patterns.regex import (
    Character,
    CharacterSet,
    Concatenation,
    Regex,
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
    joined_pieces,
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
    """One of the arguments, between its borders: `' -e '` within the command line, `' -e'` at its end.

    An argument with a blank in it stands between quotation marks, which are its borders then.
    """
    leaf = subject.leaf
    if isinstance(leaf, ir.RegexMatch):
        return Rewritten(subject.regex(map(_token, leaf.patterns), leaf.case))
    patterns, case = subject.patterns()
    if any(not pattern.pieces for pattern in patterns):
        message = "an empty argument cannot be looked for in a command line"
        raise UnsuitedError(message)
    written = [one for pattern in patterns for one in bordered(pattern)]
    return Rewritten(subject.like(written, case))


def bordered(pattern: Wildcard) -> Iterator[Wildcard]:
    """A pattern of an argument as patterns of the command line that holds it."""
    pieces = pattern.pieces
    run = (Wild.ANY_RUN,)
    if not pattern.literal or " " in pattern.literal:
        yield joined_pieces((*run, *pieces, *run))
        return
    before = run if pieces[0] is Wild.ANY_RUN else (*run, " ")
    if pieces[-1] is Wild.ANY_RUN:
        yield joined_pieces((*before, *pieces))
        return
    yield joined_pieces((*before, *pieces, " ", *run))
    yield joined_pieces((*before, *pieces))


def _token(regex: Regex) -> RegexNode:
    before = Repetition(joined((ANY, _BOUNDARY)), 0, 1)
    after = Repetition(joined((_BOUNDARY, ANY)), 0, 1)
    return Concatenation((before, regex.root, after))


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
