"""Places in TOML and JSON texts, against the standard readers."""

from __future__ import annotations

import json
import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqlx.rulefile import json_scanner, toml_scanner
from eqlx.rulefile.embedded import Decoded, embed
from eqlx.rulefile.toml_scanner import ScanError, value_spans
from eqlx.source import Source, Span

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
QUERYISH = st.text(st.sampled_from("ab\"'\\ \n\t#[]{}=.,é😀"), max_size=30)


def toml(text: str) -> Decoded:
    """The string under `rule.query`, checked against tomllib."""
    expected = tomllib.loads(text)["rule"]["query"]
    decoded = toml_scanner.decode(text, value_spans(text)["rule", "query"])
    assert decoded.value == expected
    assert len(decoded.offsets) == len(expected) + 1
    assert list(decoded.offsets) == sorted(decoded.offsets)
    return decoded


def places(text: str, decoded: Decoded) -> list[str]:
    """The raw text of each character."""
    return [text[a:b] for a, b in pairwise(decoded.offsets)]


@pytest.mark.parametrize(
    ("token", "raw"),
    [
        ("'abc'", ["a", "b", "c"]),
        ('"abc"', ["a", "b", "c"]),
        ("''", []),
        ('""', []),
        ("''''''", []),
        ('""""""', []),
        ("'''\nab'''", ["a", "b"]),
        ("'''\r\na\r\nb'''", ["a", "\r\n", "b"]),
        ('"""\nab"""', ["a", "b"]),
        ('"""ab"c""d"""', ["a", "b", '"', "c", '"', '"', "d"]),
        ('"""ab"""""', ["a", "b", '"', '"']),
        ("'''ab'''''", ["a", "b", "'", "'"]),
        ("'''a'b''c'''", ["a", "'", "b", "'", "'", "c"]),
        (r'"a\\b\"c"', ["a", r"\\", "b", r"\"", "c"]),
        (r'"\b\t\n\f\r"', [r"\b", r"\t", r"\n", r"\f", r"\r"]),
        (r'"\u00e9\U0001F600x"', [r"\u00e9", r"\U0001F600", "x"]),
        (r"'a\b'", ["a", "\\", "b"]),
        (r"'''a\\b'''", ["a", "\\", "\\", "b"]),
        ('"""a\\\n   b"""', ["a\\\n   ", "b"]),
        ('"""a\\  \r\n\r\n \t b"""', ["a\\  \r\n\r\n \t ", "b"]),
        ('"""\\\n  a"""', ["a"]),
        ('"""a\\\n"""', ["a\\\n"]),
        ('"# [x] = \'"', ["#", " ", "[", "x", "]", " ", "=", " ", "'"]),
    ],
)
def test_each_form_of_a_string(token: str, raw: list[str]):
    text = f"[rule]\nquery = {token}\n"
    assert places(text, toml(text)) == raw


@pytest.mark.parametrize(
    "text",
    [
        '[rule]\nquery = "a"',
        "rule.query = 'a'",
        '"rule".\'query\' = "a"',
        '[ rule ]\n  "query"="a" # x',
        "[[x]]\nquery = 'no'\n[rule]\nquery = 'a'",
        "query = 'no'\n[metadata]\nquery = 'no'\n[rule]\nquery = 'a'",
        "[rule.deep]\nquery = 'no'\n[rule]\nquery = 'a'\n[rule.other]\nquery = 'no'",
        "[rule]\nnote = '''\nquery = 'no'\n'''\nquery = 'a'",
        '[rule]\nnote = """\\"""\nquery = \'no\'\n"""\nquery = \'a\'',
        "[rule]\nx = ['[', ']', \"'\", # query = ']'\n [1, {a = '}', b = [\"#\"]}]]\nquery = 'a'",
        "[rule]\nx = { a = 'query = 1', b.c = [1,\n 2] }\nquery = 'a'",
        "[rule]\nd = 2026-01-02 03:04:05\nf = -1.5e3\nb = true\nquery = 'a' # end",
        "# query = 'no'\n[rule] # query\n\n\n\tquery\t=\t'a'",
        "[rule]\r\nnote = 'x'\r\nquery = 'a'\r\n",
        "[rule]\nt = [{ excluded = false, value = '{{host.id}}' }, { v = \"}\" }]\nquery = 'a'",
    ],
)
def test_the_key_is_found_among_others(text: str):
    decoded = toml(text)
    assert decoded.value == "a"
    assert places(text, decoded) == ["a"]


