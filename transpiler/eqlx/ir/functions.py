"""EQL's functions, each declared once: parameters, result, feature, null and case rule, inverse (spec §3,
§7).

Types, features, the computation on values, the passes and synthesis read the declarations. What must
have one entry a function is a table made with `each`, which fails at import where one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from eqlx.diagnostics.nearest import nearest
from eqlx.ir import inverses
from eqlx.ir.features import Feature
from eqlx.ir.inverses import Inverse
from eqlx.ir.nodes import Case, Function, Operator, Where
from eqlx.ir.types import FieldType

Entry = TypeVar("Entry")


class Kind(Enum):
    """What a parameter takes, or a function gives."""

    STRING = "a string"
    INTEGER = "an integer"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    SCALAR = "any value"
    IP = "an ip field"
    NETWORK = "a constant address or network"

    @property
    def type(self) -> FieldType:
        """The type of a result of this kind."""
        return _TYPES[self]


_TYPES = {
    Kind.STRING: FieldType.KEYWORD,
    Kind.INTEGER: FieldType.LONG,
    Kind.NUMBER: FieldType.DOUBLE,
    Kind.BOOLEAN: FieldType.BOOLEAN,
}


class OnNull(Enum):
    """What a null argument does. Arguments are looked at in order (spec §7)."""

    NULL = "the result is null"
    FAILS = "the request fails"
    DEFAULT = "as if the argument were absent"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Kind
    required: bool = True
    on_null: OnNull = OnNull.NULL


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as a person writes it. `variadic`: the last parameter may repeat.

    `meaning` is what it becomes in the IR: a `Function`, an `Operator`, the `Where` of a
    `TextMatch`, or None for `cidrMatch`. `has_case`: it may be written with `~`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Kind
    meaning: Function | Operator | Where | None
    feature: Feature
    inverse: Inverse | None = None
    """What its arguments may be for a wanted result. A `Function` has one; a truth needs none."""
    has_case: bool = False
    variadic: bool = False
    feature_ignoring_case: Feature | None = None
    """Where a target may have the function with one letter case rule and not with the other."""

    def feature_of(self, case: Case) -> Feature:
        """The feature of a call that compares letters by `case`."""
        if case is not Case.SENSITIVE and self.feature_ignoring_case is not None:
            return self.feature_ignoring_case
        return self.feature

    @property
    def minimum(self) -> int:
        """The least number of arguments."""
        return sum(parameter.required for parameter in self.parameters)

    @property
    def maximum(self) -> int | None:
        """The greatest number of arguments; None without bound."""
        return None if self.variadic else len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        """The parameter that takes argument `index` (from 0)."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    @property
    def usage(self) -> str:
        """The call as the reference writes it.

        >>> find("IndexOf").usage
        'indexOf(source, substring[, start])'
        """
        text = ""
        for parameter in self.parameters:
            comma = ", " if text else ""
            text += (
                f"{comma}{parameter.name}" if parameter.required else f"[{comma}{parameter.name}]"
            )
        return f"{self.name}({text}{', …' if self.variadic else ''})"


def _arithmetic(name: str, operator: Operator) -> Signature:
    left, right = Parameter("left", Kind.NUMBER), Parameter("right", Kind.NUMBER)
    return Signature(name, (left, right), Kind.NUMBER, operator, Feature.ARITHMETIC)


def _text_match(name: str, where: Where, feature: Feature, ignoring_case: Feature) -> Signature:
    return Signature(
        name,
        (Parameter("source", Kind.STRING), Parameter("substring", Kind.STRING)),
        Kind.BOOLEAN,
        where,
        feature,
        has_case=True,
        feature_ignoring_case=ignoring_case,
    )


