"""Events flattened to field paths."""

from __future__ import annotations

import pytest

from eqlx.fields.documents import flatten, leaves


@pytest.mark.parametrize(
    ("event", "flat"),
    [
        ({}, {}),
        ({"a": 1}, {"a": [1]}),
        ({"a": {"b": {"c": "x"}}}, {"a.b.c": ["x"]}),
        ({"a.b": {"c": "x"}, "a": {"b.c": "y"}}, {"a.b.c": ["x", "y"]}),
        ({"a": None, "b": [], "c": [None], "d": {}, "e": [[], {}]}, {}),
        ({"a": [1, [2, [3]], None]}, {"a": [1, 2, 3]}),
        ({"a": [{"b": 1}, {"c": 2}, {"b": [3, 4]}]}, {"a.b": [1, 3, 4], "a.c": [2]}),
        ({"a": False, "b": 0, "c": ""}, {"a": [False], "b": [0], "c": [""]}),
        ({"a": 1.5, "b": 2**70}, {"a": [1.5], "b": [2**70]}),
        ({"": {"": 1}}, {".": [1]}),
    ],
)
def test_flatten(event: dict[str, object], flat: dict[str, list[object]]):
    assert flatten(event) == flat


def test_keeps_the_document_order_of_paths_and_values():
    event = {"z": [3, 1, 2], "a": {"y": 1, "b": 2}, "m": 0}
    assert list(flatten(event)) == ["z", "a.y", "a.b", "m"]
    assert flatten(event)["z"] == [3, 1, 2]


def test_deep_nesting_needs_no_stack():
    event: dict[str, object] = {"a": 1}
    for _ in range(50_000):
        event = {"a": [event]} if len(event) % 2 else event
    [(path, values)] = flatten({"x": [event]}).items()
    assert values == [1]
    assert path.count(".") == 50_001


def test_leaves_say_what_lies_in_an_array():
    event = {"a": [1], "b": 2, "c": [{"d": 3}], "e": {"f": [4]}}
    assert list(leaves(event)) == [
        ("a", 1, True),
        ("b", 2, False),
        ("c.d", 3, True),
        ("e.f", 4, True),
    ]


def test_the_event_is_left_as_it_was():
    event = {"a": [1, {"b": 2}], "c": {"d": [3]}}
    flatten(event)
    assert event == {"a": [1, {"b": 2}], "c": {"d": [3]}}
