"""The lints of `eqlx check`: what is valid EQL and probably not what was meant.

One module of `passes.lints` a kind; each reads the statement as written or its IR, and reports.
"""

from __future__ import annotations

from eqlx.diagnostics import Report
from eqlx.ir.nodes import Query
from eqlx.passes.context import Context
from eqlx.passes.lints.categorization import categorization
from eqlx.passes.lints.contradictions import contradictions
from eqlx.passes.lints.literals import duplicate_values, wildcards_in_equality
from eqlx.passes.lints.negation import negations
from eqlx.passes.lints.optional import optional_fields
from eqlx.passes.lints.outcomes import constant_conditions
from eqlx.passes.lints.window import windows
from eqlx.passes.lower import lower
from eqlx.passes.resolve_fields import resolve_fields
from eqlx.rule import Rule
from eqlx.syntax.tree import Statement


def lint(statement: Statement, query: Query, context: Context, rule: Rule | None = None) -> None:
    """Report what the lints find; `query` is the statement's IR after all passes, without errors.
    `rule` is what the statement belongs to, where it is more than a query."""
    report = context.report
    wildcards_in_equality(statement, report)
    duplicate_values(statement, report)
    categorization(statement, context.model, report)
    if rule is not None:
        windows(statement, rule, report)
    negations(query, report)
    contradictions(query, report)
    silent = Report(report.source)
    lowered = lower(statement, Context(context.schema, silent, context.model))
    if lowered is not None:
        resolved = resolve_fields(lowered, Context(context.schema, silent, context.model))
        constant_conditions(resolved, report)
        optional_fields(resolved, report)
