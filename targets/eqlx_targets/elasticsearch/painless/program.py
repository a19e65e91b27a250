"""A script under construction: its parameters, the loops over fields' values, its guards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from eqlx_targets.elasticsearch.clauses import Json
from eqlx_targets.elasticsearch.painless.code import (
    FALSE,
    NULL,
    TRUE,
    Code,
    all_of,
    any_of,
    binary,
    call,
    choice,
    method,
    negated,
)
from eqlx_targets.elasticsearch.painless.library import functions


class NeverTrueError(Exception):
    """No choice of values makes the leaf true."""


@dataclass
class Program:
    """Statements are written in order of evaluation; every field occurrence opens a loop, and what
    follows stands in it. A choice of values that ends in an error goes on to the next choice."""

    repeated: frozenset[str]
    """The fields that the leaf mentions more than once."""
    params: dict[str, Json] = field(default_factory=dict)
    _head: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _needed: list[Code] = field(default_factory=list)
    _functions: set[str] = field(default_factory=set)
    _names: Counter[str] = field(default_factory=Counter)
    _fields: dict[str, Code] = field(default_factory=dict)
    _lists: dict[tuple[str, bool], Code] = field(default_factory=dict)
    _depth: int = 0

    def _fresh(self, name: str) -> str:
        """`text`, then `text2`, `text3`."""
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}{self._names[name]}"

    def param(self, role: str, value: Json) -> Code:
        """A constant of the rule, which is data and never source."""
        name = self._fresh(f"params.{role}")
        self.params[name.removeprefix("params.")] = value
        return Code(name)

    def function(self, name: str, *arguments: Code) -> Code:
        """A call of a function of the library."""
        self._functions.add(name)
        return call(name, *arguments)

    def must_exist(self, path: str) -> bool:
        """Whether an event without the field cannot make the leaf true."""
        return (path, False) in self._lists

    def loop(self, java: str, name: str, path: str, *, nullable: bool) -> Code:
        """Open a loop over the values of a field, and give its variable.

        `nullable`: a field without a value gives one null, else it gives no round at all.
        """
        values = self._values(name, path, nullable=nullable)
        variable = self._fresh(name)
        self._lines.append(f"for ({java} {variable} : {values.text}) {{")
        self._depth += 1
        return Code(variable)

    def _values(self, name: str, path: str, *, nullable: bool) -> Code:
        """The values of a field; before the loops, where they would be fetched more than once."""
        if (path, nullable) in self._lists:
            return self._lists[path, nullable]
        if path not in self._fields:
            self._fields[path] = self.param("field", path)
        parameter = self._fields[path]
        if nullable:
            values = self.function("values", Code("doc"), parameter)
        else:
            values = Code(f"doc[{parameter.text}]")
            self._needed.append(method(Code("doc"), "containsKey", parameter))
        if self._depth or path in self.repeated:
            variable = self._fresh(f"{name}es" if name.endswith("s") else f"{name}s")
            self._head.append(f"List {variable} = {values.text};")
            values = Code(variable)
        self._lists[path, nullable] = values
        return values

    def local(self, java: str, name: str, code: Code) -> Code:
        """A variable with the value of `code`."""
        variable = self._fresh(name)
        self._lines.append(f"{java} {variable} = {code.text};")
        return Code(variable)

    def guard(self, failing: Code, nulls: tuple[Code, ...] = ()) -> None:
        """Leave this choice of values where `failing` holds and none of `nulls` does.

        Raises:
            NeverTrueError: that is always so.
        """
        condition = all_of(*map(negated, nulls), failing)
        if condition == TRUE:
            raise NeverTrueError
        if condition != FALSE:
            leave = "continue;" if self._depth else "return false;"
            self._lines.append(f"if ({condition.text}) {{ {leave} }}")

    def attempt(self, name: str, result: Code, nulls: tuple[Code, ...]) -> Code:
        """A variable with the value of a function that gives null where it fails; a failure leaves
        this choice of values. Where one of `nulls` holds the function is not called."""
        found = self.local("def", name, choice(any_of(*nulls), NULL, result))
        self.guard(binary("==", found, NULL), nulls)
        return found

    def missing(self, condition: Code) -> str | None:
        """The field whose absence is all that `condition` says; None where it says more."""
        absent = [binary("==", Code(name), NULL) for name in self._names]
        plain = len(self._fields) == self._depth == len(self._lines) == 1
        return next(iter(self._fields)) if plain and condition in absent else None

    def finish(self, condition: Code) -> str:
        """The whole source: true iff `condition` holds for a choice of values.

        Raises:
            NeverTrueError: it holds for none.
        """
        if condition == FALSE:
            raise NeverTrueError
        lines = list(functions(frozenset(self._functions)))
        if self._needed:
            missing = any_of(*map(negated, self._needed))
            lines.append(f"if ({missing.text}) {{ return false; }}")
        test, result = f"if ({condition.text}) {{ return true; }}", "false"
        if condition == TRUE and self._depth:  # Painless refuses a loop that always returns
            result = self._fresh("found")
            self._head.append(f"boolean {result} = false;")
            test = f"{result} = true;"
        elif condition == TRUE:
            test, result = "", "true"
        body = [*self._head, *self._lines, test, *("}" * self._depth), f"return {result};"]
        lines += [line for line in body if line]
        return " ".join(lines)
