"""How values change between ECS and Sigma's taxonomy: one function a rewrite that the table names.

Each gives the condition in Sigma's field, and the drift that the writing itself brings, for a test
that stands outside of `not`. Where a test cannot be written exactly without a regular expression, it
widens outside of `not` and is a regular expression inside: what errs then errs towards more alerts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.patterns.regex import (
    AnyCharacter,
    Character,
    CharacterSet,
    Concatenation,
    Regex,
    RegexDialect,
    RegexNode,
    Repetition,
    joined,
)
from eqlx.patterns.wildcard import Piece, Wild, Wildcard
from eqlx_targets.sigma import conditions
from eqlx_targets.sigma.conditions import literally


class UnsuitedError(ValueError):
    """The value has no counterpart; the message says why."""


@dataclass(frozen=True)
class Subject:
    """A leaf to rewrite for a field of Sigma."""

    leaf: ir.Leaf
    field: ir.Field
    separator: str
    polarity: Polarity
    argument: str

    def patterns(self) -> tuple[tuple[Wildcard, ...], ir.Case]:
        """The leaf's texts.

        Raises:
            UnsuitedError: the leaf tests something else.
        """
        found = conditions.texts(self.leaf)
        if found is None:
            message = "only a comparison with text can be rewritten for its field in Sigma"
            raise UnsuitedError(message)
        return found

    def like(self, patterns: Iterable[Wildcard], case: ir.Case) -> ir.Condition:
        """Any of the patterns on the field."""
        distinct = tuple(dict.fromkeys(patterns))
        plain = all(isinstance(p, str) for pattern in distinct for p in pattern.pieces)
        if plain and len(distinct) == 1:
            text = ir.Text(distinct[0].literal)
            equal = ir.Comparison.EQUAL
            return ir.Compare(equal, self.field, text, case, span=self.leaf.span)
        if plain:
            choices = tuple(ir.Text(pattern.literal) for pattern in distinct)
            return ir.Membership(self.field, choices, case, span=self.leaf.span)
        return ir.Like(self.field, distinct, case, span=self.leaf.span)

    def equal(self, *values: str) -> ir.Condition:
        """One of some values that have one spelling in Sigma."""
        return self.like(map(literally, values), ir.Case.INSENSITIVE)

    def regex(self, roots: Iterable[RegexNode], case: ir.Case) -> ir.Condition:
        return ir.RegexMatch(
            self.field,
            tuple(Regex(RegexDialect.LUCENE, root) for root in roots),
            case,
            span=self.leaf.span,
        )


@dataclass(frozen=True)
class Rewritten:
    """`inexact`: the test as it is written matches more values than it should."""

    condition: ir.Condition
    inexact: bool = False


Rewrite = Callable[[Subject], Rewritten]

_ANY = Repetition(AnyCharacter(newline=True), 0, None)
_BOUNDARY = CharacterSet(frozenset(" \"'"), (), negated=False)


def rewrite(verb: str, subject: Subject) -> Rewritten:
    """Apply the rewrite that a row of the table names.

    Raises:
        UnsuitedError: this value has no counterpart.
    """
    if isinstance(subject.leaf, ir.IsNull) and verb not in _OF_NULL:
        return Rewritten(replace(subject.leaf, value=subject.field))
    return _REWRITES[verb](subject)


def _same(subject: Subject) -> Rewritten:
    leaf = subject.leaf
    if isinstance(leaf, ir.Compare):
        return Rewritten(replace(leaf, left=subject.field))
    return Rewritten(replace(leaf, value=subject.field))


def _basename(subject: Subject) -> Rewritten:
    """A file's name as the end of a path."""
    if isinstance(subject.leaf, ir.RegexMatch):
        start = joined((_ANY, Character(subject.separator)))
        roots = [joined((start, regex.root)) for regex in subject.leaf.patterns]
        return Rewritten(subject.regex(roots, subject.leaf.case), inexact=True)
    return _path_end(subject, subject.separator, Wildcard((Wild.ANY_RUN,)))


