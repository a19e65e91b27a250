"""The choice of one stored value per field occurrence, which makes a leaf true (spec §5, §6).

A scalar column has one choice. Each occurrence of a list column is a lambda variable of its own,
so that two mentions of one field choose independently; the nested `list_filter`s around the
predicate are its existential quantifiers.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from eqlx.ir.features import Polarity
from eqlx.ir.nodes import Call, Condition, Field, Function, IsNull, Leaf, Truth
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower.addresses import is_address
from eqlx_targets.sql.reading import Reading
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.words.vocabulary import word

Evaluate = Callable[[Condition, "Choices"], exp.Expr]
"""How a condition becomes a value of three values, inside a leaf."""


class Choices:
    """The occurrences in one leaf, collected while its predicate is built.

    `raises` is set by whatever can fail at run time: then the leaf is wrapped in `TRY`, so that a
    failure is no match (spec §13.4). `fails` is set where Elasticsearch fails as well,
    not the engine alone. `evaluate` lowers conditions that are used as values.
    """

    def __init__(self, scope: Scope, leaf: Leaf, polarity: Polarity, evaluate: Evaluate) -> None:
        self.scope = scope
        self.evaluate = evaluate
        self.leaf = leaf
        self.span = leaf.span
        self.polarity = polarity
        self.raises = False
        self.fails = False
        self.nulls = sees_null(leaf)
        self._taken = {
            node.name.split(".")[0] for node, _, _ in walk(leaf) if isinstance(node, Field)
        }
        self._chosen: list[tuple[exp.Identifier, Reading]] = []

    def read(self, wanted: Field) -> exp.Expr:
        """This occurrence's chosen value; call once per occurrence (copy what it gives)."""
        reading = self.scope.read(wanted)
        if not reading.is_list:
            return reading.expression
        variable = self.fresh("v")
        self._chosen.append((variable, reading))
        return variable.copy() if self.nulls else reading.element(variable.copy())

    def fresh(self, name: str) -> exp.Identifier:
        """A lambda variable that hides no column of the leaf and no other variable."""
        candidate, number = name, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{name}{number}"
        self._taken.add(candidate)
        return exp.to_identifier(candidate)

    def attempt(self, value: exp.Expr) -> exp.Expr:
        """NULL where computing the value fails; a leaf that sees nulls must not see that one."""
        return word("attempt_null" if self.nulls and self.fails else "attempt", value)

    def close(self, predicate: exp.Expr) -> exp.Expr:
        """Whether some choice makes the predicate true."""
        closed = self.attempt(predicate) if self.raises else predicate
        for variable, reading in reversed(self._chosen):
            values = self._values_or_null(reading) if self.nulls else reading.raw.copy()
            closed = sql.any_element(values, variable, closed)
        return closed

    def _values_or_null(self, reading: Reading) -> exp.Expr:
        """The values; where there are none, one NULL (which such a leaf can see)."""
        variable = self.fresh("x")
        if reading.field.type is FieldType.IP:
            exists = is_address(variable.copy())
        else:
            exists = sql.negation(sql.is_null(variable.copy()))
        present = word("list_keep", reading.expression, sql.lambda_(variable, exists))
        return word("list_or_null", present)

    @property
    def has_lists(self) -> bool:
        """Whether the predicate stands in a lambda."""
        return bool(self._chosen)


def sees_null(leaf: Leaf) -> bool:
    """Whether a field without a value can make the leaf true: a null test of a computed value, a
    condition used as a value, or a function with an argument that may be null (spec §5, §7)."""
    for node, _, _ in walk(leaf):
        match node:
            case IsNull(value) if not isinstance(value, Field):
                return True
            case Truth():
                return True
            case Call(Function.SUBSTRING | Function.INDEX_OF, (_, *rest)):
                if any(isinstance(inner, Field) for value in rest for inner, _, _ in walk(value)):
                    return True
            case _:
                pass
    return False
