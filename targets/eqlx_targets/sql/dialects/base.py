"""What a dialect is: spellings of operations, types, reserved words, patterns, measured facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Literal

from sqlglot import exp

from eqlx_targets.sql.words import portable
from eqlx_targets.sql.words.templates import parsed
from eqlx_targets.sql.words.vocabulary import VOCABULARY, Operation

_CALLED = re.compile(r"(\w+)\(")
PORTABLE = "duckdb"
"""The dialect that portable spellings are read in."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something measured that spellings rely on: `statement` gives TRUE on the engine."""

    what: str
    statement: str


def as_it_is(operation: Operation, pattern: str, options: str) -> str:  # noqa: ARG001 - the protocol
    """The flavour of an engine that takes patterns as they are written here: RE2."""
    return pattern


@dataclass(frozen=True)
class Dialect:
    """One dialect. What it does not say is its parent's, else the portable spelling.

    `printer`: sqlglot's dialect. `spellings`: for each operation a template in this dialect's SQL.
    `missing`: operations that the engine lacks, with the reason. `types`: for each type of sqlglot by
    name (`BIGINT`) the engine's. `pattern`: rewrites a regular expression, written in RE2's language,
    for an operation. `like`: rewrites a LIKE pattern for an operation. `key`: writes the key of a JSON object.
    `replacement`: rewrites what a match is replaced by, with its groups. `casts` and `try_casts`: templates of `$x` for
    casts to a type, where naming the type is not enough. `settings`: what queries need set.
    `characters`: how a character is told that cannot
    stand in a literal: `chr` of its number, `char` of its bytes in UTF-8, or these bytes decoded. `materialized`: CTEs can be said
    to be (not) kept. `row_id`: rows can be told apart without a column that the user names. `parameter`: the
    type that stands with a named parameter. `reserved`: words that cannot stand unquoted.
    `functions`: the file beside this one with the names of all the engine's functions.
    """

    name: str
    printer: str
    spellings: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    functions: str = ""
    pattern: Callable[[Operation, str, str], str] | None = None
    like: Callable[[Operation, str], str] | None = None
    key: Callable[[str], str] | None = None
    replacement: Callable[[Operation, str], str] | None = None
    casts: Mapping[str, str] = field(default_factory=dict)
    try_casts: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[tuple[str, int], ...] = ()
    characters: Literal["number", "bytes", "hexadecimal"] = "number"
    materialized: bool = True
    row_id: bool = True
    parameter: str = ""
    facts: tuple[Fact, ...] = ()
    parent: Dialect | None = None

    def template(self, operation: str, escape: str = "") -> exp.Expr | None:
        """The parsed spelling of an operation; None where the engine has none. `escape`: the escape
        character of a LIKE, which parsers want to see.

        Raises:
            KeyError: there is no such operation.
        """
        if operation not in VOCABULARY:
            raise KeyError(operation)
        found = self._spelling(operation)
        if found is None:
            return None
        spelling, printer = found
        return parsed(spelling.replace("$escape", f"'{escape}'") if escape else spelling, printer)

    def _spelling(self, operation: str) -> tuple[str, str] | None:
        dialect: Dialect | None = self
        while dialect is not None:
            if operation in dialect.missing:
                return None
            if operation in dialect.spellings:
                return dialect.spellings[operation], dialect.printer
            dialect = dialect.parent
        spelling = portable.SPELLINGS.get(operation)
        return None if spelling is None else (spelling, PORTABLE)

    def why_missing(self, operation: str) -> str | None:
        """Why the engine lacks an operation; None if it does not."""
        dialect: Dialect | None = self
        while dialect is not None:
            if operation in dialect.missing:
                return dialect.missing[operation]
            if operation in dialect.spellings:
                return None
            dialect = dialect.parent
        return None if operation in portable.SPELLINGS else f"{self.name} has no `{operation}`"

    def parameter_sql(self, name: str) -> str:
        """A named parameter, as it stands in a query."""
        kind = exp.Var(this=self.parameter) if self.parameter else None
        return exp.Placeholder(this=name, kind=kind).sql(self.printer)

    @cached_property
    def known_functions(self) -> frozenset[str]:
        """Every function of the engine, in lower case, and the types that take parameters."""
        text = (
            files("eqlx_targets.sql.dialects").joinpath(self.functions).read_text(encoding="utf-8")
        )
        types: set[str] = {
            str(name).lower() for text in self.types.values() for name in _CALLED.findall(text)
        }
        return frozenset(types) | {
            line.strip().lower() for line in text.splitlines() if line.strip()
        }
