"""Times and keys of the streams that sequences and samples are tested with."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqlx.ir.nodes import Field, Sequence
from eqlx.ir.types import FieldType
from eqlx.synthesis.model import Assignment
from eqlx.synthesis.parts import Part

_MINUTE = 60_000
_LONGEST_GAP = 40 * 24 * 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a stream: whose filter it meets, when, and under which keys.

    `key`: the name of a set of keys, `a` being the hit's own. `only`: the one key that is not of
    set `a` but of `key`. `null`: the key that has no value. `swapped`: the key that is in the other
    letter case. `values` replaces the part's values. `also`: another part whose keys the event has,
    since it stands for both.
    """

    part: Part
    at: int
    key: str = "a"
    only: int | None = None
    null: int | None = None
    both: int | None = None
    swapped: int | None = None
    values: Assignment | None = None
    timeless: bool = False
    also: Part | None = None


@dataclass
class Clock:
    """Gives each case a time of its own, far enough from the others."""

    gap: int
    now: int = 0

    @classmethod
    def of(cls, query: object) -> Clock:
        span = query.maxspan if isinstance(query, Sequence) else None
        return cls(_MINUTE if span is None else min(2 * span + _MINUTE, _LONGEST_GAP))

    def place(self, steps: tuple[Step, ...]) -> int:
        """Where a case of these steps starts."""
        start = self.now - min(0, *(step.at for step in steps), 0)
        self.now = start + max(0, *(step.at for step in steps), 0) + self.gap
        return start


@dataclass
class Keys:
    """Key values for the streams: those that the rule leaves free are new in each stream."""

    solution: Assignment
    fields: tuple[Field, ...]
    stream: int = 0
    _names: dict[str, int] = field(default_factory=dict)

    def value(self, place: int, name: str) -> object:
        """The value of a key in the current stream under a set of keys."""
        pseudo = f"key|{place}"
        if name == "a" and pseudo in self.solution:
            return self.solution[pseudo]
        number = self._names.setdefault(name, len(self._names))
        return key_value(self.fields[place], self.stream, number, place)


def key_value(wanted: Field, stream: int, number: int, place: int) -> object:
    """A key value of its own for a stream and a set of keys."""
    unique = stream * 8 + number
    match wanted.type:
        case FieldType.LONG | FieldType.UNSIGNED_LONG:
            return 10_000 * (place + 1) + unique
        case FieldType.DOUBLE:
            return 10_000.5 * (place + 1) + unique
        case FieldType.BOOLEAN:
            return number % 2 == 0
        case FieldType.IP:
            return f"10.{place}.{unique // 250 % 250}.{unique % 250 + 1}"
        case FieldType.DATE | FieldType.DATE_NANOS:
            return f"2026-01-{place + 1:02}T{unique // 3600 % 24:02}:{unique // 60 % 60:02}:{unique % 60:02}.000Z"
        case FieldType.VERSION:
            return f"{place + 1}.{unique}.0"
        case _:
            stem = wanted.name.rpartition(".")[0].rpartition(".")[2] or wanted.name
            return f"{stem}-{stream:04}-{'abcdefgh'[number % 8]}"
