"""Names of output files: safe, distinct, the same every time."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from eqlx.driver.files import safe_stem, stems
from eqlx.rule import Rule
from eqlx.source import Source


def rule(path: str | None = None, key: str | None = None, name: str | None = None) -> Rule:
    return Rule(query=Source("q", "any where true"), path=path, id=key, name=name)


def test_a_files_only_rule_takes_its_stem():
    assert stems([rule("a/one.toml", "id-1"), rule("b/two.eql", "id-2")]) == ("one", "two")


def test_rules_of_one_file_take_their_ids_else_names():
    rules = [rule("all.ndjson", "id-1"), rule("all.ndjson", None, "A name: here")]
    assert stems(rules) == ("id-1", "A_name_here")


def test_equal_names_are_numbered_in_order_letter_case_aside():
    rules = [rule("a/x.toml"), rule("b/X.toml"), rule("c/x.eql"), rule("d/x-2.toml")]
    assert stems(rules) == ("x", "X-2", "x-3", "x-2-2")


def test_hostile_names_stay_in_the_folder():
    for name in ("../../etc/passwd", "..", "/abs", "C:\\x", "a\0b", "-rf", ".hidden", "~", ""):
        stem = safe_stem(name)
        assert "/" not in stem
        assert "\\" not in stem
        assert stem not in {"", ".", ".."}
        assert not stem.startswith((".", "-"))


def test_device_names_are_changed():
    assert safe_stem("CON") == "rule_CON"
    assert safe_stem("nul.txt") == "rule_nul.txt"


@given(st.lists(st.text(max_size=200), max_size=8))
def test_any_names_give_distinct_safe_files(names):
    found = stems([rule(None, name) for name in names])
    assert len({stem.lower() for stem in found}) == len(names)
    for stem in found:
        assert Path("out", f"{stem}.sql").resolve().parent == Path("out").resolve()
        assert stem.isascii()
        assert len(stem) < 140
