"""Paths in, rules out: the one entrance to rule files of every form."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from eqlx.diagnostics.catalogue.rulefile import (
    no_rule_files,
    rule_file_not_found,
    rule_file_not_utf8,
    rule_file_unreadable,
)
from eqlx.inputs import is_there
from eqlx.rule import Rule
from eqlx.rulefile.batch import Batch, Loaded, Skipped
from eqlx.rulefile.files import SUFFIXES, read_text, reason_of, rule_files
from eqlx.rulefile.json_form import read_json
from eqlx.rulefile.toml_form import read_toml
from eqlx.source import Source

__all__ = ["STDIN", "Loaded", "Skipped", "from_query", "load", "load_text"]

STDIN = "<stdin>"
"""The name of standard input in diagnostics."""

_TOML_START = re.compile(r"(?:\s|#[^\n]*\n)*(?:\[\[?\s*[\w\"'.-]+\s*\]|[\w\"'.-]+\s*=[^=])")
_JSON_START = re.compile(r"\s*(?:\{|\[\s*[\[{\]])")


def load(paths: Sequence[str | Path], stdin: TextIO | None = None) -> Loaded:
    """The rules of files, folders (searched to the bottom) and standard input (`-`).

    Nothing is raised: what is wrong with a file is a diagnostic, and the other files are read.
    A file that is named twice is read once.
    """
    batch = Batch()
    seen: set[str] = set()
    # Standard input can be read but once.
    for given in dict.fromkeys(paths) if "-" in paths else paths:
        if str(given) == "-":
            _read_stdin(stdin, batch)
            continue
        path = Path(given)
        try:
            if path.is_dir():
                found = list(rule_files(path, batch))
                if not found:
                    batch.say(no_rule_files(str(path), SUFFIXES))
                for file in found:
                    _read_once(file, batch, seen, asked_for=False)
            elif is_there(path):
                _read_once(path, batch, seen, asked_for=True)
            else:
                batch.say(rule_file_not_found(str(path)))
        except (OSError, ValueError) as error:
            # A name that the system does not take: too long, or with a NUL.
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            batch.say(rule_file_unreadable(str(path), reason))
    return batch.finish()


def from_query(text: str, name: str = "query") -> Rule:
    """A rule that is nothing but a query."""
    return Rule(query=Source(name, text), name=name)


def _read_once(path: Path, batch: Batch, seen: set[str], *, asked_for: bool) -> None:
    # Not `Path.resolve`, which raises on circular links; reading says it of this file alone.
    real = os.path.realpath(path)
    if real in seen:
        return
    seen.add(real)
    file = read_text(path, batch)
    if file is not None:
        _read_as(file, path, batch, asked_for=asked_for)


def load_text(text: str, path: Path) -> Loaded:
    """The rules of a text that an editor has for the file `path`, which is not read. Only the suffix
    says of what form the text is; a TOML or JSON file without a rule is no fault."""
    batch = Batch()
    _read_as(Source(str(path), text), path, batch, asked_for=False)
    return batch.finish()


def _read_as(file: Source, path: Path, batch: Batch, *, asked_for: bool) -> None:
    match path.suffix.lower():
        case ".toml":
            read_toml(file, batch, asked_for=asked_for)
        case ".json" | ".jsonl" | ".ndjson":
            read_json(file, batch, asked_for=asked_for)
        case ".eql":
            batch.add_text(file, path.stem)
        case _:
            _read_sniffed(file, batch, path.stem)


def _read_stdin(stdin: TextIO | None, batch: Batch) -> None:
    if stdin is None:
        batch.say(rule_file_unreadable(STDIN, "there is no standard input"))
        return
    try:
        text = stdin.read()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        batch.say(rule_file_not_utf8(STDIN, line, error.start))
        return
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        batch.say(rule_file_unreadable(STDIN, reason))
        return
    _read_sniffed(Source(STDIN, text.removeprefix("\ufeff")), batch, None)


def _read_sniffed(file: Source, batch: Batch, name: str | None) -> None:
    """A text whose form no file name tells: no EQL text starts as JSON or TOML do."""
    if _JSON_START.match(file.text):
        read_json(file, batch, asked_for=True)
    elif _TOML_START.match(file.text):
        read_toml(file, batch, asked_for=True)
    else:
        batch.add_text(file, name)
