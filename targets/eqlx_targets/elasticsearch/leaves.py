"""Leaves of a condition as Query DSL: each one as clauses of which any may hold (spec §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.meaning.dates import MILLISECOND, iso_text
from eqlx.patterns.folding import Folding, fold, has_case
from eqlx.patterns.lucene import print_lucene
from eqlx.patterns.regex import (
    Alternation,
    Concatenation,
    Regex,
    RegexDialect,
)
from eqlx.patterns.regex_rewrite import Inexpressible, ordinary
from eqlx.patterns.wildcard import Shape, Wildcard
from eqlx.source import Span
from eqlx_targets.elasticsearch.bounds import Always, decided
from eqlx_targets.elasticsearch.clauses import (
    MATCH_NONE,
    Clause,
    Scalar,
    escaped,
    exists,
    interval,
    merged,
    prefix,
    regexp,
    term,
    terms,
    wildcard,
)
from eqlx_targets.elasticsearch.folding import (
    either_case,
    folds_beyond_ascii,
    has_complement,
    has_empty_branch,
    spelled_out,
)
from eqlx_targets.elasticsearch.letter_case import ENGINE_FOLDS
from eqlx_targets.elasticsearch.painless import script_clause

MAX_REGEX_LENGTH = 1000
"""The default of `index.max_regex_length`, in characters."""

_BOUNDS = {
    ir.Comparison.LESS: "lt",
    ir.Comparison.LESS_OR_EQUAL: "lte",
    ir.Comparison.GREATER: "gt",
    ir.Comparison.GREATER_OR_EQUAL: "gte",
}


@dataclass(frozen=True)
class Scope:
    """What lowering a leaf needs beside the leaf.

    `list_limit`: a case-insensitive list longer than this becomes a few `regexp` clauses instead
    of a `term` a value. `refuse` reports a construct that Query DSL has no clause for; `assume`
    keeps an assumption. `has_complement`: the engine's regular expressions have the operator `~`.
    """

    list_limit: int
    refuse: Callable[[str, Span], None]
    assume: Callable[[str], None]
    has_complement: bool = True

    def refused(self, what: str, span: Span) -> tuple[Clause, ...]:
        """Report, and stand in a clause that nobody will see."""
        self.refuse(what, span)
        return (MATCH_NONE,)


def alternatives(leaf: ir.Leaf, scope: Scope) -> tuple[Clause, ...]:
    """Clauses of which one holds iff the leaf does.

    `IsNull` of a field is a negation and is taken by `condition`.
    """
    if is_computed(leaf):
        return (script_clause(leaf, lambda field: field_name(field, scope), scope.refuse),)
    match leaf:
        case ir.Compare():
            return _compare(leaf, scope)
        case ir.Membership():
            return _membership(leaf, scope)
        case ir.Like():
            return merged(_like(leaf, scope))
        case ir.RegexMatch():
            return tuple(_regexes(leaf, scope))
        case ir.NetworkMatch():
            return _network(leaf, scope)
        case ir.TextMatch():
            return _text_match(leaf, scope)
        case ir.IsNull():
            return scope.refused("a test for a missing value inside a value", leaf.span)
        case _:
            assert_never(leaf)


def _folds(case: ir.Case, text: Scalar) -> bool:
    """Whether the engine's flag for letter case goes with the text."""
    return case.folding is not None and isinstance(text, str) and has_case(text, case.folding)


def is_computed(leaf: ir.Leaf) -> bool:
    """Whether the leaf is more than a plain field against constants."""
    match leaf:
        case ir.Compare(_, ir.Field(), right):
            return isinstance(right, ir.Field | ir.Call | ir.Arithmetic | ir.Negation | ir.Truth)
        case ir.TextMatch(_, ir.Field(), text):
            return not isinstance(text, ir.Text)
        case ir.Compare():
            return True
        case _:
            return not isinstance(leaf.value, ir.Field)


def field_name(value: ir.Value, scope: Scope) -> str:
    """The name to search: the keyword sub-field where the field is full text (spec §2)."""
    if not isinstance(value, ir.Field):
        scope.refuse("a computed value", value.span)
        return ""
    if value.type is FieldType.TEXT:
        scope.assume(f"the text field `{value.name}` has the sub-field `{value.name}.keyword`")
        return f"{value.name}.keyword"
    return value.name


