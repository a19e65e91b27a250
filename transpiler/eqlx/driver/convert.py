"""One rule through the whole chain: parse, passes, legalise, lower, emit.

Three ways to end without an artifact stay apart: the rule is invalid (the user's), the target
cannot express it (refused), eqlx failed (ours). Each is a diagnostic, none an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

from eqlx.applicability import Applied
from eqlx.capability import Drift, Fidelity, Grade, Losses
from eqlx.diagnostics import Diagnostic, EqlxError, Report
from eqlx.driver.options import resolve_options
from eqlx.fields.layout import Layout
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Query
from eqlx.passes.context import Context
from eqlx.patterns.folding import Folding
from eqlx.rule import Rule
from eqlx.source import NOWHERE
from eqlx.target import Artifact, Defines, EventModel, NamesFiles, Request, Target

MAPPED_ASSUMPTION = "every field of the rule is mapped, the optional ones (`?f`) too"
"""What an open schema rests on when a rule has optional fields (spec §13.3)."""


class Status(Enum):
    """How a conversion ended."""

    CONVERTED = "converted"
    REFUSED = "refused"
    """The target cannot express the rule, or only with a loss that was not allowed."""
    INVALID = "invalid"
    """The rule is at fault: syntax, types, fields, or the options of the request."""
    FAILED = "failed"
    """A bug of eqlx or of a plug-in."""


@dataclass(frozen=True)
class Outcome:
    """What became of one rule. `query` is there iff the status is `CONVERTED`; `artifact` as well,
    where a target was asked for.

    `traceback` is the text of an internal error's, for those who debug eqlx.
    """

    rule: Rule
    status: Status
    artifact: Artifact | None
    diagnostics: tuple[Diagnostic, ...]
    fidelity: Fidelity
    query: Query | None = None
    traceback: str | None = None
    applied: Applied | None = None
    """What the rule can mean on the fields at hand; None where they are not known."""


def event_model(
    rule: Rule,
    *,
    timestamp: str | None = None,
    tiebreaker: str | None = None,
    category: str | None = None,
    id: str | None = None,  # noqa: A002 the name of the role, as in EventModel
    folding: Folding = Folding.UNICODE,
) -> EventModel:
    """The level of letter case, and the roles of fields: what the caller says, else what the rule says, else the defaults.

    A rule's `timestamp_override` is not among them: it names the field by which a detection engine
    searches a time range, not the one by which EQL orders events.
    """
    default = EventModel()
    return EventModel(
        timestamp=timestamp or rule.timestamp_field or default.timestamp,
        tiebreaker=tiebreaker or rule.tiebreaker_field or default.tiebreaker,
        category=category or rule.event_category_override or default.category,
        id=id or default.id,
        folding=folding,
    )


def convert_rule(  # noqa: PLR0913 the request, flat, is what callers want to write
    rule: Rule,
    target: Target,
    *,
    dialect: str | None = None,
    options: Mapping[str, str] | None = None,
    schema: Schema | None = None,
    layout: Layout | None = None,
    model: EventModel | None = None,
    allow: frozenset[Drift] = frozenset(),
    size: int | None = None,
    present: Container[str] | None = None,
) -> Outcome:
    """Convert a rule for a target.

    Args:
        rule: the rule; not changed.
        target: a loaded target (`eqlx.registry.load_target`).
        dialect: one of the target's dialects; its first if None.
        options: the target's options that differ from their defaults.
        schema: the fields; the field catalogue if None.
        layout: the columns of the data, where they are known.
        model: the roles of fields; `event_model(rule)` if None.
        allow: the drifts that are accepted; a loss of another direction refuses the rule.
        size: an explicit limit of results (spec §13.5).
        present: the fields that the data have, where they are known: the record then says what the
            rule can mean on them.
    """
    chain = _Chain(rule)
    try:
        name, resolved = resolve_options(target, dialect, options)
        chain.step = "the front end"
        context = Context(schema or _catalogue(), chain.report, model or event_model(rule), size)
        query = chain.compile(context)
        if query is None:
            return chain.stopped(Status.INVALID)
        chain.apply(query, present, context)
        return chain.generate(query, target, context, name, resolved, layout, allow)
    except EqlxError as error:
        for diagnostic in error.diagnostics:
            chain.report.add(diagnostic)
        return chain.stopped(Status.INVALID)
    except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
        return chain.failed(error)


def compile_rule(
    rule: Rule,
    *,
    schema: Schema | None = None,
    model: EventModel | None = None,
    size: int | None = None,
) -> Outcome:
    """The front half alone: the rule as IR, for those who run or check it without a target."""
    chain = _Chain(rule)
    try:
        chain.step = "the front end"
        context = Context(schema or _catalogue(), chain.report, model or event_model(rule), size)
        query = chain.compile(context)
    except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
        return chain.failed(error)
    if query is None:
        return chain.stopped(Status.INVALID)
    return Outcome(
        rule, Status.CONVERTED, None, chain.report.diagnostics, chain.losses.fidelity(), query
    )


class _Chain:
    """The state of one conversion: what was found so far and which step is running."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.report = Report(rule.query, rule.label)
        self.losses = Losses()
        self.applied: Applied | None = None
        self.step = "the options"

    def compile(self, context: Context) -> Query | None:
        from eqlx.passes.pipeline import compile_source

        query = compile_source(self.rule.query, context, self.rule.exceptions)
        self.lose_filters()
        return None if self.report.has_errors else query

    def apply(self, query: Query, present: Container[str] | None, context: Context) -> None:
        """What the rule can mean on the fields at hand."""
        if present is None:
            return
        from eqlx.applicability import applicability

        self.applied = applicability(query, present, context.model.category)
        self.losses.on_data = self.applied.sentence

    def lose_filters(self) -> None:
        """What Kibana applies beside the query keeps events out that the query alone lets in."""
        parts = list(self.rule.beside_the_query())
        if parts:
            reason = "; ".join(parts)
            self.losses.record("rule-parts-not-converted", Drift.WIDENS, reason, NOWHERE)

    def generate(
        self,
        query: Query,
        target: Target,
        context: Context,
        dialect: str,
        options: Mapping[str, str],
        layout: Layout | None,
        allow: frozenset[Drift],
    ) -> Outcome:
        from eqlx.capability.legalise import legalise

        self.step = f"the capability table of target `{target.name}`"
        table = target.capabilities(dialect, options)
        legalise(query, table, self.losses, allow, self.report, target.name)
        if self.has_errors():
            return self.stopped(Status.REFUSED)
        if not context.schema.closed and _has_optional_field(query):
            self.losses.assume(MAPPED_ASSUMPTION)
        request = Request(
            query=query,
            rule=self.rule,
            dialect=dialect,
            options=options,
            model=context.model,
            schema=context.schema,
            eql=_canonical_text(query),
            report=self.report,
            losses=self.losses,
            layout=layout,
        )
        self.step = f"lowering for target `{target.name}`"
        tree = target.lower(request)
        self.refuse_losses(target, allow)
        if self.has_errors():
            return self.stopped(Status.REFUSED)
        self.step = f"printing for target `{target.name}`"
        text = target.emit(tree, request)
        if self.has_errors():
            return self.stopped(Status.REFUSED)
        artifact = Artifact(
            target=target.name,
            dialect=dialect,
            text=text,
            tree=tree,
            query=query,
            rule=self.rule,
            fidelity=self.losses.fidelity(),
            diagnostics=self.report.diagnostics,
            suffix=target.suffix,
            files=target.files(tree, request) if isinstance(target, NamesFiles) else (),
            defines=target.defines(request) if isinstance(target, Defines) else (),
        )
        return Outcome(
            self.rule,
            Status.CONVERTED,
            artifact,
            artifact.diagnostics,
            artifact.fidelity,
            query,
            applied=self.applied,
        )

    def has_errors(self) -> bool:
        """A method, since type checkers would take a property's answer for lasting."""
        return self.report.has_errors

    def refuse_losses(self, target: Target, allow: frozenset[Drift]) -> None:
        """Refuse what the target lost while lowering and nobody allowed."""
        from eqlx.diagnostics.catalogue.target import loss_refused

        for loss in self.losses.losses:
            if not loss.is_allowed(allow):
                drift = loss.drift.value
                self.report.add(loss_refused(loss.slug, target.name, drift, loss.reason, loss.span))

    def stopped(self, status: Status) -> Outcome:
        record = Fidelity(Grade.REFUSED, self.losses.losses)
        return Outcome(self.rule, status, None, self.report.diagnostics, record)

    def failed(self, error: Exception) -> Outcome:
        import traceback

        from eqlx.diagnostics.catalogue.target import internal_error

        cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self.report.add(internal_error(self.rule.label, self.step, cause, place_of_bug(error)))
        record = Fidelity(Grade.REFUSED, self.losses.losses)
        text = "".join(traceback.format_exception(error))
        return Outcome(
            self.rule, Status.FAILED, None, self.report.diagnostics, record, traceback=text
        )


def _catalogue() -> Schema:
    from eqlx.fields.catalogue import CATALOGUE

    return CATALOGUE


def _canonical_text(query: Query) -> Callable[[], str]:
    @cache
    def text() -> str:
        from eqlx.passes.surface import to_surface
        from eqlx.syntax.printer import print_statement

        return print_statement(to_surface(query))

    return text


def _has_optional_field(query: Query) -> bool:
    from eqlx.ir.nodes import Field
    from eqlx.ir.walk import walk

    return any(isinstance(node, Field) and node.optional for node, _, _ in walk(query))


def place_of_bug(error: Exception) -> str:
    """The innermost frame, as `module.py:line in function`, for the report of a bug."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    frame = frames[-1]
    file = frame.filename.replace("\\", "/")
    parts = file.rsplit("/", 3)[-3:]
    return f"{'/'.join(parts)}:{frame.lineno} in {frame.name}"
