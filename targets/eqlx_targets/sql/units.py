"""Single conditions of queries as SQL for DuckDB, for engines that evaluate many rules in one pass.

The lowering and the printing are those of whole queries; the names of columns are not qualified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import ErrorLevel, exp

from eqlx.capability import Losses
from eqlx.diagnostics import Report
from eqlx.fields.layout import Layout
from eqlx.fields.schema import Schema
from eqlx.ir.features import Polarity
from eqlx.ir.nodes import Condition, Field
from eqlx.ir.types import FieldType
from eqlx.target import EventModel
from eqlx_targets.sql import literals
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.lower.condition import condition_sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.spelling import spelled


class NotPrintableError(Exception):
    """A condition cannot be printed alone; the whole query says why."""


@dataclass
class Units:
    """Prints conditions over one table. `columns`: the top-level columns that they read."""

    schema: Schema
    model: EventModel
    layout: Layout
    dialect: str = "duckdb"
    columns: dict[str, None] = field(default_factory=dict)

    @property
    def category(self) -> Field:
        """The field of an event's category."""
        return self._scope().role(self.model.category, FieldType.KEYWORD)

    def condition(self, condition: Condition, polarity: Polarity = Polarity.POSITIVE) -> str:
        """True for the events that meet it, false or null for the others.

        Raises:
            NotPrintableError: it cannot be expressed.
        """
        scope = self._scope()
        tree = condition_sql(condition, scope, polarity)
        if scope.report.has_errors:
            raise NotPrintableError
        self.columns.update(dict.fromkeys(scope.columns))
        return self._text(tree)

    def raw(self, wanted: Field) -> str | None:
        """A field's values as they are stored; None where the data lacks it."""
        scope = self._scope()
        reading = scope.read(wanted)
        if reading.absent:
            return None
        self.columns.update(dict.fromkeys(scope.columns))
        return self._text(reading.raw.copy())

    def read(self, wanted: Sequence[Field]) -> None:
        """Note the columns of fields that queries read beside their conditions."""
        scope = self._scope()
        for each in wanted:
            scope.read(each)
        for role in (self.model.timestamp, self.model.tiebreaker):
            if role is not None:
                scope.read(scope.role(role, FieldType.DATE))
        self.columns.update(dict.fromkeys(scope.columns))

    def _scope(self) -> Scope:
        report = Report()
        return Scope(self.dialect, {}, self.schema, self.model, self.layout, report, Losses())

    def _text(self, tree: exp.Expr) -> str:
        dialect = DIALECTS[self.dialect]
        plain = literals.spelled(spelled(tree, dialect), dialect.characters)
        return plain.sql(dialect.printer, comments=False, unsupported_level=ErrorLevel.RAISE)
