"""The table that queries are made for, from a file of events or from its definition in SQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eqlx import inputs
from eqlx.execution import Describes, ExecutionError, Executor
from eqlx.fields.table import TableShape
from eqlx.source import Source
from eqlx.target import ReadsDefinitions, Target


def described(file: Path, executor: Executor) -> TableShape:
    """A file of events as the table that the engine reads out of it.

    Raises:
        DatasetError: the file is missing or broken.
        ExecutionError: the engine failed, or cannot say.
    """
    if not isinstance(executor, Describes):
        message = f"the engine `{executor.name}` does not say which columns a file has"
        raise ExecutionError(message)
    return executor.describe(file)


def shape_of_definition(
    file: Path, target: Target | None, dialect: str | None, other: Callable[[], Target]
) -> TableShape:
    """The table of a `CREATE TABLE`, as the target reads it; as that of `other` where the target has
    no tables.

    Raises:
        EqlxError: the file is not the definition of one table.
        OSError, UnicodeDecodeError: it cannot be read.
    """
    source = Source(str(file), inputs.read_bytes(file).decode("utf-8-sig"))
    if not isinstance(target, ReadsDefinitions):
        target, dialect = other(), None
    assert isinstance(target, ReadsDefinitions)  # noqa: S101 - `other` is the target `sql`
    return target.table_shape(source, dialect or target.dialects[0])
