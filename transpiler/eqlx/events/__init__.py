"""Event files: what they are, and their events one by one. The one owner of both; an engine that
reads a file itself must read it as this package does (decision 025)."""

from __future__ import annotations

from eqlx.events.files import Compression, EventFile, FileKind, open_file
from eqlx.events.notes import notes_of
from eqlx.events.paths import expand
from eqlx.events.reading import Broken, events_of, read_events
from eqlx.events.strict import MAX_DEPTH, MAX_EVENT, FaultyEventError, parse_event

__all__ = [
    "MAX_DEPTH",
    "MAX_EVENT",
    "Broken",
    "Compression",
    "EventFile",
    "FaultyEventError",
    "FileKind",
    "events_of",
    "expand",
    "notes_of",
    "open_file",
    "parse_event",
    "read_events",
]
