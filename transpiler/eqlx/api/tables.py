"""Matches as an Arrow table, and as a DuckDB relation that reads the table in place (decision 033).

pyarrow is optional, and the core imports no engine, so that both are imported when they are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from eqlx.driver.records import plain
from eqlx.driver.run import RuleRun
from eqlx.execution import Match, MatchedEvent
from eqlx.fields.documents import flatten

if TYPE_CHECKING:
    import duckdb

_COLUMNS = ("rule", "name", "kind", "match", "stage", "row", "id", "timestamp", "missing",
            "join_keys", "event")  # fmt: skip


def arrow(runs: Sequence[RuleRun], fields: Sequence[str]) -> Any:  # noqa: ANN401 no types of pyarrow
    """See `eqlx.api.running.RunResult.arrow`."""
    taken = sorted(set(fields) & set(_COLUMNS))
    if taken:
        message = f"`{taken[0]}` is a column of every table of matches, and no field to add"
        raise ValueError(message)
    pa = _pyarrow()
    strings = pa.list_(pa.string())
    types = (pa.string(), pa.string(), pa.string(), pa.int64(), pa.int32(), pa.int64(), pa.string(),
             pa.string(), pa.bool_(), strings, pa.string())  # fmt: skip
    rows = list(_rows(runs))
    columns = list(zip(*(row for row, _ in rows), strict=True)) or [()] * len(types)
    arrays = [pa.array(each, of) for each, of in zip(columns, types, strict=True)]
    documents = [flatten(event.fields) for _, event in rows]
    arrays += [_column(pa, [found.get(name, []) for found in documents]) for name in fields]
    return pa.Table.from_arrays(arrays, names=[*_COLUMNS, *fields])


def relation(
    runs: Sequence[RuleRun], fields: Sequence[str], connection: duckdb.DuckDBPyConnection | None
) -> duckdb.DuckDBPyRelation:
    """See `eqlx.api.running.RunResult.relation`."""
    table = arrow(runs, fields)
    maker = import_module("duckdb") if connection is None else connection
    found: duckdb.DuckDBPyRelation = maker.from_arrow(table)
    return found


def _rows(runs: Sequence[RuleRun]) -> Iterator[tuple[tuple[object, ...], MatchedEvent]]:
    for run in runs:
        for number, match in enumerate(run.matches, 1):
            keys = _keys(match)
            for event in match.events:
                yield (
                    (
                        run.rule.label,
                        run.rule.name,
                        match.kind.value,
                        number,
                        event.stage,
                        event.row,
                        None if event.id is None else _text(event.id),
                        event.timestamp,
                        event.missing,
                        keys,
                        None
                        if event.missing
                        else json.dumps(plain(event.fields), ensure_ascii=False),
                    ),
                    event,
                )


def _keys(match: Match) -> list[str | None]:
    return [None if key is None else _text(key) for key in match.keys]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def _column(pa: Any, values: Sequence[Sequence[object]]) -> Any:  # noqa: ANN401 no types of pyarrow
    """A field's values in each row: scalars where no event has several, else lists; strings where
    Arrow has no one type for all values."""
    several = any(len(found) > 1 for found in values)
    shown = [[plain(each) for each in found] for found in values]
    try:
        column = pa.array(_cells(shown, several=several))
        # A field that no event has is a column of strings, so that a query can compare it.
        return column.cast(pa.string()) if pa.types.is_null(column.type) else column
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        texts: list[list[object]] = [
            [None if each is None else _text(each) for each in found] for found in shown
        ]
        of = pa.list_(pa.string()) if several else pa.string()
        return pa.array(_cells(texts, several=several), of)


def _cells(values: Sequence[list[object]], *, several: bool) -> list[object]:
    if several:
        return [found or None for found in values]
    return [found[0] if found else None for found in values]


def _pyarrow() -> Any:  # noqa: ANN401 no types of pyarrow
    try:
        return import_module("pyarrow")
    except ImportError as error:
        message = "matches as an Arrow table need pyarrow: `pip install 'eqlx[arrow]'`"
        raise ImportError(message, name="pyarrow") from error
