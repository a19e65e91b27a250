"""Predicates on one text: equality, sets, wildcards, with letter case exact or folded.

Folding is exact at both levels of letter case (spec §13.2). At the level `unicode` the function that
is right for a literal's letters does the work (`letters.method`); where it takes one letter too many
(an `i` that is dotted, or is not), what it found is looked at again. At the level `ascii` the value
goes through `translate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from eqlx.ir.features import Polarity
from eqlx.ir.nodes import Case, Where
from eqlx.patterns.folding import Folding, fold, forms, has_case
from eqlx.patterns.wildcard import Shape, Wild, Wildcard
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower import letters
from eqlx_targets.sql.lower.choices import Choices
from eqlx_targets.sql.lower.letters import Method
from eqlx_targets.sql.words.vocabulary import word

ALTERNATION = 4
"""From so many patterns on, one RE2 alternation is cheaper than as many `LIKE`s (measured)."""
ALTERNATION_LIMIT = 200
"""Alternatives in one RE2 program; RE2 bounds the memory of a program."""
ESCAPES = "!^~|#$@&"
_JAVA_LINE_ENDS = r"[^\n\r\x{85}\x{2028}\x{2029}]"


def equal_any(value: exp.Expr, literals: Sequence[str], case: Case, choices: Choices) -> exp.Expr:
    """The value is one of the literals."""
    folding = _folding(literals, case)
    if folding is None:
        return sql.one_of(value, [sql.text(literal) for literal in literals])
    distinct = list({fold(literal, folding): literal for literal in reversed(literals)}.values())
    distinct.reverse()
    if folding is Folding.ASCII:
        texts = [sql.text(fold(literal, folding)) for literal in distinct]
        return sql.one_of(letters.folded(value, folding), texts)
    plain = [literal for literal in distinct if letters.is_plain(literal)]
    odd = [f"^{_spelled(literal)}$" for literal in distinct if not letters.is_plain(literal)]
    tests = [_equal_plain(value.copy(), plain, choices)] if plain else []
    tests += [sql.search(value.copy(), "|".join(odd), "is")] if odd else []
    return sql.disjunction(tests)


def _equal_plain(value: exp.Expr, literals: Sequence[str], choices: Choices) -> exp.Expr:
    by = letters.method(literals)
    if len(literals) == 1 and by is not Method.UPPER and not set(literals[0]) & set("%_"):
        test = _like(value, literals[0], by)
    else:
        texts = [sql.text(letters.cased(literal, by)) for literal in literals]
        test = sql.one_of(letters.applied(value, by), texts)
    risk = letters.risk(literals, by)
    return _with(test, letters.without(value.copy(), risk), choices) if risk else test


def located(value: exp.Expr, where: Where, literal: str, case: Case, choices: Choices) -> exp.Expr:
    """The value starts with, ends with or contains the literal text."""
    folding = _folding([literal], case)
    if folding is Folding.ASCII:
        value, literal = letters.folded(value, folding), fold(literal, folding)
    if folding is not Folding.UNICODE:
        return _located(value, where, literal)
    if not letters.is_plain(literal):
        return sql.search(value, _anchored(where, literal), "is")
    by = letters.method([literal])
    if set(literal) & set("%_"):
        applied = letters.applied(value, by)
        test = located_sql(applied, where, sql.text(letters.cased(literal, by)))
    else:
        before, after = _around(where)
        test = _like(value, before + literal + after, by)
    risk = letters.risk([literal], by)
    return _with(test, _look(value.copy(), where, literal, risk), choices) if risk else test


def _look(value: exp.Expr, where: Where, literal: str, risk: str) -> exp.Expr:
    """Whether the place where the literal was found has none of the letters that do not belong."""
    length = sql.whole(len(literal))
    if where is Where.START:
        return letters.without(word("text_first", value, length), risk)
    if where is Where.END:
        return letters.without(word("text_last", value, length), risk)
    return _none_or(value, risk, _anchored(where, literal))


def _none_or(value: exp.Expr, risk: str, pattern: str) -> exp.Expr:
    """The value has none of the letters; if it does, the exact pattern decides."""
    none = letters.without(value.copy(), risk)
    return exp.Or(this=none, expression=sql.search(value.copy(), pattern, "is"))


def _with(test: exp.Expr, look: exp.Expr, choices: Choices) -> exp.Expr:
    """Both; the second is computed only where the first holds, which `AND` promises in a filter,
    and `CASE` in a lambda and inside of a function."""
    in_filter = choices.polarity is Polarity.POSITIVE and not choices.has_lists
    if choices.nulls or in_filter:
        return sql.conjunction([test, look])
    return exp.Case(ifs=[exp.If(this=test, true=look)])


def _located(value: exp.Expr, where: Where, literal: str) -> exp.Expr:
    if set(literal) & set("%_") or not literal:
        return located_sql(value, where, sql.text(literal))
    before, after = _around(where)
    return exp.Like(this=sql.wrapped(value), expression=sql.text(before + literal + after))


def _around(where: Where) -> tuple[str, str]:
    return "" if where is Where.START else "%", "" if where is Where.END else "%"


def _anchored(where: Where, literal: str) -> str:
    """The same as an RE2 pattern."""
    start, end = "^" if where is Where.START else "", "$" if where is Where.END else ""
    return start + _spelled(literal) + end


def located_sql(value: exp.Expr, where: Where, wanted: exp.Expr) -> exp.Expr:
    """The same for any text, without letter case."""
    match where:
        case Where.START:
            return word("text_starts", value, wanted)
        case Where.END:
            return word("text_ends", value, wanted)
        case Where.ANYWHERE:
            return word("text_contains", value, wanted)


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
    together = frozenset(costly)
    tests += _one_by_one(value, [p for p in wild if p not in together], case, choices)
    for start in range(0, len(costly), ALTERNATION_LIMIT):
        chunk = costly[start : start + ALTERNATION_LIMIT]
        tests.append(_alternation(value.copy(), chunk, case, lines=lines))
    return sql.disjunction(tests)


def _one_by_one(
    value: exp.Expr, patterns: Sequence[Wildcard], case: Case, choices: Choices
) -> list[exp.Expr]:
    """A test a pattern; those that need the same second look have it together."""
    groups: dict[str, list[Wildcard]] = {}
    for pattern in patterns:
        groups.setdefault(_risk(pattern, case), []).append(pattern)
    tests: list[exp.Expr] = []
    for risk, group in groups.items():
        if not risk or len(group) == 1:
            tests += [_wildcard(value.copy(), p, case, choices) for p in group]
            continue
        found = [_general(value.copy(), p, case) for p in group]
        look = _none_or(value, risk, "|".join(_re2(p, lines=True) for p in group))
        tests.append(_with(sql.disjunction(found), look, choices))
    return tests


def _risk(pattern: Wildcard, case: Case) -> str:
    literal = pattern.literal
    if _folding([literal], case) is not Folding.UNICODE or not letters.is_plain(literal):
        return ""
    return letters.risk([literal], letters.method([literal]))


def _wildcard(value: exp.Expr, pattern: Wildcard, case: Case, choices: Choices) -> exp.Expr:
    """One pattern as the cheapest exact test."""
    match pattern.shape:
        case Shape.PREFIX:
            return located(value, Where.START, pattern.literal, case, choices)
        case Shape.SUFFIX:
            return located(value, Where.END, pattern.literal, case, choices)
        case Shape.CONTAINS:
            return located(value, Where.ANYWHERE, pattern.literal, case, choices)
        case Shape.ANYTHING:
            return sql.negation(sql.is_null(value))
        case _:
            risk = _risk(pattern, case)
            test = _general(value, pattern, case)
            if not risk:
                return test
            return _with(test, _none_or(value, risk, _re2(pattern, lines=True)), choices)


def _general(value: exp.Expr, pattern: Wildcard, case: Case) -> exp.Expr:
    """A pattern as `LIKE`."""
    literal = pattern.literal
    escape = ""
    if set(literal) & set("%_"):
        escape = next((c for c in ESCAPES if c not in literal), "!")
    like = "".join(_like_piece(piece, escape) for piece in pattern.pieces)
    folding = _folding([literal], case)
    if folding is Folding.UNICODE:
        if not letters.is_plain(literal):
            return sql.search(value, _re2(pattern, lines=True), "is")
        test = _like(value, like, letters.method([literal]))
    else:
        if folding is Folding.ASCII:
            value, like = letters.folded(value, folding), fold(like, folding)
        test = exp.Like(this=sql.wrapped(value), expression=sql.text(like))
    return exp.Escape(this=test, expression=sql.text(escape)) if escape else test


def _like(value: exp.Expr, pattern: str, by: Method) -> exp.Expr:
    """A plain pattern of `LIKE`, by the function that is right for its letters."""
    match by:
        case Method.LOWER:
            return exp.ILike(this=sql.wrapped(value), expression=sql.text(pattern))
        case Method.UPPER:
            upper = sql.text(letters.cased(pattern, by))
            kind = exp.Like if set(pattern) & set("%_") else exp.EQ
            return kind(this=word("text_upper", value), expression=upper)
        case Method.BOTH:
            return exp.ILike(this=word("text_upper", value), expression=sql.text(pattern))


def _like_piece(piece: str | Wild, escape: str) -> str:
    if isinstance(piece, Wild):
        return "%" if piece is Wild.ANY_RUN else "_"
    if not escape:
        return piece
    return "".join(escape + c if c in "%_" or c == escape else c for c in piece)


def _alternation(
    value: exp.Expr, patterns: Sequence[Wildcard], case: Case, *, lines: bool
) -> exp.Expr:
    """All patterns in one RE2 program; a pattern that may begin or end anywhere is not anchored."""
    folding = _folding([p.literal for p in patterns], case)
    if folding is Folding.ASCII:
        value = letters.folded(value, folding)
        patterns = [_in_pieces(p, lambda piece: fold(piece, Folding.ASCII)) for p in patterns]
    spell = _spelled if folding is Folding.UNICODE else re2_quoted
    body = "|".join(_re2(pattern, lines=lines, spell=spell) for pattern in patterns)
    return sql.search(value, body, "is" if folding is Folding.UNICODE else "s")


def _in_pieces(pattern: Wildcard, change: Callable[[str], str]) -> Wildcard:
    return Wildcard(tuple(change(p) if isinstance(p, str) else p for p in pattern.pieces))


def _folding(literals: Sequence[str], case: Case) -> Folding | None:
    """The level at which letters are folded; None where that changes nothing."""
    folding = case.folding
    if folding is None or not any(has_case(literal, folding) for literal in literals):
        return None
    return folding


def _re2(pattern: Wildcard, *, lines: bool, spell: Callable[[str], str] | None = None) -> str:
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
    quote = spell or _spelled
    return start + "".join(marks[p] if isinstance(p, Wild) else quote(p) for p in pieces) + end


def _spelled(literal: str) -> str:
    """Literal text inside an RE2 pattern with the option `i`: what that does not fold, or might
    fold otherwise in another version, is written in all its forms."""
    return "".join(_forms(c) if not c.isascii() else re2_quoted(c) for c in literal)


def _forms(character: str) -> str:
    alike = forms(character, Folding.UNICODE)
    return f"[{''.join(alike)}]" if len(alike) > 1 else character


def re2_quoted(literal: str) -> str:
    """Literal text inside an RE2 pattern."""
    return "".join(
        f"\\x{{{ord(c):x}}}" if c < " " else "\\" + c if c in r"\.+*?()|[]{}^$" else c
        for c in literal
    )
