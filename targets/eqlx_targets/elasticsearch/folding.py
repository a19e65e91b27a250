"""Letter case inside a regular expression: letters written `[aA]` instead of the flag.

The flag `case_insensitive` of `regexp` loses the empty string in Lucene 9 (OpenSearch 2.19 does not
match `regex~ "(a|)b"` on `b`), and folds beyond ASCII in Lucene 10 (Elasticsearch 9: `k` takes the
Kelvin sign, `s` the long s, `É` its small form). Spelled-out letters do neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from eqlx.patterns.characters import Characters
from eqlx.patterns.folding import Folding, forms, levels_differ
from eqlx.patterns.regex import (
    Alternation,
    AnyCharacter,
    AnyString,
    Character,
    CharacterSet,
    Complement,
    Concatenation,
    Intersection,
    Interval,
    Nothing,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
)


def either_case(character: str, folding: Folding) -> Character | CharacterSet:
    """A character as it is, or a letter in all its forms."""
    alike = forms(character, folding)
    if len(alike) == 1:
        return Character(character)
    return CharacterSet(frozenset(alike), (), negated=False)


def has_empty_branch(root: RegexNode) -> bool:
    """Whether the empty string is written somewhere in the pattern (`()`, the whole of it)."""
    return any(node == Concatenation(()) for node in _nodes(root))


def folds_beyond_ascii(root: RegexNode) -> bool:
    """Whether folding by Unicode differs from folding by ASCII for the pattern: `k` and `s` are the
    letters of ASCII with a third form, and any other character may have a second one."""
    return any(_has_more_forms(one) for node in _nodes(root) for one in _folding(node))


def _folding(node: RegexNode) -> Iterable[str]:
    """The characters of a node that fold: ranges do not."""
    match node:
        case Character(value):
            return (value,)
        case CharacterSet(singles):
            return singles
        case _:
            return ()


def _has_more_forms(character: str) -> bool:
    return not character.isascii() or levels_differ(character)


def has_complement(root: RegexNode) -> bool:
    """Whether the pattern has Lucene's operator `~`, which OpenSearch 3 has switched off."""
    return any(isinstance(node, Complement) for node in _nodes(root))


def _nodes(root: RegexNode) -> Iterator[RegexNode]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Concatenation(parts) | Alternation(parts) | Intersection(parts):
                waiting.extend(parts)
            case Repetition(part) | Complement(part):
                waiting.append(part)
            case AnyCharacter() | AnyString() | Character() | CharacterSet():
                pass
            case Interval() | Nothing():
                pass
            case _:
                assert_never(node)


def spelled_out(regex: Regex, folding: Folding) -> Regex:
    """The pattern that means without the flag what `regex` means with it: letters and listed
    characters fold, ranges do so in Java alone (spec §3)."""
    wide = regex.dialect is RegexDialect.JAVA
    return Regex(regex.dialect, _spelled(regex.root, folding, wide=wide))


def _spelled(node: RegexNode, folding: Folding, *, wide: bool) -> RegexNode:
    match node:
        case Character(value):
            return either_case(value, folding)
        case CharacterSet(singles, ranges):
            every = frozenset(form for one in singles for form in forms(one, folding))
            if wide:
                spans = Characters.of((ord(low), ord(high)) for low, high in ranges)
                folded = spans.folded(folding).intervals
                ranges = tuple((chr(low), chr(high)) for low, high in folded)
            return replace(node, singles=every, ranges=ranges)
        case Concatenation(parts) | Alternation(parts) | Intersection(parts):
            return replace(node, parts=tuple(_spelled(p, folding, wide=wide) for p in parts))
        case Repetition(part) | Complement(part):
            return replace(node, part=_spelled(part, folding, wide=wide))
        case AnyCharacter() | Interval() | AnyString() | Nothing():
            return node
        case _:
            assert_never(node)
