"""Join keys in the names of Sigma's log sources: the same value in every stage, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from eqlx.capability import Drift, Losses
from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.source import Span
from eqlx_targets.sigma.conditions import NOT_EMPTY, asked_for, present, simplified
from eqlx_targets.sigma.options import UNMAPPED
from eqlx_targets.sigma.taxonomy import Grade, Place, taxonomy
from eqlx_targets.sigma.unmapped import KEY

_FINER: Mapping[str, str] = {
    "basename": "a whole path tells apart files of one name",
    "account": "an account of one name may be in several domains",
}
"""Rewrites whose counterpart holds the value and more: it tells apart more than the key does."""


_NUMBERS: Mapping[str, str] = {
    "process.entity_id": "process.pid",
    "process.parent.entity_id": "process.parent.pid",
}
"""Ids of processes that a sensor makes up, and the numbers that every log has."""

NUMBERED = "key-by-number"


@dataclass(frozen=True)
class _Name:
    """What a key is called in a log source. `form`: keys whose values are written alike share it."""

    field: ir.Field
    form: str
    finer: str = ""
    standing_in: bool = False


@dataclass
class Keys:
    """Names the keys of a join's stages. `unmapped` is the option of that name; `any_order`: what
    happens on one host within the time span is asked for, so that a key of the host's ties too."""

    unmapped: str
    report: Report
    losses: Losses
    any_order: bool = False

    def named(
        self, stages: Sequence[ir.Stage], places: Sequence[Place]
    ) -> list[tuple[ir.Field, ...]] | None:
        """For each stage its keys; None where a key cannot be said, which is then reported."""
        rows = list(zip(*(stage.keys for stage in stages), strict=True))
        found: list[tuple[_Name, ...]] = []
        left_out: list[tuple[ir.Field, ...]] = []
        for row in rows:
            names = self._names(row, places)
            missing = [(k, n) for k, n in zip(row, names, strict=True) if isinstance(n, str)]
            others = [other for other in rows if other is not row and other not in left_out]
            if missing and self._left_out([key for key, _ in missing], others):
                left_out.append(row)
                continue
            if missing:
                for key, why in missing:
                    self._refuse(key, str(why))
                return None
            whole = tuple(name for name in names if isinstance(name, _Name))
            if len({name.form for name in whole}) > 1 and self._left_out(row, others):
                left_out.append(row)
                continue
            if len({name.form for name in whole}) > 1:
                shown = " and ".join(dict.fromkeys(f"`{n.field.name}`" for n in whole))
                self._refuse(row[-1], f"{shown} write a value differently, so that no events join")
                return None
            self._record(row, whole)
            found.append(whole)
        if not found:
            return None
        return [tuple(row[i].field for row in found) for i in range(len(stages))]

    def _names(self, row: Sequence[ir.Field], places: Sequence[Place]) -> list[_Name | str]:
        """The names of a key in each stage; processes by their numbers where their ids do not join."""
        names = [self._name(key, place) for key, place in zip(row, places, strict=True)]
        forms = {name.form if isinstance(name, _Name) else "" for name in names}
        if (len(forms) == 1 and "" not in forms) or self.unmapped != "auto":
            return names
        if not all(key.name in _NUMBERS for key in row):
            return names
        numbered = [
            self._name(replace(key, name=_NUMBERS[key.name], type=FieldType.LONG), place)
            for key, place in zip(row, places, strict=True)
        ]
        found = {name.form if isinstance(name, _Name) else "" for name in numbered}
        if len(found) > 1 or "" in found:
            return names
        reason = "processes are told by their numbers, which a system uses again"
        self.losses.record(NUMBERED, Drift.WIDENS, reason, row[0].span, by_convention=True)
        return numbered

    def _name(self, key: ir.Field, place: Place) -> _Name | str:
        """The key's name, or why it has none."""
        table = taxonomy()
        special = next((k for k in table.keys if k.fits(key.name, place)), None)
        if special is not None:
            return _Name(replace(key, name=special.sigma), special.form, standing_in=True)
        row = table.row(key.name, place)
        if row is None or row.grade in (Grade.NONE, Grade.ABSENT) or row.sigma == "-":
            if self.unmapped == "keep":
                return _Name(key, "value", standing_in=True)
            return f"Sigma's taxonomy has no counterpart for it in {place.shown}"
        name = row.name(key.name)
        if not table.is_listed(name, place):
            return f"events of {place.shown} have no `{name}`"
        renamed = replace(key, name=name)
        if row.grade is Grade.KEY:
            return _Name(renamed, key.name.rpartition(".")[2], standing_in=True)
        verb = row.rewrite.partition(":")[0]
        if verb in ("same", "keep", "camel"):
            return _Name(renamed, "value")
        if verb in _FINER:
            return _Name(renamed, verb, finer=_FINER[verb])
        return f"`{name}` of {place.shown} does not hold the value by itself"

    def _left_out(self, keys: Sequence[ir.Field], others: Sequence[Sequence[ir.Field]]) -> bool:
        """Whether a key can be left out, so that more events join: one that only sets the scope, or any
        beside a key that ties the events together."""
        ties = self.any_order or any(not _is_scope(key.name) for row in others for key in row)
        if self.unmapped != "auto" or not others:
            return False
        if not ties and not all(_is_scope(key.name) for key in keys):
            return False
        for key in keys:
            reason = f"the join key `{key.name}` is left out, so that more events join"
            self.losses.record(KEY, Drift.WIDENS, reason, key.span, by_convention=True)
        return True

    def _record(self, row: Sequence[ir.Field], names: Sequence[_Name]) -> None:
        for key, name in zip(row, names, strict=True):
            if name.finer:
                reason = f"the join key `{key.name}` as `{name.field.name}`: {name.finer}"
                self.losses.record(
                    "taxonomy-key", Drift.NARROWS, reason, key.span, by_convention=True
                )
            if name.standing_in:
                self.losses.assume(f"`{name.field.name}` tells apart what `{key.name}` does")

    def _refuse(self, key: ir.Field, why: str) -> None:
        what = f"the join key `{key.name}`"
        self.report.add(inexpressible("sigma", what, why, key.span, UNMAPPED))


def _is_scope(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in taxonomy().scope)


NOT_NEGATIVE = "a number that ties events together is not negative"


def guarded(
    condition: ir.Condition, keys: Sequence[ir.Field], span: Span, losses: Losses
) -> ir.Condition:
    """The condition, and that every key is there: EQL joins nothing on a key that is missing, and
    some back ends make a group of the events that lack it."""
    asked = set(asked_for(condition))
    missing = [key for key in dict.fromkeys(keys) if key.name not in asked]
    if any(key.type.is_string for key in missing):
        losses.assume(NOT_EMPTY)
    if any(key.type.is_integer for key in missing):
        losses.assume(NOT_NEGATIVE)
    tests = [present(key, span) for key in missing]
    return simplified(ir.And((condition, *tests), span=span)) if tests else condition
