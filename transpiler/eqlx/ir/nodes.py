"""The IR's nodes: frozen, closed unions, meaning explicit on each node.

A `Condition` is two-valued: `And`, `Or`, `Not` and `Constant` over *leaves*. A leaf is true for an
event iff some choice of one stored value per field occurrence makes it true (a field without a
value contributes null); null inside a leaf counts as false; `Not` is plain negation of that
(eql-semantics.md §5 phase B, §6). A `Truth` is a condition used as a *value* inside a leaf, where
three-valued logic holds: `(a > 5) == null`.

Node classes are never equal across kinds: `Integer(1)`, `Boolean(True)` and `Decimal(1.0)` differ.
`span` takes no part in equality. Nothing here renders, optimises or overloads operators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from eqlx.ir.types import FieldType
from eqlx.patterns.folding import Folding
from eqlx.patterns.network import Network
from eqlx.patterns.regex import Regex
from eqlx.patterns.wildcard import Wildcard
from eqlx.source import NOWHERE, Span


def _span() -> Span:
    return field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Case(Enum):
    """Whether letters compare exactly, or folded at the run's level (spec §3, §13.2): by Unicode
    simple case folding, or in ASCII alone."""

    SENSITIVE = "sensitive"
    INSENSITIVE = "insensitive"
    INSENSITIVE_ASCII = "insensitive-ascii"

    @classmethod
    def ignoring(cls, folding: Folding) -> Case:
        """Letters compare folded at this level."""
        return cls.INSENSITIVE if folding is Folding.UNICODE else cls.INSENSITIVE_ASCII

    @property
    def folding(self) -> Folding | None:
        """The level at which letters are folded; None where they compare exactly."""
        match self:
            case Case.SENSITIVE:
                return None
            case Case.INSENSITIVE:
                return Folding.UNICODE
            case Case.INSENSITIVE_ASCII:
                return Folding.ASCII


class Comparison(Enum):
    """There is no "not equals": `a != b` is `Not(Compare(EQUAL))` (spec §1)."""

    EQUAL = "=="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


class Operator(Enum):
    """Arithmetic (spec §7): `/` on integers truncates, `%` takes the dividend's sign."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"


class Where(Enum):
    """Where `TextMatch` looks for its text."""

    START = "start"
    END = "end"
    ANYWHERE = "anywhere"


class Function(Enum):
    """Functions that give a value (spec §7); the boolean ones are leaves of their own."""

    BETWEEN = "between"
    CONCAT = "concat"
    INDEX_OF = "indexOf"
    LENGTH = "length"
    NUMBER = "number"
    STRING = "string"
    SUBSTRING = "substring"


# --- values -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A field, by its dotted path. `optional` is the written `?` (meaningful as a join key, and
    before the pass `fold` where the schema lacks the field)."""

    name: str
    optional: bool = False
    type: FieldType = FieldType.UNRESOLVED
    multivalued: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within unsigned 64 bits; larger ones are `Decimal` (spec §1)."""

    value: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Decimal:
    """A double."""

    value: float
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Null:
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Instant:
    """A date literal on a date field: exact nanoseconds since 1970 UTC (spec §13.11), and the text
    as written, which is what prints."""

    nanoseconds: int
    text: str = field(compare=False, default="")
    span: Span = _span()


Literal = Text | Integer | Decimal | Boolean | Null | Instant


@dataclass(frozen=True, slots=True)
class Call:
    """A function with a value; `case` matters to `between` and `indexOf` only."""

    function: Function
    arguments: tuple[Value, ...]
    case: Case = Case.SENSITIVE
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Operator
    left: Value
    right: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    value: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition as a value inside a leaf: three-valued, `And`/`Or`/`Not` as in SQL."""

    condition: Condition
    span: Span = _span()


Value = Field | Literal | Call | Arithmetic | Negation | Truth


# --- leaves -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    """`left <operator> right`. After the passes `right` is a literal of the type of `left`, and
    `case` is INSENSITIVE only for EQUAL on text."""

    operator: Comparison
    left: Value
    right: Value
    case: Case = Case.SENSITIVE
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Membership:
    """`value in (…)`, `in~`: equal to one of the choices; null choices never match. Wildcards are
    not expanded, in either case mode."""

    value: Value
    choices: tuple[Literal, ...]
    case: Case = Case.SENSITIVE
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Like:
    """`like`, `like~`, `:`, with one pattern or a list (any may match; whole value).

    After the passes at least one pattern has a wildcard, and on a field none accepts everything:
    the others are equality, and `Not(IsNull)`.

    `crosses_lines`: `*` and `?` also match line ends. True on a plain field in a leaf of its own,
    false on a computed value or inside a `Truth` (spec §4).
    """

    value: Value
    patterns: tuple[Wildcard, ...]
    case: Case
    crosses_lines: bool = True
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RegexMatch:
    """`regex`, `regex~` (whole value, any of the patterns). Each `Regex` carries its dialect:
    Lucene's on a plain field, Java's on a computed value (spec §4)."""

    value: Value
    patterns: tuple[Regex, ...]
    case: Case
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NetworkMatch:
    """`cidrMatch`, and `==`/`in` on an ip field: the address lies in one of the networks. IPv4 and
    IPv4-mapped IPv6 are the same address (spec §2, §7). `compared`: it was written with `==` or `in`;
    that is how it is printed, and no part of its meaning."""

    value: Value
    networks: tuple[Network, ...]
    compared: bool = field(default=False, kw_only=True, compare=False, repr=False)
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TextMatch:
    """`startsWith`, `endsWith`, `stringContains` (literal text, spec §13.1)."""

    where: Where
    value: Value
    text: Value
    case: Case = Case.SENSITIVE
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IsNull:
    """`value == null`: for a field, it has no value. `value != null` is `Not(IsNull)`. Patterns that
    accept everything (`"*"`) on a field become `Not(IsNull)` too (spec §4)."""

    value: Value
    span: Span = _span()


Leaf = Compare | Membership | Like | RegexMatch | NetworkMatch | TextMatch | IsNull


# --- conditions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class And:
    """True iff all are; two or more, none of them an `And`."""

    conditions: tuple[Condition, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Or:
    """True iff any is; two or more, none of them an `Or`."""

    conditions: tuple[Condition, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Constant:
    """`true`, `false`, or None for null. After the pass `fold` a constant is never None and stands
    only alone, as the whole condition of a filter."""

    value: bool | None
    span: Span = _span()


Condition = And | Or | Not | Constant | Leaf


# --- queries ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """`category where condition`; category None is `any`. The category is compared with the
    category field, case-sensitively."""

    category: str | None
    condition: Condition
    span: Span = _span()


class End(Enum):
    HEAD = "head"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Limit:
    """`| head N` or `| tail N`; a chain applies first to last, results stay in ascending order."""

    end: End
    count: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class EventQuery:
    filter: Filter
    limits: tuple[Limit, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Stage:
    """One term of a sequence, `until`, or a sample. `keys` are all its join keys, those of the whole
    sequence first. `runs` > 1 means that many identical stages in a row. `missing` is `![…]`."""

    filter: Filter
    keys: tuple[Field, ...] = ()
    runs: int = 1
    missing: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Stages in order of writing, missing ones included. `maxspan` in milliseconds (spec §9)."""

    stages: tuple[Stage, ...]
    maxspan: int | None = None
    until: Stage | None = None
    limits: tuple[Limit, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Sample:
    """Distinct events, one a stage, that share the keys (spec §10)."""

    stages: tuple[Stage, ...]
    span: Span = _span()


Query = EventQuery | Sequence | Sample
