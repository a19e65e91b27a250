"""An address in a text column: whether it is one, and its 128 bits as hexadecimal digits."""

from __future__ import annotations

from sqlglot import exp

from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.words.vocabulary import word

OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = rf"{OCTET}(?:\.{OCTET}){{3}}"
_GROUP = "[0-9a-fA-F]{1,4}"
_V6 = f"(?:(?:{_GROUP}(?::{_GROUP})*)?::)?(?:(?:{_GROUP}:)*(?:{_GROUP}|{_V4}))?"

_VALID = """
regex_full($a, $v6) AND CASE WHEN text_contains($a, '::')
THEN regex_count($a, '[^:]+') + regex_count($a, '[.]') // 3 <= 7
ELSE regex_count($a, '[^:]+') + regex_count($a, '[.]') // 3 = 8 END
"""
"""Eight groups, or fewer about one `::`; a dotted tail counts as two."""

_DOTTED_TAIL = "regex_extract($a, '[0-9.]+$')"
_DOTLESS = """
CASE WHEN text_contains($a, '.') THEN regex_replace_first($a, '[0-9.]+$', '') || $groups ELSE $a END
"""
"""An address with its dotted tail as two hexadecimal groups."""

_FOUR_DIGITS = r"""
regex_replace_all(regex_replace_all($a, '([0-9a-fA-F]+)', '000\1'),
    '[0-9a-fA-F]*([0-9a-fA-F]{4})', '\1')
"""
"""Every group with four digits."""

_DIGITS = """
CASE WHEN text_contains($g, '::') AND text_length(text_replace($g, ':', '')) <= 28
    OR NOT text_contains($g, '::') AND text_length(text_replace($g, ':', '')) = 32
THEN text_lower(text_replace(text_replace($g, '::', text_repeat('0', 32 - text_length(text_replace($g, ':', '')))), ':', '')) END
"""
"""Eight groups, or fewer about one `::`, which stands for the zeros that are left out."""


def is_address(value: exp.Expr) -> exp.Expr:
    """Whether the text is an address at all."""
    return sql.disjunction([is_dotted(value), exp.Paren(this=_is_v6(value))])


def is_dotted(value: exp.Expr) -> exp.Expr:
    """Whether the text is an IPv4 address."""
    return sql.full_match(value.copy(), _V4)


def address_key(value: exp.Expr) -> exp.Expr:
    """32 hexadecimal digits that sort as addresses do; NULL for a text that is no address."""
    v4 = word("address_v4_digits", value)
    mapped = exp.DPipe(this=sql.text("0" * 20 + "ffff"), expression=v4, safe=True)
    case = exp.Case(ifs=[exp.If(this=is_dotted(value), true=mapped)])
    case.set("default", v6_digits(value))
    return case


def hex_digits(address: int) -> str:
    """A 128-bit address as `address_key` writes it."""
    return f"{address:032x}"


def v6_digits(value: exp.Expr) -> exp.Expr:
    """The 32 digits of an IPv6 text in any of its forms, else NULL."""
    groups = exp.to_identifier("g")
    tail = word("address_v4_groups", sql.fill(_DOTTED_TAIL, a=value))
    dotless = sql.fill(_DOTLESS, a=value, groups=tail)
    # Bound once: each lambda costs as much a batch of rows as parsing some hundred addresses.
    bound = sql.bind(sql.fill(_FOUR_DIGITS, a=dotless), groups, sql.fill(_DIGITS, g=groups))
    return exp.Case(ifs=[exp.If(this=sql.full_match(value.copy(), _V6), true=bound)])


def _is_v6(value: exp.Expr) -> exp.Expr:
    return sql.fill(_VALID, a=value, v6=sql.text(_V6))


_GROUPS = r"""
regex_replace_all(regex_replace_all($k, '(.{4})', '\1:'), '0{0,3}([0-9a-f]+):', '\1:')
"""


def address_text(value: exp.Expr) -> exp.Expr:
    """An address in its canonical text: dotted if it is IPv4 or mapped, else the longest run of zero
    groups as `::`; NULL for a text that is no address."""
    key, groups = exp.to_identifier("k"), exp.to_identifier("s")
    runs = []
    for zeros in range(8, 1, -1):
        run = sql.text(f"(?:^|:)0(?::0){{{zeros - 1}}}(?::|$)")
        runs.append(
            exp.If(
                this=word("regex_search", groups.copy(), run),
                true=sql.fill("regex_replace_first($s, $run, '::')", s=groups, run=run),
            )
        )
    shortened = exp.Case(ifs=runs, default=groups.copy())
    spelled = sql.bind(
        sql.fill("text_strip_end($g, ':')", g=sql.fill(_GROUPS, k=key)), groups, shortened
    )
    mapped = word("text_starts", key.copy(), sql.text("0" * 20 + "ffff"))
    dotted = exp.If(this=mapped, true=word("address_dotted", key))
    return sql.bind(address_key(value), key, exp.Case(ifs=[dotted], default=spelled))
