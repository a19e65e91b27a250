"""A field as it lies in the data: its column, and its values as the field's type has them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from eqlx.fields.layout import Column
from eqlx.ir.nodes import Field
from eqlx_targets.sql import conversion
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.words.vocabulary import word


@dataclass(frozen=True, slots=True)
class Reading:
    """A field as SQL. `raw` is the column, of element type `column.type`; where `column.is_list` it
    holds a list of values (NULL, empty, or with NULL elements: no value). `absent`: the data has no
    such column and `raw` is a typed NULL."""

    field: Field
    raw: exp.Expr
    column: Column
    absent: bool = False

    @property
    def is_list(self) -> bool:
        return self.column.is_list

    def element(self, value: exp.Expr) -> exp.Expr:
        """One raw value, converted to what the field's type in the schema asks for."""
        return conversion.convert(value, self.column.type, self.field.type)

    @property
    def converts(self) -> bool:
        """Whether values need converting."""
        probe = exp.to_identifier("v")
        return self.element(probe) is not probe

    @property
    def converted_type(self) -> str:
        """The type of a converted value, in the words of `conversion`."""
        return conversion.converted_type(self.column.type, self.field.type)

    @property
    def expression(self) -> exp.Expr:
        """The column with its values converted: a scalar, or a list where `is_list`."""
        if not self.is_list:
            return self.element(self.raw.copy())
        name = exp.to_identifier("v")
        converted = self.element(name.copy())
        if converted == name:
            return self.raw.copy()
        return word("list_map", self.raw.copy(), sql.lambda_(name, converted))

    @property
    def scalar(self) -> exp.Expr:
        """The one value; NULL where there is none or, in a list, more than one."""
        if not self.is_list:
            return self.expression
        first = sql.element(self.raw, 1)
        single = sql.compare(exp.EQ, word("list_length", self.raw.copy()), sql.whole(1))
        return exp.Case(ifs=[exp.If(this=single, true=self.element(first))])
