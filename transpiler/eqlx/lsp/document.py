"""An open text: its rules, its queries, and what there is to say of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eqlx.diagnostics import Diagnostic
from eqlx.driver.check import check_rule
from eqlx.driver.plan import Roles
from eqlx.fields.schema import Schema
from eqlx.rule import Rule
from eqlx.rulefile.loader import Loaded, load_text
from eqlx.source import Source, Span

_SKIPPED = frozenset({"file-without-rule", "rules-in-other-languages"})


@dataclass(frozen=True)
class Query:
    """A query in a file: its own text, and where each of its characters stands in the file."""

    source: Source

    def inside(self, offset: int) -> int | None:
        """The offset in the query of an offset in the file; None outside of it."""
        if self.source.outer is None:
            return offset
        offsets = self.source.offsets
        if not offsets[0] <= offset <= offsets[-1]:
            return None
        return bisect_right(offsets, offset) - 1

    def outside(self, span: Span) -> Span:
        """The range in the file of a range in the query."""
        return self.source.outermost(span)[1]


@dataclass(frozen=True)
class Document:
    """One version of an open file. `schema` and `roles` are those of the server."""

    path: Path
    text: str
    schema: Schema
    roles: Roles

    @cached_property
    def file(self) -> Source:
        return Source(str(self.path), self.text)

    @cached_property
    def loaded(self) -> Loaded:
        return load_text(self.text, self.path)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.loaded.rules

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """The queries whose place in the file is known."""
        found = tuple(
            Query(rule.query) for rule in self.rules if rule.query.outer is not None or not rule.raw
        )
        if not found and self.path.suffix.lower() == ".eql":
            return (Query(self.file),)  # an empty file, where somebody begins to write
        return found

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What `eqlx check` says of the file, but for what it skips: an editor opens other files, too."""
        found = (each for each in self.loaded.diagnostics if each.code not in _SKIPPED)
        return (*found, *self._of_rules())

    def _of_rules(self) -> Iterator[Diagnostic]:
        for rule in self.rules:
            yield from check_rule(rule, self.schema, self.roles.model(rule))

    def at(self, offset: int) -> tuple[Query, int] | None:
        """The query that an offset of the file lies in, and the offset there."""
        for query in self.queries:
            inner = query.inside(offset)
            if inner is not None:
                return query, inner
        return None

    def place(self, diagnostic: Diagnostic) -> Span:
        """The range in the file; the first line for a diagnostic that points at nothing."""
        if diagnostic.source is None or diagnostic.span is None:
            return Span(0, len(self.file.line(1)))
        return diagnostic.source.outermost(diagnostic.span)[1]
