"""A WHERE clause for a rule as a careful engineer writes it for DuckDB and flat columns.

An independent, small translator over the compiled rule, for rules whose texts may not stand in the
repository; `hand_written.py` has clauses that were written by a person, in the same manner. It knows
of the benchmark's events what an engineer knows of theirs: addresses are valid and canonical, a list
is never empty and holds no null, no text holds a line end. It takes the form that was measured to be
the fastest of those that a reader expects: `lower(x) IN (…)`, `starts_with`, `LIKE` and `ILIKE`, one
regular expression for many patterns; `coalesce(…, false)` only under a `NOT`.

Letters fold by Unicode, as the rules mean it: DuckDB's `ILIKE` and `lower` take `İ` for an `i` and do
not take `ſ` for an `s`; its `upper` takes `ı` for an `i` and does not take the Kelvin sign for a `k`.
So the letters of a text choose the function (`folded`), and a text with an `i` needs a second look at
what was found: `AND NOT contains(x, 'İ')`, or the exact regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from eqlx.ir import nodes as n
from eqlx.patterns.network import MAPPED, Network
from eqlx.patterns.regex_printer import to_re2
from eqlx.patterns.wildcard import Shape, Wildcard

MANY = 4
"""So many patterns on one field are one regular expression: as many ILIKEs take several times as long."""


class Unwritten(Exception):  # noqa: N818 not a fault: the benchmark takes another rule
    """No one has said how an engineer writes this."""


def clause(wanted: n.Filter) -> str:
    """The WHERE clause. Raises Unwritten."""
    parts = []
    if wanted.category is not None:
        parts.append(f'list_contains("event.category", {text(wanted.category)})')
    return " AND ".join([*parts, condition(wanted.condition, inside_and=True)])


def condition(node: n.Condition, *, inside_and: bool = False) -> str:
    """TRUE where the condition holds; FALSE or NULL where it does not."""
    match node:
        case n.And():
            joined = " AND ".join(condition(part, inside_and=True) for part in node.conditions)
            return joined if inside_and else f"({joined})"
        case n.Or():
            return f"({' OR '.join(condition(part) for part in node.conditions)})"
        case n.Not(n.IsNull(n.Field() as field)):
            return f"{column(field)} IS NOT NULL"
        case n.Not(inner):
            return f"NOT coalesce({condition(inner, inside_and=True)}, false)"
        case n.Constant():
            return str(node.value)
        case _:
            return leaf(node)


def leaf(node: n.Leaf) -> str:
    match node:
        case n.IsNull(n.Field() as field):
            return f"{column(field)} IS NULL"
        case n.Compare(n.Comparison.EQUAL, n.Field() as field, n.Text(value), case):
            return equal(field, [value], case)
        case n.Compare(n.Comparison.EQUAL, n.Field(multivalued=False) as field, n.Boolean(value)):
            return column(field) if value else f"NOT {column(field)}"
        case n.Compare(operator, left, n.Integer(value) | n.Decimal(value)):
            sign = "=" if operator is n.Comparison.EQUAL else operator.value
            return some(left, lambda x: f"{x} {sign} {value}")
        case n.Membership(n.Field() as field, choices, case):
            if all(isinstance(choice, n.Text) for choice in choices):
                return equal(field, [c.value for c in choices if isinstance(c, n.Text)], case)
            listed = ", ".join(str(c.value) for c in choices if isinstance(c, n.Integer))
            return some(field, lambda x: f"{x} IN ({listed})")
        case n.Like(n.Field() as field, patterns, case):
            return like(field, patterns, case)
        case n.RegexMatch(value, patterns, case):
            folds = case is not n.Case.SENSITIVE
            body = "|".join(to_re2(pattern, None) for pattern in patterns)
            if folds and re.search(r"\[[^]]*-", body):
                # A range keeps its letter case (`[a-c]` is not `[A-C]`), so no option is right for it.
                body, folds = "|".join(to_re2(p, case.folding) for p in patterns), False
            flags = ", 'i'" if folds else ""
            return some(value, lambda x: f"regexp_full_match({x}, {text(body)}{flags})")
        case n.TextMatch(where, value, n.Text(wanted), case):
            name = {"start": "starts_with", "end": "suffix", "anywhere": "contains"}[where.value]
            if case is n.Case.SENSITIVE:
                return some(value, lambda x: f"{name}({x}, {text(wanted)})")
            start, end = {"start": ("^", ""), "end": ("", "$"), "anywhere": ("", "")}[where.value]
            body = f"{start}{quoted(wanted)}{end}"
            return some(
                value,
                lambda x: looked_at_again(
                    f"{name}({folded(x, wanted)}, {text(cased(wanted, wanted))})", x, wanted, body
                ),
            )
        case n.NetworkMatch(value, networks):
            return some(value, lambda x: f"({' OR '.join(in_network(x, w) for w in networks)})")
        case _:
            raise Unwritten(type(node).__name__)


# --- fields -----------------------------------------------------------------------------------


def column(field: n.Field) -> str:
    return '"' + field.name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def some(value: n.Value, test: Callable[[str], str]) -> str:
    """`test` of the value; of some element, where the field is a list."""
    match value:
        case n.Field(multivalued=True):
            return f"len(list_filter({column(value)}, LAMBDA x : {test('x')})) > 0"
        case n.Field():
            return test(column(value))
        case n.Call(n.Function.LENGTH, (n.Field(multivalued=False) as field,)):
            return test(f"length({column(field)})")
        case _:
            raise Unwritten(type(value).__name__)


def equal(field: n.Field, values: list[str], case: n.Case) -> str:
    folds = case is not n.Case.SENSITIVE
    name = column(field)
    if not folds:
        listed = ", ".join(map(text, dict.fromkeys(values)))
        if not field.multivalued:
            return f"{name} IN ({listed})"
        if "," not in listed:
            return f"list_contains({name}, {listed})"
        # Two to four times as fast as `list_has_any`, and as a list made lower first.
        return f"len(list_filter({name}, LAMBDA x : x IN ({listed}))) > 0"
    return some(field, lambda x: equal_folded(x, values))


def equal_folded(value: str, values: list[str]) -> str:
    """Whole texts, in any letter case: a value with a letter beyond ASCII that is taken is wrong."""
    letters = "".join(values)
    if len(values) == 1 and value != "x" and not {"%", "_"} & set(letters):
        found = one(value, Wildcard((letters,)), folds=True, again=False)
    else:
        listed = ", ".join(dict.fromkeys(text(cased(v, letters)) for v in values))
        found = f"{folded(value, letters)} IN ({listed})"
    wrong = taken(letters)
    guards = "".join(f" AND NOT contains({value}, '{letter}')" for letter in wrong)
    return f"({found}{guards})" if guards else found


# --- letter case ------------------------------------------------------------------------------


def finding(letters: str) -> str:
    """Which of `lower`, `upper` or `lower(upper(…))` finds every text with these letters, the cheapest
    first."""
    if not letters.isascii():
        raise Unwritten(letters)
    small = letters.lower()
    if "s" not in small:
        return "lower"
    return "both" if "k" in small else "upper"


def folded(value: str, letters: str) -> str:
    name = finding(letters)
    return f"lower(upper({value}))" if name == "both" else f"{name}({value})"


def cased(wanted: str, letters: str) -> str:
    """A text as `folded` writes it."""
    return wanted.upper() if finding(letters) == "upper" else wanted.lower()


def taken(letters: str) -> str:
    """The letters that `folded` takes for an `i`, which they are not."""
    if "i" not in letters.lower():
        return ""
    return {"lower": "İ", "upper": "ı", "both": "İı"}[finding(letters)]


def looked_at_again(found: str, value: str, letters: str, body: str) -> str:
    """What was found, less what was found for one of `taken`."""
    if not taken(letters):
        return found
    return f"({found} AND regexp_matches({value}, {text(body)}, 'is'))"


# --- patterns ---------------------------------------------------------------------------------


def like(field: n.Field, patterns: tuple[Wildcard, ...], case: n.Case) -> str:
    """Exact texts as a list, many patterns as one regular expression, few each in its own form."""
    exact = [p.text for p in patterns if p.shape is Shape.EXACT]
    wild = [p for p in patterns if p.shape is not Shape.EXACT]
    parts = [equal(field, exact, case)] if exact else []
    folds = case is not n.Case.SENSITIVE
    many = [p for p in wild if p.shape is not Shape.PREFIX]
    if len(many) >= MANY:
        wild = [p for p in wild if p.shape is Shape.PREFIX]
        body = text("|".join(regular(pattern) for pattern in many))
        flags = "'is'" if folds else "'s'"
        parts.append(some(field, lambda x: f"regexp_matches({x}, {body}, {flags})"))
    if wild and field.multivalued:
        parts.append(some(field, lambda x: " OR ".join(one(x, p, folds=folds) for p in wild)))
    else:
        parts += [one(column(field), pattern, folds=folds) for pattern in wild]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def one(value: str, pattern: Wildcard, *, folds: bool, again: bool = True) -> str:
    """`again`: look at what was found again, where that is needed."""
    pieces = pattern.pieces
    if pattern.shape is Shape.PREFIX and isinstance(pieces[0], str) and value != "x":
        if not folds:
            return f"starts_with({value}, {text(pieces[0])})"
        found = f"starts_with({folded(value, pieces[0])}, {text(cased(pieces[0], pieces[0]))})"
        return looked_at_again(found, value, pieces[0], regular(pattern))
    if pattern.shape is Shape.CONTAINS and not folds:
        return f"contains({value}, {text(str(pieces[1]))})"
    literal = "".join(piece for piece in pieces if isinstance(piece, str))
    escaped = any(character in literal for character in "%_")
    body = "".join(
        re.sub("([%_^])", r"^\1", piece)
        if isinstance(piece, str) and escaped
        else piece
        if isinstance(piece, str)
        else {"*": "%", "?": "_"}[piece.value]
        for piece in pieces
    )
    escape = " ESCAPE '^'" if escaped else ""
    if not folds:
        return f"{value} LIKE {text(body)}{escape}"
    # ILIKE is faster than LIKE of `lower`; it looks at `upper` where that is what finds an `s`.
    found = {
        "lower": f"{value} ILIKE {text(body)}",
        "upper": f"upper({value}) LIKE {text(cased(body, literal))}",
        "both": f"upper({value}) ILIKE {text(body)}",
    }[finding(literal)] + escape
    return looked_at_again(found, value, literal, regular(pattern)) if again else found


def regular(pattern: Wildcard) -> str:
    """As a regular expression that is searched for: an outer `*` needs no more than no anchor."""
    pieces = [p if isinstance(p, str) else p.value for p in pattern.pieces]
    start, end = pieces[0] == "*", pieces[-1] == "*"
    inner = pieces[start : len(pieces) - end]
    body = "".join({"*": ".*", "?": "."}.get(piece) or quoted(piece) for piece in inner)
    return f"{'' if start else '^'}{body}{'' if end else '$'}"


def quoted(literal: str) -> str:
    return re.sub(r"([^\w\s/:=,;'\"-])", r"\\\1", literal)


# --- networks ---------------------------------------------------------------------------------


def in_network(value: str, network: Network) -> str:
    """Canonical texts: an address by itself, a block by the digits that it begins with."""
    if network.v4 is not None and network.first >= MAPPED:
        return in_v4(value, *network.v4)
    if network.first == network.last:
        return f"{value} = {text(network.canonical)}"
    first, last = f"{network.first >> 112:04x}", f"{network.last >> 112:04x}"
    if first[0] == "0" or network.last - network.first < 1 << 112:
        raise Unwritten(network.canonical)
    same = next((place for place in range(4) if first[place] != last[place]), 4)
    if same == 4 or (first[same], last[same]) == ("0", "f"):
        return f"starts_with({value}, {text(first[:same])})"
    digits = "0123456789abcdef"[int(first[same], 16) : int(last[same], 16) + 1]
    return f"regexp_matches({value}, {text(f'^{first[:same]}[{digits}]')})"


def in_v4(value: str, first: int, last: int) -> str:
    if first == last:
        return f"{value} = {text('.'.join(map(str, first.to_bytes(4, 'big'))))}"
    octets = list(zip(first.to_bytes(4, "big"), last.to_bytes(4, "big"), strict=True))
    whole = [str(low) for low, high in octets if low == high]
    start = ".".join(whole) + "." if whole else ""
    test = f"starts_with({value}, {text(start)})" if start else f"contains({value}, '.')"
    low, high = octets[len(whole)] if len(whole) < 4 else (0, 255)
    if (low, high) == (0, 255):
        return test
    octet = f"CAST(split_part({value}, '.', {len(whole) + 1}) AS INT)"
    return f"CASE WHEN {test} THEN {octet} BETWEEN {low} AND {high} ELSE false END"
