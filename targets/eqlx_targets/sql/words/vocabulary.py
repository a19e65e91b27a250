"""The operations that conditions and joins are written in, named and typed, by noun.

An operation says what is meant; how an engine says it stands in its dialect's file. In trees an
operation is a function call with its name here (`word`), in templates too. `AND`, `CASE`, `coalesce`,
`||`, comparisons, casts and SELECT are the same everywhere and no operations.

Three values as in SQL: NULL in, NULL out, unless an operation says otherwise. Positions count from 1
and characters are code points.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlglot import exp


class Type(Enum):
    """What an operand or a result is."""

    ANY = "any"
    TEXT = "text"
    WHOLE = "whole number"
    DOUBLE = "double"
    TRUTH = "truth"
    TIME = "time"
    LIST = "list"
    TEST = "function of an element"
    JSON = "json"
    KEY = "key of a JSON object"
    PATTERN = "regular expression"
    LIKE = "LIKE pattern"
    REPLACEMENT = "replacement of a match"


@dataclass(frozen=True, slots=True)
class Operation:
    """`parameters`: name and type of each, in order; `means` says what is computed."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    means: str

    @property
    def noun(self) -> str:
        return self.name.partition("_")[0]


_LETTERS = {
    "x": Type.ANY,
    "s": Type.TEXT,
    "part": Type.TEXT,
    "with": Type.TEXT,
    "before": Type.TEXT,
    "after": Type.TEXT,
    "separator": Type.TEXT,
    "characters": Type.TEXT,
    "escape": Type.TEXT,
    "key": Type.KEY,
    "options": Type.TEXT,
    "pattern": Type.PATTERN,
    "like": Type.LIKE,
    "replacement": Type.REPLACEMENT,
    "start": Type.WHOLE,
    "count": Type.WHOLE,
    "n": Type.WHOLE,
    "m": Type.WHOLE,
    "base": Type.WHOLE,
    "group": Type.WHOLE,
    "d": Type.DOUBLE,
    "e": Type.DOUBLE,
    "time": Type.TIME,
    "list": Type.LIST,
    "other": Type.LIST,
    "test": Type.TEST,
    "document": Type.JSON,
}
"""The type of a parameter follows from its name."""