def _compare(leaf: ir.Compare, scope: Scope) -> tuple[Clause, ...]:
    name = field_name(leaf.left, scope)
    right = leaf.right
    if isinstance(right, ir.Integer | ir.Decimal | ir.Instant):
        match decided(leaf.left, leaf.operator, right):
            case Always.NEVER:
                return (MATCH_NONE,)
            case Always.ANY_VALUE:
                return (exists(name),)
            case None:
                pass
    if isinstance(right, ir.Instant):
        return _instant(name, leaf.operator, right, leaf.left)
    if not isinstance(right, ir.Text | ir.Integer | ir.Decimal | ir.Boolean):
        return scope.refused("a comparison with a value that is no constant", leaf.span)
    if leaf.operator is ir.Comparison.EQUAL:
        return (term(name, right.value, fold=_folds(leaf.case, right.value)),)
    return (interval(name, {_BOUNDS[leaf.operator]: right.value}),)


def _instant(
    name: str, operator: ir.Comparison, instant: ir.Instant, field: ir.Value
) -> tuple[Clause, ...]:
    """A date as an exact instant (spec §13.11): written out in full, so that nothing rounds it.

    A `date` field holds whole milliseconds, so a finer literal lies strictly between two of them.
    """
    nanos = isinstance(field, ir.Field) and field.type is FieldType.DATE_NANOS
    rest = instant.nanoseconds % MILLISECOND
    text = iso_text(instant.nanoseconds if nanos else instant.nanoseconds - rest)
    if rest and not nanos:
        if operator is ir.Comparison.EQUAL:
            return (MATCH_NONE,)
        below = operator in (ir.Comparison.LESS, ir.Comparison.LESS_OR_EQUAL)
        return (interval(name, {"lte" if below else "gt": text}),)
    if operator is ir.Comparison.EQUAL:
        return (interval(name, {"gte": text, "lte": text}),)
    return (interval(name, {_BOUNDS[operator]: text}),)


def _membership(leaf: ir.Membership, scope: Scope) -> tuple[Clause, ...]:
    name = field_name(leaf.value, scope)
    values: list[Scalar] = []
    dates: list[Clause] = []
    for choice in leaf.choices:
        match choice:
            case ir.Null():
                continue
            case ir.Integer() | ir.Decimal() | ir.Instant() if (
                decided(leaf.value, ir.Comparison.EQUAL, choice) is Always.NEVER
            ):
                continue
            case ir.Instant():
                dates += _instant(name, ir.Comparison.EQUAL, choice, leaf.value)
            case _:
                values.append(choice.value)
    if leaf.case is ir.Case.SENSITIVE:
        plain = (terms(name, values),) if values else ()
        return merged((*plain, *dates)) or (MATCH_NONE,)
    if len(values) > scope.list_limit:
        return tuple(folded_list(name, values, leaf))
    clauses = [term(name, value, fold=_folds(leaf.case, value)) for value in values]
    return merged(clauses) or (MATCH_NONE,)


def folded_list(name: str, values: list[Scalar], leaf: ir.Membership) -> Iterator[Clause]:
    """A case-insensitive list in few clauses: `regexp` alternations of at most
    `MAX_REGEX_LENGTH` characters, each letter written `[aA]`.

    The flag `case_insensitive` would be shorter, but folds by another rule in each Lucene. A value
    that does not fit keeps a `term` of its own, and values without letters share one `terms`.
    """
    folding = leaf.case.folding or Folding.ASCII
    texts = [v for v in values if isinstance(v, str) and has_case(v, folding)]
    plain = [value for value in values if value not in texts]
    if plain:
        yield terms(name, plain)
    chunk: list[Concatenation] = []
    length = 0
    for value in dict.fromkeys(fold(text, folding) for text in texts):
        tree = Concatenation(tuple(either_case(character, folding) for character in value))
        size = len(_print(tree)) + 1
        if size > MAX_REGEX_LENGTH:
            yield term(name, value, fold=_folds(leaf.case, value))
            continue
        if length + size > MAX_REGEX_LENGTH:
            yield regexp(name, _print(Alternation(tuple(chunk))))
            chunk, length = [], 0
        chunk.append(tree)
        length += size
    if chunk:
        yield regexp(name, _print(Alternation(tuple(chunk)) if len(chunk) > 1 else chunk[0]))


