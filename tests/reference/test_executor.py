"""The executor `reference`: files, broken lines, and the schema that data has."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from eqlx.execution import Bounds, Dataset, DatasetError, Job
from eqlx.ir.nodes import Constant, EventQuery, Filter
from eqlx.ir.types import FieldType
from eqlx.reference.executor import EXECUTOR
from eqlx.target import API_VERSION, EventModel

ALL = EventQuery(Filter(None, Constant(value=True)))


def matches(*files: Path) -> list[object]:
    with EXECUTOR.open(Dataset(files=files), EventModel(id="id"), Bounds()) as session:
        return [match.events[0].id for match in session.run(Job(ALL))]


def test_it_says_what_it_is() -> None:
    assert EXECUTOR.api_version == API_VERSION
    assert (EXECUTOR.target, EXECUTOR.dialect) == (None, None)


def test_files_of_each_kind_are_read_in_order(tmp_path: Path) -> None:
    lines = tmp_path / "a.ndjson"
    lines.write_bytes(b'\xef\xbb\xbf{"id": 1}\n\n{"id": 2}\r\n')
    array = tmp_path / "b.json"
    array.write_text(json.dumps([{"id": 3}, {"id": 4}]))
    packed = tmp_path / "c.jsonl.gz"
    packed.write_bytes(gzip.compress(b'{"id": "\xe2\x80\xa8"}\n{"no": 1}'))
    assert matches(lines, array, packed) == [1, 2, 3, 4, "\u2028", 6]


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("a.ndjson", b'{"id": 1}\n{"id": \n', 2, "broken JSON"),
        ("a.ndjson", b'{"id": 1}\n[1]\n', 2, "not a JSON object"),
        ("a.ndjson", b'{"id": NaN}\n', 1, "`NaN` is no JSON"),
        ("a.ndjson", b'{"id": "\xff"}\n', 1, "not UTF-8"),
        ("a.ndjson", b'{"a":' * 100_000, 1, "nested more than 512 levels deep"),
        ("a.txt", b"a,b\n1,2\n", None, "unknown kind"),
        ("a.parquet", b"PAR1", None, "it is Parquet"),
        ("a.json.gz", b"not packed", None, "not a `.gz` file"),
    ],
)
def test_a_broken_file_is_named(
    tmp_path: Path, name: str, content: bytes, line: int | None, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=words) as caught:
        matches(path)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        matches(tmp_path / "none.ndjson")
    with pytest.raises(DatasetError, match="folder"):
        matches(tmp_path)


def test_the_schema_is_closed_and_the_catalogue_goes_first() -> None:
    events = (
        {"process": {"pid": "12"}, "mine": 1, "mixed": 1, "several": ["a", "b"]},
        {"mine": 2.5, "mixed": "x"},
    )
    with EXECUTOR.open(Dataset(events=events), EventModel(), Bounds()) as session:
        schema = session.schema
    assert schema.closed
    types = {name: schema.lookup(name) for name in schema.names()}
    assert {name: info.type for name, info in types.items() if info} == {
        "process.pid": FieldType.LONG,
        "mine": FieldType.DOUBLE,
        "mixed": FieldType.KEYWORD,
        "several": FieldType.KEYWORD,
    }
    several = types["several"]
    assert several is not None
    assert several.multivalued
