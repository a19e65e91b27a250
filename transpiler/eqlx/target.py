"""The protocol of a target: one generator plugin that renders the IR for one family of engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from eqlx.capability import Fidelity, Losses, Table
from eqlx.diagnostics import Diagnostic, Report
from eqlx.fields.layout import Layout
from eqlx.fields.schema import Schema
from eqlx.fields.table import TableShape
from eqlx.ir.nodes import Query
from eqlx.patterns.folding import Folding
from eqlx.rule import Rule
from eqlx.source import Source

API_VERSION = 1
"""Raised with every change that an existing target would not survive."""


@dataclass(frozen=True, slots=True)
class Option:
    """A `-O name=value` of a target, the name spelled with hyphens. `choices` empty: any text."""

    name: str
    default: str
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventModel:
    """Which fields play the roles that EQL needs (defaults: Elasticsearch's), and the level at which
    letters are folded (spec §13.2)."""

    timestamp: str = "@timestamp"
    tiebreaker: str | None = None
    category: str = "event.category"
    id: str | None = None
    folding: Folding = Folding.UNICODE


@dataclass(frozen=True, slots=True)
class WindowFields:
    """The fields that a rule's time window is on (spec §13.20).

    An event is in the window by its `primary` time; by `fallback`, where there is one, if it has no
    primary time. Order and `maxspan` are the business of `EventModel.timestamp`.
    """

    primary: str
    fallback: str | None = None

    @classmethod
    def of(cls, rule: Rule, model: EventModel) -> WindowFields:
        """Those of Kibana: the rule's `timestamp_override`, then `@timestamp`.

        Data without `@timestamp` has the field that the caller, not the rule, names for the time.
        """
        own = EventModel().timestamp if model.timestamp == rule.timestamp_field else model.timestamp
        override = rule.timestamp_override
        if override is None or override == own:
            return cls(own)
        return cls(override, own if rule.has_window_fallback else None)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.primary,) if self.fallback is None else (self.primary, self.fallback)


@dataclass(frozen=True)
class Request:
    """Everything that a target is given for one rule. The query has been through the passes and
    `legalise`; nothing in the request may be changed but `report` and `losses`.

    `eql` gives the query as canonical EQL text. `options` holds every option of the target, with
    defaults filled in and choices checked. `layout` is the data's, where it is known.
    """

    query: Query
    rule: Rule
    dialect: str
    options: Mapping[str, str]
    model: EventModel
    schema: Schema
    eql: Callable[[], str]
    report: Report
    losses: Losses
    layout: Layout | None = None


class Target(Protocol):
    """A generator plugin. All attributes are constants; the methods keep no state.

    `suffix` is that of an output file (`.sql`). `dialects` is never empty; its first is the
    default. A target whose users have conventions for files may also satisfy `NamesFiles`, one with
    artifacts for sets of rules `Collects`.
    """

    @property
    def api_version(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def dialects(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> tuple[Option, ...]: ...
    @property
    def suffix(self) -> str: ...

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:
        """The complete table for a dialect under these options."""
        ...

    def lower(self, request: Request) -> object:
        """IR to the target's own tree. What cannot be expressed after all is an error in
        `request.report` (the return value is then ignored); a loss goes to `request.losses`."""
        ...

    def emit(self, tree: object, request: Request) -> str:
        """The tree as text, ending in one line feed."""
        ...


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file of an artifact: its name without suffix, and its text. `suffix`: that of the target's
    files if it is empty."""

    stem: str
    text: str
    suffix: str = ""


@runtime_checkable
class NamesFiles(Protocol):
    """What a target may have beside `Target`: names for the files of an artifact, by the
    conventions of those who use them, and several files where they want several."""

    def files(self, tree: object, request: Request) -> tuple[OutputFile, ...]:
        """The files, one or more; together they say what `emit` says. Two rules may get the same
        name: whoever writes tells them apart."""
        ...


@runtime_checkable
class Defines(Protocol):
    """What a target may have beside `Target`: names that an artifact defines where it is put, and
    under which a later artifact would replace it."""

    def defines(self, request: Request) -> tuple[str, ...]:
        """The names, in words (``the view `eql_x` ``), compared without regard to letter case."""
        ...


@runtime_checkable
class ChecksOptions(Protocol):
    """What a target may have beside `Target`: values of options that no list of choices can name."""

    def wrong_options(self, dialect: str, options: Mapping[str, str]) -> Sequence[Diagnostic]:
        """What is wrong with the values, whatever the rule. `options` holds all of the target's."""
        ...


@runtime_checkable
class ReadsDefinitions(Protocol):
    """What a target may have beside `Target`: it reads the definition of a table in its language."""

    def table_shape(self, definition: Source, dialect: str) -> TableShape:
        """The columns of the table that a statement makes.

        Raises:
            EqlxError: it is no such statement; a diagnostic says where.
        """
        ...


@dataclass(frozen=True)
class Artifact:
    """What a conversion gives: a query for one target, with its record of fidelity."""

    target: str
    dialect: str
    text: str
    tree: object = field(repr=False)
    query: Query = field(repr=False)
    rule: Rule = field(repr=False)
    fidelity: Fidelity
    diagnostics: tuple[Diagnostic, ...] = ()
    suffix: str = ".txt"
    files: tuple[OutputFile, ...] = ()
    """Where the target names files; empty: one file, named after the rule's own."""
    defines: tuple[str, ...] = ()
    """See `Defines`; two artifacts of one run never define the same."""


@dataclass(frozen=True)
class Collection:
    """One artifact for a set of rules. `refused`: why a rule has no part in it, by its place."""

    file: OutputFile
    refused: Mapping[int, tuple[Diagnostic, ...]] = field(default_factory=dict)


@runtime_checkable
class Collects(Protocol):
    """What a target may have beside `Target`: options under which the artifacts of a set of rules are
    one (the index template with the fields of all of them)."""

    def is_collected(self, options: Mapping[str, str]) -> bool:
        """Whether they are, under these options."""
        ...

    def collect(self, artifacts: Sequence[Artifact]) -> Collection | None:
        """The one artifact, from those of the rules, made under such options; None where nothing is
        left to collect. An artifact that was made by another process has no tree."""
        ...
