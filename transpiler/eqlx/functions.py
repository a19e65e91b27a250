"""EQL's functions as data: parameters, results, null and case rules (spec §3, §7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eqlx.diagnostics.nearest import nearest
from eqlx.ir.features import Feature
from eqlx.ir.nodes import Function, Operator, Where


class Kind(Enum):
    """What a parameter takes, or a function gives."""

    STRING = "a string"
    INTEGER = "an integer"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    SCALAR = "any value"
    IP = "an ip field"
    NETWORK = "a constant address or network"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`null_gives_null`: a null here makes the result null (spec §7, "null if either null")."""

    name: str
    kind: Kind
    required: bool = True
    null_gives_null: bool = True


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
    has_case: bool = False
    variadic: bool = False

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


def _text_match(name: str, where: Where, feature: Feature) -> Signature:
    source, text = Parameter("source", Kind.STRING), Parameter("substring", Kind.STRING)
    return Signature(name, (source, text), Kind.BOOLEAN, where, feature, has_case=True)


SIGNATURES = (
    _arithmetic("add", Operator.ADD),
    Signature(
        "between",
        (
            Parameter("source", Kind.STRING),
            Parameter("left", Kind.STRING),
            Parameter("right", Kind.STRING),
            Parameter("greedy", Kind.BOOLEAN, required=False),
        ),
        Kind.STRING,
        Function.BETWEEN,
        Feature.FUNCTION_BETWEEN,
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
        variadic=True,
    ),
    _arithmetic("divide", Operator.DIVIDE),
    _text_match("endsWith", Where.END, Feature.ENDS_WITH),
    Signature(
        "indexOf",
        (
            Parameter("source", Kind.STRING),
            Parameter("substring", Kind.STRING),
            Parameter("start", Kind.INTEGER, required=False, null_gives_null=False),
        ),
        Kind.INTEGER,
        Function.INDEX_OF,
        Feature.FUNCTION_INDEX_OF,
        has_case=True,
    ),
    Signature(
        "length",
        (Parameter("string", Kind.STRING),),
        Kind.INTEGER,
        Function.LENGTH,
        Feature.FUNCTION_LENGTH,
    ),
    _arithmetic("modulo", Operator.MODULO),
    _arithmetic("multiply", Operator.MULTIPLY),
    Signature(
        "number",
        (
            Parameter("string", Kind.STRING),
            Parameter("base", Kind.INTEGER, required=False, null_gives_null=False),
        ),
        Kind.NUMBER,
        Function.NUMBER,
        Feature.FUNCTION_NUMBER,
    ),
    _text_match("startsWith", Where.START, Feature.STARTS_WITH),
    Signature(
        "string",
        (Parameter("value", Kind.SCALAR),),
        Kind.STRING,
        Function.STRING,
        Feature.FUNCTION_STRING,
    ),
    _text_match("stringContains", Where.ANYWHERE, Feature.CONTAINS),
    Signature(
        "substring",
        (
            Parameter("source", Kind.STRING),
            Parameter("start", Kind.INTEGER, null_gives_null=False),
            Parameter("end", Kind.INTEGER, required=False, null_gives_null=False),
        ),
        Kind.STRING,
        Function.SUBSTRING,
        Feature.FUNCTION_SUBSTRING,
    ),
    _arithmetic("subtract", Operator.SUBTRACT),
)

REMOVED = {
    "arraycontains": "use `==` or `in`: a field with several values matches if any of them does",
    "arraycount": "arrays cannot be counted in Elastic EQL",
    "arraysearch": "arrays cannot be searched in Elastic EQL",
    "match": "use `regex`, or `regex~` without regard to case",
    "matchlite": "use `regex`, or `regex~` without regard to case",
    "safe": "leave it out",
    "wildcard": 'use `like~`, or `:`, as in `process.name : ("a*", "b*")`',
}
"""Functions of older EQL that Elasticsearch does not have, by lower-case name, with what to write
instead (spec §1 "Rejected")."""

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
    "tolower": "leave it out: `:` and functions with `~` ignore letter case",
    "tolowercase": "leave it out: `:` and functions with `~` ignore letter case",
    "toupper": "leave it out: `:` and functions with `~` ignore letter case",
    "upper": "leave it out: `:` and functions with `~` ignore letter case",
}
"""Functions of other languages, by lower-case name, with what to write in EQL."""

_BY_NAME = {signature.name.lower(): signature for signature in SIGNATURES}
_BY_MEANING = {signature.meaning: signature for signature in SIGNATURES}


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
