"""The canonical text of a tree: one line where it fits, laid out where it does not."""

import pytest

from eqlx.syntax.printer import print_statement
from eqlx.syntax.tree import EventFilter, FieldName, PatternMatch, Statement, StringValue

SAME = [
    "any where true",
    'process where process.name == "cmd.exe" and not user.id in (1, 2) or ?a.b : ("x", "y")',
    "any where (a or b) and (c and d)",
    "any where a - (b - c) - -d * (e + f) % -g == -1",
    "any where (a == 1) == true",
    "any where not (a and b) and not not c",
    "any where (not a) in (true)",
    "any where (a + b) in (1) and -(a in (1)) == 1".replace("-(a in (1))", "-a in (1)"),
    "any where (a in (1)) in~ (true) or a not in~ (1)",
    'any where f~(a, g(), "x") : null',
    "any where `a b`.c == 1 and event.`sequence` == 2 and `a``b` == 3",
    'any where a == "\\"\\\\\\t\\n\\r\\b\\f\\u{00}\\u{7f}\\u{feff}é😀"',
    'any where a regex """C:\\\\[a-z]"+\\.exe""" and b regex "x"',
    '"a b" where a',
    '"where" where a',
    "any where a == 1.50 and b == 1e3 and c == 18446744073709551616",
    'any where a like "x" and b like~ ("x", "y") and c regex~ ("x", "y")',
    "any where true | head 5 | tail -2 + 3",
]


@pytest.mark.parametrize("text", SAME)
def test_canonical_text_is_printed_as_it_is(read, text):
    assert print_statement(read(text)) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("any  where((a))", "any where a"),
        ("any where +a==+1", "any where a == 1"),
        ('any where a:("x")', 'any where a : "x"'),
        ("any where `a`.`b` == `c.d`", "any where a.b == c.d"),
        ('"process" where a', "process where a"),
        ('any where a : """x"""', 'any where a : "x"'),
        ('any where a : "\\\\\\\\a\\\\b"', 'any where a : """\\\\a\\b"""'),
        ("any where f~ (a) /* x */ // y", "any where f~(a)"),
    ],
)
def test_other_texts_become_canonical(read, text, printed):
    assert print_statement(read(text)) == printed


def test_a_long_query_is_laid_out(read):
    names = ", ".join(f'"name-{n:03}.exe"' for n in range(12))
    text = f'process where a == 1 and (process.name in ({names}) or not b : "x" and f({names})) and c == 2'
    assert (
        print_statement(read(text))
        == """\
process where
  a == 1 and
  (
    process.name in (
      "name-000.exe", "name-001.exe", "name-002.exe", "name-003.exe", "name-004.exe",
      "name-005.exe", "name-006.exe", "name-007.exe", "name-008.exe", "name-009.exe",
      "name-010.exe", "name-011.exe"
    ) or
    not b : "x" and
    f(
      "name-000.exe", "name-001.exe", "name-002.exe", "name-003.exe", "name-004.exe",
      "name-005.exe", "name-006.exe", "name-007.exe", "name-008.exe", "name-009.exe",
      "name-010.exe", "name-011.exe"
    )
  ) and
  c == 2"""
    )


def test_a_sequence_has_a_line_a_step(read):
    text = "sequence by a,b with maxspan=5m[any where a]by c with runs=3 ![b where a]by c until[c where a]by c|head 5"
    assert (
        print_statement(read(text))
        == """\
sequence by a, b with maxspan=5m
  [any where a] by c with runs=3
  ![b where a] by c
until
  [c where a] by c
| head 5"""
    )


@pytest.mark.parametrize("text", ['"', '""', 'a"', '"a', "a\nb", '"""', "\\", '\\"', "a\\"])
def test_any_text_can_be_a_pattern(read, text):
    statement = Statement(
        EventFilter(None, PatternMatch("regex", FieldName("a"), (StringValue(text),)))
    )
    assert read(print_statement(statement)) == statement
