"""The sources of scripts: generated for the leaf, short where the leaf is, and free of rule text."""

from __future__ import annotations

import re

import pytest

from eqlx_targets.elasticsearch.painless.library import functions, sections

GUARD = "if (!doc.containsKey(params.field)) { return false; }"
TEXTS = "for (String text : doc[params.field])"


def script(convert, condition):
    (clause,) = convert(f"any where {condition}", envelope="query")["bool"]["filter"]
    assert clause["script"]["script"]["lang"] == "painless"
    return clause["script"]["script"]


@pytest.mark.parametrize(
    ("condition", "source", "params"),
    [
        (
            "length(process.name) > 40",
            f"{GUARD} {TEXTS} {{ if (text.length() > params.value) {{ return true; }} }} return false;",
            {"field": "process.name", "value": 40},
        ),
        (
            "length(process.name) + 1 > 40",
            (
                f"{GUARD} {TEXTS} {{ if ((long) text.length() + (long) params.value > params.value2) "
                "{ return true; } } return false;"
            ),
            {"field": "process.name", "value": 1, "value2": 40},
        ),
        (
            'indexOf(process.name, "x") > 2',
            (
                f"{GUARD} {TEXTS} {{ int place = text.indexOf(params.wanted); "
                "if (place > params.value) { return true; } } return false;"
            ),
            {"field": "process.name", "wanted": "x", "value": 2},
        ),
        (
            "10 / process.pid == 2",
            (
                f"{GUARD} for (long number : doc[params.field]) {{ if (number == 0) {{ continue; }} "
                "if ((long) params.value / number == params.value2) { return true; } } return false;"
            ),
            {"field": "process.pid", "value": 10, "value2": 2},
        ),
        (
            'substring(process.name, 0, length(process.name)) in ("a", "b")',
            None,
            {"field": "process.name", "values": ["a", "b"]},
        ),
    ],
)
def test_a_source_says_what_the_leaf_says(convert, condition, source, params):
    found = script(convert, condition)
    assert source is None or found["source"] == source
    assert found["params"] == params


def test_every_mention_of_a_field_has_a_loop_of_its_own(convert):
    found = script(convert, 'substring(tags, 0, length(tags) - 4) == "x"')
    assert "List texts = doc[params.field]; for (String text : texts)" in found["source"]
    assert "for (String text2 : texts)" in found["source"]
    assert found["params"] == {"field": "tags", "value": 4, "value2": "x"}


def test_a_null_is_tried_only_where_it_matters(convert):
    source = script(convert, 'substring(process.name, length(process.title)) == "x"')["source"]
    assert source.count("values(doc, params.field2)") == 1  # a null start gives the whole text
    assert "for (String text : doc[params.field])" in source


def test_leaves_of_one_shape_share_a_source(convert):
    one = script(convert, 'startsWith~(process.name, process.title) and "a" == "a"')
    two = script(convert, "startsWith~(file.name, file.path)")
    assert one["source"] == two["source"]
    assert one["params"] != two["params"]


@pytest.mark.parametrize(
    ("condition", "marks"),
    [
        ("length(process.name) > 1", set()),
        ("length(process.name) + length(process.title) > 1", set()),
        ("source.bytes / 10 == 1", set()),
        ("source.bytes + 1 == 1", {"add"}),
        ('concat(process.name, process.pid) == "a1"', set()),
        ('substring(process.name, 1) : "a*"', {"fold", "like", "line", "step", "substring"}),
        ("number(process.name) == 1", {"number", "parse"}),
    ],
)
def test_only_functions_that_the_leaf_needs_are_there(convert, condition, marks):
    source = script(convert, condition)["source"]
    known = [name for name in sections() if re.search(rf"\w+ {name}\(", source)]
    assert set(known) == marks


def test_a_null_that_is_all_about_a_field_is_no_script(convert):
    query = convert("any where length(process.name) == null", envelope="query")
    (clause,) = query["bool"]["filter"]
    assert clause == {"bool": {"must_not": [{"exists": {"field": "process.name"}}]}}


def test_a_leaf_that_is_never_true_matches_nothing(convert):
    query = convert("any where source.bytes / 0 == 1", envelope="query")
    assert query["bool"]["filter"] == [{"match_none": {}}]


def test_no_source_holds_text_of_a_rule(convert):
    text = "Zq9'; return true; //"
    for condition in (
        f'concat(`{text}`, "{text}", 987654) like~ ("*{text}?", "?{text}")',
        f'between~(`{text}`, "{text}", "{text}") regex "Zq9.*[q-z]"',
        f'substring(`{text}`, 987654) in~ ("{text}") and number(`{text}`) > 987654.25',
        f'(`{text}` == "{text}" or cidrMatch(source.ip, "98.76.54.0/24")) == null',
    ):
        query = convert(f"any where {condition}", envelope="query")
        sources = [each["script"]["script"]["source"] for each in query["bool"]["filter"]]
        assert sources
        assert not re.search(r"Zq9|zq9|return true; //|9876|98\.76|[^t]Exception", "".join(sources))


def test_the_library_is_whole():
    everything = " ".join(functions(frozenset(sections())))
    assert "//" not in everything
    for name, section in sections().items():
        assert re.match(rf"[\w\[\]]+ {name}\(", section.text)
        called = set(re.findall(r"(?<![.\w])(\w+)\(", section.text)) & set(sections())
        assert called - {name} == set(section.needs), name