def _print(root: Concatenation | Alternation) -> str:
    return print_lucene(Regex(RegexDialect.LUCENE, root))


def _like(leaf: ir.Like, scope: Scope) -> Iterator[Clause]:
    name = field_name(leaf.value, scope)
    for pattern in leaf.patterns:
        fold = _folds(leaf.case, pattern.literal)
        match pattern.shape:
            case Shape.EXACT:
                yield term(name, pattern.literal, fold=fold)
            case Shape.PREFIX:
                yield prefix(name, pattern.literal, fold=fold)
            case Shape.ANYTHING:
                yield exists(name)
            case Shape.SUFFIX | Shape.CONTAINS | Shape.GENERAL:
                yield wildcard(name, _wildcard_text(pattern), fold=fold)
            case _:
                assert_never(pattern.shape)


def _wildcard_text(pattern: Wildcard) -> str:
    return "".join(
        escaped(piece) if isinstance(piece, str) else piece.value for piece in pattern.pieces
    )


def _regexes(leaf: ir.RegexMatch, scope: Scope) -> Iterator[Clause]:
    name = field_name(leaf.value, scope)
    for pattern in leaf.patterns:
        if pattern.dialect is not RegexDialect.LUCENE:
            yield from scope.refused("a Java regular expression", leaf.span)
            continue
        try:
            written, fold = _written(pattern, leaf.case, scope)
        except Inexpressible as error:
            yield from scope.refused(f"the operator `~` here ({error.reason})", leaf.span)
            continue
        text = print_lucene(written)
        if len(text) > MAX_REGEX_LENGTH:
            scope.assume(f"`index.max_regex_length` is at least {len(text)}")
        yield regexp(name, text, fold=fold)


def _written(pattern: Regex, case: ir.Case, scope: Scope) -> tuple[Regex, bool]:
    """The pattern as the engine takes it, and whether the flag `case_insensitive` goes with it.

    Raises:
        Inexpressible: the engine has no `~`, and the pattern has no other form of bearable size.
    """
    folding = case.folding
    if not scope.has_complement and has_complement(pattern.root):
        return Regex(pattern.dialect, ordinary(pattern, case.folding)), False
    if folding is None:
        return pattern, False
    if has_empty_branch(pattern.root):
        return spelled_out(pattern, folding), False
    if folds_beyond_ascii(pattern.root):
        spelled = spelled_out(pattern, folding)
        if len(print_lucene(spelled)) <= MAX_REGEX_LENGTH:
            return spelled, False
        scope.assume(ENGINE_FOLDS[folding])
    return pattern, True


def _network(leaf: ir.NetworkMatch, scope: Scope) -> tuple[Clause, ...]:
    name = field_name(leaf.value, scope)
    if isinstance(leaf.value, ir.Field) and leaf.value.type is not FieldType.IP:
        scope.assume(f"the field `{name}` is mapped as `ip`")
    return merged([terms(name, [network.canonical for network in leaf.networks])])


def _text_match(leaf: ir.TextMatch, scope: Scope) -> tuple[Clause, ...]:
    """The text is literal (spec §13.1), so `*`, `?` and a backslash are escaped."""
    name = field_name(leaf.value, scope)
    if not isinstance(leaf.text, ir.Text):
        return scope.refused("a text function over two fields", leaf.span)
    text = leaf.text.value
    fold = _folds(leaf.case, text)
    match leaf.where:
        case ir.Where.START:
            return (prefix(name, text, fold=fold) if text else exists(name),)
        case ir.Where.END:
            return (wildcard(name, f"*{escaped(text)}", fold=fold) if text else exists(name),)
        case ir.Where.ANYWHERE:
            return (wildcard(name, f"*{escaped(text)}*", fold=fold) if text else MATCH_NONE,)
        case _:
            assert_never(leaf.where)
