"""Answers questions about Sigma with pySigma 2.0.1 and its SQLite back end 2.1.1.

Runs in an environment of its own (LGPL, pinned): one JSON request a line on standard input, one
JSON answer a line on standard output.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.types import SigmaString, SpecialChars

WILD = {SpecialChars.WILDCARD_MULTI: "*", SpecialChars.WILDCARD_SINGLE: "?"}


def pieces(text):
    """Sigma text as [literal?, text] pairs, as pySigma reads it."""
    return [
        [True, part] if isinstance(part, str) else [False, WILD[part]]
        for part in SigmaString(text).s
    ]


def load(text):
    """Error messages of a Sigma file; none where it loads."""
    try:
        collection = SigmaCollection.from_yaml(text)
    except Exception as error:  # noqa: BLE001 - every failure is an answer
        return [f"{type(error).__name__}: {error}"]
    return [f"{type(e).__name__}: {e}" for rule in collection.rules for e in rule.errors]


def search(text, events, nocase=True):  # noqa: FBT002 - arguments come by name
    """Convert to SQL, run on SQLite: the rows that each query gives.

    `nocase` makes `=` ignore letter case, as Sigma means it; it also folds what is grouped by.
    """
    (found,) = searches(text, [events], nocase)
    return found


def searches(text, streams, nocase=True):  # noqa: FBT002
    """The same for many streams of events, each by itself."""
    backend = sqliteBackend(table="events", timestamp_field="@timestamp", collate_nocase=nocase)
    queries = backend.convert(SigmaCollection.from_yaml(text))
    columns = sorted({name for s in streams for event in s for name in event} | set(names(text)))
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    connection = sqlite3.connect(":memory:")
    connection.create_function("regexp", 2, regexp)
    connection.execute(f"CREATE TABLE events ({listed})")
    answers = []
    for events in streams:
        connection.execute("DELETE FROM events")
        rows = [[event.get(name) for name in columns] for event in events]
        connection.executemany(f"INSERT INTO events VALUES ({marks})", rows)  # noqa: S608 - marks only
        answers.append([run(connection, query) for query in queries])
    return answers


def regexp(pattern, value):
    """A back end whose `$` is the very end of a value, and that folds ASCII letters alone, as the
    artifacts assume."""
    return value is not None and re.fullmatch(pattern, str(value), re.ASCII) is not None


def run(connection, query):
    cursor = connection.execute(query)
    head = [column[0] for column in cursor.description]
    return [dict(zip(head, row, strict=True)) for row in cursor]


def names(text):
    """Fields that the rule names: each needs a column."""
    found = set()

    def visit(item):
        if getattr(item, "field", None):
            found.add(item.field)
        for child in getattr(item, "detection_items", ()):
            visit(child)

    for rule in SigmaCollection.from_yaml(text).rules:
        for detection in getattr(getattr(rule, "detection", None), "detections", {}).values():
            visit(detection)
        found.update(getattr(rule, "group_by", None) or ())
        for alias in getattr(rule, "aliases", ()):
            found.update(alias.mapping.values())
    return found


ANSWERS = {"pieces": pieces, "load": load, "search": search, "searches": searches}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": ANSWERS[request.pop("ask")](**request)}
        except Exception as error:  # noqa: BLE001 - the asking test fails, the service stays
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