SIGNATURES = (
    _arithmetic("add", Operator.ADD),
    Signature(
        "between",
        (
            Parameter("source", Kind.STRING),
            Parameter("left", Kind.STRING, on_null=OnNull.FAILS),
            Parameter("right", Kind.STRING, on_null=OnNull.FAILS),
            Parameter("greedy", Kind.BOOLEAN, required=False, on_null=OnNull.FAILS),
        ),
        Kind.STRING,
        Function.BETWEEN,
        Feature.FUNCTION_BETWEEN,
        inverses.between,
        has_case=True,
    ),
    Signature(
        "cidrMatch",
        (Parameter("source", Kind.IP), Parameter("network", Kind.NETWORK)),
        Kind.BOOLEAN,
        None,
        Feature.NETWORK,
        variadic=True,
    ),
    Signature(
        "concat",
        (Parameter("value", Kind.SCALAR),),
        Kind.STRING,
        Function.CONCAT,
        Feature.FUNCTION_CONCAT,
        inverses.concat,
        variadic=True,
    ),
    _arithmetic("divide", Operator.DIVIDE),
    _text_match("endsWith", Where.END, Feature.ENDS_WITH, Feature.ENDS_WITH_IGNORE_CASE),
    Signature(
        "indexOf",
        (
            Parameter("source", Kind.STRING),
            Parameter("substring", Kind.STRING),
            Parameter("start", Kind.INTEGER, required=False, on_null=OnNull.DEFAULT),
        ),
        Kind.INTEGER,
        Function.INDEX_OF,
        Feature.FUNCTION_INDEX_OF,
        inverses.index_of,
        has_case=True,
    ),
    Signature(
        "length",
        (Parameter("string", Kind.STRING),),
        Kind.INTEGER,
        Function.LENGTH,
        Feature.FUNCTION_LENGTH,
        inverses.length,
    ),
    _arithmetic("modulo", Operator.MODULO),
    _arithmetic("multiply", Operator.MULTIPLY),
    Signature(
        "number",
        (
            Parameter("string", Kind.STRING),
            Parameter("base", Kind.INTEGER, required=False, on_null=OnNull.DEFAULT),
        ),
        Kind.NUMBER,
        Function.NUMBER,
        Feature.FUNCTION_NUMBER,
        inverses.number,
    ),
    _text_match("startsWith", Where.START, Feature.STARTS_WITH, Feature.STARTS_WITH_IGNORE_CASE),
    Signature(
        "string",
        (Parameter("value", Kind.SCALAR),),
        Kind.STRING,
        Function.STRING,
        Feature.FUNCTION_STRING,
        inverses.string,
    ),
    _text_match("stringContains", Where.ANYWHERE, Feature.CONTAINS, Feature.CONTAINS_IGNORE_CASE),
    Signature(
        "substring",
        (
            Parameter("source", Kind.STRING),
            Parameter("start", Kind.INTEGER, on_null=OnNull.DEFAULT),
            Parameter("end", Kind.INTEGER, required=False, on_null=OnNull.DEFAULT),
        ),
        Kind.STRING,
        Function.SUBSTRING,
        Feature.FUNCTION_SUBSTRING,
        inverses.substring,
    ),
    _arithmetic("subtract", Operator.SUBTRACT),
)

WORDS = frozenset({"and", "in", "not", "or", "where"})
"""Keywords that look like a function where they are written in capitals: `NOT (…)`."""

FOREIGN = {
    "contains": 'write `stringContains~(field, …)`, or `field : "*…*"`',
    "exists": "write `field != null`",
    "has": 'write `stringContains~(field, …)`, or `field : "*…*"`',
    "isempty": "write `field == null`",
    "isnotempty": "write `field != null`",
    "isnotnull": "write `field != null`",
    "isnull": "write `field == null`",
    "len": "write `length(…)`",
    "lower": "leave it out: `:` and functions with `~` ignore letter case",
    "now": 'write an instant, as in `"2026-01-01T00:00:00Z"`; the time range of a rule stands in its file',
    "tolower": "leave it out: `:` and functions with `~` ignore letter case",
    "tolowercase": "leave it out: `:` and functions with `~` ignore letter case",
    "toupper": "leave it out: `:` and functions with `~` ignore letter case",
    "upper": "leave it out: `:` and functions with `~` ignore letter case",
}
"""Functions of other languages, by lower-case name, with what to write in EQL."""

_BY_NAME = {signature.name.lower(): signature for signature in SIGNATURES}
_BY_MEANING = {signature.meaning: signature for signature in SIGNATURES}


def each(table: Mapping[Function, Entry], where: str) -> dict[Function, Entry]:
    """`table` with an entry for every function.

    Raises:
        TypeError: at import, naming the functions that `where` says nothing of.
    """
    missing = [function.value for function in Function if function not in table]
    if missing:
        message = f"{where} lacks the functions {', '.join(missing)}"
        raise TypeError(message)
    return dict(table)


each(
    {f: s for f in Function if (s := _BY_MEANING.get(f)) and s.inverse},
    "SIGNATURES, with an inverse,",
)


def find(name: str) -> Signature | None:
    """The function of that name in any letter case, or None.

    >>> find("cidrmatch").name
    'cidrMatch'
    """
    return _BY_NAME.get(name.lower())


def of(meaning: Function | Operator | Where) -> Signature:
    """The function that has this meaning."""
    return _BY_MEANING[meaning]


def suggest(name: str) -> str | None:
    """The known function that an unknown name most likely means.

    >>> suggest("startswiht")
    'startsWith'
    """
    return nearest(name, (signature.name for signature in SIGNATURES))