def _extension(subject: Subject) -> Rewritten:
    if isinstance(subject.leaf, ir.IsNull):
        message = "that a file has no extension cannot be told from its path"
        raise UnsuitedError(message)
    return _path_end(subject, ".", Wildcard(()))


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
    return _joined((Wild.ANY_RUN, before, *pattern.pieces))


def _path_regex(before: str, pattern: Wildcard, separator: str) -> RegexNode:
    refused = frozenset((separator,) if before == separator else (separator, before))
    inside = CharacterSet(refused, (), negated=True)
    return joined((_ANY, Character(before), *_nodes(pattern, inside)))


def _nodes(pattern: Wildcard, inside: RegexNode) -> tuple[RegexNode, ...]:
    found: list[RegexNode] = []
    for piece in pattern.pieces:
        match piece:
            case str():
                found += map(Character, piece)
            case Wild.ANY_RUN:
                found.append(Repetition(inside, 0, None))
            case Wild.ANY_ONE:
                found.append(inside)
    return tuple(found)


def _argument(subject: Subject) -> Rewritten:
    """One of the arguments: anywhere in the command line; under `not` between its borders."""
    leaf = subject.leaf
    if isinstance(leaf, ir.RegexMatch):
        roots = [joined((_ANY, regex.root, _ANY)) for regex in leaf.patterns]
        return Rewritten(subject.regex(roots, leaf.case))
    patterns, case = subject.patterns()
    if any(not pattern.literal for pattern in patterns):
        message = "an argument without text cannot be looked for in a command line"
        raise UnsuitedError(message)
    if subject.polarity is Polarity.POSITIVE:
        return Rewritten(subject.like(map(_inside_pattern, patterns), case))
    around = [p for p in patterns if p.pieces[0] is p.pieces[-1] is Wild.ANY_RUN]
    rest = [p for p in patterns if p not in around]
    parts: list[ir.Condition] = []
    if around:
        parts.append(subject.like(around, case))
    if rest:
        parts.append(subject.regex([_token(pattern) for pattern in rest], case))
    return Rewritten(parts[0] if len(parts) == 1 else ir.Or(tuple(parts), span=leaf.span))


def _token(pattern: Wildcard) -> RegexNode:
    before = Repetition(joined((_ANY, _BOUNDARY)), 0, 1)
    after = Repetition(joined((_BOUNDARY, _ANY)), 0, 1)
    return Concatenation((before, *_nodes(pattern, AnyCharacter(newline=True)), after))


def _inside(subject: Subject) -> Rewritten:
    patterns, case = subject.patterns()
    return Rewritten(subject.like(map(_inside_pattern, patterns), case))


def _inside_pattern(pattern: Wildcard) -> Wildcard:
    return _joined((Wild.ANY_RUN, *pattern.pieces, Wild.ANY_RUN))


def _directory(subject: Subject) -> Rewritten:
    """With and without a separator at the end: sources differ in writing it."""
    if conditions.texts(subject.leaf) is None:
        return _same(subject)
    patterns, case = subject.patterns()
    written: list[Wildcard] = []
    for pattern in patterns:
        last = pattern.pieces[-1] if pattern.pieces else ""
        written.append(pattern)
        if isinstance(last, str) and not last.endswith(subject.separator):
            written.append(_joined((*pattern.pieces, subject.separator)))
        elif isinstance(last, str) and len(last) > 1:
            written.append(_joined((*pattern.pieces[:-1], last[:-1])))
    return Rewritten(subject.like(written, case))


def _hash(subject: Subject) -> Rewritten:
    patterns, _ = subject.patterns()
    written = [
        _joined((Wild.ANY_RUN, f"{subject.argument}=", *pattern.pieces, Wild.ANY_RUN))
        for pattern in patterns
    ]
    return Rewritten(subject.like(written, ir.Case.INSENSITIVE))


