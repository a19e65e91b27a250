"""`format_source`: canonical layout with comments where they were; the same tree, and twice is once."""

from __future__ import annotations

import json
import random
import re

import pytest

from eqlx.diagnostics import Report
from eqlx.rulefile.loader import load
from eqlx.source import Source
from eqlx.syntax.formatting import comment_texts, format_source
from eqlx.syntax.parser import parse
from eqlx_harness.data import need

TEXTS = [
    'process where process.name == "cmd.exe" and not (user.id in (1, 2) or ?a.b : ("x", "y"))',
    "any where (a or b) and (c and d) or not (f(a, g(), 1) == - 2 and `a b`.c == null)",
    (
        'sequence by host.id with maxspan=5m [process where a : ("x", "y")] by b ![file where true] by c '
        "until [any where c] by d | head 5 | tail 2"
    ),
    "sample by host [any where a] [any where b and c]",
    'sequence [any where a == 1] with runs=3 [any where a regex """x\\d+"""]',
    "any where ((a)) and (((b or (c)))) and + a == + 1 | tail - 2 + 3",
    '"process" where `a`.`b` like ("x") and c in~ ("//", "/* x */")',
]

_PART = re.compile(r'"""[^"]*"""|"(?:\\.|[^"\\])*"|[!]?\[|[()\],]|[^\s"()\[\],!]+')


def formatted(text: str) -> str:
    source = Source("query", text)
    report = Report(source)
    made = format_source(source, report)
    assert made is not None, [d.message for d in report]
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("any where a // why", "any where a // why"),
        ("// first\nany  where a", "// first\nany where a"),
        ("/* first */ any where a", "/* first */\nany where a"),
        ("any where a\n\n// last\n", "any where a\n// last"),
        ("any where a /* in */ and b", "any where a /* in */ and b"),
        ("any where a and // one\n b", "any where\n  a and // one\n  b"),
        ("any where a // one\n and b", "any where\n  a and // one\n  b"),
        ("any where a and\n // one\n b", "any where\n  a and\n  // one\n  b"),
        ("any where // one\n a", "any where // one\n  a"),
        (
            'any where a : ("x", // one\n "y", /* two */ "z" // three\n)',
            'any where\n  a : (\n    "x", // one\n    "y", /* two */\n    "z" // three\n  )',
        ),
        (
            "sequence\n // one\n [any where a // two\n ]\n [any where b] // three\n| tail 1",
            "sequence\n  // one\n  [any where a // two\n  ]\n  [any where b] // three\n| tail 1",
        ),
        ("any where a /* one\r\n two */ and b", "any where a /* one\n two */ and b"),
        ("any where a == '/' // x".replace("'", '"'), 'any where a == "/" // x'),
    ],
)
def test_comments_stay_where_they_were(text: str, expected: str) -> None:
    assert formatted(text) == expected


def test_an_invalid_text_gives_its_error_and_no_result() -> None:
    source = Source("query", "any where a // x\n ==")
    report = Report(source)
    assert format_source(source, report) is None
    assert report.has_errors


def test_comments_in_any_place_are_kept_and_twice_is_once() -> None:
    """Comments of all kinds between any two tokens; `format_source` raises where it fails its proof."""
    chance = random.Random(20261201)
    for text in TEXTS * 150:
        parts = _PART.findall(text)
        with_comments = "".join(
            part + chance.choice([" "] * 6 + [_comment(chance, n)]) for n, part in enumerate(parts)
        )
        source = Source("query", with_comments)
        statement = parse(source, Report())
        assert statement is not None, with_comments
        made = formatted(with_comments)
        assert parse(Source("query", made), Report()) == statement
        assert comment_texts(made) == comment_texts(with_comments)
        assert formatted(made) == made
        assert not re.search(r"[ \t]+$", made, re.MULTILINE)


def _comment(chance: random.Random, number: int) -> str:
    body = f"c{number} [a, (b"
    kinds = [f" // {body}\n", f"\n// {body}\n", f" /* {body} */ ", f"\n/* {body} */\n"]
    kinds += [f" /* {body}\n   and */ ", f"\n /* {body} */ // {body}\n", f" /* {body} */\n"]
    return chance.choice(kinds)


def test_rules_of_elastic_and_their_history() -> None:
    rules = load([need("corpus", "rules")]).rules
    texts = [rule.query.text for rule in rules]
    history = need("corpus", "history-valid.jsonl").read_text(encoding="utf-8").splitlines()
    texts += [json.loads(line)["query"] for line in history[::4]]
    checked = commented = 0
    for text in dict.fromkeys(texts):
        source = Source("query", text)
        report = Report(source)
        statement, made = parse(source, Report()), format_source(source, report)
        assert (made is None) == (statement is None) == report.has_errors
        if made is None:
            continue
        assert parse(Source("query", made), Report()) == statement
        assert comment_texts(made) == comment_texts(text)
        assert formatted(made) == made
        checked += 1
        commented += bool(comment_texts(text))
    assert checked > 1000
    assert commented > 200
