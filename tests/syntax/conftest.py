"""Parsing for tests: a tree that must be there, or the diagnostics of a text that is no EQL."""

import json
import os
import tomllib
from functools import cache
from pathlib import Path

import pytest

from eqlx.diagnostics import Diagnostic, Report
from eqlx.source import Source
from eqlx.syntax.parser import parse
from eqlx.syntax.tree import Statement

DATA = Path(os.environ.get("EQLX_DATA", Path(__file__).parents[3] / "shared" / "data"))


def _read(text: str) -> Statement:
    source = Source("test", text)
    report = Report(source)
    statement = parse(source, report)
    assert statement is not None, [(d.code, d.message, d.span) for d in report]
    assert len(report) == 0
    return statement


def _refused(text: str) -> tuple[Diagnostic, ...]:
    source = Source("test", text)
    report = Report(source)
    assert parse(source, report) is None, "parsed"
    assert report.has_errors
    return report.diagnostics


@pytest.fixture(scope="session")
def read():
    """text → statement; fails with the diagnostics."""
    return _read


@pytest.fixture(scope="session")
def refused():
    """text → diagnostics; fails where the text parses."""
    return _refused


def _data(path: str) -> Path:
    found = DATA / path
    if not found.exists():
        pytest.skip(f"no data at {found}: set EQLX_DATA")
    return found


@pytest.fixture(scope="session")
def corpus_rules():
    """The queries of the rules, by file name."""

    @cache
    def load() -> dict[str, str]:
        files = sorted(_data("corpus/rules").rglob("*.toml"))
        return {f.name: tomllib.loads(f.read_text("utf-8"))["rule"]["query"] for f in files}

    return load


@pytest.fixture(scope="session")
def history():
    """`valid` or `invalid` → the texts in the order of the file."""

    @cache
    def load(kind: str) -> list[str]:
        lines = _data(f"corpus/history-{kind}.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line)["query"] for line in lines]

    return load


@pytest.fixture(scope="session")
def suite_queries():
    """Every query of Elasticsearch's suite, by file and number."""

    @cache
    def load() -> dict[str, str]:
        found: dict[str, str] = {}
        for file in sorted(_data("elasticsearch-eql-suite").glob("*.toml")):
            cases = tomllib.loads(file.read_text("utf-8")).get("queries", [])
            for number, case in enumerate(cases):
                found[f"{file.name}:{number}"] = case["query"]
        return found

    return load
