"""New queries in a rule file, the rest of the file byte for byte as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Sequence

from eqlx.rulefile.toml_form import QUERY, UNFOLLOWED
from eqlx.rulefile.toml_scanner import value_spans
from eqlx.source import Source, Span

_NOT_LITERAL = re.compile(r"'''|[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\\]|""(?=")')
_NAMED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


UNKNOWN_PLACE = "the place of the query in the file is not known"


class RewritingError(Exception):
    """The place of a query in its file is not known, or the file with the new query reads otherwise."""


def with_queries(
    file: Source, queries: Sequence[tuple[Source, str]], lost: Collection[Source] = ()
) -> str:
    """The text of `file` with new texts for some of its queries.

    Args:
        file: a rule file as it was read (EQL text, TOML, JSON or NDJSON), with its line ends.
        queries: each query as its `Source`, which is `file` or embedded in it, and the new text with line
            feeds. A query that has the new text already is left as it is written.
        lost: queries whose place in their file is not known.

    Raises:
        RewritingError: a query cannot be replaced; the text of `file` must stay as it is.
    """
    edits: list[tuple[Span, str]] = []
    for source, text in queries:
        if source in lost:
            raise RewritingError(UNKNOWN_PLACE)
        if source is file:
            return _file_of_query(file, text)
        if source.text.replace("\r\n", "\n").strip("\n") == text:
            continue
        if source.outer is not file:
            raise RewritingError(UNKNOWN_PLACE)
        span = _literal(file, source)
        edits.append((span, _written(file, span, text)))
    made = file.text
    for span, literal in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        made = made[: span.start] + literal + made[span.end :]
    if edits:
        _check(file, made, queries)
    return made


def _file_of_query(file: Source, text: str) -> str:
    made = f"{text}\n"
    return made.replace("\n", "\r\n") if "\r\n" in file.text else made


def _is_json(file: Source) -> bool:
    return file.text.lstrip()[:1] in {"{", "["} and not _is_toml(file)


def _is_toml(file: Source) -> bool:
    try:
        tomllib.loads(file.text)
    except (ValueError, RecursionError):
        return False
    return True


def _literal(file: Source, source: Source) -> Span:
    """Where the string that holds the query stands, with its quotes."""
    if _is_json(file):
        return Span(source.offsets[0] - 1, source.offsets[-1] + 1)
    try:
        span = value_spans(file.text, QUERY).get(QUERY)
    except UNFOLLOWED:
        span = None
    if span is None:
        raise RewritingError(UNKNOWN_PLACE)
    return span


def _written(file: Source, span: Span, text: str) -> str:
    """The query as a string of the file's language, in the quotes that it had where they will do."""
    old = file.text[span.start : span.end]
    if _is_json(file):
        return json.dumps(text, ensure_ascii=old.isascii())
    is_long = old.startswith(("'''", '"""'))
    if not is_long and "\n" not in text:
        if old.startswith("'") and "'" not in text and not _NOT_LITERAL.search(text):
            return f"'{text}'"
        if '"' not in text and "\\" not in text and not _NOT_LITERAL.search(text):
            return f'"{text}"'
    return _long(text, basic=old.startswith('"""')).replace("\n", _line_end(file))


def _long(text: str, *, basic: bool) -> str:
    if not _NOT_LITERAL.search(text) and not (basic and not _ESCAPED.search(text)):
        return f"'''\n{text}\n'''"
    escaped = _ESCAPED.sub(lambda m: "".join(map(_escape, m.group())), text)
    return f'"""\n{escaped}\n"""'


def _escape(character: str) -> str:
    return _NAMED.get(character) or f"\\u{ord(character):04x}"


def _line_end(file: Source) -> str:
    return "\r\n" if "\r\n" in file.text else "\n"


def _check(file: Source, made: str, queries: Sequence[tuple[Source, str]]) -> None:
    """The new text reads as the old one with the new queries."""
    texts = {source.text: text for source, text in queries}
    expected, given = _documents(file.text), _documents(made)
    if len(expected) == len(given):
        for old, new in zip(expected, given, strict=True):
            if _exchanged(old, texts) != _exchanged(new, {}):
                break
        else:
            return
    message = "the file with the new query reads as another rule"
    raise RewritingError(message)


def _documents(text: str) -> list[object]:
    try:
        return [tomllib.loads(text)]
    except ValueError:
        pass
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _exchanged(node: object, texts: dict[str, str], key: str = "") -> object:
    """The document with new queries, the line ends around a query aside; numbers as text, since not all
    are equal to themselves."""
    if isinstance(node, dict):
        return {name: _exchanged(value, texts, str(name)) for name, value in node.items()}
    if isinstance(node, list):
        return [_exchanged(value, texts) for value in node]
    if isinstance(node, str) and key == "query":
        return texts.get(node, node).strip("\r\n").replace("\r\n", "\n")
    return node if isinstance(node, str) else repr(node)
