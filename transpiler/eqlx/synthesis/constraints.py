"""Values for one field that give each of several leaves its wanted truth, judged by the interpreter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, permutations, product
from typing import Final, NamedTuple

from eqlx.ir.nodes import (
    Call,
    Compare,
    Comparison,
    Field,
    Function,
    Integer,
    IsNull,
    Leaf,
    Like,
    Membership,
    Text,
    TextMatch,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.reference.conditions import holds, outcomes
from eqlx.reference.documents import Document
from eqlx.synthesis.languages import shortest
from eqlx.synthesis.model import Assignment
from eqlx.synthesis.proposals import proposals
from eqlx.synthesis.texts import combined
from eqlx.synthesis.usual import usual
from eqlx.target import EventModel

_MOST_VALUES: Final = 600
_MOST_COMBINATIONS: Final = 400
_MOST_LINKED: Final = 4000


class Atom(NamedTuple):
    """A leaf and the truth that it shall have."""

    leaf: Leaf
    wanted: bool

    @property
    def key(self) -> tuple[int, bool]:
        """Leaves of a rule are told apart by identity: hashing long lists costs too much."""
        return id(self.leaf), self.wanted


class Absent:
    """The field shall have no value."""


ABSENT: Final = Absent()


def fields_of(leaf: Leaf) -> tuple[Field, ...]:
    """The distinct fields of a leaf, in order of writing."""
    return tuple({n.name: n for n, _, _ in walk(leaf) if isinstance(n, Field)}.values())


@dataclass
class Judge:
    """The interpreter's answers, remembered; the leaves that it is asked about must stay alive."""

    model: EventModel
    seed: int = 0
    _truths: dict[tuple[object, ...], bool] = field(default_factory=dict)
    _fields: dict[int, tuple[Field, ...]] = field(default_factory=dict)
    _values: dict[frozenset[tuple[int, bool]], object] = field(default_factory=dict)
    _proposed: dict[tuple[int, str], tuple[object, ...]] = field(default_factory=dict)
    _kept: list[Leaf] = field(default_factory=list)

    def fields(self, leaf: Leaf) -> tuple[Field, ...]:
        """See `fields_of`."""
        known = self._fields.get(id(leaf))
        if known is None:
            known = self._fields[id(leaf)] = fields_of(leaf)
            self._kept.append(leaf)
        return known

    def truth(self, leaf: Leaf, assignment: Assignment) -> bool:
        """Whether the leaf holds for a document with these values."""
        names = [f.name for f in self.fields(leaf)]
        values = {name: assignment[name] for name in names if name in assignment}
        key = (id(leaf), *((name, _frozen(value)) for name, value in values.items()))
        known = self._truths.get(key)
        if known is None:
            known = self._truths[key] = holds(leaf, Document(1, values, self.model))
        return known

    def agrees(self, atoms: Iterable[Atom], assignment: Assignment) -> bool:
        """Whether every atom has its wanted truth."""
        return all(self.truth(atom.leaf, assignment) is atom.wanted for atom in atoms)

    def value(self, wanted: Field, atoms: Sequence[Atom], preferred: object = ABSENT) -> object:
        """A value for a field under atoms that name no other field: `ABSENT`, a scalar, or a list
        where no single value will do. None: there is none.

        `preferred` is taken where it will do.
        """
        if preferred is not ABSENT and self._fits(wanted, atoms, preferred):
            return preferred
        key = frozenset(atom.key for atom in atoms)
        if key not in self._values:
            self._values[key] = self._found(wanted, atoms)
        return self._values[key]

    def _found(self, wanted: Field, atoms: Sequence[Atom]) -> object:
        if any(atom.wanted and _is_null_test(atom.leaf) for atom in atoms):
            return ABSENT if self.agrees(atoms, {}) else None
        for value in islice(self._candidates(wanted, atoms), _MOST_VALUES):
            if self._fits(wanted, atoms, value):
                return value
        if self.agrees(atoms, {}):
            return ABSENT
        several = self._several(wanted, atoms)
        if several is not None:
            return several
        if wanted.type.is_string:
            pairs = [(atom.leaf, atom.wanted) for atom in atoms]
            for text in shortest(pairs):
                if self._fits(wanted, atoms, text):
                    return text
        return None

    def _fits(self, wanted: Field, atoms: Iterable[Atom], value: object) -> bool:
        return self.agrees(atoms, {wanted.name: value})

    def _candidates(self, wanted: Field, atoms: Sequence[Atom]) -> Iterator[object]:
        positive = [atom.leaf for atom in atoms if atom.wanted and not _is_null_test(atom.leaf)]
        others = [atom.leaf for atom in atoms if not atom.wanted]
        for leaf in positive:
            yield from self.proposed(leaf, wanted)[:200]
        if len(positive) > 1 and wanted.type.is_string:
            yield from self._combined(positive)
            yield from self._padded(positive, wanted)
        yield usual(wanted)
        yield from _ORDINARY.get(wanted.type, ("sample", "ordinary-text", "unrelated"))
        for leaf in others:
            yield from self.proposed(leaf, wanted)[:60]
        if wanted.type.is_string:
            asked = [*positive, *(leaf for leaf in others if isinstance(leaf, IsNull))]
            yield from islice(self._mixed(asked, wanted), _MOST_COMBINATIONS // 4)

    def proposed(self, leaf: Leaf, wanted: Field) -> tuple[object, ...]:
        """Distinct proposals for a leaf, usual ones first."""
        key = (id(leaf), wanted.name)
        known = self._proposed.get(key)
        if known is None:
            self.fields(leaf)
            values = dict.fromkeys(
                (type(value), value) for _, value in proposals(leaf, wanted, self.seed)
            )
            known = self._proposed[key] = tuple(value for _, value in values)
        return known

    def _combined(self, leaves: Sequence[Leaf]) -> Iterator[str]:
        """Texts put together from one pattern of each leaf."""
        columns = [_as_patterns(leaf) for leaf in leaves]
        for chosen in islice(product(*[c for c in columns if c]), _MOST_COMBINATIONS // 4):
            yield from combined(list(chosen))

    def _mixed(self, leaves: Sequence[Leaf], wanted: Field) -> Iterator[str]:
        """The texts of two leaves one after the other, where functions stand in a leaf."""
        if not any(isinstance(n, Call) for leaf in leaves for n, _, _ in walk(leaf)):
            return
        for one, other in permutations(leaves, 2):
            texts = [
                [v for v in self.proposed(leaf, wanted)[:6] if isinstance(v, str)]
                for leaf in (one, other)
            ]
            yield from (first + second for first, second in product(*texts))

    def _padded(self, leaves: Sequence[Leaf], wanted: Field) -> Iterator[str]:
        """Texts of some leaves, made as long as another one asks for."""
        for leaf in leaves:
            match leaf:
                case Compare(_, Call(Function.LENGTH, (Field(),)), Integer(number)):
                    lengths = (number, number + 1, number - 1)
                case _:
                    continue
            for other in leaves:
                for text in self.proposed(other, wanted)[:6]:
                    if isinstance(text, str):
                        for length in lengths:
                            yield text + "x" * (length - len(text))
                            yield "x" * (length - len(text)) + text

    def _several(self, wanted: Field, atoms: Sequence[Atom]) -> object:
        """One value for each leaf that shall hold, none of which makes another hold that shall not."""
        negative = [atom for atom in atoms if not atom.wanted]
        found: list[object] = []
        for atom in atoms:
            if not atom.wanted or self.truth(atom.leaf, {wanted.name: list(found)}):
                continue
            need = [atom, *negative]
            pool = chain(self.proposed(atom.leaf, wanted), (usual(wanted),))
            value = next((v for v in pool if self._fits(wanted, need, v)), None)
            if value is None:
                return None
            found.append(value)
        return found if found and self._fits(wanted, atoms, found) else None

    def linked(
        self,
        linked: Sequence[Atom],
        alone: Mapping[str, Sequence[Atom]],
        assignment: dict[str, object],
    ) -> dict[str, object] | None:
        """`assignment` changed so that the atoms over several fields hold too, or None."""
        if self.agrees(linked, assignment):
            return assignment
        fields = {f.name: f for atom in linked for f in self.fields(atom.leaf)}
        pools = [self._pool(f, linked, alone.get(n, ()), assignment) for n, f in fields.items()]
        for chosen in islice(product(*pools), _MOST_LINKED):
            changed = dict(assignment)
            for name, value in zip(fields, chosen, strict=True):
                _put(changed, name, value)
            if self.agrees(linked, changed):
                return changed
        return None

    def _pool(
        self,
        wanted: Field,
        linked: Sequence[Atom],
        alone: Sequence[Atom],
        assignment: Assignment,
    ) -> list[object]:
        """Values for a field of a linked leaf that keep its own atoms; what the others hold too."""
        pool: list[object] = [assignment.get(wanted.name, ABSENT), usual(wanted)]
        for atom in linked:
            for other in self.fields(atom.leaf):
                near = assignment.get(other.name)
                if other.name != wanted.name and isinstance(near, str):
                    pool += [near, f"data{near}", f"{near}data", f"C:\\Windows\\{near}"]
            pool += self._computed(atom.leaf, wanted, assignment)
            pool += self.proposed(atom.leaf, wanted)[:40]
        pool += [ABSENT, "sample", "data"] if wanted.type.is_string else [ABSENT]
        fitting = [v for v in pool if self.agrees(alone, {} if v is ABSENT else {wanted.name: v})]
        return list({_frozen(v): v for v in fitting}.values())[:60]

    def _computed(self, leaf: Leaf, wanted: Field, assignment: Assignment) -> list[object]:
        """What the leaf's functions over other fields come to, alone and inside a longer text."""
        values = {f.name: assignment.get(f.name, usual(f)) for f in self.fields(leaf)}
        document = Document(1, values, self.model)
        found: list[object] = []
        for node, _, _ in walk(leaf):
            if isinstance(node, Call) and not any(n == wanted for n, _, _ in walk(node)):
                for outcome in outcomes(node, document):
                    if isinstance(outcome, str):
                        found += [outcome, f"run {outcome} now", f"{outcome}data"]
        return found


_ORDINARY: Final[Mapping[FieldType, tuple[object, ...]]] = {
    FieldType.LONG: (0, 1, -1, 7, 100_000, 2**40),
    FieldType.UNSIGNED_LONG: (0, 1, 7, 100_000, 2**40),
    FieldType.DOUBLE: (0.0, 0.5, -1.0, 100.5, 1e12),
    FieldType.BOOLEAN: (True, False),
    FieldType.IP: ("10.20.30.40", "203.0.113.9", "8.8.8.8", "192.168.7.7", "2001:db8::7"),
    FieldType.DATE: ("2026-03-02T08:00:00.000Z", "1999-12-31T23:59:59.999Z"),
    FieldType.DATE_NANOS: ("2026-03-02T08:00:00.000Z", "1999-12-31T23:59:59.999Z"),
    FieldType.VERSION: ("8.4.1", "0.0.1", "99.0.0"),
}


def _put(assignment: dict[str, object], name: str, value: object) -> None:
    if value is ABSENT:
        assignment.pop(name, None)
    else:
        assignment[name] = value


def _is_null_test(leaf: Leaf) -> bool:
    return isinstance(leaf, IsNull) and isinstance(leaf.value, Field)


def _as_patterns(leaf: Leaf) -> list[Wildcard]:
    match leaf:
        case Like(_, patterns, _):
            return list(patterns)
        case Compare(Comparison.EQUAL, _, Text(value), _):
            return [Wildcard((value,))]
        case Membership(_, choices, _):
            return [Wildcard((c.value,)) for c in choices if isinstance(c, Text)]
        case TextMatch(where, _, Text(value), _):
            before, behind = (
                ((), (Wild.ANY_RUN,)) if where.value == "start" else ((Wild.ANY_RUN,), ())
            )
            behind = (Wild.ANY_RUN,) if where.value == "anywhere" else behind
            return [Wildcard((*before, value, *behind))]
        case _:
            return []


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return ("list", *(_frozen(v) for v in value))
    return (type(value).__name__, value)
