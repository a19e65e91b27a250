"""Converting to Query DSL, and an imitation of the engine that runs it (modelled, not executed)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from eqlx.capability import Losses
from eqlx.diagnostics import Report
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import flatten
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.passes.surface import to_surface
from eqlx.patterns.folding import Folding
from eqlx.patterns.folding import fold as unicode_fold
from eqlx.patterns.lucene import parse_lucene
from eqlx.patterns.regex_printer import Inexpressible, to_pcre
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.syntax.printer import print_statement
from eqlx.target import EventModel, Request
from eqlx_targets.elasticsearch.target import TARGET


def request_for(eql: str, rule: Mapping[str, Any], model: EventModel, options: Any) -> Request:
    source = Source("query", eql)
    report = Report(source)
    query = compile_source(source, Context(CATALOGUE, report, model))
    assert query is not None, [d.message for d in report]
    return Request(
        query=query,
        rule=Rule(source, **rule),
        dialect="elasticsearch",
        options={o.name: o.default for o in TARGET.options} | options,
        model=model,
        schema=CATALOGUE,
        eql=lambda: print_statement(to_surface(query)),
        report=report,
        losses=Losses(),
    )


@pytest.fixture(scope="session")
def convert() -> Callable[..., Any]:
    """EQL to the parsed JSON; `request` in the result's place where the rule was refused."""

    def run(eql: str, *, rule: Any = None, model: EventModel | None = None, **options: str) -> Any:
        request = request_for(eql, rule or {}, model or EventModel(), options)
        tree = TARGET.lower(request)
        if request.report.has_errors:
            return request
        return json.loads(TARGET.emit(tree, request))

    return run


def fold(text: str) -> str:
    return unicode_fold(text, Folding.UNICODE)


class Imitation:
    """Query DSL over one flattened event, as the field types of Elasticsearch answer it."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.values = {
            field: [v for v in values if not _is_ip(field) or _is_address(v)]
            for field, values in flatten(event).items()
        }

    def holds(self, clause: Mapping[str, Any]) -> bool:
        ((kind, body),) = clause.items()
        return getattr(self, f"_{kind}")(body)

    def _match_all(self, _body: Any) -> bool:
        return True

    def _match_none(self, _body: Any) -> bool:
        return False

    def _bool(self, body: Mapping[str, Any]) -> bool:
        assert body.keys() <= {"filter", "must_not", "should", "minimum_should_match"}
        should = body.get("should", [])
        assert ("minimum_should_match" in body) == bool(should)
        return (
            all(map(self.holds, body.get("filter", [])))
            and not any(map(self.holds, body.get("must_not", [])))
            and (not should or any(map(self.holds, should)))
        )

    def _exists(self, body: Mapping[str, str]) -> bool:
        return bool(self.values.get(body["field"]))

    def _term(self, body: Mapping[str, Any]) -> bool:
        ((field, value),) = body.items()
        if not isinstance(value, dict):
            return self._terms({field: [value]})
        assert value["case_insensitive"] is True
        return any(fold(v) == fold(value["value"]) for v in self._texts(field))

    def _terms(self, body: Mapping[str, Sequence[Any]]) -> bool:
        ((field, wanted),) = body.items()
        if _is_ip(field):
            return any(_within(v, w) for v in self.values.get(field, []) for w in wanted)
        if _type(field) is FieldType.DATE:
            return any(_instant(v) in map(_instant, wanted) for v in self.values.get(field, []))
        if isinstance(wanted[0], str):
            return any(v in wanted for v in self._texts(field))
        # Python compares whole numbers with fractions exactly, as a field of 64 bits does.
        values = self.values.get(field, [])
        return any((json.loads(v) if isinstance(v, str) else v) in wanted for v in values)

    def _range(self, body: Mapping[str, Mapping[str, Any]]) -> bool:
        ((field, bounds),) = body.items()
        tests = {
            "gt": lambda a, b: a > b,
            "gte": lambda a, b: a >= b,
            "lt": lambda a, b: a < b,
            "lte": lambda a, b: a <= b,
        }
        read = {FieldType.DATE: _instant, FieldType.IP: _number}.get(_type(field), lambda v: v)
        return any(
            all(tests[name](read(value), read(bound)) for name, bound in bounds.items())
            for value in self.values.get(field, [])
        )

    def _prefix(self, body: Mapping[str, Any]) -> bool:
        field, text, folded = _parameters(body)
        return any(_case(v, folded).startswith(_case(text, folded)) for v in self._texts(field))

    def _wildcard(self, body: Mapping[str, Any]) -> bool:
        field, pattern, folded = _parameters(body)
        expression, escaped = "", False
        for character in _case(pattern, folded):
            if escaped or character not in "\\*?":
                expression, escaped = expression + re.escape(character), False
            elif character == "\\":
                escaped = True
            else:
                expression += ".*" if character == "*" else "."
        assert not escaped
        return any(
            re.fullmatch(expression, _case(v, folded), re.DOTALL) for v in self._texts(field)
        )

    def _regexp(self, body: Mapping[str, Any]) -> bool:
        field, pattern, folded = _parameters(body)
        assert len(pattern) <= 1000
        try:
            expression = to_pcre(parse_lucene(pattern), Folding.UNICODE if folded else None)
        except Inexpressible as error:
            pytest.skip(f"the imitation runs Python's expressions: {error}")
        return any(re.fullmatch(expression, v) for v in self._texts(field))

    def _script(self, _body: Any) -> bool:
        pytest.skip("the imitation runs no scripts: tests/engines does, on a cluster")

    def _texts(self, field: str) -> list[str]:
        return [
            json.dumps(v) if isinstance(v, bool) else str(v) for v in self.values.get(field, [])
        ]


def _parameters(body: Mapping[str, Any]) -> tuple[str, str, bool]:
    ((field, value),) = body.items()
    if isinstance(value, dict):
        return field, value["value"], value["case_insensitive"]
    return field, value, False


def _case(text: str, folded: object) -> str:
    return fold(text) if folded else text


def _type(field: str) -> FieldType | None:
    info = CATALOGUE.lookup(field)
    return None if info is None else info.type


def _is_ip(field: str) -> bool:
    return _type(field) is FieldType.IP


def _instant(value: str) -> datetime:
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _is_address(value: Any) -> bool:
    """A field type ignores what it cannot read, so that such a value is missing."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _number(value: Any) -> int:
    """An address in the order of the type `ip`, where IPv4 is its mapped IPv6."""
    address = ipaddress.ip_address(value)
    return int(address) | 0xFFFF << 32 if address.version == 4 else int(address)


def _within(value: Any, wanted: str) -> bool:
    network = ipaddress.ip_network(wanted)
    return _number(network[0]) <= _number(value) <= _number(network[-1])


@pytest.fixture(scope="session")
def imitation() -> type[Imitation]:
    return Imitation
