"""Huge and deeply nested texts get an answer or a diagnostic, in bounded time."""

import time

import pytest

from eqlx.diagnostics import Report
from eqlx.source import Source
from eqlx.syntax.depth import MAXIMUM_DEPTH
from eqlx.syntax.parser import parse
from eqlx.syntax.printer import print_statement

N = 10_000
W = "any where "


def test_ten_thousand_brackets_are_no_nesting(read):
    assert read(W + "(" * N + "true" + ")" * N) == read(W + "true")


@pytest.mark.parametrize("word", ["and", "or"])
def test_chains_of_fifty_thousand_conditions(read, word):
    statement = read(W + f" {word} ".join(["a == 1"] * 50_000))
    assert len(statement.query.condition.operands) == 50_000
    assert read(print_statement(statement)) == statement


@pytest.mark.parametrize(
    "nested",
    [
        "not " * N + "true",
        "-" * N + "1 == 1",
        "1" + "+1" * N + " == 1",
        "1" + "*1" * N + " == 1",
        "f(" * N + "1" + ")" * N,
        "a in (" * N + "1" + ")" * N,
        "(a and (b or " * N + "c" + "))" * N,
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        W + "{}",
        "sequence [any where {}] [any where true]",
        "sequence [any where true] [any where true] until [any where {}]",
        W + "true | head {}",
    ],
)
def test_deep_nesting_is_refused(refused, nested, shape):
    codes = [d.code for d in refused(shape.format(nested))]
    assert codes == ["nesting-too-deep"]


def test_the_limit_of_nesting(read, refused):
    assert read(W + "not " * (MAXIMUM_DEPTH - 1) + "a")
    (found,) = refused(W + "not " * MAXIMUM_DEPTH + "a")
    assert found.span.start == len(W + "not " * MAXIMUM_DEPTH)


M = 300_000
LARGE = {
    "rule": W + " or ".join(['process.name : ("a", "b*", "c") and not user.id in (1, 2)'] * 16_000),
    "strings": W + "a in (" + ", ".join(['"abc"'] * 150_000) + ")",
    "one string": W + 'a == "' + "a" * 1_000_000 + '"',
    "open string": W + 'a == "' + "a" * 1_000_000,
    "open brackets": W + "(" * M,
    "closing brackets": W + "a" + ")" * M,
    "mixed brackets": "[(" * M,
    "quotes": '"' * M,
    "backticks": W + "`" * (M + 1),
    "backslashes": W + 'a == "' + "\\" * (M + 1),
    "escaped quotes": W + 'a == "' + '\\"' * M + " //",
    "escaped single quotes": W + "a == '" + "\\'" * M + " //",
    "open comments": "/*" * M,
    "comment and quote": W + "a in (" + '/*"*/' * M,
    "lines with open strings": W + "a == " + '"\n' * M,
    "smart quotes": W + "a == " + "\u201c" * M,
    "digits": W + "a == " + "1" * M,
    "numbers": W + "1." * M,
    "path": W + "x" + ".a" * M,
    "one name": "A" * M + "|",
    "names": "a " * M,
    "colons": "a:" * M,
    "equals": W + "a = " * M,
    "commas": W + "," * M,
    "triple quotes": W + "a in (" + '"""a' * M,
    "blanks": " " * M + "x",
    "line feeds": "title\n" + "\n" * M,
    "zeros": "\0" * M,
    "steps": "sequence " + "[any where true]" * 60_000,
    "select": "select " + "a " * M,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_texts_end_in_time(text):
    start = time.process_time()
    report = Report()
    statement = parse(Source("large", text), report)
    assert (statement is None) == report.has_errors
    assert time.process_time() - start < 30
