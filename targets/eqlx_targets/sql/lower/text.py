"""Predicates on one text: equality, sets, wildcards, with letter case exact or folded.

Case-insensitive comparison means ASCII folding (spec §13.2). With `folding=unicode` (the default)
`ILIKE` and `lower` are used, and where literal and engine can differ from ASCII folding the drift is
recorded; `folding=ascii` folds with `translate`, exactly.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from sqlglot import exp

from eqlx.ir.nodes import Case, Where
from eqlx.patterns.wildcard import Shape, Wild, Wildcard
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower.choices import Choices

ALTERNATION = 4
"""From so many patterns on, one RE2 alternation is cheaper than as many `LIKE`s (measured)."""
ALTERNATION_LIMIT = 200
"""Alternatives in one RE2 program; RE2 bounds the memory of a program."""
ESCAPES = "!^~|#$@&"
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SET = re.compile(r"[A-Za-z]")
_JAVA_LINE_ENDS = r"[^\n\r\x{85}\x{2028}\x{2029}]"


def ascii_lower(value: str) -> str:
    """ASCII letters lowered, all else as it is."""
    return value.translate(_LOWER)


def folded(value: exp.Expr, choices: Choices, *literals: str) -> exp.Expr:
    """`value` with its letters lowered, for comparison with the literals (lowered in ASCII); no
    literal: for comparison with anything."""
    if choices.scope.options.get("folding") == "ascii":
        return exp.Translate(
            this=value,
            from_=sql.text(string.ascii_uppercase),
            to=sql.text(string.ascii_lowercase),
        )
    if not literals or any(_differs(literal, "ik") for literal in literals):
        choices.folds_unicode("letters beyond ASCII are folded too")
    return exp.Lower(this=value)


def _differs(literal: str, letters: str) -> bool:
    """Whether Unicode folding can equate the literal with a text that ASCII folding keeps apart.

    DuckDB's `lower` and `ILIKE` bring two characters down into ASCII: the Kelvin sign to `k` and
    the dotted capital I to `i`; RE2's `(?i)` equates the Kelvin sign with `k`, the long s with `s`.
    """
    return any(c.lower() in letters or (c > "\x7f" and c.lower() != c.upper()) for c in literal)


def _caseless(literal: str) -> bool:
    """No ASCII letter: folding changes nothing."""
    return not _SET.search(literal)


def equal_any(value: exp.Expr, literals: Sequence[str], case: Case, choices: Choices) -> exp.Expr:
    """The value is one of the literals."""
    if case is Case.SENSITIVE or all(map(_caseless, literals)):
        return sql.one_of(value, [sql.text(literal) for literal in literals])
    lowered = list(dict.fromkeys(map(ascii_lower, literals)))
    ascii_only = choices.scope.options.get("folding") == "ascii"
    if len(lowered) == 1 and not ascii_only and not set(lowered[0]) & set("%_"):
        return _ilike(value, literals[0], literals, choices)
    texts = [sql.text(literal) for literal in lowered]
    if not ascii_only:
        # The engine must fold what Python might fold in another way.
        texts = [t if t.this.isascii() else exp.Lower(this=t) for t in texts]
    return sql.one_of(folded(value, choices, *lowered), texts)


def _ilike(
    value: exp.Expr, pattern: str, literals: Sequence[str], choices: Choices, escape: str = ""
) -> exp.Expr:
    if any(_differs(literal, "ik") for literal in literals):
        choices.folds_unicode("letters beyond ASCII are folded too")
    like = exp.ILike(this=sql.wrapped(value), expression=sql.text(pattern))
    return exp.Escape(this=like, expression=sql.text(escape)) if escape else like


def located(value: exp.Expr, where: Where, literal: str, case: Case, choices: Choices) -> exp.Expr:
    """The value starts with, ends with or contains the literal text."""
    before = "" if where is Where.START else "%"
    after = "" if where is Where.END else "%"
    insensitive = case is Case.INSENSITIVE and not _caseless(literal)
    if set(literal) & set("%_") or not literal:
        if insensitive:
            value = folded(value, choices, literal)
            literal = ascii_lower(literal)
        return located_sql(value, where, sql.text(literal))
    if not insensitive:
        return exp.Like(this=sql.wrapped(value), expression=sql.text(before + literal + after))
    if choices.scope.options.get("folding") == "ascii":
        lowered = sql.text(before + ascii_lower(literal) + after)
        return exp.Like(this=folded(value, choices, literal), expression=lowered)
    return _ilike(value, before + literal + after, [literal], choices)


def located_sql(value: exp.Expr, where: Where, wanted: exp.Expr) -> exp.Expr:
    """The same for any text, without letter case."""
    match where:
        case Where.START:
            return exp.StartsWith(this=value, expression=wanted)
        case Where.END:
            return exp.Anonymous(this="suffix", expressions=[value, wanted])
        case Where.ANYWHERE:
            return exp.Contains(this=value, expression=wanted)


def like_any(
    value: exp.Expr,
    patterns: Sequence[Wildcard],
    case: Case,
    choices: Choices,
    *,
    lines: bool,
) -> exp.Expr:
    """The value matches one of the wildcard patterns. `lines`: wildcards match line ends too."""
    exact = [p.literal for p in patterns if p.shape is Shape.EXACT]
    wild = [p for p in dict.fromkeys(patterns) if p.shape is not Shape.EXACT]
    tests: list[exp.Expr] = []
    if exact:
        tests.append(equal_any(value.copy(), exact, case, choices))
    costly = [p for p in wild if p.shape is not Shape.PREFIX] if lines else wild
    if lines and len(costly) < ALTERNATION:
        costly = []
    tests += [wildcard(value.copy(), p, case, choices) for p in wild if p not in costly]
    for start in range(0, len(costly), ALTERNATION_LIMIT):
        chunk = costly[start : start + ALTERNATION_LIMIT]
        tests.append(_alternation(value.copy(), chunk, case, choices, lines=lines))
    return sql.disjunction(tests)


def wildcard(value: exp.Expr, pattern: Wildcard, case: Case, choices: Choices) -> exp.Expr:
    """One pattern as the cheapest exact test."""
    match pattern.shape:
        case Shape.EXACT:
            return equal_any(value, [pattern.literal], case, choices)
        case Shape.PREFIX:
            return located(value, Where.START, pattern.literal, case, choices)
        case Shape.SUFFIX:
            return located(value, Where.END, pattern.literal, case, choices)
        case Shape.CONTAINS:
            return located(value, Where.ANYWHERE, pattern.literal, case, choices)
        case Shape.ANYTHING:
            return sql.negation(sql.is_null(value))
        case Shape.GENERAL:
            return _general(value, pattern, case, choices)


def _general(value: exp.Expr, pattern: Wildcard, case: Case, choices: Choices) -> exp.Expr:
    literal = pattern.literal
    escape = ""
    if set(literal) & set("%_"):
        escape = next((c for c in ESCAPES if c not in literal), "!")
    like = "".join(_like_piece(piece, escape) for piece in pattern.pieces)
    if case is Case.INSENSITIVE and not _caseless(literal):
        if choices.scope.options.get("folding") != "ascii":
            return _ilike(value, like, [literal], choices, escape)
        value, like = folded(value, choices, literal), ascii_lower(like)
    test = exp.Like(this=sql.wrapped(value), expression=sql.text(like))
    return exp.Escape(this=test, expression=sql.text(escape)) if escape else test


def _like_piece(piece: str | Wild, escape: str) -> str:
    if isinstance(piece, Wild):
        return "%" if piece is Wild.ANY_RUN else "_"
    if not escape:
        return piece
    return "".join(escape + c if c in "%_" or c == escape else c for c in piece)


def _alternation(
    value: exp.Expr,
    patterns: Sequence[Wildcard],
    case: Case,
    choices: Choices,
    *,
    lines: bool,
) -> exp.Expr:
    """All patterns in one RE2 program; a pattern that may begin or end anywhere is not anchored."""
    insensitive = case is Case.INSENSITIVE and not all(_caseless(p.literal) for p in patterns)
    if insensitive and choices.scope.options.get("folding") == "ascii":
        value, insensitive = folded(value, choices), False
        patterns = [Wildcard.parse(ascii_lower(p.text)) for p in patterns]
    if insensitive and any(_differs(p.literal, "ks") for p in patterns):
        choices.folds_unicode("letters beyond ASCII are folded too")
    body = "|".join(_re2(pattern, lines=lines) for pattern in patterns)
    return sql.search(value, body, "is" if insensitive else "s")


def _re2(pattern: Wildcard, *, lines: bool) -> str:
    pieces = list(pattern.pieces)
    start, end = "^", "$"
    if lines:
        if pieces[0] is Wild.ANY_RUN:
            start = ""
            pieces.pop(0)
        if pieces and pieces[-1] is Wild.ANY_RUN:
            end = ""
            pieces.pop()
    one = "." if lines else _JAVA_LINE_ENDS
    marks = {Wild.ANY_RUN: one + "*", Wild.ANY_ONE: one}
    return start + "".join(marks[p] if isinstance(p, Wild) else re2_quoted(p) for p in pieces) + end


def re2_quoted(literal: str) -> str:
    """Literal text inside an RE2 pattern."""
    return "".join(
        f"\\x{{{ord(c):x}}}" if c < " " else "\\" + c if c in r"\.+*?()|[]{}^$" else c
        for c in literal
    )