def test_keys_of_arrays_of_tables_are_not_listed():
    text = (
        "[[rule.threat]]\nname = 'x'\n[[rule.threat]]\nname = 'y'\n[rule.threat.tactic]\nid = 'z'\n"
    )
    assert value_spans(text) == {("rule", "threat"): Span(2, 13)}


def test_a_table_stands_where_its_first_header_names_it():
    text = "[ rule . a ]\nx = 1\n[[rule.b]]\n[rule.b.c]\n[rule]\n"
    spans = value_spans(text)
    named = {path: text[span.start : span.end] for path, span in spans.items()}
    assert named == {
        ("rule", "a"): "rule . a",
        ("rule", "a", "x"): "1",
        ("rule", "b"): "rule.b",
        ("rule",): "rule",
    }


def test_reading_stops_at_the_key_that_is_asked_for():
    text = "[rule]\na = 1\nquery = 'x'\nb = 2\n"
    assert list(value_spans(text, ("rule", "query"))) == [
        ("rule",),
        ("rule", "a"),
        ("rule", "query"),
    ]


def long_basic(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"""\n'
        + "".join(
            c if c in "\n\t" or (c.isprintable() and c != "\x7f") else f"\\U{ord(c):08X}"
            for c in escaped
        )
        + '"""'
    )


@given(TEXT | QUERYISH)
def test_any_value_in_a_long_string(value: str):
    text = f"[rule]\nquery = {long_basic(value)}\n"
    decoded = toml(text)
    assert decoded.value == value


@given(QUERYISH, QUERYISH)
def test_any_value_in_a_raw_string_after_any_note(note: str, value: str):
    for each in (note, value):
        if "'''" in each or each.endswith("'"):
            return
    text = f"[rule]\nnote = '''{note}'''\nquery = '''\n{value}'''\n"
    assert "".join(places(text, toml(text))) == value


@given(st.text(st.sampled_from("ab\"'\\\n[]{}=#, "), max_size=60))
def test_any_text_ends(text: str):
    try:
        value_spans(text)
    except (ScanError, ValueError, IndexError):
        return


@given(TEXT | QUERYISH, st.booleans())
def test_any_value_in_json(value: str, ascii_only: bool):
    text = '{"x": [1], "query" : ' + json.dumps(value, ensure_ascii=ascii_only) + "}"
    found = json_scanner.read_object(text, 0)
    assert found.value == json.loads(text)
    assert found.span == Span(0, len(text))
    decoded = json_scanner.decode(text, found.values["query"])
    assert decoded.value == value
    assert [json.loads(f'"{raw}"') for raw in places(text, decoded)] == list(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, max_size=5), st.sampled_from([None, 0, 2]))
def test_objects_are_read_as_json_reads_them(value: dict[str, object], indent: int | None):
    text = " \n" + json.dumps(value, indent=indent)
    found = json_scanner.read_object(text, 2)
    assert found.value == value
    for key, span in found.values.items():
        assert json.loads(text[span.start : span.end]) == value[key]


@given(st.text(st.sampled_from('{}[]":,a1 \n\\'), max_size=40))
def test_what_json_refuses_is_refused(text: str):
    try:
        expected = json.loads("{" + text)
    except ValueError:
        try:
            found = json_scanner.read_object("{" + text, 0)
        except ValueError:
            return
        # Text behind the object is for the caller to judge.
        assert ("{" + text)[found.span.end :].strip()
    else:
        assert json_scanner.read_object("{" + text, 0).value == expected


def test_a_text_that_is_not_the_value_is_not_mapped():
    file = Source("f", "'abc'")
    wrong = Decoded("abx", range(1, 5))
    assert embed(file, wrong, "abc").outer is None
    assert embed(file, None, "abc").outer is None
    right = embed(file, Decoded("abc", range(1, 5)), "abc")
    assert right.outermost(Span(1, 3)) == (file, Span(2, 4))