_INTEGRITY = {
    "low": ("Low", "S-1-16-4096"),
    "medium": ("Medium", "S-1-16-8192"),
    "high": ("High", "S-1-16-12288"),
    "system": ("System", "S-1-16-16384"),
}
_SESSIONS = {"S-1-5-18": ("0x3e7",), "S-1-5-19": ("0x3e5",), "S-1-5-20": ("0x3e4",)}
_DIRECTIONS = {
    "egress": ("true",),
    "outgoing": ("true",),
    "outbound": ("true",),
    "ingress": ("false",),
    "incoming": ("false",),
    "inbound": ("false",),
}
_SIGNATURES = {"trusted": ("Valid",), "errorexpired": ("Expired",), "errorrevoked": ("Revoked",)}
_LOGONS = {
    "interactive": 2, "network": 3, "batch": 4, "service": 5, "unlock": 7, "networkcleartext": 8,
    "newcredentials": 9, "remoteinteractive": 10, "cachedinteractive": 11,
}  # fmt: skip


def _by_table(table: Mapping[str, tuple[str, ...]]) -> Rewrite:
    folded = {key.lower(): values for key, values in table.items()}

    def apply(subject: Subject) -> Rewritten:
        patterns, _ = subject.patterns()
        return Rewritten(subject.equal(*(v for p in patterns for v in _looked_up(p, folded))))

    return apply


