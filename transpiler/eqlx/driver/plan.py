"""What is to be done with each rule of a batch: target, options, roles of fields, allowances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eqlx.capability import Drift
from eqlx.driver.convert import Outcome, convert_rule, event_model
from eqlx.driver.schemas import schema_of
from eqlx.fields.schema import FieldList
from eqlx.fields.table import TableShape
from eqlx.patterns.folding import Folding
from eqlx.rule import Rule
from eqlx.target import EventModel, Target


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of fields that the caller sets for every rule (None leaves it to the rule), and the
    level of letter case of the run (spec §13.2)."""

    timestamp: str | None = None
    tiebreaker: str | None = None
    category: str | None = None
    id: str | None = None
    folding: Folding = Folding.UNICODE

    def model(self, rule: Rule) -> EventModel:
        """The event model of a rule under these choices."""
        return event_model(
            rule,
            timestamp=self.timestamp,
            tiebreaker=self.tiebreaker,
            category=self.category,
            id=self.id,
            folding=self.folding,
        )


@dataclass(frozen=True)
class Plan:
    """What to do with each rule of a batch. It holds the target's name, since workers load it.

    `fields` is a user's field list, put before the fields of `table` and the field catalogue;
    `table` is what the queries will search, where it is known, and `present` the fields that it has.
    """

    target: str
    dialect: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    fields: FieldList | None = None
    roles: Roles = Roles()
    allow: frozenset[Drift] = frozenset()
    size: int | None = None
    table: TableShape | None = None
    present: frozenset[str] | None = None

    def convert(self, rule: Rule, target: Target) -> Outcome:
        """One rule, by this plan."""
        return convert_rule(
            rule,
            target,
            dialect=self.dialect,
            options=self.options,
            schema=schema_of(self.fields, None if self.table is None else self.table.fields),
            layout=None if self.table is None else self.table.layout,
            model=self.roles.model(rule),
            allow=self.allow,
            size=self.size,
            present=self.present,
        )
