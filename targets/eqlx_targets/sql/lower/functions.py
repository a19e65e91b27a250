"""The functions of EQL that give a value, exactly as spec §7 has them.

Positions count UTF-16 units. `units` writes each character beyond U+FFFF twice, so that positions
in the result are UTF-16 positions; `characters_in` turns such a position back.
"""

from __future__ import annotations

from sqlglot import exp

from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.words.vocabulary import word

_ASTRAL = r"[\x{10000}-\x{10FFFF}]"

_LENGTH = "text_length($s) + regex_count($s, $astral)"
_UNITS = r"regex_replace_all($s, '([\x{10000}-\x{10FFFF}])', '\1\1')"
_INDEX_FROM_0 = """
CASE WHEN text_contains($s, $x) THEN text_position($s, $x) - 1
    + regex_count(text_slice($s, 1, text_position($s, $x) - 1), $astral) END
"""
_INDEX = """
CASE WHEN $start <= text_length($s) AND text_position(text_from($s, $start + 1), $x) > 0
THEN $start + text_position(text_from($s, $start + 1), $x) - 1 END
"""
_CLAMPED = (
    "CASE WHEN $n < 0 THEN greatest($n + text_length($u), 0) ELSE least($n, text_length($u)) END"
)
_CHARACTERS = "$n - regex_count(text_slice($u, 1, $n), $astral) // 2"
_SLICE = (
    "CASE WHEN $s IS NULL THEN NULL WHEN $a >= $b THEN '' "
    "WHEN text_length($u) = text_length($s) THEN text_slice($s, $a + 1, $b - $a) "
    "ELSE text_slice($s, $first + 1, $last - $first) END"
)
_BETWEEN = """
CASE WHEN $s = '' OR $l = '' OR $r = '' THEN $s
WHEN text_position($fs, $fl) = 0 OR text_position($rest, $fr) = 0 THEN ''
ELSE text_slice($s, text_position($fs, $fl) + text_length($l), text_position($rest, $fr) - 1) END
"""
_REST = "text_from($fs, text_position($fs, $fl) + text_length($l))"
_GREEDY = """
CASE WHEN $s = '' OR $l = '' OR $r = '' THEN $s
WHEN text_position($fs, $fl) = 0 OR text_position($fs, $fr) = 0 THEN ''
WHEN $last < text_position($fs, $fl) + text_length($l)
THEN CAST(failure('right before left: ' || $s) AS VARCHAR)
ELSE text_slice($s, text_position($fs, $fl) + text_length($l), $last - text_position($fs, $fl) - text_length($l)) END
"""
_FAILS_ON_NULL = "CAST(failure('no null: ' || $s) AS VARCHAR)"
_LAST = "text_length(regex_extract_group($fs, '(?s)^(.*)' || regex_quoted($fr), 1)) + 1"
_JAVA_DOUBLE = """
CASE WHEN double_is_nan($d) THEN 'NaN'
WHEN double_is_infinite($d) THEN CASE WHEN $d > 0 THEN 'Infinity' ELSE '-Infinity' END
WHEN $d = 0 OR (abs($d) >= 0.001 AND abs($d) < 10000000) THEN double_text($d)
WHEN abs($d) < 1e-320 AND CAST(double_two_digits($d) AS DOUBLE) = $d
THEN text_upper(double_two_digits($d))
ELSE CASE WHEN $d < 0 THEN '-' ELSE '' END || $scientific END
"""
_DIGITS_OF = """
text_part(text_part($t, 'e', 1), '.', 1) || text_part(text_part($t, 'e', 1), '.', 2)
"""
_SCIENTIFIC = r"""
regex_replace_first(text_slice(text_strip_start($g, '0'), 1, 1) || '.' || text_from(text_strip_end(text_strip_start($g, '0'), '0'), 2)
    || 'E', '[.]E', '.0E')
|| CAST(coalesce(TRY_CAST(text_part($t, 'e', 2) AS BIGINT), 0)
    + text_length(text_part(text_part($t, 'e', 1), '.', 1)) - 1
    - text_length($g) + text_length(text_strip_start($g, '0')) AS VARCHAR)
"""


