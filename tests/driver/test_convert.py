"""One rule through the chain: the ways to end, losses, options, event models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from eqlx.capability import Capability, Drift, Exact, Feature, Grade, Lossy, Unsupported
from eqlx.diagnostics import EqlxError, Severity
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.driver import Outcome, Status, compile_rule, convert_rule, event_model, resolve_options
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.rule import Rule
from eqlx.source import Source, Span
from eqlx.target import EventModel, Option, Request


@dataclass
class Fake:
    """A target that gives the query back as EQL, with whatever a test makes go wrong."""

    table: Mapping[Feature, Capability] = field(
        default_factory=lambda: dict.fromkeys(Feature, Exact())
    )
    loses: tuple[tuple[str, Drift, bool], ...] = ()
    refuses: bool = False
    raises: Exception | None = None
    seen: list[Request] = field(default_factory=list)
    api_version: int = 1
    name: str = "fake"
    summary: str = "a target for tests"
    dialects: tuple[str, ...] = ("first", "second")
    options: tuple[Option, ...] = (
        Option("mode", "a", "a choice", ("a", "b")),
        Option("table", "events", "any text"),
    )
    suffix: str = ".txt"

    def capabilities(
        self,
        dialect: str,  # noqa: ARG002 the protocol
        options: Mapping[str, str],  # noqa: ARG002 the protocol
    ) -> Mapping[Feature, Capability]:
        return self.table

    def lower(self, request: Request) -> object:
        self.seen.append(request)
        if self.raises is not None:
            raise self.raises
        for slug, drift, by_convention in self.loses:
            request.losses.record(slug, drift, "it is so", Span(0, 3), by_convention=by_convention)
        if self.refuses:
            request.report.add(inexpressible("fake", "this", "it is so", Span(0, 3)))
        return request.eql()

    def emit(self, tree: object, request: Request) -> str:  # noqa: ARG002 the protocol
        return f"{tree}\n"


def rule(query: str = 'process where process.name == "x"', **more) -> Rule:
    return Rule(query=Source("query", query), **more)


def codes(outcome: Outcome) -> list[str]:
    return [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]


def test_a_rule_converts():
    outcome = convert_rule(rule(), Fake())
    assert outcome.status is Status.CONVERTED
    assert outcome.artifact is not None
    assert outcome.artifact.text == 'process where process.name == "x"\n'
    assert outcome.artifact.dialect == "first"
    assert outcome.fidelity.grade is Grade.EXACT
    assert outcome.query == outcome.artifact.query


def test_bad_input_cannot_express_and_bug_stay_apart():
    invalid = convert_rule(rule("process where"), Fake())
    refused = convert_rule(rule(), Fake(refuses=True))
    failed = convert_rule(rule(), Fake(raises=KeyError("x")))
    assert (invalid.status, refused.status, failed.status) == (
        Status.INVALID,
        Status.REFUSED,
        Status.FAILED,
    )
    for outcome in (invalid, refused, failed):
        assert outcome.artifact is None
        assert outcome.fidelity.grade is Grade.REFUSED
        assert codes(outcome)


def test_a_bug_names_the_rule_the_step_and_the_cause_and_asks_for_a_report():
    outcome = convert_rule(rule(id="the-id"), Fake(raises=KeyError("x")))
    (diagnostic,) = outcome.diagnostics
    assert diagnostic.code == "internal-error"
    assert "lowering for target `fake` of rule `the-id`: KeyError: 'x'" in diagnostic.message
    assert "please report it" in diagnostic.help
    assert "Traceback" not in diagnostic.message
    assert "Traceback" in outcome.traceback


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), AssertionError("invariant")])
def test_any_exception_of_a_plugin_costs_the_rule_only(error):
    assert convert_rule(rule(), Fake(raises=error)).status is Status.FAILED


def test_an_unsupported_feature_is_refused_with_a_span():
    table = {**dict.fromkeys(Feature, Exact()), Feature.EQUAL_TEXT: Unsupported("no text here")}
    outcome = convert_rule(rule(), Fake(table=table))
    assert outcome.status is Status.REFUSED
    (error,) = outcome.diagnostics
    assert error.span is not None
    assert "no text here" in error.message


def test_a_feature_that_an_old_table_lacks_is_refused():
    outcome = convert_rule(rule(), Fake(table={}))
    assert outcome.status is Status.REFUSED


@pytest.mark.parametrize("drift", list(Drift))
def test_a_loss_is_refused_by_default(drift):
    outcome = convert_rule(rule(), Fake(loses=(("some-loss", drift, False),)))
    assert codes(outcome) == ["loss-refused"]
    assert drift.value in outcome.diagnostics[0].message
    assert [loss.slug for loss in outcome.fidelity.losses] == ["some-loss"]


@pytest.mark.parametrize(
    ("drift", "allow", "passes"),
    [
        (Drift.WIDENS, {Drift.WIDENS}, True),
        (Drift.WIDENS, {Drift.NARROWS}, False),
        (Drift.NARROWS, {Drift.NARROWS}, True),
        (Drift.NARROWS, {Drift.WIDENS}, False),
        (Drift.SHIFTS, {Drift.WIDENS}, False),
        (Drift.SHIFTS, {Drift.NARROWS}, False),
        (Drift.SHIFTS, {Drift.WIDENS, Drift.NARROWS}, True),
    ],
)
def test_each_direction_is_allowed_on_its_own(drift, allow, passes):
    fake = Fake(loses=(("some-loss", drift, False),))
    outcome = convert_rule(rule(), fake, allow=frozenset(allow))
    assert (outcome.status is Status.CONVERTED) is passes
    if passes:
        assert outcome.fidelity.grade is Grade.APPROXIMATE


@pytest.mark.parametrize(
    ("query", "allow", "passes"),
    [
        ("process where process.pid == 1", {Drift.WIDENS}, True),
        ("process where process.pid == 1", {Drift.NARROWS}, False),
        ("process where not process.pid == 1", {Drift.WIDENS}, False),
        ("process where not process.pid == 1", {Drift.NARROWS}, True),
    ],
)
def test_a_loss_turns_round_under_not(query, allow, passes):
    table = {
        **dict.fromkeys(Feature, Exact()),
        Feature.EQUAL_NUMBER: Lossy(Drift.WIDENS, "numbers are round"),
    }
    outcome = convert_rule(rule(query), Fake(table=table), allow=frozenset(allow))
    assert (outcome.status is Status.CONVERTED) is passes


def test_a_convention_is_recorded_and_not_refused():
    outcome = convert_rule(rule(), Fake(loses=(("case", Drift.WIDENS, True),)))
    assert outcome.status is Status.CONVERTED
    assert outcome.fidelity.losses[0].by_convention


def test_an_open_schema_with_an_optional_field_is_an_assumption():
    outcome = convert_rule(rule("process where ?process.name == null"), Fake())
    assert outcome.fidelity.grade is Grade.EQUIVALENT
    assert "mapped" in outcome.fidelity.assumptions[0]


def test_a_closed_schema_folds_an_unmapped_optional_field():
    schema = FieldList({"process.name": FieldInfo(FieldType.KEYWORD)})
    query = 'process where process.name == "x" or ?no.such == "y"'
    outcome = convert_rule(rule(query), Fake(), schema=schema)
    assert outcome.artifact is not None
    assert outcome.artifact.text == 'process where process.name == "x"\n'
    assert outcome.fidelity.grade is Grade.EXACT


def test_the_request_has_every_option_with_its_default():
    fake = Fake()
    convert_rule(rule(), fake, dialect="second", options={"table": "logs"})
    (request,) = fake.seen
    assert request.options == {"mode": "a", "table": "logs"}
    assert request.dialect == "second"


def test_wrong_dialects_and_options_are_all_listed():
    with pytest.raises(EqlxError) as caught:
        resolve_options(Fake(), "secnd", {"mod": "a", "mode": "c"})
    found = {d.code: d for d in caught.value.diagnostics}
    assert set(found) == {"unknown-dialect", "unknown-option", "invalid-option-value"}
    assert "did you mean `second`" in found["unknown-dialect"].help
    assert "did you mean `mode`" in found["unknown-option"].help
    assert found["invalid-option-value"].help == "choose one of: a, b"


def test_options_are_spelled_with_hyphens_or_underscores():
    target = Fake(
        options=(Option("row-id", "", "a column"), Option("old_style", "", "a stranger's"))
    )
    given = {"row_id": "n", "old-style": "x"}
    assert resolve_options(target, None, given)[1] == {"row-id": "n", "old_style": "x"}


def test_convert_rule_says_what_is_wrong_with_options_too():
    outcome = convert_rule(rule(), Fake(), dialect="third")
    assert codes(outcome) == ["unknown-dialect"]


def test_an_empty_value_of_an_option_with_choices_is_refused():
    assert codes(convert_rule(rule(), Fake(), options={"mode": ""})) == ["invalid-option-value"]


def test_the_rule_names_its_fields_and_the_caller_may_overrule():
    named = rule(
        timestamp_field="t",
        tiebreaker_field="n",
        event_category_override="kind",
        timestamp_override="event.ingested",
    )
    assert event_model(named) == EventModel("t", "n", "kind", None)
    assert event_model(named, timestamp="u", id="i") == EventModel("u", "n", "kind", "i")
    assert event_model(rule()) == EventModel()


def test_the_event_model_reaches_the_target():
    fake = Fake()
    convert_rule(rule(event_category_override="kind"), fake)
    assert fake.seen[0].model.category == "kind"


def test_the_explicit_size_is_a_limit():
    outcome = convert_rule(rule("process where true"), Fake(), size=5)
    assert outcome.artifact is not None
    assert outcome.artifact.text == "process where true\n| tail 5\n" or (
        "tail 5" in outcome.artifact.text
    )


def test_conversion_leaves_its_inputs_alone():
    given = rule(id="x", tags=("a",))
    copy = replace(given)
    options = {"mode": "b"}
    convert_rule(given, Fake(), options=options)
    assert given == copy
    assert options == {"mode": "b"}


def test_compiling_alone_gives_the_query():
    outcome = compile_rule(rule())
    assert outcome.status is Status.CONVERTED
    assert outcome.artifact is None
    assert outcome.query is not None
    assert compile_rule(rule("process")).status is Status.INVALID
