"""The table of JSON documents: read by DuckDB itself, and checked against what `eqlx.events` says.

DuckDB's reader takes some texts that are no event for Elasticsearch: a key twice in an object, commas
too many, `NaN`. It finds the rows that might be such by a pattern and by counting members; Python
looks at these alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from eqlx.events import MAX_DEPTH, MAX_EVENT, Broken, FaultyEventError, parse_event
from eqlx.execution import DatasetError, Event, ExecutionError, TooManyFieldsError
from eqlx.fields.documents import flatten
from eqlx.fields.whole_numbers import Wide
from eqlx_targets.engines.duckdb import files
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.shapes import MIXED, Shapes

DOCUMENTS = "documents"
DOCUMENT = "json"

_VALUE = r"[:,\[][ \t\r\n]*"
"""What stands before a value."""


def _beyond(limit: int) -> str:
    """Numbers of as many digits, of which the first that differs is higher; but for the last digit."""
    digits = str(limit)
    return "|".join(
        f"{digits[:place]}[{int(digit) + 1}-9][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits[:-1])
        if digit != "9"
    )


_SUSPICIOUS = (
    r"[:,\[][ \t\r\n]*-?[nNiI][aAnN][nNfF]"  # NaN, Infinity
    r"|,[ \t\r\n]*[}\]]"  # a comma before the end
    r'|"[ \t\r\n]+:|\\u0022'  # what spoils the count of members
    rf"|{_VALUE}-?(?:[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{{3}}|[0-9]{{300}})"  # beyond a double
    rf"|{_VALUE}(?:-?(?:[0-9]{{20}}|{_beyond(2**63 - 1)}|9223372036854775809)|9223372036854775808)"
)
"""May match inside strings as well; nothing that matters goes unmatched."""

_STRUCTURES_AT_ONCE = 100

_CREATE = f"CREATE OR REPLACE TABLE {DOCUMENTS} ({DOCUMENT} JSON)"
_INSERT = f"INSERT INTO {DOCUMENTS} SELECT json FROM read_ndjson_objects(?)"  # noqa: S608 constants

# A member of an object is a `":` in the document and in its structure, where a repeated key
# stands but once. Elements of arrays share one structure, so that such rows are looked at as well.
_STRUCTURES = f"""
SELECT s, min(row), bool_or(suspicious OR members <> strlen(s) - strlen(replace(s, '":', '')))
FROM (
    SELECT rowid AS row, json_structure({DOCUMENT})::VARCHAR AS s,
        strlen({DOCUMENT}) - strlen(replace({DOCUMENT}, '":', '')) AS members,
        json_type({DOCUMENT}) <> 'OBJECT' OR strlen({DOCUMENT}) > {MAX_EVENT}
        OR regexp_matches({DOCUMENT}::VARCHAR, $pattern) AS suspicious
    FROM {DOCUMENTS}
) GROUP BY s ORDER BY 2
"""  # noqa: S608 constants
_ROWS = f"""
SELECT {DOCUMENT} FROM (
    SELECT rowid AS row, {DOCUMENT}, json_structure({DOCUMENT})::VARCHAR AS s FROM {DOCUMENTS}
) WHERE contains(s, '"{MIXED}"') OR json_type({DOCUMENT}) <> 'OBJECT' OR strlen({DOCUMENT}) > {MAX_EVENT}
    OR strlen({DOCUMENT}) - strlen(replace({DOCUMENT}, '":', ''))
        <> strlen(s) - strlen(replace(s, '":', ''))
    OR regexp_matches({DOCUMENT}::VARCHAR, $pattern)
"""  # noqa: S608 constants


@dataclass(frozen=True, slots=True)
class Documents:
    """What there is to know of the table before columns are made."""

    shapes: Shapes
    wide: Wide


def read_documents(
    opened: Sequence[files.Opened], connection: Connection, scratch: Path, faults: Broken
) -> Documents:
    """Fill the table with the files' events, in order.

    Raises:
        DatasetError: an event is broken, and broken ones are not skipped.
        ExecutionError: DuckDB failed.
    """
    try:
        _insert(opened, connection)
        return looked_at(connection)
    except TooManyFieldsError:
        raise
    except (ExecutionError, FaultyEventError) as error:
        if isinstance(error.__cause__, duckdb.InterruptException | duckdb.OutOfMemoryException):
            raise
        # By our own reader: it names the line, or leaves it out, or reads what DuckDB does not.
        copies = [
            files.rewritten(file.file, scratch, number, faults)
            for number, file in enumerate(opened)
        ]
    try:
        _insert(copies, connection)
        return looked_at(connection)
    except TooManyFieldsError:
        raise
    except (ExecutionError, FaultyEventError) as error:
        raise DatasetError(str(error)) from error


def _insert(opened: Sequence[files.Opened], connection: Connection) -> None:
    names = [str(file.readable) for file in opened if file.readable.stat().st_size]
    with connection.within_bounds():
        connection.raw.execute(_CREATE)
        if names:
            connection.raw.execute(_INSERT, [names])


def made_by_packs(connection: Connection) -> Documents:
    """The shapes of documents of which every one was made by a projection: there is nothing to check."""
    shapes = Shapes()
    with connection.within_bounds():
        structures = connection.raw.execute(
            f"SELECT json_structure({DOCUMENT})::VARCHAR AS s FROM {DOCUMENTS}"  # noqa: S608 constants
            " GROUP BY s ORDER BY min(rowid)"
        )
        while some := structures.fetchmany(_STRUCTURES_AT_ONCE):
            for (structure,) in some:
                shapes.add_structure(structure)
    return Documents(shapes, Wide())


def looked_at(connection: Connection) -> Documents:
    """The shapes of the documents. Raises `FaultyEventError` where one is no event."""
    shapes, wide = Shapes(), Wide()
    pattern = {"pattern": _SUSPICIOUS}
    with connection.within_bounds():
        structures = connection.raw.execute(_STRUCTURES, pattern)
        suspicious = mixed = False
        # There may be as many structures as events, and each as long as its event.
        while some := structures.fetchmany(_STRUCTURES_AT_ONCE):
            for structure, _, flag in some:
                suspicious |= flag
                if f'"{MIXED}"' in structure:
                    mixed = True
                elif structure.startswith("{"):
                    shapes.add_structure(structure)
        if suspicious or mixed:
            found = connection.raw.execute(_ROWS, pattern)
            try:
                while batch := found.fetchmany(1000):
                    _look_at((text for (text,) in batch), shapes, wide)
            finally:
                # The connection takes nothing new before a result is read to its end.
                while found.fetchmany(10_000):
                    pass
    if shapes.depth > MAX_DEPTH:
        message = "nested too deeply"
        raise FaultyEventError(message)
    return Documents(shapes, wide)


def _look_at(texts: Iterator[str], shapes: Shapes, wide: Wide) -> None:
    for text in texts:
        event = parse_event(text.encode())
        shapes.add_document(event)
        for name, values in flatten(event).items():
            for value in values:
                wide.add(name, value)


def documents(connection: Connection, rows: Sequence[int]) -> dict[int, Event]:
    """The documents of some row numbers."""
    with connection.within_bounds():
        found = connection.raw.execute(
            f"SELECT rowid + 1, {DOCUMENT} FROM {DOCUMENTS}"  # noqa: S608 - constants
            " WHERE rowid IN (SELECT unnest(?::BIGINT[]) - 1)",
            [list(dict.fromkeys(rows))],
        ).fetchall()
    return {row: json.loads(document) for row, document in found}
