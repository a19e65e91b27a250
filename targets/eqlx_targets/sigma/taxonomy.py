"""Sigma's taxonomy, read from `taxonomy.tsv`: kinds of events, data sets, fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from eqlx.capability import Drift


@dataclass(frozen=True, slots=True)
class Place:
    """A log source of Sigma's, as (product, category, service); no product for a category of any."""

    product: str
    category: str | None
    service: str | None = None

    @property
    def path(self) -> str:
        """How the table names it: `windows/file_event`, `windows/service:security`, `aws/cloudtrail`."""
        if self.category is not None:
            return f"{self.product}/{self.category}"
        marked = self.product in PRODUCTS
        return f"{self.product}/{'service:' if marked else ''}{self.service}"

    @property
    def shown(self) -> str:
        """How a message names it."""
        return self.path.removeprefix("/")


PRODUCTS = ("windows", "linux", "macos")
"""The operating systems of endpoint events."""


class Use(Enum):
    """For which rules a kind of event counts."""

    ALWAYS = "always"
    NAMED = "named"
    """For rules that name the action."""
    ASKED = "asked"
    """For rules that name the type or the action; by convention the others do not mean it."""
    CONVENTION = "convention"
    """For all; SigmaHQ's rules use a log source that is not quite of that kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of endpoint event. `place` None: SigmaHQ's taxonomy has no log source for it, and
    `note` says what it is, as it does with `use` ASKED. With CONVENTION `note` is the reason that its
    log source serves.
    Otherwise `note` is the `network.direction` of such events, if they have one: kinds of both
    directions share a log source."""

    product: str
    categories: tuple[str, ...]
    types: tuple[str, ...]
    actions: tuple[str, ...]
    place: Place | None
    use: Use
    note: str

    @property
    def direction(self) -> str:
        """The `network.direction` of such events; empty where they have none."""
        named = self.place is None or self.use in (Use.CONVENTION, Use.ASKED)
        return "" if named else self.note


class Grade(Enum):
    """What a row of the table says of a field."""

    EXACT = "exact"
    ASSUMED = "assumed"
    CONVENTION = "convention"
    APPROXIMATE = "approximate"
    NONE = "none"
    ABSENT = "absent"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Row:
    """What one field of ECS is called in the log sources that `where` matches."""

    field: str
    where: str
    sigma: str
    rewrite: str
    grade: Grade
    drift: Drift | None
    reason: str

    def fits(self, field: str, place: Place) -> bool:
        return fnmatchcase(field, self.field) and fnmatchcase(place.path, self.where)

    def name(self, field: str) -> str:
        """The name in Sigma; `.` keeps what the pattern's `*` stands for."""
        if self.sigma != ".":
            return self.sigma
        tail = field[len(self.field) - 1 :]
        verb, _, prefix = self.rewrite.partition(":")
        if verb == "camel":
            tail = re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), tail)
        return f"{prefix}.{tail}" if prefix and verb in ("keep", "camel") else tail


@dataclass(frozen=True, slots=True)
class Key:
    """What a field is called where it joins events, if that is not what a test of it is called. Keys
    whose values are written alike have one `form`."""

    field: str
    where: str
    sigma: str
    form: str

    def fits(self, field: str, place: Place) -> bool:
        return field == self.field and fnmatchcase(place.path, self.where)


