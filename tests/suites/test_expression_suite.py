"""The expressions of `test_folding.toml` and `test_string_functions.toml`, with our meaning of them.

They are written in the older dialect; each is rewritten to present EQL where that has the same
meaning, and evaluated twice: as it is, so that the passes fold it, and with its first string moved
into a field of the one event, so that the interpreter computes it. Expressions whose meaning the
older dialect does not share with §5 to §7 are listed in `OTHERS` with the reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from elasticsearch_suite import FOLDER

from eqlx.diagnostics import Report
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.nodes import EventQuery
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_harness.data import data_folder, need

PLACE = data_folder() / FOLDER

NOT_FOUND = "`between` that finds nothing gives the empty text, not null (§7)"
EMPTY = "`between` with an empty text as its end gives the source unchanged (§7)"
NULL_ARGUMENT = "`between` with a null for left or right is an error at run time (§7)"
NO_ORDER = "there is no order of texts that ignores letter case (§3)"
OTHERS: dict[tuple[str, int], str] = {
    ("between", 0): NULL_ARGUMENT,
    ("between", 1): NULL_ARGUMENT,
    ("between", 4): NOT_FOUND,
    ("between", 5): NOT_FOUND,
    ("between", 8): NOT_FOUND,
    ("between", 9): NOT_FOUND,
    ("between", 10): EMPTY,
    ("between", 12): EMPTY,
    ("between", 13): EMPTY,
    ("substring", 4): "`substring` from null gives the whole text, whatever the end (§7)",
    **{("string_case_insensitive_match_comparison", n): NO_ORDER for n in range(4, 12)},
}


@dataclass(frozen=True)
class Expression:
    group: str
    number: int
    text: str
    expected: object
    fails: bool = False


def expressions() -> Iterator[Expression]:
    for name in ("test_folding", "test_string_functions"):
        groups = tomllib.loads((PLACE / f"{name}.toml").read_text("utf-8"))
        for group, content in groups.items():
            tests = content.get("fold", content).get("tests", [])
            tests = [*tests, *_looped(content)]
            for number, test in enumerate(tests):
                yield Expression(
                    group, number, present(test["expression"], content), test.get("expected")
                )
            failures = content.get("verifier", {}).get("failures", [])
            for number, test in enumerate(failures, start=len(tests)):
                yield Expression(
                    group, number, present(test["expression"], content), None, fails=True
                )


VALUES = {"bool": "true", "int": "5", "string": '"x"', "float": "2.5", "null": "null"}


def _looped(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for loop in content.get("loop", []):
        for kind in loop["param"]["type"]:
            for test in loop["fold"]["tests"]:
                yield {**test, "expression": test["expression"].replace("$value", VALUES[kind])}


def present(text: str, group: dict[str, Any]) -> str:
    """The older dialect's text in today's words."""
    text = re.sub(r"'([^']*)'", r'"\1"', text).replace("\n", "\\n")
    text = re.sub(r'("[^"]*"):length\(\)', r"length(\1)", text)
    text = re.sub(r"^match\((.*?), (.*)\)$", r"\1 regex (\2)", text, flags=re.DOTALL)
    text = re.sub(r"^wildcard\((.*?), (.*)\)$", r"\1 like (\2)", text)
    if group.get("case_insensitive"):
        text = text.replace(" == ", " : ").replace(" in ", " in~ ").replace(" like ", " like~ ")
        text = re.sub(r"\b(startsWith|endsWith)\(", r"\1~(", text)
        text = re.sub(r"^(.*) != (.*)$", r"not \1 : \2", text)
    return text


def answer(text: str, expected: object, *, in_field: bool = False) -> bool | None:
    """Whether `text` comes to `expected` (None: null); None where it does not compile."""
    event: dict[str, object] = {"n": 1}
    if in_field and (first := re.search(r'"((?:[^"\\]|\\.)*)"', text)):
        event["f"] = first[1].replace("\\n", "\n")
        text = f"{text[: first.start()]}f{text[first.end() :]}"
    match expected:
        case None:
            condition = f"({text}) == null"
        case bool():
            condition = f"({text}) == {str(expected).lower()}"
        case str():
            condition = f'({text}) == "{expected}"'
        case _:
            condition = f"{text} == {expected!r}"
    fields = FieldList({"f": FieldInfo(FieldType.KEYWORD), "n": FieldInfo(FieldType.LONG)})
    report = Report()
    query = compile_source(
        Source("expression", f"any where {condition}"), Context(fields, report, EventModel())
    )
    if query is None:
        return None
    assert isinstance(query, EventQuery)
    return len(evaluate(query, [event], EventModel())) == 1


ALL = list(expressions()) if PLACE.exists() else []
SHARED = [e for e in ALL if not e.fails and (e.group, e.number) not in OTHERS]
FAILING = [e for e in ALL if e.fails]
skip = pytest.mark.skipif(not ALL, reason=f"THIRD-PARTY DATA MISSING: {PLACE} (set EQLX_DATA)")


def named(found: list[Expression]) -> list[Any]:
    """Test parameters; one that is skipped where the data is missing."""
    return [pytest.param(e, id=f"{e.group}-{e.number}") for e in found] or [pytest.param(None)]


@skip
@pytest.mark.parametrize("expression", named(SHARED))
def test_shared_expression_folds_to_what_the_suite_expects(expression: Expression) -> None:
    assert answer(expression.text, expression.expected), expression


@skip
@pytest.mark.parametrize(
    "expression",
    named([e for e in SHARED if '"' in e.text and not e.text.startswith(('"', "null "))]),
)
def test_shared_expression_on_a_field(expression: Expression) -> None:
    assert answer(expression.text, expression.expected, in_field=True), expression


@skip
@pytest.mark.parametrize("expression", named(FAILING))
def test_what_the_suite_refuses_is_refused(expression: Expression) -> None:
    assert answer(expression.text, None) is None


def test_every_listed_exception_exists() -> None:
    need(FOLDER)
    assert set(OTHERS) <= {(e.group, e.number) for e in ALL}
    assert len(ALL) > 150
