"""The functions of EQL that give a value, exactly as spec §7 has them.

Positions count UTF-16 units. `units` writes each character beyond U+FFFF twice, so that positions
in the result are UTF-16 positions; `characters_in` turns such a position back.
"""

from __future__ import annotations

from sqlglot import exp

from eqlx_targets.sql import expressions as sql

_ASTRAL = r"[\x{10000}-\x{10FFFF}]"

_LENGTH = "length($s) + length(regexp_extract_all($s, $astral))"
_UNITS = r"regexp_replace($s, '([\x{10000}-\x{10FFFF}])', '\1\1', 'g')"
_INDEX_FROM_0 = """
CASE WHEN contains($s, $x) THEN strpos($s, $x) - 1
    + length(regexp_extract_all(substring($s, 1, strpos($s, $x) - 1), $astral)) END
"""
_INDEX = """
CASE WHEN $start <= length($s) AND strpos(substring($s, $start + 1), $x) > 0
THEN $start + strpos(substring($s, $start + 1), $x) - 1 END
"""
_CLAMPED = "CASE WHEN $n < 0 THEN greatest($n + length($u), 0) ELSE least($n, length($u)) END"
_CHARACTERS = "$n - length(regexp_extract_all(substring($u, 1, $n), $astral)) // 2"
_SLICE = (
    "CASE WHEN $s IS NULL THEN NULL WHEN $a >= $b THEN '' "
    "WHEN length($u) = length($s) THEN substring($s, $a + 1, $b - $a) "
    "ELSE substring($s, $first + 1, $last - $first) END"
)
_BETWEEN = """
CASE WHEN $s = '' OR $l = '' OR $r = '' THEN $s
WHEN strpos($fs, $fl) = 0 OR strpos($rest, $fr) = 0 THEN ''
ELSE substring($s, strpos($fs, $fl) + length($l), strpos($rest, $fr) - 1) END
"""
_REST = "substring($fs, strpos($fs, $fl) + length($l))"
_GREEDY = """
CASE WHEN $s = '' OR $l = '' OR $r = '' THEN $s
WHEN strpos($fs, $fl) = 0 OR strpos($fs, $fr) = 0 THEN ''
WHEN $last < strpos($fs, $fl) + length($l)
THEN CAST(CAST('right before left: ' || $s AS BIGINT) AS VARCHAR)
ELSE substring($s, strpos($fs, $fl) + length($l), $last - strpos($fs, $fl) - length($l)) END
"""
_FAILS_ON_NULL = "CAST(CAST('no null: ' || $s AS BIGINT) AS VARCHAR)"
_LAST = "length(regexp_extract($fs, '(?s)^(.*)' || regexp_escape($fr), 1)) + 1"
_JAVA_DOUBLE = """
CASE WHEN isnan($d) THEN 'NaN'
WHEN isinf($d) THEN CASE WHEN $d > 0 THEN 'Infinity' ELSE '-Infinity' END
WHEN $d = 0 OR (abs($d) >= 0.001 AND abs($d) < 10000000) THEN CAST($d AS VARCHAR)
WHEN abs($d) < 1e-320 AND CAST(format('{:.1e}', $d) AS DOUBLE) = $d
THEN upper(format('{:.1e}', $d))
ELSE CASE WHEN $d < 0 THEN '-' ELSE '' END || $scientific END
"""
_DIGITS_OF = """
split_part(split_part($t, 'e', 1), '.', 1) || split_part(split_part($t, 'e', 1), '.', 2)
"""
_SCIENTIFIC = r"""
regexp_replace(substring(ltrim($g, '0'), 1, 1) || '.' || substring(rtrim(ltrim($g, '0'), '0'), 2)
    || 'E', '[.]E', '.0E')
|| CAST(coalesce(TRY_CAST(split_part($t, 'e', 2) AS BIGINT), 0)
    + length(split_part(split_part($t, 'e', 1), '.', 1)) - 1
    - length($g) + length(ltrim($g, '0')) AS VARCHAR)
"""
_DATE = """
regexp_replace(regexp_replace(strftime($d, '%Y-%m-%dT%H:%M:%S.%n'), '000$', ''), '000$', '') || 'Z'
"""
"""With 3, 6 or 9 digits of the second, as many as it takes."""


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
        value = exp.Left(this=value, expression=sql.whole(end))
        return exp.Substring(this=value, start=sql.whole(start + 1)) if start else value
    if start < 0:
        return exp.Right(this=value, expression=sql.whole(-start))
    length = {} if end is None else {"length": sql.whole(end - start)}
    return exp.Substring(this=value, start=sql.whole(start + 1), **length)


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
    text = sql.cast(sql.fill("abs($d)", d=value), "VARCHAR")
    return sql.fill(_JAVA_DOUBLE, d=value, scientific=sql.bind(text, shortest, bound))


def iso_date(value: exp.Expr) -> exp.Expr:
    """A date as Elasticsearch writes it."""
    return sql.fill(_DATE, d=value)


# --- number(…) --------------------------------------------------------------------------------

WHOLE = "[+-]?[0-9]+"
_JAVA_NUMBER = r"[\x00- ]*[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)[\x00- ]*"
_HEXADECIMAL = "CASE WHEN starts_with($s, '0x') THEN $hex ELSE $decimal END"
_DECIMAL = """
CASE WHEN regexp_full_match($s, $java) THEN CAST(
    regexp_extract($s, '[+-]?(?:NaN|Infinity|[0-9.]+(?:[eE][+-]?[0-9]+)?)') AS DOUBLE)
WHEN $s IS NULL THEN NULL ELSE CAST('no number: ' || $s AS DOUBLE) END
"""
_IS_WHOLE = """
coalesce(regexp_full_match($s, '[+-]?[0-9]+') AND NOT TRY_CAST($s AS BIGINT) IS NULL, FALSE)
"""
_DIGITS = """
CASE WHEN $s IS NULL THEN NULL WHEN NOT regexp_full_match($s, $valid)
THEN CAST('no number: ' || $s AS BIGINT)
ELSE CAST((CASE WHEN starts_with($bare, '-') THEN -1 ELSE 1 END) * list_reduce(
    list_transform(string_split(lower(regexp_replace($bare, '^[+-]', '')), ''),
        LAMBDA c : CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS HUGEINT)),
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
    hexadecimal = exp.StartsWith(this=value.copy(), expression=sql.text("0x"))
    return sql.disjunction([sql.two_valued(hexadecimal), whole])


def in_base(value: exp.Expr, base: int) -> exp.Expr:
    """`number(s, base)` for a base other than 10: whole numbers of 64 bits only."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
    letters = "".join(c for c in digits if c.isalpha())
    prefix = "(?:0x)?" if base == 16 else ""
    valid = f"{prefix}[+-]?[{digits}{letters.upper()}]+"
    bare = value
    if base == 16:
        bare = sql.fill("regexp_replace($s, '^0x', '')", s=value)
    return sql.fill(
        _DIGITS,
        s=value,
        bare=bare,
        valid=sql.text(valid),
        base=sql.cast(sql.whole(base), "HUGEINT"),
    )