@dataclass(frozen=True)
class Taxonomy:
    """The whole table."""

    kinds: tuple[Kind, ...]
    codes: tuple[tuple[range, Place], ...]
    actions: Mapping[str, tuple[str, ...]]
    audits: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Of actions on Linux, the types of the audit log's records and the system calls."""
    datasets: tuple[tuple[str, Place], ...]
    sensors: tuple[tuple[str, str], ...]
    """Data sets of events of endpoints, each with the categories that it holds."""
    categories: Mapping[str, str]
    """Of some data sets, the one category of their events."""
    rows: tuple[Row, ...]
    lists: Mapping[str, frozenset[str]]
    always: tuple[tuple[str, frozenset[str]], ...]
    files: tuple[tuple[str, str], ...]
    keys: tuple[Key, ...]
    scope: tuple[str, ...]
    """Fields (or patterns of them) by which rules say where something happens, not what."""

    def prefix(self, path: str) -> str:
        """How the name of a file for a log source starts; empty where SigmaHQ says nothing."""
        return next((prefix for where, prefix in self.files if fnmatchcase(path, where)), "")

    def row(self, field: str, place: Place) -> Row | None:
        """The first row that fits; None where the table says nothing."""
        return next((row for row in self.rows if row.fits(field, place)), None)

    def is_listed(self, name: str, place: Place) -> bool:
        """Whether SigmaHQ lists the field for the log source, or lists none at all for it."""
        return name in self.lists.get(place.path, frozenset((name,)))

    def is_always(self, name: str, place: Place) -> bool:
        """Whether every event of the log source has the field."""
        return any(fnmatchcase(place.path, where) and name in names for where, names in self.always)

    def by_code(self, code: str) -> Place | None:
        """The log source of a Windows event code."""
        if not code.isascii() or not code.isdigit():
            return None
        return next((place for codes, place in self.codes if int(code) in codes), None)

    def by_dataset(self, name: str) -> Place | None:
        return next((place for wanted, place in self.datasets if fnmatchcase(name, wanted)), None)


@cache
def taxonomy() -> Taxonomy:
    """The table of this version of eqlx."""
    text = files("eqlx_targets.sigma").joinpath("taxonomy.tsv").read_text(encoding="utf-8")
    sections = _sections(text.splitlines())
    return Taxonomy(
        kinds=tuple(_kind(*cells) for cells in sections["kinds"]),
        codes=tuple((_range(codes), _place("windows", at)) for codes, at in sections["codes"]),
        actions={action: tuple(_list(codes)) for action, codes in sections["actions"]},
        audits={
            action: (tuple(_list(types)), () if calls == "-" else tuple(_list(calls)))
            for action, types, calls in sections["audits"]
        },
        datasets=tuple(
            (name, Place(_none(product) or "", _none(category), _none(service)))
            for name, product, category, service in sections["datasets"]
        ),
        sensors=tuple((name, of) for name, of in sections["sensors"]),
        categories={row[0]: row[1] for row in sections["categories"]},
        rows=tuple(_row(*cells) for cells in sections["fields"]),
        lists={path: frozenset(_list(names)) for path, names in sections["lists"]},
        always=tuple((where, frozenset(_list(names))) for where, names in sections["always"]),
        files=tuple((where, prefix) for where, prefix in sections["files"]),
        keys=tuple(Key(*cells) for cells in sections["keys"]),
        scope=tuple(field for (field,) in sections["scope"]),
    )


def _sections(lines: Iterable[str]) -> Mapping[str, list[list[str]]]:
    sections: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for line in lines:
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.append(line.split("\t"))
    return sections


def _kind(
    product: str, categories: str, types: str, actions: str, at: str, use: str, reason: str
) -> Kind:
    place = None if at == "-" else _place(product, at)
    listed = () if actions == "-" else tuple(_list(actions))
    return Kind(
        product,
        tuple(_list(categories)),
        tuple(_list(types)),
        listed,
        place,
        Use(use),
        reason,
    )


def _row(
    field: str, where: str, sigma: str, rewrite: str, grade: str, drift: str, reason: str
) -> Row:
    direction = None if drift == "-" else Drift(drift)
    return Row(field, where, sigma, rewrite, Grade(grade), direction, reason)


def _place(product: str, at: str) -> Place:
    kind, _, service = at.partition(":")
    return Place(product, None, service) if kind == "service" else Place(product, at)


def _none(cell: str) -> str | None:
    return None if cell == "-" else cell


def _range(codes: str) -> range:
    first, _, last = codes.partition("-")
    return range(int(first), int(last or first) + 1)


def _list(cell: str) -> Iterator[str]:
    return (part.strip() for part in cell.split(";"))
