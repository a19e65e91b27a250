"""Fields inferred from events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eqlx.diagnostics import EqlxError
from eqlx.driver.fields import infer_files
from eqlx.fields import infer as module
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.infer import Inference, fits, infer, merge, observed
from eqlx.fields.schema import FieldInfo
from eqlx.fields.user import format_schema, parse_schema
from eqlx.ir.types import FieldType
from eqlx.reference.executor import inferred
from eqlx.registry import load_executor
from eqlx.source import Source

K, L, D = FieldType.KEYWORD, FieldType.LONG, FieldType.DOUBLE
U, B, T = FieldType.UNSIGNED_LONG, FieldType.BOOLEAN, FieldType.DATE


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1], L),
        ([1, -5, 0], L),
        ([2**63 - 1], L),
        ([2**63], U),
        ([1, 2**64 - 1], U),
        ([2**64], D),
        ([1, 1.5], D),
        ([1, "x"], K),
        ([True], B),
        ([True, 1], K),
        (["a"], K),
        ([""], K),
        (["2026-01-02T03:04:05Z"], T),
        (["2026-01-02T03:04:05.123456+02:00", "2026-01-02"], T),
        (["2026-01-02T03:04:05Z", "never"], K),
        (["2026-01-02 03:04:05"], K),
        (["10.0.0.1"], K),
        (["1.2.3.4", "::1"], K),
    ],
)
def test_types_of_an_unknown_field(values: list[object], kind: FieldType):
    assert infer([{"x": value} for value in values]).fields["x"] == FieldInfo(kind)


@pytest.mark.parametrize("name", ["ip", "src.ip", "src_ip", "a.IpAddress", "remoteIp", "ip_addr"])
def test_addresses_in_fields_that_say_so(name: str):
    assert observed(name, "10.0.0.1") is FieldType.IP
    assert observed(name, "-") is K
    assert infer([{name: "10.0.0.1"}, {name: "-"}]).fields[name].type is K


@pytest.mark.parametrize("name", ["zip", "clip", "script", "recipe", "x.membership"])
def test_names_that_merely_end_so(name: str):
    assert observed(name, "10.0.0.1") is K


@pytest.mark.parametrize(
    ("event", "many"),
    [
        ({"x": 1}, False),
        ({"x": [1]}, True),
        ({"x": [1, 2]}, True),
        ({"a": [{"x": 1}]}, True),
        ({"a.x": 1, "a": {"x": 2}}, True),
    ],
)
def test_multiplicity(event: dict[str, object], many: bool):
    [info] = infer([{"x": 0}, event] if "x" in event else [event]).fields.values()
    assert info.multivalued is many


def test_missing_values_say_nothing():
    assert infer([{"a": None, "b": [], "c": {}}]).fields == {}
    assert infer([]).fields == {}
    assert infer([{"a": None}, {"a": 1}, {"a": []}]).fields == {"a": FieldInfo(L)}


def test_the_list_is_closed_and_sorted():
    fields = infer([{"b": 1, "a": 2}])
    assert fields.closed is True
    assert list(fields.fields) == ["a", "b"]


class TestWithTheCatalogue:
    def one(self, name: str, *values: object) -> FieldInfo:
        return infer([{name: value} for value in values], CATALOGUE).fields[name]

    def test_its_type_holds_where_the_values_fit(self):
        assert self.one("user.id", 1000) == FieldInfo(K)
        assert self.one("source.ip", "10.0.0.1") == FieldInfo(FieldType.IP)
        assert self.one("destination.port", "443") == FieldInfo(L)
        assert self.one("@timestamp", 1_700_000_000_000) == FieldInfo(T)
        assert self.one("file.code_signature.trusted", "true") == FieldInfo(B)

    def test_its_type_yields_where_one_value_does_not_fit(self):
        assert self.one("source.ip", "10.0.0.1", "-") == FieldInfo(K)
        assert self.one("destination.port", 1, "https") == FieldInfo(K)
        assert self.one("@timestamp", "2026-01-01", "yesterday") == FieldInfo(K)
        assert self.one("process.pid", 1.5) == FieldInfo(D)
        assert self.one("file.code_signature.trusted", 1) == FieldInfo(L)

    def test_its_multiplicity_holds_in_any_case(self):
        assert self.one("event.category", "process").multivalued is True
        assert self.one("process.name", ["a"]).multivalued is True


TYPES = [t for t in FieldType if t not in (FieldType.UNRESOLVED, FieldType.UNSUPPORTED)]


@pytest.mark.parametrize("left", TYPES)
@pytest.mark.parametrize("right", TYPES)
def test_merging_is_symmetric_and_keeps_equals(left: FieldType, right: FieldType):
    both = merge(FieldInfo(left), FieldInfo(right, multivalued=True))
    assert both == merge(FieldInfo(right, multivalued=True), FieldInfo(left))
    assert both.multivalued is True
    if left is right:
        assert both.type is left


@pytest.mark.parametrize("a", TYPES)
@pytest.mark.parametrize("b", TYPES)
def test_merging_does_not_depend_on_the_order(a: FieldType, b: FieldType):
    for c in TYPES:
        first, second, third = FieldInfo(a), FieldInfo(b), FieldInfo(c)
        assert merge(merge(first, second), third) == merge(first, merge(second, third))


def test_every_value_fits_a_keyword():
    assert all(fits(value, K) for value in ("", "x", 1, 1.5, True))
    assert not fits(value=True, known=L)
    assert not fits(-1, U)


class TestFiles:
    def test_types_are_those_of_a_search(self, tmp_path: Path):
        """One rule for `eqlx fields infer`, `eqlx run` and the reference interpreter."""
        events: list[dict[str, object]] = [
            {
                "destination": {"ip": "10.0.0.1"},
                "my": {"ip": "10.0.0.1", "day": "2026-01-01", "n": 1},
            },
            {"destination": {"ip": "junk"}, "my": {"n": 2.5, "b": True, "mixed": 1}},
            {"my": {"mixed": "x", "list": [1, 2]}, "process.args": ["a", "b"], "big": 2**63},
        ]
        path = tmp_path / "events.ndjson"
        path.write_text("".join(f"{json.dumps(event)}\r\n" for event in events), encoding="utf-8")
        fields = infer_files([path], lambda: load_executor("duckdb"))
        assert {n: i.type for n, i in fields.fields.items()} == {
            n: i.type for n, i in inferred(events).fields.items()
        }
        assert fields.fields["destination.ip"].type is FieldType.IP
        assert fields.fields["my.ip"].type is K
        assert fields.fields["my.list"].multivalued
        assert fields.fields["process.args"].multivalued
        assert parse_schema(Source("f", format_schema(fields))).fields == fields.fields

    def test_names_without_end_are_refused(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module, "MAX_FIELDS", 10)
        inference = Inference()
        for number in range(10):
            inference.add({f"id.{number}": 1})
        inference.add({"id.0": "again"})
        with pytest.raises(EqlxError) as raised:
            inference.add({"id.10": 1})
        assert [d.code for d in raised.value.diagnostics] == ["too-many-fields"]
        assert "id.10" in raised.value.diagnostics[0].message
