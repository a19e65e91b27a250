"""Exception lists and their items, as Kibana exports them beside the rules that name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from eqlx.rule import ExceptionEntry, Exceptions

Reference = tuple[str, str]
"""The `list_id` and the name space of a list (`single`: one of the current space)."""


class _NotConvertibleError(Exception):
    """Why an item cannot be part of the query."""


@dataclass
class Shelf:
    """The lists of one export and their items, by reference."""

    _lists: set[Reference] = field(default_factory=set)
    _items: dict[Reference, list[Mapping[str, object]]] = field(default_factory=dict)

    def take(self, value: Mapping[str, object]) -> bool:
        """Keep an object of an export if it is a list or an item; whether it is."""
        reference = _reference(value)
        if reference is None or "exceptions_list" in value:
            return False
        if isinstance(value.get("entries"), list):
            self._items.setdefault(reference, []).append(value)
        elif value.get("item_id") is None:
            self._lists.add(reference)
        else:
            return False
        return True

    def of(self, rule: Mapping[str, object]) -> Exceptions | None:
        """The exceptions of a rule; None where it names no list, or names them in no known form."""
        given = rule.get("exceptions_list")
        if not isinstance(given, list) or not given:
            return None
        items: list[tuple[ExceptionEntry, ...]] = []
        left: list[str] = []
        for each in given:
            reference = _reference(each) if _is_object(each) else None
            if reference is None:
                return None
            if reference not in self._lists and reference not in self._items:
                left.append(
                    f"the exception list `{reference[0]}` is not in the export and not converted"
                )
            for item in self._items.get(reference, ()):
                try:
                    items.append(tuple(_entries(item)))
                except _NotConvertibleError as why:
                    left.append(f"the exception item `{_name(item)}` is not converted: {why}")
        return Exceptions(tuple(items), tuple(left))


def _reference(value: Mapping[str, object]) -> Reference | None:
    list_id = value.get("list_id")
    space = value.get("namespace_type") or "single"
    if isinstance(list_id, str) and isinstance(space, str):
        return list_id, space
    return None


def _name(item: Mapping[str, object]) -> str:
    return next((v for k in ("name", "item_id") if isinstance(v := item.get(k), str)), "?")


def _entries(item: Mapping[str, object]) -> Iterator[ExceptionEntry]:
    for key, why in (("os_types", "it is for an operating system"), ("expire_time", "it ends")):
        if item.get(key):
            raise _NotConvertibleError(why)
    given = item["entries"]
    if not isinstance(given, list) or not given:
        message = "it has no entries"
        raise _NotConvertibleError(message)
    yield from map(_entry, given)


def _entry(given: object) -> ExceptionEntry:
    if not _is_object(given) or not isinstance(name := given.get("field"), str) or not name:
        message = "an entry has no field"
        raise _NotConvertibleError(message)
    operator = given.get("operator", "included")
    if operator not in ("included", "excluded"):
        message = f"the operator `{operator}` is unknown"
        raise _NotConvertibleError(message)
    kind, values = _kind_and_values(given)
    return ExceptionEntry(name, kind, values, excluded=operator == "excluded")


def _kind_and_values(entry: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
    match entry.get("type"), entry.get("value"):
        case "exists", _:
            return "exists", ()
        case "match", str() as value:
            return "match", (value,)
        case "match_any", list() as several if several and _are_texts(several):
            return "match_any", tuple(several)
        case "wildcard", str() as value:
            return "wildcard", (_pattern(value),)
        case "list", _:
            message = "the values of a value list are not in an export"
        case "nested", _:
            message = "it has nested entries"
        case other, _:
            message = f"an entry of type `{other}` has no value that can be read"
    raise _NotConvertibleError(message)


def _pattern(text: str) -> str:
    r"""A pattern of Elasticsearch's `wildcard` query as one of EQL's `like`.

    In the one, a backslash takes the meaning from what follows; the other has no such escape for
    `*` and `?`.
    """
    out: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            character = next(characters, "\\")  # noqa: PLW2901 the escaped one stands for itself
            if character in "*?":
                message = f"`like` has no literal `{character}`"
                raise _NotConvertibleError(message)
        out.append(character)
    return "".join(out)


def _are_texts(values: Iterable[object]) -> TypeGuard[list[str]]:
    return all(isinstance(value, str) for value in values)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
