"""Ordinary values of fields, by type and by name, for documents that people can read."""

from __future__ import annotations

from eqlx.ir.nodes import Field
from eqlx.ir.types import FieldType
from eqlx.synthesis.model import Raw


def usual(field: Field) -> Raw:
    """An ordinary value of a field, for a document that people can read."""
    match field.type:
        case FieldType.LONG | FieldType.UNSIGNED_LONG:
            return 4242
        case FieldType.DOUBLE:
            return 4.25
        case FieldType.BOOLEAN:
            return True
        case FieldType.DATE | FieldType.DATE_NANOS:
            return "2026-03-02T08:00:00.000Z"
        case FieldType.IP:
            return "10.20.30.40"
        case FieldType.VERSION:
            return "8.4.1"
        case _:
            return _USUAL.get(field.name.rpartition(".")[2], "sample")


_USUAL = {
    "executable": "C:\\Program Files\\Sample\\sample.exe",
    "path": "C:\\Users\\ada\\sample.txt",
    "command_line": "sample.exe --check",
    "name": "sample",
    "args": "--check",
    "hash": "0f343b0931126a20f133d67c2b018a3b",
    "domain": "sample.example",
    "extension": "txt",
    "id": "sample-1",
    "entity_id": "proc-7f3a",
    "type": "other",
    "action": "other",
    "category": "other",
}
