"""Every diagnostic that there is: it has a page, a voice, and renders in all forms."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum

import pytest

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue import SUBJECTS, Entry, all_entries
from eqlx.render import concise, jsonl, text
from eqlx.source import Source, Span

SOURCE = Source("rules/x.toml", 'process where process.name == "x"\n')
ENTRIES = all_entries()


def sample(annotation: object) -> object:
    """Some value of a parameter's type."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return sample(next(a for a in arguments if a is not types.NoneType))
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        kinds = [a for a in arguments if a is not Ellipsis]
        return tuple(sample(kind) for kind in kinds)
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {sample(arguments[0]): sample(arguments[1])}
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        return [sample(arguments[0])]
    if inspect.isclass(origin):
        return [sample(arguments[0])]
    match annotation:
        case _ if annotation is str or annotation is object:
            return "something"
        case _ if annotation is bool:
            return True
        case _ if annotation is int or annotation is float:
            return 3
        case _ if annotation is Span:
            return Span(14, 26)
        case _ if inspect.isclass(annotation) and issubclass(annotation, Enum):
            return next(iter(annotation))
    message = f"no sample for {annotation}: teach this test"
    raise AssertionError(message)


def occurrence(entry: Entry) -> Diagnostic:
    function = inspect.unwrap(entry.build)
    hints = typing.get_type_hints(function)
    given = {
        name: sample(hints[name])
        for name in inspect.signature(function).parameters
        if name in hints
    }
    report = Report(SOURCE, "the-rule")
    report.add(entry.build(**given))
    return report.diagnostics[0]


def test_every_subject_has_entries():
    modules = {entry.build.__module__.rsplit(".", 1)[-1] for entry in ENTRIES.values()}
    assert modules == set(SUBJECTS)


@pytest.mark.parametrize("slug", sorted(ENTRIES))
def test_an_entry_has_a_page_and_renders(slug):
    entry = ENTRIES[slug]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(entry.page) > 40, "the docstring is the page of `eqlx explain`"
    assert re.search(r"^ {4}\S|^Example", entry.page, re.MULTILINE), "no example"
    diagnostic = occurrence(entry)
    assert diagnostic.code == slug
    rendered = text.render(diagnostic)
    assert rendered.startswith(f"{entry.severity.value}[{slug}]: {diagnostic.message[0]}")
    assert "\n" not in concise.render(diagnostic)
    assert json.loads(jsonl.render(diagnostic))["code"] == slug


@pytest.mark.parametrize("slug", sorted(ENTRIES))
def test_an_entry_speaks_in_the_voice_of_the_house(slug):
    diagnostic = occurrence(ENTRIES[slug])
    texts = [diagnostic.message, *diagnostic.notes, *(label.text for label in diagnostic.labels)]
    for said in filter(None, texts):
        assert not said.endswith("."), said
        first = said.split()[0]
        assert first[0] == first[0].lower() or not first[1:].islower(), said
