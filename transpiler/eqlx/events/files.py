"""What an event file is, told by its content: JSON or Parquet, compressed or not."""

from __future__ import annotations

import codecs
import gzip
import importlib
import io
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from eqlx import inputs
from eqlx.events.tables import delimiter_of
from eqlx.execution import DatasetError

if TYPE_CHECKING:
    from typing_extensions import Buffer

_START = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_JSON_SUFFIXES = (".ndjson", ".jsonl", ".json")
_PACKED_SUFFIXES = (".gz", ".zst")
_STRANGERS = (
    (b"PK\x03\x04", "a zip archive, which is not unpacked here: unpack it"),
    (b"BZh", "a bzip2 archive: unpack it"),
    (b"\xfd7zXZ\0", "an xz archive: unpack it"),
)


_HITS = re.compile(
    rb'"_source"\s*:\s*\{|"result"\s*:\s*\{|^\s*\{\s*"(?:[Rr]ecords|events|value)"\s*:\s*\['
)
"""In the start of a file that holds documents inside of others: Elasticsearch's answers, CloudTrail's
`Records`, Azure's `records` and `value`, Splunk's `result`."""


class FileKind(Enum):
    """How the events lie in the file."""

    LINES = "one JSON object a line"
    VALUES = "JSON values: arrays of objects, or objects over several lines"
    PARQUET = "Parquet"
    TABLE = "rows of text with a line of names: CSV, TSV, Zeek's logs"


class Compression(Enum):
    NONE = ""
    GZIP = "gz"
    ZSTANDARD = "zst"


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file of events. `delimiter`: what stands between the values of a table. `plain`: its (unpacked) bytes are UTF-8 without a byte order mark. `may_hold_hits`:
    the events may be documents inside of others (`_source`, `Records`)."""

    path: Path
    kind: FileKind
    compression: Compression
    plain: bool = True
    may_hold_hits: bool = False
    delimiter: str = ","

    def open(self) -> BinaryIO:
        """The file's bytes: unpacked, UTF-8 and without a byte order mark, but for Parquet.

        Raises:
            DatasetError: Zstandard cannot be read here.
            OSError: the system refuses.
        """
        opened = _unpacked(self.path, self.compression)
        if self.plain:
            return opened
        start = opened.read(2)
        if start in _UTF16:
            form = "utf-16-le" if start == codecs.BOM_UTF16_LE else "utf-16-be"
            text = io.TextIOWrapper(opened, form, newline="\n")
            return cast("BinaryIO", io.BufferedReader(_Encoded(text)))
        opened.read(1)
        return opened


def open_file(path: Path) -> EventFile:
    """What the file is. Its name matters only where the content could be anything.

    Raises:
        DatasetError: there is no such file, it is no regular file, cannot be unpacked, or holds no
            events that eqlx reads.
    """
    try:
        inputs.check_regular(path)
        compression = _compression(path)
        with _unpacked(path, compression) as file:
            start = file.read(_START)
    except (OSError, EOFError, ValueError) as error:
        raise DatasetError(reason_of(error), path) from error
    if start.startswith(b"PAR1") and compression is Compression.NONE:
        return EventFile(path, FileKind.PARQUET, compression)
    return _json(path, compression, start)


def reason_of(error: Exception) -> str:
    """The words of an error, as a part of a sentence."""
    reason = str(getattr(error, "strerror", None) or error)
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason


def _json(path: Path, compression: Compression, start: bytes) -> EventFile:
    text, plain = _text(start)
    first = text.lstrip()[:1]
    if first in (b"", b"{", b"["):
        kind = FileKind.VALUES if first == b"[" else FileKind.LINES
        hits = _HITS.search(text) is not None
        return EventFile(path, kind, compression, plain, may_hold_hits=hits)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] and suffixes[-1] in _PACKED_SUFFIXES:
        suffixes.pop()
    if suffixes[-1:] == [".parquet"]:
        message = "not a Parquet file"
        raise DatasetError(message, path)
    if suffixes[-1:] and suffixes[-1] in _JSON_SUFFIXES and not _stranger(start):
        return EventFile(path, FileKind.LINES, compression, plain)  # its first line is named
    if not _stranger(start):
        head = text.decode("utf-8", "replace")
        delimiter = None if "\0" in head else delimiter_of(head, suffixes[-1] if suffixes else "")
        if delimiter is not None:
            return EventFile(path, FileKind.TABLE, compression, plain, delimiter=delimiter)
    found = _stranger(start) or "of an unknown kind"
    message = f"the file is {found}; expected NDJSON, JSON, CSV, TSV or Parquet"
    raise DatasetError(message, path)


def _stranger(start: bytes) -> str | None:
    return next((what for magic, what in _STRANGERS if start.startswith(magic)), None)


def _text(start: bytes) -> tuple[bytes, bool]:
    """The start as UTF-8 without a byte order mark, and whether it is so already."""
    if start.startswith(_BOM):
        return start.removeprefix(_BOM), False
    if start[:2] in _UTF16:
        return start.decode("utf-16", "ignore").encode("utf-8", "ignore"), False
    return start, True


def _compression(path: Path) -> Compression:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return Compression.GZIP
    if magic == b"\x28\xb5\x2f\xfd":
        return Compression.ZSTANDARD
    if magic and path.suffix.lower() in _PACKED_SUFFIXES:
        message = f"not a `{path.suffix.lower()}` file: its first bytes are of another kind"
        raise DatasetError(message, path)
    return Compression.NONE


def _unpacked(path: Path, compression: Compression) -> BinaryIO:
    match compression:
        case Compression.GZIP:
            return cast("BinaryIO", gzip.open(path, "rb"))
        case Compression.ZSTANDARD:
            return _zstandard(path)
        case Compression.NONE:
            return path.open("rb")


class _Encoded(io.RawIOBase):
    """A text as the bytes of its UTF-8 form."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer) -> int:
        view = memoryview(into).cast("B")
        if not self._rest:
            self._rest = self._text.read(max(1, len(view) // 4)).encode("utf-8", "surrogatepass")
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        self._text.close()
        super().close()


def _zstandard(path: Path) -> BinaryIO:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        return cast("BinaryIO", module.open(path, "rb"))
    message = "Zstandard needs Python 3.14 or `pip install 'eqlx[zstd]'`"
    raise DatasetError(message, path)
