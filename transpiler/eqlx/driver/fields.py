"""Field lists from files of events, whatever their form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from eqlx.execution import Bounds, Dataset, Executor
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.target import EventModel

_PARQUET = b"PAR1"


def infer_files(files: Sequence[Path], executor: Callable[[], Executor]) -> FieldList:
    """The fields of NDJSON and Parquet files, the field catalogue's types where the values fit.

    `executor` gives an engine that reads Parquet; it is asked for only if there is such a file.

    Raises:
        EqlxError: a line is no JSON object; the diagnostic points at it.
        DatasetError: a Parquet file is broken.
        OSError, UnicodeDecodeError: a file cannot be read.
    """
    from eqlx.fields.catalogue import CATALOGUE
    from eqlx.fields.infer import Inference, infer_file, merge

    inference = Inference(CATALOGUE)
    columnar = [file for file in files if _is_parquet(file)]
    for file in files:
        if file not in columnar:
            infer_file(file, inference)
    found = dict(inference.result().fields)
    if columnar:
        for name, info in _columns(columnar, executor()).items():
            found[name] = merge(found[name], info) if name in found else info
    return FieldList(found)


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as start:
        return start.read(len(_PARQUET)) == _PARQUET


def _columns(files: Sequence[Path], executor: Executor) -> dict[str, FieldInfo]:
    with executor.open(Dataset(tuple(files)), EventModel(), Bounds()) as session:
        known = ((name, session.schema.lookup(name)) for name in session.schema.names())
        return {name: info for name, info in known if info is not None}
