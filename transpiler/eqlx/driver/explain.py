"""Rules explained over events: compiled for the events' own fields, as `eqlx run` would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqlx.diagnostics import Diagnostic
from eqlx.driver.convert import compile_rule
from eqlx.driver.schemas import schema_of
from eqlx.execution import Event
from eqlx.fields.schema import FieldList
from eqlx.reference.executor import inferred
from eqlx.reference.explain import explain
from eqlx.reference.explanation import Explanation
from eqlx.rule import Rule
from eqlx.target import EventModel


@dataclass(frozen=True)
class RuleExplained:
    """`explanation` is None iff the rule is invalid, which the diagnostics then say."""

    rule: Rule
    explanation: Explanation | None
    diagnostics: tuple[Diagnostic, ...]


def explain_rule(
    rule: Rule,
    events: Sequence[Event],
    model: EventModel,
    *,
    fields: FieldList | None = None,
    size: int | None = None,
) -> RuleExplained:
    """Why a rule matches or does not. `fields` is a user's field list."""
    schema = schema_of(fields, inferred(events))
    outcome = compile_rule(rule, schema=schema, model=model, size=size)
    if outcome.query is None:
        return RuleExplained(rule, None, outcome.diagnostics)
    return RuleExplained(rule, explain(outcome.query, events, model), outcome.diagnostics)
