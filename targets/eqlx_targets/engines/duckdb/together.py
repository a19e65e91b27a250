"""Many queries over one table in one pass: it finds the few events that a query can be about.

1. Two scans of a few columns: fields without any value, and classes of events (`partitions`).
2. What each unit (filter of a query) needs of an event's class, evaluated once for each class.
3. The table in chunks; a chunk's partitions are searched for some tens of units by one statement.
4. The artifact of each query runs, unchanged, over the events that meet one of its units. All other
   events have no part in its matches, so that these are the same, in the same order.

A query whose unit fails, takes too long or is met by many events runs alone over the whole table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eqlx.execution import ExecutionError, Job
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.ir.nodes import Condition, Constant, Field
from eqlx.ir.walk import walk
from eqlx.planning.necessary import CLASS_FIELDS, conjuncts, cost, fields_of, units, weaken
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.partitions import Partition, bits, partitions
from eqlx_targets.engines.duckdb.tables import TABLE
from eqlx_targets.sql.units import NotPrintableError, Units

Progress = Callable[[int, int], None]
"""Events searched, of how many."""

# ruff: noqa: S608 conditions are printed trees; names are quoted, or ours
_SOURCE = f'memory.main."{TABLE}"'
_CHUNK, _CLASSES, _PARTS, _HITS, _KEPT = (
    f"temp.eqlx_{name}" for name in ("chunk", "classes", "parts", "hits", "kept")
)
_AT_ONCE = 40
"""Units in a statement."""
_MOST_CLASSES = 3_000
_MOST_VALUES = 300
"""A field of more values tells no classes apart."""
_CHUNK_ROWS, _LEAST_CHUNK = 250_000, 10_000
_BYTES_A_ROW = 16_000
_SHARE = 0.02
_ALWAYS = 20_000
"""A unit that more events meet, in number and as a share of all, is not searched in one pass."""

LEAST_JOBS = 10
LEAST_ROWS = 20_000
"""Below, one query after the other is quicker."""


@dataclass
class _Unit:
    """A condition, the queries that need it, and whether it is given up."""

    condition: Condition
    jobs: set[int] = field(default_factory=set)
    parts: dict[Condition, str] = field(default_factory=dict)
    lost: bool = False
    count: int = 0


@dataclass
class Together:
    """One pass for many jobs. After `search`, `tell` says what is known of a job."""

    connection: Connection
    units_of: Callable[[Job], Units]
    layout: Layout
    model: EventModel
    row: str
    memory: int = 4_000_000_000
    _units: list[_Unit] = field(default_factory=list)
    _places: dict[Condition, int] = field(default_factory=dict)
    _of_job: dict[int, list[tuple[int, bool]]] = field(default_factory=dict)
    _columns: dict[str, None] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    _printer: Units | None = None
    _total: int = 0
    _join: str = ""
    _left_behind: int = field(init=False)

    def __post_init__(self) -> None:
        self._left_behind = self.connection.raw.left_behind

    def search(self, jobs: Sequence[Job], progress: Progress | None = None) -> bool:
        """Search the events; False where this is of no use: little to do, or a layout that is not made
        for it.

        Raises:
            ExecutionError: the pass failed as a whole; nothing is known.
        """
        if self.layout.kind is LayoutKind.JSON or len(jobs) < LEAST_JOBS:
            return False
        self._total = self._one(f"SELECT count(*) FROM {_SOURCE}")
        if self._total < LEAST_ROWS:
            return False
        for number, job in enumerate(jobs):
            self._take(number, job)
        if not self._units:
            return False
        planned = self._plan()
        self._scan(planned, progress)
        return True

    # --- what is asked --------------------------------------------------------------------------

    def _take(self, number: int, job: Job) -> None:
        """The units of a job; a job that has a unit which cannot be printed runs alone."""
        printer = self.units_of(job)
        found: list[tuple[int, bool]] = []
        known = self._places
        try:
            for each in units(job.query, printer.category):
                place = known.get(each.condition)
                if place is None:
                    parts = conjuncts(each.condition)
                    printed = {part: printer.condition(part) for part in parts}
                    place = known[each.condition] = len(self._units)
                    self._units.append(_Unit(each.condition, parts=printed))
                found.append((place, each.required))
            fields = [node for node, _, _ in walk(job.query) if isinstance(node, Field)]
            printer.read(fields)
        except NotPrintableError:
            return
        for place, _ in found:
            self._units[place].jobs.add(number)
        self._of_job[number] = found
        self._columns.update(printer.columns)
        self._printer = printer

    # --- the plan -------------------------------------------------------------------------------

    def _plan(self) -> list[Partition]:
        keys = self._keys()
        self._make_classes(keys)
        classes = self._live()
        made = partitions(classes)
        places = [(c, p) for p, each in enumerate(made) for c in each.classes]
        names = ", ".join(f"eqlx_k{n}" for n in range(len(keys)))
        self._do(
            f"CREATE OR REPLACE TEMP TABLE {_PARTS} AS SELECT eqlx_part, {names or '1 AS k'}"
            f" FROM {_CLASSES}"
            " JOIN (SELECT unnest($ids::INT[]) AS eqlx_id, unnest($parts::INT[]) AS eqlx_part) USING (eqlx_id)",
            {"ids": [c for c, _ in places], "parts": [p for _, p in places]},
        )
        self._join = " AND ".join(
            f"({text}) IS NOT DISTINCT FROM eqlx_parts.eqlx_k{n}" for n, text in enumerate(keys)
        )
        return made

    def _keys(self) -> list[str]:
        """The printed fields of classes; `_known` becomes these and the fields without values."""
        assert self._printer is not None  # noqa: S101 - there is a unit
        read: dict[str, Field] = {}
        for unit in self._units:
            for node, _, _ in walk(unit.condition):
                if isinstance(node, Field):
                    read.setdefault(node.name, node)
        printed = {name: self._printer.raw(each) for name, each in read.items()}
        here = {name: text for name, text in printed.items() if text is not None}
        names = list(here)
        telling = [n for n in (self.model.category, *CLASS_FIELDS) if n in here]
        asked = [f"count({here[n]})" for n in names]
        asked += [f"approx_count_distinct({here[n]})" for n in telling]
        counts = self._rows(f"SELECT {', '.join(asked)} FROM {_SOURCE}")[0] if asked else ()
        empty = {name for name, n in zip(names, counts, strict=False) if not n}
        values = dict(zip(telling, map(int, counts[len(names) :]), strict=True))
        telling = [n for n in telling if n not in empty and values[n] <= _MOST_VALUES]
        while telling:
            listed = ", ".join(here[n] for n in telling)
            many = self._one(f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM {_SOURCE})")
            if many <= _MOST_CLASSES:
                break
            telling.remove(max(telling, key=lambda name: values[name]))
        absent = {name for name, text in printed.items() if text is None}
        self._known = frozenset({*absent, *empty, *telling})
        return [here[name] for name in telling]

    def _make_classes(self, keys: Sequence[str]) -> None:
        """A row a class, with a value of each column that tells something; fields of columns that
        `_known` has not are not looked at."""
        assert self._printer is not None  # noqa: S101 - there is a unit
        printer = self._printer
        printer.columns = {}
        for unit in self._units:
            weaker = weaken(unit.condition, self._known)
            if not isinstance(weaker, Constant):
                printer.condition(weaker)
        columns = [f"first({quoted(name)}) AS {quoted(name)}" for name in printer.columns]
        named = [f"{text} AS eqlx_k{n}" for n, text in enumerate(keys)]
        grouped = f" GROUP BY {', '.join(f'{n + 1}' for n in range(len(keys)))}" if keys else ""
        wanted = ", ".join([*named, "count(*) AS eqlx_rows", *columns])
        self._do(
            f"CREATE OR REPLACE TEMP TABLE {_CLASSES} AS SELECT row_number() OVER () - 1 AS eqlx_id, * FROM"
            f" (SELECT {wanted} FROM {_SOURCE}{grouped})"
        )

    def _live(self) -> list[tuple[int, int]]:
        """The classes: how many events each has, and the units that they may meet, as bits."""
        assert self._printer is not None  # noqa: S101 - there is a unit
        always = 0
        weaker: dict[str, int] = defaultdict(int)
        for place, unit in enumerate(self._units):
            condition = weaken(unit.condition, self._known)
            if isinstance(condition, Constant):
                always |= (condition.value is True) << place
            else:
                weaker[self._printer.condition(condition)] |= 1 << place
        sizes = self._rows(f"SELECT eqlx_id, eqlx_rows FROM {_CLASSES} ORDER BY 1")
        live = [always] * len(sizes)
        masks = list(weaker.items())
        for start in range(0, len(masks), 2 * _AT_ONCE):
            batch = masks[start : start + 2 * _AT_ONCE]
            listed = marks((n, [text]) for n, (text, _) in enumerate(batch))
            try:
                met = self._rows(f"SELECT eqlx_id, {listed} FROM {_CLASSES}")
            except ExecutionError:
                met = [(number, range(len(batch))) for number in range(len(sizes))]
            for number, which in met:
                for each in which:
                    live[number] |= batch[each][1]
        return [(rows, mask) for (_, rows), mask in zip(sizes, live, strict=True)]

    # --- the pass -------------------------------------------------------------------------------

    def _scan(self, planned: Sequence[Partition], progress: Progress | None) -> None:
        self._do(f"CREATE OR REPLACE TEMP TABLE {_HITS} (unit INTEGER, row BIGINT)")
        columns = ", ".join(quoted(name) for name in (self.row, *self._columns))
        self._do(f"CREATE OR REPLACE TEMP TABLE {_KEPT} AS SELECT {columns} FROM {_SOURCE} LIMIT 0")
        size = max(_LEAST_CHUNK, min(_CHUNK_ROWS, self.memory // _BYTES_A_ROW))
        for first in range(1, self._total + 1, size):
            last = min(first + size - 1, self._total)
            self._do(
                f"CREATE OR REPLACE TEMP TABLE {_CHUNK} AS SELECT eqlx_part, {columns}"
                f" FROM {_SOURCE} JOIN {_PARTS} AS eqlx_parts ON {self._join or 'TRUE'}"
                f" WHERE {quoted(self.row)} BETWEEN {first} AND {last} ORDER BY eqlx_part"
            )
            for number, partition in enumerate(planned):
                self._search(number, partition)
            self._keep(first, columns)
            if progress is not None:
                progress(last, self._total)
        self._do(f"DROP TABLE {_CHUNK}")

    def _search(self, number: int, partition: Partition) -> None:
        """Look for the units of a partition in the chunk, some at a time."""
        wanted = [n for n in bits(partition.live) if not self._units[n].lost]
        texts = {n: self._guards(n, implied=bool(partition.every >> n & 1)) for n in wanted}
        wanted.sort(key=lambda n: texts[n])
        pending = [wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)]
        while pending:
            batch = pending.pop()
            listed = marks((n, texts[n]) for n in batch)
            try:
                self._do(
                    f"INSERT INTO {_HITS} SELECT unnest({listed}), {quoted(self.row)}"
                    f" FROM {_CHUNK} WHERE eqlx_part = {number}"
                )
            except ExecutionError:
                if len(batch) == 1:
                    self._units[batch[0]].lost = True
                else:
                    half = len(batch) // 2
                    pending += [batch[:half], batch[half:]]

    def _guards(self, number: int, *, implied: bool) -> list[str]:
        """The parts of a unit, cheap ones first. `implied`: what reads known fields alone is met by
        every event of the partition."""
        unit = self._units[number]
        lists = {n for n, c in (self.layout.columns or {}).items() if c.is_list}
        parts = [p for p in unit.parts if not (implied and fields_of(p) <= self._known)]
        parts.sort(key=lambda part: cost(part, lists))
        return [unit.parts[part] for part in parts] or ["TRUE"]

    def _keep(self, first: int, columns: str) -> None:
        """Keep the chunk's events that meet a unit, unless too many do."""
        most = max(_ALWAYS, int(_SHARE * self._total))
        counted = self._rows(
            f"SELECT unit, count(*) FROM {_HITS} WHERE row >= {first} GROUP BY unit"
        )
        for number, many in counted:
            unit = self._units[number]
            unit.count += many
            unit.lost |= unit.count > most
        lost = [n for n, unit in enumerate(self._units) if unit.lost]
        if lost:
            self._do(
                f"DELETE FROM {_HITS} WHERE unit IN (SELECT unnest($lost::INT[]))", {"lost": lost}
            )
        self._do(
            f"INSERT INTO {_KEPT} SELECT {columns} FROM {_CHUNK}"
            f" WHERE {quoted(self.row)} IN (SELECT row FROM {_HITS} WHERE row >= {first})"
        )

    # --- what is known --------------------------------------------------------------------------

    def tell(self, number: int) -> bool | None:
        """True: the events that the job is about are the table now. False: it has no match. None: it
        must run over all events."""
        self.hide()
        found = self._of_job.get(number)
        if found is None or any(self._units[place].lost for place, _ in found):
            return None
        if any(required and not self._units[place].count for place, required in found):
            return False
        places = ", ".join(str(place) for place, _ in found)
        self._do(
            f'CREATE OR REPLACE TEMP TABLE temp."{TABLE}" AS SELECT * FROM {_KEPT}'
            f" WHERE {quoted(self.row)} IN (SELECT row FROM {_HITS} WHERE unit IN ({places}))"
        )
        return True

    @property
    def is_lost(self) -> bool:
        """Whether the connection was replaced since (`PatientConnection`), and all that it held went
        with it."""
        return self.connection.raw.left_behind > self._left_behind

    def hide(self) -> None:
        """Make the table of all events the table again."""
        self._do(f'DROP TABLE IF EXISTS temp."{TABLE}"')

    def forget(self) -> None:
        """Give up what was found."""
        self.hide()
        for name in (_CHUNK, _CLASSES, _PARTS, _HITS, _KEPT):
            self._do(f"DROP TABLE IF EXISTS {name}")

    # --- statements -----------------------------------------------------------------------------

    def _do(self, text: str, values: Mapping[str, object] | None = None) -> None:
        with self.connection.timed("the search of many rules"), self.connection.within_bounds():
            self.connection.raw.execute(text, values)

    def _rows(self, text: str) -> list[tuple[Any, ...]]:
        with self.connection.timed("the search of many rules"), self.connection.within_bounds():
            return self.connection.raw.execute(text).fetchall()

    def _one(self, text: str) -> int:
        return int(self._rows(text)[0][0])


def quoted(name: str) -> str:
    """A column's name."""
    return '"' + name.replace('"', '""') + '"'


def marks(conditions: Iterable[tuple[int, Sequence[str]]]) -> str:
    """A list of the numbers whose conditions all hold; each is evaluated where the ones before it do."""
    cases = []
    for number, texts in conditions:
        value = str(number)
        for text in reversed(texts):
            value = f"CASE WHEN {text} THEN {value} END"
        cases.append(value)
    return f"list_filter([{', '.join(cases)}], LAMBDA eqlx_n : eqlx_n IS NOT NULL)"