def length(value: exp.Expr) -> exp.Expr:
    """UTF-16 length."""
    return sql.fill(_LENGTH, s=value, astral=sql.text(_ASTRAL))


def units(value: exp.Expr) -> exp.Expr:
    """The text with one character a UTF-16 unit."""
    if isinstance(value, exp.Literal) and value.this.isascii():
        return value
    return sql.fill(_UNITS, s=value)


def index_of(value: exp.Expr, wanted: exp.Expr, start: exp.Expr) -> exp.Expr:
    """The first position of `wanted` in `value` (both in units) from `start` on, else NULL."""
    return sql.fill(_INDEX, s=value, x=wanted, start=start)


def index_from_0(value: exp.Expr, wanted: exp.Expr) -> exp.Expr:
    """The first UTF-16 position of `wanted` in `value` (both plain texts), else NULL."""
    return sql.fill(_INDEX_FROM_0, s=value, x=wanted, astral=sql.text(_ASTRAL))


def not_negative(value: exp.Expr) -> exp.Expr:
    return sql.fill("greatest(coalesce($n, 0), 0)", n=value)


def clamped(position: exp.Expr, in_units: exp.Expr) -> exp.Expr:
    """A Python slice position: negative counts from the end, both ends clamp."""
    return sql.fill(_CLAMPED, n=position, u=in_units)


def characters_in(position: exp.Expr, in_units: exp.Expr) -> exp.Expr:
    """How many characters of the text lie before a UTF-16 position."""
    return sql.fill(_CHARACTERS, n=position, u=in_units, astral=sql.text(_ASTRAL))


def constant_piece(value: exp.Expr, start: int, end: int | None) -> exp.Expr:
    """The text from `start` to before `end`, where no character has two UTF-16 units."""
    if end is not None and end < 0:
        value = word("text_without_last", value, sql.whole(-end))
        return word("text_from", value, sql.whole(start + 1)) if start else value
    if start < 0:
        return word("text_last", value, sql.whole(-start))
    if end is None:
        return word("text_from", value, sql.whole(start + 1))
    return word("text_slice", value, sql.whole(start + 1), sql.whole(end - start))


def has_astral(value: exp.Expr) -> exp.Expr:
    """Whether the text has a character of two UTF-16 units."""
    return sql.search(value, _ASTRAL)


def piece(value: exp.Expr, start: exp.Expr, end: exp.Expr, in_units: exp.Expr) -> exp.Expr:
    """The text from UTF-16 position `start` to before `end`."""
    return sql.fill(
        _SLICE,
        s=value,
        a=start,
        b=end,
        u=in_units,
        first=sql.wrapped(characters_in(start, in_units)),
        last=sql.wrapped(characters_in(end, in_units)),
    )


def between(
    value: exp.Expr,
    left: exp.Expr,
    right: exp.Expr,
    folded: tuple[exp.Expr, exp.Expr, exp.Expr],
    *,
    greedy: bool,
) -> exp.Expr:
    """The text between `left` and `right`; `folded` are the three as they are to be compared."""
    parts = dict(zip(("fs", "fl", "fr"), folded, strict=True))
    named = {"s": value, "l": left, "r": right, **parts}
    if greedy:
        last = sql.fill(_LAST, fs=parts["fs"], fr=parts["fr"])
        return sql.fill(_GREEDY, last=sql.wrapped(last), **named)
    rest = sql.fill(_REST, fs=parts["fs"], fl=parts["fl"], l=left)
    return sql.fill(_BETWEEN, rest=rest, **named)


def failing_on_null(value: exp.Expr, given: list[exp.Expr], result: exp.Expr) -> exp.Expr:
    """`result`, which fails where one of `given` is null and `value` is not."""
    if not given:
        return result
    nulls = sql.disjunction([sql.is_null(part.copy()) for part in given])
    failure = sql.fill(_FAILS_ON_NULL, s=value)
    return exp.Case(ifs=[exp.If(this=nulls, true=failure)], default=result)