def _looked_up(pattern: Wildcard, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    values = table.get(pattern.text.lower())
    if values is None:
        message = f"the value `{pattern.text}` has no counterpart"
        raise UnsuitedError(message)
    return values


def _logon(subject: Subject) -> Rewritten:
    patterns, _ = subject.patterns()
    table = {name: (str(code),) for name, code in _LOGONS.items()}
    codes = [ir.Integer(int(_looked_up(pattern, table)[0])) for pattern in patterns]
    return Rewritten(_among(subject, codes))


def _number(subject: Subject) -> Rewritten:
    """Texts of digits as numbers."""
    if conditions.texts(subject.leaf) is None:
        return _same(subject)
    patterns, _ = subject.patterns()
    if not all(pattern.text.isascii() and pattern.text.isdigit() for pattern in patterns):
        message = "its counterpart is a number"
        raise UnsuitedError(message)
    return Rewritten(_among(subject, [ir.Integer(int(pattern.text)) for pattern in patterns]))


def _among(subject: Subject, numbers: list[ir.Integer]) -> ir.Condition:
    field = replace(subject.field, type=FieldType.LONG)
    if len(numbers) == 1:
        return ir.Compare(ir.Comparison.EQUAL, field, numbers[0], span=subject.leaf.span)
    return ir.Membership(field, tuple(numbers), span=subject.leaf.span)


def _account(subject: Subject) -> Rewritten:
    patterns, case = subject.patterns()
    return Rewritten(subject.like((_after("\\", p, is_free=True) for p in patterns), case))


def _domain(subject: Subject) -> Rewritten:
    patterns, case = subject.patterns()
    return Rewritten(
        subject.like((_joined((*p.pieces, "\\", Wild.ANY_RUN)) for p in patterns), case)
    )


_HIVES = ("HKEY_LOCAL_MACHINE\\", "HKLM\\", "\\REGISTRY\\MACHINE\\", "REGISTRY\\MACHINE\\", "MACHINE\\", "HKEY_USERS\\", "HKU\\", "\\REGISTRY\\USER\\", "REGISTRY\\USER\\", "USER\\", "HKCU\\", "HKEY_CURRENT_USER\\")  # fmt: skip


def _hive(subject: Subject) -> Rewritten:
    if isinstance(subject.leaf, ir.RegexMatch):
        message = "the root of the registry cannot be left out of a regular expression"
        raise UnsuitedError(message)
    patterns, case = subject.patterns()
    return Rewritten(subject.like(map(_without_hive, patterns), case))


def _key(subject: Subject) -> Rewritten:
    patterns, case = subject.patterns()
    written = (_joined((*_without_hive(p).pieces, "\\", Wild.ANY_RUN)) for p in patterns)
    return Rewritten(subject.like(written, case))


def _without_hive(pattern: Wildcard) -> Wildcard:
    first, *rest = pattern.pieces or ("",)
    if not isinstance(first, str):
        return _joined(_control_sets(pattern.pieces))
    root = next((hive for hive in _HIVES if first.upper().startswith(hive)), None)
    if root is None:
        message = f"`{pattern.text}` starts at no root of the registry that is known"
        raise UnsuitedError(message)
    left = (f"\\{first[len(root) :]}", *rest)
    return _joined((Wild.ANY_RUN, *_control_sets(left)))


_CONTROL_SET = re.compile(r"\\ControlSet00\d(?=\\|\Z)", re.IGNORECASE)


def _control_sets(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Sysmon writes `CurrentControlSet` for the control set of any number."""
    for piece in pieces:
        if isinstance(piece, str) and piece.lower().endswith("\\controlset"):
            yield piece[: -len("ControlSet")]
            yield Wild.ANY_RUN
            yield "ControlSet"
        elif isinstance(piece, str):
            yield _CONTROL_SET.sub(r"\\CurrentControlSet", piece)
        else:
            yield piece


def _details(subject: Subject) -> Rewritten:
    if isinstance(subject.leaf, ir.RegexMatch):
        return _same(subject)
    patterns, case = subject.patterns()
    written: list[Wildcard] = []
    for pattern in patterns:
        text = pattern.text.lower()
        number = int(text, 0) if _is_number(text) else None
        if number is not None and number < 1 << 32:
            written.append(literally(f"DWORD (0x{number:08x})"))
        written.append(pattern)
    return Rewritten(subject.like(written, case))


def _is_number(text: str) -> bool:
    digits = text.removeprefix("0x")
    allowed = "0123456789abcdef" if text.startswith("0x") else "0123456789"
    leading = not text.startswith("0x") and len(text) > 1 and text[0] == "0"
    return 0 < len(digits) <= 10 and not leading and all(c in allowed for c in digits)


def _truth(subject: Subject) -> bool:
    match subject.leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Boolean(value)):
            return value
        case _:
            message = "only a comparison with true or false can be rewritten"
            raise UnsuitedError(message)


def _boolean(subject: Subject) -> Rewritten:
    return Rewritten(subject.equal("true" if _truth(subject) else "false"))


def _valid(subject: Subject) -> Rewritten:
    valid = subject.equal("Valid")
    if _truth(subject):
        return Rewritten(valid)
    absent = ir.IsNull(subject.field, span=subject.leaf.span)
    span = subject.leaf.span
    return Rewritten(ir.And((ir.Not(valid, span=span), ir.Not(absent, span=span)), span=span))


def _outcome(subject: Subject) -> Rewritten:
    patterns, _ = subject.patterns()
    table = {"success": ("success",), "failure": ("failure",)}
    found = {value for pattern in patterns for value in _looked_up(pattern, table)}
    if len(found) != 1:
        message = "both outcomes are asked for at once"
        raise UnsuitedError(message)
    absent = ir.IsNull(subject.field, span=subject.leaf.span)
    is_success = found == {"success"}
    return Rewritten(absent if is_success else ir.Not(absent, span=subject.leaf.span))


def _implied(subject: Subject) -> Rewritten:
    return Rewritten(ir.Constant(value=True, span=subject.leaf.span))


def _joined(pieces: Iterable[Piece]) -> Wildcard:
    """Pieces as a pattern: stretches of text in one, runs in one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, str) and isinstance(last, str):
            found[-1] = last + piece
        elif piece and not (piece is Wild.ANY_RUN and last is Wild.ANY_RUN):
            found.append(piece)
    return Wildcard(tuple(found))


_OF_NULL = frozenset(("extension", "implied", "outcome"))
_REWRITES: Mapping[str, Rewrite] = {
    "same": _same,
    "keep": _same,
    "basename": _basename,
    "extension": _extension,
    "argument": _argument,
    "inside": _inside,
    "directory": _directory,
    "hash": _hash,
    "integrity": _by_table(_INTEGRITY),
    "sid": _by_table(_SESSIONS),
    "uid": _by_table({"0": ("root",)}),
    "direction": _by_table(_DIRECTIONS),
    "signature": _by_table(_SIGNATURES),
    "logon": _logon,
    "number": _number,
    "account": _account,
    "domain": _domain,
    "hive": _hive,
    "key": _key,
    "details": _details,
    "boolean": _boolean,
    "valid": _valid,
    "outcome": _outcome,
    "implied": _implied,
}
