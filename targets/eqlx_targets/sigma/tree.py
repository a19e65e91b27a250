"""The tree of a Sigma file: rules and correlations as data, ready to be written as YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = "str | int | float | bool | None"
"""A value in a detection. A string is Sigma's text, escapes and wildcards included."""


@dataclass(frozen=True, slots=True)
class Item:
    """`field|modifier: value`, or a list of values of which any may match."""

    field: str
    modifiers: tuple[str, ...]
    values: tuple[Scalar, ...]

    @property
    def key(self) -> str:
        """What stands before the colon; two items of one map never share it."""
        return "|".join((self.field, *self.modifiers))


SearchMap: TypeAlias = tuple[Item, ...]
"""Items of which all must match; their keys differ."""


@dataclass(frozen=True, slots=True)
class Block:
    """A search identifier: maps of which any may match."""

    name: str
    maps: tuple[SearchMap, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A block by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Quantified:
    """`all of selection_*` or `1 of filter_*`; `quantifier` is `all` or `1`."""

    quantifier: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Conjunction:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Inversion:
    operand: Expression


Expression = Reference | Quantified | Conjunction | Disjunction | Inversion


@dataclass(frozen=True, slots=True)
class Detection:
    blocks: tuple[Block, ...]
    condition: Expression


@dataclass(frozen=True, slots=True)
class LogSource:
    """At least one of the first three is set."""

    category: str | None = None
    product: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a rule and a correlation have in common. Empty attributes are not written."""

    title: str
    id: str
    related: tuple[tuple[str, str], ...] = ()
    """(id, type of the relation)"""
    name: str | None = None
    taxonomy: str | None = None
    status: str | None = None
    description: str = ""
    license: str | None = None
    references: tuple[str, ...] = ()
    author: str = ""
    date: str | None = None
    modified: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands after the detection."""

    falsepositives: tuple[str, ...] = ()
    level: str | None = None


@dataclass(frozen=True, slots=True)
class DetectionRule:
    header: Header
    logsource: LogSource
    detection: Detection
    footer: Footer


@dataclass(frozen=True, slots=True)
class Correlation:
    """`kind` is one of the specification's types. `aliases` maps an alias to (rule, field) pairs;
    `condition` is such as ("gte", 3), a condition over rule names (Sigma 2.2), or None where the type
    needs none."""

    header: Header
    kind: str
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    timespan: str
    aliases: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    condition: tuple[str, int] | str | None = None
    footer: Footer = field(default_factory=Footer)


Document = DetectionRule | Correlation


@dataclass(frozen=True, slots=True)
class SigmaFile:
    """The documents of a rule, in order, by the file that they belong in: as a rule one, and one
    each where the rule concerns several log sources."""

    files: tuple[tuple[Document, ...], ...]

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(document for file in self.files for document in file)
