"""The field catalogue of the package: ECS and fields of Elastic's integrations, read when asked."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from eqlx.fields.schema import FieldInfo
from eqlx.ir.types import FieldType


@dataclass(frozen=True)
class Known:
    """The catalogue's content: fields by name, and the names below which every name is a field."""

    fields: Mapping[str, FieldInfo]
    open: Mapping[str, FieldInfo]


def parse(text: str) -> Known:
    """Read the catalogue's text (its form stands in `make_catalogue`).

    Whole sections become keys in one go, so that thousands of names cost about a millisecond.
    """
    fields: dict[str, FieldInfo] = {}
    below: dict[str, FieldInfo] = {}
    for section in text.split("\n\n"):
        head, *names = section.split()
        if head == "#":
            continue
        kind, _, brackets = head.partition("[")
        if kind == "open":
            # Elasticsearch indexes each child of a `flattened` field as a keyword.
            child = FieldInfo(FieldType.KEYWORD, bool(brackets))
            below |= dict.fromkeys(names, child)
            # Comparing the whole object is no use, but `== null` is, and as a keyword it is allowed.
            fields |= dict.fromkeys(names, child)
        else:
            fields |= dict.fromkeys(names, FieldInfo(FieldType(kind), bool(brackets)))
    return Known(fields, below)


class Catalogue:
    """An open schema over `catalogue.txt`, which is read at the first question."""

    @cached_property
    def known(self) -> Known:
        data = pkgutil.get_data("eqlx.fields", "catalogue.txt")
        return parse((data or b"").decode())

    @property
    def closed(self) -> bool:
        return False

    def lookup(self, name: str) -> FieldInfo | None:
        """The field's type and multiplicity; children of open objects (`labels.x`) are keywords."""
        known = self.known
        if (info := known.fields.get(name)) is not None:
            return info
        parent = name
        while (cut := parent.rfind(".")) > 0:
            parent = parent[:cut]
            if (info := known.open.get(parent)) is not None:
                return info
        return None

    def names(self) -> Iterable[str]:
        """The fields that a query can compare (objects, geo points and the like left out)."""
        return (
            name
            for name, info in self.known.fields.items()
            if info.type is not FieldType.UNSUPPORTED
        )

    @cached_property
    def descriptions(self) -> Mapping[str, str]:
        """ECS's short description of each of its fields."""
        data = pkgutil.get_data("eqlx.fields", "descriptions.tsv")
        lines = (data or b"").decode().splitlines()
        parts = (line.partition("\t") for line in lines)
        return {name: text for text, _, names in parts for name in names.split()}


CATALOGUE = Catalogue()
