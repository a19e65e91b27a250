"""What may stand at a place of a query: categories, fields, functions, keywords, and ECS's values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from eqlx.fields.categorization import ALLOWED_VALUES, CATEGORIES, EXPECTED_TYPES
from eqlx.fields.schema import Schema
from eqlx.ir.functions import SIGNATURES
from eqlx.lsp.words import Word, WordKind, words
from eqlx.source import Span
from eqlx.syntax.printer import print_expression
from eqlx.syntax.tokens import path_name
from eqlx.syntax.tree import FieldName

LIMIT = 200
"""Fields that one answer holds; the editor asks again when more letters are there."""


class ItemKind(Enum):
    CATEGORY = "category"
    FIELD = "field"
    FUNCTION = "function"
    KEYWORD = "keyword"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Item:
    """One proposal. `text` replaces `Completion.span`; in a snippet `$0` is where the cursor goes."""

    kind: ItemKind
    label: str
    text: str
    detail: str = ""
    snippet: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """The proposals, best first; `complete`: no more letters would bring others."""

    items: tuple[Item, ...]
    span: Span
    complete: bool = True


_OF_CATEGORY = {
    "process": ("process.", "user.", "host.", "event.", "winlog.", "Target."),
    "file": ("file.", "process.", "user.", "host.", "event."),
    "registry": ("registry.", "process.", "user.", "host.", "event."),
    "network": ("destination.", "source.", "network.", "dns.", "process.", "host.", "event."),
    "library": ("dll.", "process.", "user.", "host.", "event."),
    "driver": ("driver.", "dll.", "file.", "process.", "host.", "event."),
    "authentication": ("user.", "source.", "winlog.", "host.", "process.", "event."),
    "session": ("user.", "source.", "host.", "process.", "event."),
    "iam": ("user.", "group.", "winlog.", "host.", "event."),
    "dns": ("dns.", "network.", "destination.", "process.", "host.", "event."),
    "web": ("url.", "http.", "user_agent.", "source.", "destination.", "event."),
}
"""The first segments of fields that events of a category have, most wanted first."""

_STARTS = ("sequence", "sample", "any")


def complete(text: str, offset: int, schema: Schema) -> Completion:
    """The proposals at an offset of a query, valid or not."""
    found = words(text[:offset])
    if found and found[-1].kind is WordKind.COMMENT and found[-1].end == offset:
        return Completion((), Span(offset, offset))
    before = [word for word in found if word.kind is not WordKind.COMMENT]
    current = _current(before, offset)
    if current is not None:
        before = before[:-1]
    typed = "" if current is None else current.text
    span = Span(offset if current is None else current.start, offset)
    if current is not None and current.kind is WordKind.STRING:
        if _is_closed(current.text):
            return Completion((), span)
        body = Span(current.start + 1, offset)
        return Completion(tuple(_values(before, current.text[1:], quoted=True)), body)
    if current is not None and current.kind is WordKind.NUMBER:
        return Completion((), span)
    if _begins_a_query(before):
        return Completion(tuple(_begins(typed, in_stage=bool(before))), span)
    if before[-1].text == "|":
        return Completion(tuple(_keywords(("head", "tail"), typed)), span)
    return _condition(before, typed, span, schema)


def _condition(before: list[Word], typed: str, span: Span, schema: Schema) -> Completion:
    values = list(_values(before, typed, quoted=False))
    if not _expects_an_operand(before):
        return Completion(tuple(_keywords(_AFTER_OPERAND, typed)), span)
    fields = list(islice(_fields(before, typed, schema), LIMIT + 1))
    items = [*values, *fields[:LIMIT]]
    if not _is_keys(before):
        others = [*_functions(typed), *_keywords(("not", "null", "true", "false"), typed)]
        items = [*values, *others, *fields[:LIMIT]] if typed else [*items, *others]
    return Completion(tuple(items), span, len(fields) <= LIMIT)


_AFTER_OPERAND = ("and", "or", "in", "in~", "like", "like~", "regex", "regex~", "not", "by", "with",
                  "until", "maxspan")  # fmt: skip


def _current(before: list[Word], offset: int) -> Word | None:
    """The word that is being written."""
    if not before or before[-1].end != offset or before[-1].mark:
        return None
    return None if before[-1].kind is WordKind.OPERATOR else before[-1]


def _is_closed(text: str) -> bool:
    return len(text) > 1 and text.endswith('"') and not text.endswith('\\"')


def _begins_a_query(before: list[Word]) -> bool:
    return not before or before[-1].text in {"[", "!["}


def _begins(typed: str, *, in_stage: bool) -> Iterator[Item]:
    for name in sorted(CATEGORIES):
        if name.startswith(typed):
            yield Item(ItemKind.CATEGORY, name, f"{name} where $0", "event.category", snippet=True)
    for name in ("any",) if in_stage else _STARTS:
        if name.startswith(typed):
            text = "any where $0" if name == "any" else f"{name} by $0"
            yield Item(ItemKind.KEYWORD, name, text, snippet=True)


def _keywords(names: Iterable[str], typed: str) -> Iterator[Item]:
    return (Item(ItemKind.KEYWORD, name, name) for name in names if name.startswith(typed.lower()))


def _functions(typed: str) -> Iterator[Item]:
    for signature in SIGNATURES:
        if signature.name.lower().startswith(typed.lower()):
            text = f"{signature.name}($0)"
            yield Item(ItemKind.FUNCTION, signature.name, text, signature.usage, snippet=True)


def _fields(before: list[Word], typed: str, schema: Schema) -> Iterator[Item]:
    """Fields that begin with what is typed, those of the category first; then those that hold it."""
    first = _OF_CATEGORY.get(_category(before) or "", ())
    lower = typed.lower()

    def rank(name: str) -> tuple[int, int, int, str]:
        near = next((n for n, start in enumerate(first) if name.startswith(start)), len(first))
        return (not name.lower().startswith(lower), near, name.count("."), name)

    for name in sorted((n for n in schema.names() if lower in n.lower()), key=rank):
        info = schema.lookup(name)
        if info is not None:
            detail = f"{info.type.value}{'[]' if info.multivalued else ''}"
            yield Item(ItemKind.FIELD, name, _written(name), detail)


def _written(name: str) -> str:
    """The field as the printer writes it: a segment that is no plain name is in backticks."""
    return print_expression(FieldName(name))


def _category(before: list[Word]) -> str | None:
    """The category of the filter that the cursor is in."""
    return next((w.text.strip('"') for w in reversed(before) if w.kind is WordKind.CATEGORY), None)


_COMPARES = frozenset({":", "==", "!=", "like", "like~"})


def _values(before: list[Word], typed: str, *, quoted: bool) -> Iterator[Item]:
    """The values that ECS lists for the field that the cursor's value is compared with."""
    name = _compared(before)
    allowed = ALLOWED_VALUES.get(name or "", frozenset())
    if name == "event.type":
        allowed = EXPECTED_TYPES.get(_category(before) or "", allowed)
    for value in sorted(allowed):
        if value.startswith(typed.strip('"')):
            text = value if quoted else f'"{value}"'
            yield Item(ItemKind.VALUE, value, text, f"ECS, {name}")


def _compared(before: list[Word]) -> str | None:
    """The field before the operator, or before the list, that the cursor is behind."""
    at = len(before) - 1
    while at >= 0 and (before[at].kind is WordKind.STRING or before[at].text == ","):
        at -= 1
    if at >= 1 and before[at].text == "(" and before[at - 1].text in {*_COMPARES, "in", "in~"}:
        at -= 1
    elif at != len(before) - 1 or at < 0 or before[at].text not in _COMPARES:
        return None
    at -= 1
    if at >= 0 and before[at].text == "not":
        at -= 1
    if at >= 0 and before[at].kind is WordKind.FIELD:
        return path_name(before[at].text)
    return None


def _expects_an_operand(before: list[Word]) -> bool:
    last = before[-1]
    if last.kind is WordKind.OPERATOR:
        return last.text not in {")", "]"}
    return last.kind is WordKind.KEYWORD and last.text not in {"true", "false", "null", "maxspan"}


def _is_keys(before: list[Word]) -> bool:
    """Whether the cursor is in the fields behind `by`."""
    for word in reversed(before):
        if word.text == "by":
            return True
        if word.kind is not WordKind.FIELD and word.text not in {",", "?"}:
            return False
    return False