def java_double(value: exp.Expr) -> exp.Expr:
    """A double as Java writes it: `5.0`, `1.0E10`; from DuckDB's shortest digits."""
    shortest, digits = exp.to_identifier("t"), exp.to_identifier("g")
    written = sql.fill(_SCIENTIFIC, t=shortest, g=digits)
    bound = sql.bind(sql.fill(_DIGITS_OF, t=shortest), digits, written)
    text = word("double_text", sql.fill("abs($d)", d=value))
    return sql.fill(_JAVA_DOUBLE, d=value, scientific=sql.bind(text, shortest, bound))


def iso_date(value: exp.Expr) -> exp.Expr:
    """A date as Elasticsearch writes it."""
    return word("time_iso", value)


# --- number(…) --------------------------------------------------------------------------------

WHOLE = "[+-]?[0-9]+"
_JAVA_NUMBER = r"[\x00- ]*[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)[\x00- ]*"
_HEXADECIMAL = "CASE WHEN text_starts($s, '0x') THEN $hex ELSE $decimal END"
_DECIMAL = """
CASE WHEN regex_full($s, $java) THEN CAST(
    regex_extract($s, '[+-]?(?:NaN|Infinity|[0-9.]+(?:[eE][+-]?[0-9]+)?)') AS DOUBLE)
WHEN $s IS NULL THEN NULL ELSE failure_double('no number: ' || $s) END
"""
_IS_WHOLE = """
coalesce(regex_full($s, '[+-]?[0-9]+') AND NOT TRY_CAST($s AS BIGINT) IS NULL, FALSE)
"""
_DIGITS = """
CASE WHEN $s IS NULL THEN NULL WHEN NOT regex_full($s, $valid)
THEN failure('no number: ' || $s)
ELSE CAST((CASE WHEN text_starts($bare, '-') THEN -1 ELSE 1 END) * list_fold(
    list_map(text_characters(text_lower(regex_replace_first($bare, '^[+-]', ''))),
        LAMBDA c : CAST(text_position('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS HUGEINT)),
    LAMBDA p, q : p * $base + q) AS BIGINT) END
"""


def number(value: exp.Expr, *, prefixed: bool) -> exp.Expr:
    """`number(s)` as a double; fails on a text that is no number. `prefixed`: `0x` is known."""
    decimal = sql.fill(_DECIMAL, s=value, java=sql.text(_JAVA_NUMBER))
    if not prefixed:
        return decimal
    hexadecimal = sql.cast(in_base(value, 16), "DOUBLE")
    return sql.fill(_HEXADECIMAL, s=value, hex=hexadecimal, decimal=decimal)


def exact_number(value: exp.Expr, *, prefixed: bool) -> exp.Expr:
    """`number(s)` of 64 bits; only for a text that `is_whole`."""
    decimal = sql.cast(value.copy(), "BIGINT")
    if not prefixed:
        return decimal
    return sql.fill(_HEXADECIMAL, s=value, hex=in_base(value, 16), decimal=decimal)


def is_whole(value: exp.Expr, *, prefixed: bool) -> exp.Expr:
    """Whether `number(s)` is a whole number."""
    whole = sql.fill(_IS_WHOLE, s=value)
    if not prefixed:
        return whole
    hexadecimal = word("text_starts", value.copy(), sql.text("0x"))
    return sql.disjunction([sql.two_valued(hexadecimal), whole])


def in_base(value: exp.Expr, base: int) -> exp.Expr:
    """`number(s, base)` for a base other than 10: whole numbers of 64 bits only."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
    letters = "".join(c for c in digits if c.isalpha())
    prefix = "(?:0x)?" if base == 16 else ""
    valid = f"{prefix}[+-]?[{digits}{letters.upper()}]+"
    bare = value
    if base == 16:
        bare = sql.fill("regex_replace_first($s, '^0x', '')", s=value)
    return sql.fill(
        _DIGITS,
        s=value,
        bare=bare,
        valid=sql.text(valid),
        base=sql.cast(sql.whole(base), "HUGEINT"),
    )
