"""What is to be said of a rule without a target: syntax, types, fields and lints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eqlx.applicability import Applied, applicability
from eqlx.diagnostics import Diagnostic, Report, Severity
from eqlx.driver.convert import compile_rule, event_model, place_of_bug
from eqlx.driver.plan import Roles
from eqlx.driver.suppression import Suppressions
from eqlx.fields.schema import Schema
from eqlx.passes.context import Context
from eqlx.rule import Rule
from eqlx.target import EventModel


def check_rule(
    rule: Rule, schema: Schema, model: EventModel | None = None
) -> tuple[Diagnostic, ...]:
    """All diagnostics of a rule, in order of the text that they point at, but for those that its file
    says are meant (`Suppressions`).

    Lints are given only for a rule without errors, since they judge its meaning.
    """
    report = Report(rule.query, rule.label)
    context = Context(schema, report, model or event_model(rule))
    try:
        _check(rule, context)
    except Exception as error:  # noqa: BLE001 one rule's bug must not stop the others
        from eqlx.diagnostics.catalogue.target import internal_error

        cause = f"{type(error).__name__}: {error}"
        report.add(internal_error(rule.label, "the check", cause, place_of_bug(error)))
    suppressions = Suppressions.of(rule)
    kept = sorted(suppressions.kept(report.diagnostics), key=_place)
    # What an invalid rule would be told of is not known.
    is_valid = all(diagnostic.severity is not Severity.ERROR for diagnostic in kept)
    return (*kept, *(suppressions.unused() if is_valid else ()))


def applied_to(rule: Rule, schema: Schema, roles: Roles, present: frozenset[str]) -> Applied | None:
    """What a rule can mean on data with these fields; None for a rule that is not valid."""
    model = roles.model(rule)
    outcome = compile_rule(rule, schema=schema, model=model)
    return None if outcome.query is None else applicability(outcome.query, present, model.category)


def raise_warnings(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics, warnings as errors."""
    return tuple(
        replace(diagnostic, severity=Severity.ERROR)
        if diagnostic.severity is Severity.WARNING
        else diagnostic
        for diagnostic in diagnostics
    )


def _check(rule: Rule, context: Context) -> None:
    from eqlx.passes import pipeline
    from eqlx.passes.lint import lint
    from eqlx.passes.lower import lower
    from eqlx.syntax.parser import parse

    statement = parse(rule.query, context.report)
    query = None if statement is None else lower(statement, context)
    if statement is None or query is None:
        return
    query = pipeline.run(query, context)
    if not context.report.has_errors:
        lint(statement, query, context, rule)


def _place(diagnostic: Diagnostic) -> int:
    return -1 if diagnostic.span is None else diagnostic.span.start
