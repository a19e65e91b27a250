"""Field lists from files of events: the types under which `eqlx run` would search them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from eqlx.diagnostics import EqlxError
from eqlx.events import FileKind, open_file
from eqlx.execution import Bounds, Dataset, Executor
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.target import EventModel


def infer_files(files: Sequence[Path], executor: Callable[[], Executor]) -> FieldList:
    """The fields of NDJSON and Parquet files, as the engine of `executor` types them: by the field
    catalogue where it knows the name, else by what the values are in JSON or Parquet. A field has
    several values if it has in some event, or if the catalogue says so.

    Raises:
        EqlxError: there are more names than any mapping holds.
        DatasetError: a file is broken; it names the line.
        ExecutionError: the engine failed.
        OSError: a file cannot be read.
    """
    from eqlx.diagnostics.catalogue.fields import too_many_fields
    from eqlx.fields import infer
    from eqlx.fields.catalogue import CATALOGUE

    columnar = [file for file in files if open_file(file).kind is FileKind.PARQUET]
    found: dict[str, FieldInfo] = {}
    for group in (columnar, [file for file in files if file not in columnar]):
        for name, info in _fields(group, executor()).items() if group else ():
            known = CATALOGUE.lookup(name)
            several = info.multivalued or (known is not None and known.multivalued)
            whole = FieldInfo(info.type, several, info.column)
            found[name] = infer.merge(found[name], whole) if name in found else whole
    if len(found) > infer.MAX_FIELDS:
        raise EqlxError((too_many_fields(infer.MAX_FIELDS, list(found)[infer.MAX_FIELDS]),))
    return FieldList(dict(sorted(found.items())))


def _fields(files: Sequence[Path], executor: Executor) -> dict[str, FieldInfo]:
    with executor.open(Dataset(tuple(files)), EventModel(), Bounds()) as session:
        known = ((name, session.schema.lookup(name)) for name in session.schema.names())
        return {name: info for name, info in known if info is not None}
