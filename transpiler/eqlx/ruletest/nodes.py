"""YAML as values that know their place: the core schema of YAML 1.2, which has no surprises.

PyYAML resolves YAML 1.1: `no` is false there, `1:30` ninety, and a date an object. Here a plain
scalar is null, true, false, a number, or text. Keys are texts and stand once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from eqlx.diagnostics import EqlxError, Report
from eqlx.diagnostics.catalogue.ruletest import broken_yaml, wrong_in_test_file
from eqlx.source import Source, Span

_MOST = 200_000
"""So many values a file may have with its aliases written out."""


@dataclass(frozen=True)
class Scalar:
    value: str | int | float | bool | None
    span: Span


@dataclass(frozen=True)
class Items:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Table:
    entries: Mapping[str, Node]
    keys: Mapping[str, Span]
    span: Span


Node = Scalar | Items | Table


class _Loader(yaml.SafeLoader):
    """The reader without YAML 1.1's guesses at plain scalars."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 PyYAML's own form


_PLAIN = (
    ("null", r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        list("-+0123456789."),
    ),
)
for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"\A(?:{_pattern})\Z"), _first
    )


_WORDS = (
    ("but found", "found"),
    ("the node content", "a value"),
    ("'<stream end>'", "the end of the file"),
    ("'<block end>'", "the end of the block"),
    ("could not find expected ':'", "expected `:` after the key"),
)
"""PyYAML's words for what people see."""


def parse_yaml(source: Source) -> Node:
    """The one document of `source`.

    Raises:
        EqlxError: the text is no YAML, holds several documents, tags, keys that are no texts or
            stand twice, or aliases that go in circles.
    """
    try:
        node = yaml.compose(source.text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = 0 if mark is None else min(mark.index, max(len(source.text) - 1, 0))
        message = error.problem or error.context or "broken YAML"
        for theirs, ours in _WORDS:
            message = message.replace(theirs, ours)
        raise _error(source, message, Span(place, min(place + 1, len(source.text)))) from None
    except yaml.reader.ReaderError as error:
        place = min(error.position, max(len(source.text) - 1, 0))
        message = f"the character {error.character!r} is not allowed"
        raise _error(source, message, Span(place, min(place + 1, len(source.text)))) from None
    except RecursionError:
        raise _error(source, "nested too deeply", Span(0, 0)) from None
    if node is None:
        return Scalar(None, Span(0, 0))
    try:
        return _Reader(source).read(node)
    except RecursionError:
        raise _error(source, "nested too deeply", Span(0, 0)) from None


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.open: set[int] = set()

    def read(self, node: yaml.Node) -> Node:
        self.count += 1
        span = _span(node)
        if self.count > _MOST:
            raise _error(self.source, "too many values, with aliases written out", span)
        if id(node) in self.open:
            raise _error(self.source, "an alias to a value that holds it", span)
        self.open.add(id(node))
        try:
            return self._read(node, span)
        finally:
            self.open.discard(id(node))

    def _read(self, node: yaml.Node, span: Span) -> Node:
        match node:
            case yaml.ScalarNode():
                return Scalar(self._scalar(node, span), span)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return Items(tuple(self.read(item) for item in node.value), span)
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._table(node, span)
            case _:
                raise _error(self.source, f"the tag `{node.tag}` is not read", span)

    def _table(self, node: yaml.MappingNode, span: Span) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Span] = {}
        for key_node, value_node in node.value:
            key, place = self.read(key_node), _span(key_node)
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                message = "a key is a text, found another value"
                raise self._wrong(message, place, "quote it")
            if key.value == "<<":
                message = "merge keys are not read"
                raise self._wrong(message, place, "put common fields into `base`")
            if key.value in entries:
                message = f"the key `{key.value}` stands twice"
                raise self._wrong(message, place, None)
            entries[key.value] = self.read(value_node)
            keys[key.value] = place
        return Table(entries, keys, span)

    def _scalar(self, node: yaml.ScalarNode, span: Span) -> str | int | float | bool | None:
        text = str(node.value)
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return _integer(text)
            case "float":
                return float(text)
            case _:
                raise _error(self.source, f"the tag `{node.tag}` is not read", span)

    def _wrong(self, message: str, span: Span, tip: str | None) -> EqlxError:
        report = Report(self.source)
        report.add(wrong_in_test_file(message, tip, span=span))
        return EqlxError(report.diagnostics)


def _integer(text: str) -> int:
    return int(text, 0) if text.startswith(("0x", "0o")) else int(text)


def _span(node: yaml.Node) -> Span:
    """Where the node stands, without the line ends that a block takes in."""
    start, end = node.start_mark, node.end_mark
    if start is None or end is None:
        return Span(0, 0)
    return Span(start.index, max(start.index, end.index))


def _error(source: Source, message: str, span: Span) -> EqlxError:
    report = Report(source)
    report.add(broken_yaml(message, span=span))
    return EqlxError(report.diagnostics)
