"""Names, extensions and folders of files, as parts of a path."""

from __future__ import annotations

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.patterns.regex import Character, CharacterSet, RegexNode, Repetition, joined
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx_targets.sigma import conditions
from eqlx_targets.sigma.rewrites.subject import (
    ANY,
    Rewritten,
    Subject,
    UnsuitedError,
    joined_pieces,
    nodes,
    same,
)


def basename(subject: Subject) -> Rewritten:
    """A file's name as the end of a path."""
    if isinstance(subject.leaf, ir.RegexMatch):
        start = joined((ANY, Character(subject.separator)))
        roots = [joined((start, regex.root)) for regex in subject.leaf.patterns]
        return Rewritten(subject.regex(roots, subject.leaf.case), inexact=True)
    return _path_end(subject, subject.separator, Wildcard((Wild.ANY_RUN,)))


def extension(subject: Subject) -> Rewritten:
    """What follows the last dot of a name; a dot at its start is no such dot."""
    leaf = subject.leaf
    if not isinstance(leaf, ir.IsNull):
        return _path_end(subject, ".", Wildcard(()))
    separator = Character(subject.separator)
    dot = Repetition(Character("."), 0, 1)
    rest = Repetition(CharacterSet(frozenset((subject.separator, ".")), (), negated=True), 0, None)
    root = joined((Repetition(joined((ANY, separator)), 0, 1), dot, rest))
    bare = subject.regex([root], ir.Case.SENSITIVE)
    absent = ir.IsNull(subject.field, span=leaf.span)
    return Rewritten(ir.Or((absent, bare), span=leaf.span))


def _path_end(subject: Subject, before: str, free: Wildcard) -> Rewritten:
    """Patterns for what follows the last `before`. A pattern in which a wildcard could match a
    separator is inexact; under `not` it becomes an expression in which none can. `free`: how a
    pattern starts whose own start is open."""
    patterns, case = subject.patterns()
    exact: list[Wildcard] = []
    loose: list[Wildcard] = []
    for pattern in patterns:
        is_open = pattern.pieces[:1] == (Wild.ANY_RUN,) and bool(free.pieces)
        rest = pattern.pieces[1:] if is_open else pattern.pieces
        if not pattern.pieces:
            message = "an empty name is no name of a file"
            raise UnsuitedError(message)
        if not rest:
            exact.append(Wildcard((Wild.ANY_RUN,)))
            continue
        target = loose if any(isinstance(piece, Wild) for piece in rest) else exact
        target.append(pattern)
    written = [_after(before, pattern, is_free=bool(free.pieces)) for pattern in exact]
    if loose and subject.polarity is Polarity.POSITIVE:
        written += [_after(before, pattern, is_free=bool(free.pieces)) for pattern in loose]
        return Rewritten(subject.like(written, case), inexact=True)
    if not loose:
        return Rewritten(subject.like(written, case))
    roots = [_path_regex(before, pattern, subject.separator) for pattern in loose]
    expression = subject.regex(roots, case)
    if not written:
        return Rewritten(expression)
    both = (subject.like(written, case), expression)
    return Rewritten(ir.Or(both, span=subject.leaf.span))


def _after(before: str, pattern: Wildcard, *, is_free: bool) -> Wildcard:
    if is_free and pattern.pieces[0] is Wild.ANY_RUN:
        return pattern
    return joined_pieces((Wild.ANY_RUN, before, *pattern.pieces))


def _path_regex(before: str, pattern: Wildcard, separator: str) -> RegexNode:
    refused = frozenset((separator,) if before == separator else (separator, before))
    inside = CharacterSet(refused, (), negated=True)
    return joined((ANY, Character(before), *nodes(pattern, inside)))


def directory(subject: Subject) -> Rewritten:
    """With and without a separator at the end: sources differ in writing it."""
    if conditions.texts(subject.leaf) is None:
        return same(subject)
    patterns, case = subject.patterns()
    written: list[Wildcard] = []
    for pattern in patterns:
        last = pattern.pieces[-1] if pattern.pieces else ""
        written.append(pattern)
        if isinstance(last, str) and not last.endswith(subject.separator):
            written.append(joined_pieces((*pattern.pieces, subject.separator)))
        elif isinstance(last, str) and len(last) > 1:
            written.append(joined_pieces((*pattern.pieces[:-1], last[:-1])))
    return Rewritten(subject.like(written, case))