_TABLE = """
text_length(s) whole: the number of characters
text_starts(s, part) truth: s begins with part, whatever characters part has
text_ends(s, part) truth: s ends with part
text_contains(s, part) truth: part stands in s
text_position(s, part) whole: where part first stands in s, 0 if nowhere
text_slice(s, start, count) text: count characters from start on; fewer at the end
text_from(s, start) text: the characters from start on
text_first(s, count) text: the first characters
text_last(s, count) text: the last characters
text_without_last(s, count) text: all but the last characters
text_replace(s, part, with) text: every part replaced
text_lower(s) text: ASCII letters lowered, the Kelvin sign too; of others as the engine does
text_upper(s) text: ASCII letters raised, the long s too; of others as the engine does
text_folded(s) text: letters that are one but for case made one (Unicode simple folding)
text_translated(s, before, after) text: each character of before replaced by that at its place in after
text_lower_ascii(s) text: the 26 letters A to Z lowered, all else kept
text_like(s, like) truth: LIKE without escape character; % and _ match line ends
text_like_escaped(s, like, escape) truth: LIKE with an escape character
text_like_folded(s, like) truth: text_like without letter case, as text_lower has it
text_like_folded_escaped(s, like, escape) truth: the same with an escape character
text_join(list, separator) text: the elements with a separator between
text_split(s, separator) list: the parts between separators, which is literal
text_characters(s) list: the single characters
text_part(s, separator, n) text: the n-th part between separators, empty beyond the last
text_strip_start(s, characters) text: without any of the characters at the start
text_strip_end(s, characters) text: without any of the characters at the end
text_pad_start(s, count, with) text: as long as count, filled at the start
text_repeat(s, count) text: s count times
regex_full(s, pattern) truth: the whole of s matches; a dot matches no line feed
regex_search(s, pattern) truth: some part of s matches; a dot matches no line feed
regex_search_with(s, pattern, options) truth: regex_search with the options i (no case) and s (dot matches all)
regex_extract(s, pattern) text: the first match, empty if there is none
regex_extract_group(s, pattern, group) text: a group of the first match, empty if there is none
regex_count(s, pattern) whole: the number of matches that do not overlap
regex_replace_first(s, pattern, replacement) text: the first match replaced
regex_replace_all(s, pattern, replacement) text: every match replaced; replacement has groups as \\1
regex_quoted(s) text: a pattern that matches s alone
list_any(list, test) truth: some element makes test true; NULL or false for a NULL list
list_keep(list, test) list: the elements that make test true
list_map(list, test) list: the function of each element
list_fold(list, test) any: the elements combined from the left by a function of two
list_has(list, x) truth: an element equals x
list_length(list) whole: the number of elements, NULLs too
list_values(list) whole: the number of elements that are not NULL
list_distinct(list) list: every value once, without NULLs
list_concat(list, other) list: the elements of both
list_flat(list) list: a list of lists as one list
list_or_null(list) list: one NULL in place of a list that is empty or NULL
list_spread(list) any: as an output of a SELECT: a row an element, none for none
number_add(n, m) whole: the sum of two numbers of 64 bits; fails beyond them
number_subtract(n, m) whole: their difference; fails beyond 64 bits
number_multiply(n, m) whole: their product; fails beyond 64 bits
number_negative(n) whole: the opposite of a number of 64 bits; fails for the one that has none
number_divide(n, m) whole: division towards zero; fails for 0
number_modulo(n, m) whole: the remainder, with the sign of n; fails for 0
double_divide(d, e) double: division of doubles
double_modulo(d, e) double: the remainder of doubles
double_equal(d, e) truth: equality of doubles; not-a-number equals itself
double_less(d, e) truth: the order of doubles, not-a-number above all others
double_less_or_equal(d, e) truth: the order of doubles, not-a-number above all others
double_greater(d, e) truth: the order of doubles, not-a-number above all others
double_greater_or_equal(d, e) truth: the order of doubles, not-a-number above all others
double_truncated(d) double: without its fraction
double_text(d) text: the shortest digits that read as d, with a fraction or an exponent
double_two_digits(d) text: the nearest number of two digits, as 4.9e-324
double_is_nan(d) truth: not a number
double_is_infinite(d) truth: beyond all numbers
truth_text(x) text: true or false, of a truth
list_first(list) any: the first element, NULL if there is none
failure(s) whole: fails
failure_double(s) double: fails
row_whole(x) any: all columns of the one sub-select, which is named x, as one value
nullable(x) any: x itself; where a window finds no row, NULL and no other value
let(x, test) any: the function of x, which is computed once
attempt(x) any: x, or NULL if computing it fails
attempt_null(x) any: what can fail, where a failure has to be told from a missing value
address_v4_digits(s) text: eight hexadecimal digits of a dotted address
address_v4_groups(s) text: two groups of four hexadecimal digits of a dotted address
address_dotted(s) text: the dotted address of the last eight of 32 hexadecimal digits, which are text
address_dotted_key(s) text: the same, for keys
time_nanoseconds(time) whole: nanoseconds since 1970
time_milliseconds(time) whole: whole milliseconds since 1970, by floor
time_milliseconds_exact(time) whole: the same of a time with nanoseconds
time_of_milliseconds(n) time: milliseconds since 1970
time_of_double_milliseconds(d) time: milliseconds since 1970, rounded to microseconds
time_of_nanoseconds(n) time: nanoseconds since 1970
time_in_utc(time) time: a time with a zone as the same moment in UTC, without a zone
time_iso(time) text: ISO 8601 with Z and 3, 6 or 9 digits of the second
time_now() time: now, in UTC, without a zone
json_document(document) json: a column of documents, a number with a fraction keeps it
json_text(document) text: a text, a number or a boolean as text
json_at(document, key) json: the value of a key, NULL if there is none
json_opened(document) list: the elements of an array, or the one value
json_inside(document) list: all that lies in an array without objects at any depth, or the one value
json_is_value(document) truth: a text, a number or a boolean
"""


def _parsed(line: str) -> Operation:
    head, _, means = line.partition(": ")
    name, _, rest = head.partition("(")
    inside, _, result = rest.partition(") ")
    names = [part.strip() for part in inside.split(",") if part.strip()]
    kinds = {kind.value.split()[0]: kind for kind in Type}
    parameters = tuple((part, _LETTERS[part]) for part in names)
    return Operation(name, parameters, kinds[result], means)


VOCABULARY: dict[str, Operation] = {
    operation.name: operation for operation in map(_parsed, _TABLE.strip().splitlines())
}
"""Every operation by its name."""


def word(name: str, *operands: exp.Expr) -> exp.Expr:
    """An operation on its operands, as a tree.

    Raises:
        KeyError: there is no such operation.
        ValueError: it takes another number of operands.
    """
    operation = VOCABULARY[name]
    if len(operands) != len(operation.parameters):
        message = f"{name} takes {len(operation.parameters)} operands, not {len(operands)}"
        raise ValueError(message)
    return exp.Anonymous(this=name, expressions=list(operands))


def operation_of(node: exp.Expr) -> Operation | None:
    """The operation that a node of a tree is, if it is one."""
    return VOCABULARY.get(node.name) if isinstance(node, exp.Anonymous) else None
