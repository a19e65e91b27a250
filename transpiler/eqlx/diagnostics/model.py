"""Diagnostics as values; how they look is for `eqlx.render` to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from eqlx.source import Source, Span


class Severity(Enum):
    """How bad: an error stops the rule, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A marked stretch of the text; exactly one label of a diagnostic is primary."""

    span: Span
    text: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What a catalogue entry returns: everything of a diagnostic that depends on parameters.

    `span` marks the fault (None: nothing to point at), `label` is said beside it, `also` are the
    secondary labels.
    """

    message: str
    span: Span | None = None
    label: str = ""
    also: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to say, with a stable `code`, made only by a constructor of the catalogue."""

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict, compare=False)
    source: Source | None = field(default=None, compare=False)
    rule: str | None = field(default=None, compare=False)

    @property
    def span(self) -> Span | None:
        """The primary span, in `source`."""
        return next((label.span for label in self.labels if label.primary), None)

    @property
    def place(self) -> str | None:
        """`FILE:LINE:COLUMN` of the primary span (lines and columns from 1, in the file that holds the
        query); None if the diagnostic points at nothing."""
        if self.source is None or self.span is None:
            return None
        file, there = self.source.outermost(self.span)
        start = file.position(there.start)
        return f"{file.name}:{start.line}:{start.column}"

    @property
    def excerpt(self) -> str | None:
        """The string that the primary span marks; None if the diagnostic points at nothing."""
        if self.source is None or self.span is None:
            return None
        return self.source.text[self.span.start : self.span.end]


class EqlxError(Exception):
    """Raised by the Python API only, where a caller asked for one answer and there is none.

    `diagnostics` holds everything that was found, the errors among them. The exception's string is the
    first error with its place; `eqlx.render_diagnostics` shows all of them with the marked lines.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        first = next((d for d in diagnostics if d.severity is Severity.ERROR), None)
        place = None if first is None else first.place
        where = "" if place is None else f" ({place})"
        super().__init__(f"[{first.code}] {first.message}{where}" if first else "failed")

    def __reduce__(self) -> tuple[type[EqlxError], tuple[tuple[Diagnostic, ...]]]:
        """Made again from its diagnostics when it comes from another process."""
        return type(self), (self.diagnostics,)


class Report:
    """Collects diagnostics about one source (or none); keeps all of them, in order."""

    def __init__(self, source: Source | None = None, rule: str | None = None) -> None:
        self.source = source
        self.rule = rule
        self._diagnostics: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep `diagnostic`; it gets this report's source and rule where it has none."""
        self._diagnostics.append(
            replace(
                diagnostic,
                source=diagnostic.source or self.source,
                rule=diagnostic.rule or self.rule,
            )
        )

    def extend(self, other: Report) -> None:
        """Keep all that `other` collected."""
        for diagnostic in other:
            self.add(diagnostic)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(self._diagnostics)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self._diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __len__(self) -> int:
        return len(self._diagnostics)
