"""What a test file says and what became of it: values, without reading, running or rendering."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from eqlx.diagnostics import Diagnostic
from eqlx.execution import Event
from eqlx.rule import Rule
from eqlx.source import Source, Span

DEFAULT_ENGINES = ("reference", "duckdb")
"""What a test runs on where neither its file nor the caller says otherwise."""

Name = str | int
"""What stands for an event in an expectation: its `_id`, else its number, from 1."""


@dataclass(frozen=True)
class Expected:
    """The matches that a test asks for.

    `count` alone is their number. `matches` names each match's events in order of the stages, the
    slots of missing events left out; the order of the matches among each other is free.
    """

    count: int
    matches: tuple[tuple[Name, ...], ...] | None = None


@dataclass(frozen=True)
class RuleTest:
    """One test. `names[i]` is what expectations call `events[i]`; `span` is its place in the file."""

    name: str
    events: tuple[Event, ...]
    names: tuple[Name, ...]
    expected: Expected
    span: Span


@dataclass(frozen=True)
class TestFile:
    """A test file, read without fault. `rule` names one of several rules of a file by id or name."""

    source: Source
    tests: tuple[RuleTest, ...]
    engines: tuple[str, ...] = DEFAULT_ENGINES
    rule: str | None = None

    __test__ = False  # the name is this room's word, not pytest's

    @property
    def path(self) -> Path:
        return Path(self.source.name)


class Verdict(Enum):
    """How one test ended on one engine."""

    PASSED = "passed"
    FAILED = "failed"
    """The engine found something else."""
    BROKEN = "broken"
    """The rule could not be converted for the engine, or the engine failed."""


@dataclass(frozen=True)
class Result:
    """One test on one engine. `found` names events as `Expected.matches` does; `diagnostics` say why
    a test is broken, or what is to be noted of the events of one that failed. `seconds` is wall time."""

    rule: Rule
    file: TestFile
    test: RuleTest
    engine: str
    verdict: Verdict
    found: tuple[tuple[Name, ...], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0

    @property
    def message(self) -> str:
        """What was expected and what was found, on one line; empty for a test that passed."""
        match self.verdict:
            case Verdict.PASSED:
                return ""
            case Verdict.BROKEN:
                said = "; ".join(dict.fromkeys(d.message for d in self.diagnostics))
                return f"not run on {self.engine}: {said}"
            case Verdict.FAILED:
                notes = dict.fromkeys(d.message for d in self.diagnostics)
                found = f"expected {told(self.test.expected)}, found {matches_told(self.found)}"
                return "; ".join((found, *notes))


def told(expected: Expected) -> str:
    """An expectation in words."""
    if expected.matches is not None:
        return matches_told(expected.matches)
    return f"{expected.count} match{'' if expected.count == 1 else 'es'}"


def matches_told(matches: tuple[tuple[Name, ...], ...]) -> str:
    """Matches in the form that test files have: `a, b` of events, `[a, b], [c, d]` of sequences."""
    if not matches:
        return "no match"
    if all(len(match) == 1 for match in matches):
        return ", ".join(str(match[0]) for match in matches)
    return ", ".join(f"[{', '.join(map(str, match))}]" for match in matches)
