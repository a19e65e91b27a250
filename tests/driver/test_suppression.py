"""`eqlx: ignore[slug]`: findings that are meant, and comments that are of no use."""

from __future__ import annotations

from pathlib import Path

import pytest

from eqlx.driver.check import check_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.rulefile.loader import from_query, load

FAULT = 'process.name == "a*"'
SLUG = "wildcard-in-equality"


def codes(query: str) -> list[str]:
    return [found.code for found in check_rule(from_query(query), CATALOGUE)]


@pytest.mark.parametrize(
    "query",
    [
        f"process where {FAULT} // eqlx: ignore[{SLUG}]",
        f"process where {FAULT} // because // eqlx:ignore[{SLUG}]",
        f"process where /* eqlx: ignore[{SLUG}] */ {FAULT}",
        f"process where\n  // eqlx: ignore[{SLUG}]\n  {FAULT}",
        f"process where\n  /* eqlx: ignore[ {SLUG} ] */\n  {FAULT} and\n  true",
        f"process where {FAULT} and {FAULT.replace('a', 'b')} // eqlx: ignore[{SLUG}]",
    ],
)
def test_a_finding_of_that_line_is_meant(query: str) -> None:
    assert SLUG not in codes(query)
    assert "unused-suppression" not in codes(query)


@pytest.mark.parametrize(
    "query",
    [
        f"process where {FAULT}\n// eqlx: ignore[{SLUG}]",
        f"process where {FAULT} and\n  true // eqlx: ignore[{SLUG}]",
        f"process where {FAULT} // eqlx: ignore[never-matches]",
        f"process where {FAULT} // eqlx: ignore[]\n// eqlx: ignore[{SLUG}]",
    ],
)
def test_others_are_not(query: str) -> None:
    assert codes(query) == [SLUG, "unused-suppression"]


def test_several_slugs_each_count() -> None:
    query = f"process where {FAULT} // eqlx: ignore[{SLUG}, never-matches]"
    (unused,) = check_rule(from_query(query), CATALOGUE)
    assert (unused.code, unused.excerpt) == ("unused-suppression", "never-matches")


def test_a_misspelt_slug_is_named() -> None:
    found = check_rule(
        from_query("process where true // eqlx: ignore[wildcard-in-equalty]"), CATALOGUE
    )
    assert [each.help for each in found if each.code == "unused-suppression"] == [
        f"did you mean `{SLUG}`?"
    ]


def test_an_error_cannot_be_ignored() -> None:
    query = "process where process.name == 1 == 2 // eqlx: ignore[comparison-chain]"
    assert codes(query) == ["comparison-chain"]


TOML = """{before}
[rule]
name = "x" {beside}
type = "eql"
language = "eql"
query = '''
process where {fault} {inside}
'''
"""


@pytest.mark.parametrize("place", ["before", "beside", "inside"])
def test_toml(tmp_path: Path, place: str) -> None:
    file = tmp_path / "rule.toml"
    sign = "//" if place == "inside" else "#"
    texts = dict.fromkeys(("before", "beside", "inside"), "") | {
        place: f"{sign} eqlx: ignore[{SLUG}]"
    }
    file.write_text(TOML.format(fault=FAULT, **texts))
    (rule,) = load([file]).rules
    assert check_rule(rule, CATALOGUE) == ()


def test_an_unused_comment_of_a_file_is_shown_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "rule.toml"
    file.write_text(
        TOML.format(fault="true", before=f"# eqlx: ignore[{SLUG}]", beside="", inside="")
    )
    (rule,) = load([file]).rules
    (found,) = (d for d in check_rule(rule, CATALOGUE) if d.code == "unused-suppression")
    assert found.place == f"{file}:1:16"


@pytest.mark.parametrize(
    "line",
    [
        'note = "A # eqlx: ignore[%s]"',
        'note = "\\" # eqlx: ignore[%s]"',
        'note = """\na # eqlx: ignore[%s]\n"""',
        "note = '''\na # eqlx: ignore[%s]\n'''",
    ],
)
def test_a_string_of_toml_is_no_comment(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rule.toml"
    text = TOML.format(fault=FAULT, before="", beside="\n" + line % SLUG, inside="")
    file.write_text(text)
    (rule,) = load([file]).rules
    assert [found.code for found in check_rule(rule, CATALOGUE)] == [SLUG]
