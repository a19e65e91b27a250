"""The surface tree: an EQL text as it was written, nothing resolved (spec §1).

Every node has a `span` into the query's source, which takes no part in equality. Old or foreign
forms never reach the tree: the parser refuses them with a diagnostic.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eqlx.source import NOWHERE, Span


def _span() -> Span:
    return field(default=NOWHERE, kw_only=True, compare=False, repr=False)


# --- expressions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldName:
    """`process.name`, `` `a b`.c ``, `?user.id`; `name` is the joined path without backticks."""

    name: str
    optional: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StringValue:
    """A string with its escapes resolved; `raw` where it was written `\"\"\"…\"\"\"`."""

    value: str
    raw: bool = field(default=False, compare=False)
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number without sign; a float for decimals and for integers beyond unsigned 64 bits."""

    value: int | float
    text: str = field(default="", compare=False)
    span: Span = _span()

    def __eq__(self, other: object) -> bool:
        """`1` and `1.0` are different numbers in EQL's types."""
        return (
            isinstance(other, NumberValue)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class BooleanValue:
    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NullValue:
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """`name(…)`, or `name~(…)` with `insensitive`; `name` as written, any letter case."""

    name: str
    arguments: tuple[Expression, ...]
    insensitive: bool = False
    name_span: Span = _span()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Sign:
    """Unary `-`; unary `+` is dropped by the parser."""

    operand: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`operator` is one of `+ - * / %`."""

    operator: str
    left: Expression
    right: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of `== != < <= > >=`."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span = _span()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class InList:
    """`operand [not] in[~] (…)`."""

    operand: Expression
    choices: tuple[Expression, ...]
    insensitive: bool = False
    negated: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """`operand : …`, `like`, `like~`, `regex`, `regex~`; `operator` is that word. One constant or a
    list of constants; `listed` where it was written in brackets."""

    operator: str
    operand: Expression
    patterns: tuple[Expression, ...]
    listed: bool = field(default=False, compare=False)
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NotExpression:
    operand: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Logical:
    """A chain of one operator, `and` or `or`; two or more operands. Brackets written around an
    operand of the same operator are kept as a nested `Logical`."""

    operator: str
    operands: tuple[Expression, ...]
    span: Span = _span()


Expression = (
    FieldName
    | StringValue
    | NumberValue
    | BooleanValue
    | NullValue
    | FunctionCall
    | Sign
    | Arithmetic
    | Comparison
    | InList
    | PatternMatch
    | NotExpression
    | Logical
)


# --- statements -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventFilter:
    """`category where condition`; category None is `any`. `category_span` marks the category."""

    category: str | None
    condition: Expression
    category_span: Span = _span()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Maxspan:
    """`with maxspan=30s`; `unit` is one of `ms s m h d`."""

    count: int
    unit: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Term:
    """`[filter] by … with runs=N`, or `![filter]` with `missing`."""

    filter: EventFilter
    keys: tuple[FieldName, ...] = ()
    runs: int | None = None
    missing: bool = False
    runs_span: Span = _span()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class SequenceQuery:
    keys: tuple[FieldName, ...]
    maxspan: Maxspan | None
    terms: tuple[Term, ...]
    until: Term | None = None
    head_span: Span = _span()
    """The words `sequence by … with …`."""
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class SampleQuery:
    keys: tuple[FieldName, ...]
    terms: tuple[Term, ...]
    head_span: Span = _span()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Pipe:
    """`| head N`, `| tail N`; the argument must fold to an integer."""

    name: str
    argument: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Statement:
    query: EventFilter | SequenceQuery | SampleQuery
    pipes: tuple[Pipe, ...] = ()
    span: Span = _span()
