"""The pytest plugin: collects casebooks, runs and golden rules; `--bless`; the closing summary."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from eqlx_harness import blessing
from eqlx_harness.blessing import BLESSING
from eqlx_harness.casebook import CONSOLE, Block, Case, read
from eqlx_harness.commands import console
from eqlx_harness.data import ROOT, data_folder
from eqlx_harness.engines import absent_engines, engine_names
from eqlx_harness.produce import TAGS, Subject, produce, schema_of

GOLDEN = ROOT / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="write what golden tests gave as their expectation"
    )


def pytest_configure(config: pytest.Config) -> None:
    if threading.current_thread() is threading.main_thread():
        # A runner in the background ignores Ctrl-C, and every process that it starts inherits that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # No result depends on the speed of the machine.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("eqlx", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("eqlx")
    config.stash[BLESSING] = blessing.from_config(config)


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    if file_path.suffix == ".md" and GOLDEN in file_path.parents and file_path.name != "README.md":
        return Casebook.from_parent(parent, path=file_path)
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[BLESSING].write()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("engines")
    terminalreporter.line(f"executed: {', '.join(engine_names())}")
    for name, why in absent_engines().items():
        terminalreporter.line(f"NOT EXECUTED: {name}: {why}", red=True, bold=True)
    if not data_folder().exists():
        terminalreporter.line(f"THIRD-PARTY DATA MISSING: {data_folder()} (tests skipped)")


class Casebook(pytest.File):
    """A Markdown file of golden cases."""

    def collect(self) -> Iterator[GoldenCase]:
        seen: dict[str, int] = {}
        for case in read(self.path, frozenset(TAGS)):
            seen[case.title] = seen.get(case.title, 0) + 1
            for block in case.expectations:
                number = "" if seen[case.title] == 1 else f" #{seen[case.title]}"
                name = f"{case.title}{number}[{block.tag}]"
                yield GoldenCase.from_parent(self, name=name, case=case, block=block)


class GoldenMismatchError(Exception):
    """A golden block differs; the text is a diff."""


class GoldenCase(pytest.Item):
    """One expectation of a casebook."""

    def __init__(self, *, case: Case, block: Block, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest's own keywords pass through
        self.case = case
        self.block = block

    def runtest(self) -> None:
        actual = self._actual().rstrip("\n")
        expected = self.block.content.rstrip("\n")
        if actual == expected and (expected or self.block.tag in ("diagnostics", "lints")):
            return
        if self.config.stash[BLESSING].block(self.path, self.block, actual):
            return
        raise GoldenMismatchError(difference(expected, actual))

    def _actual(self) -> str:
        if self.block.tag == CONSOLE:
            return console(self.case.files, self.block.content)
        schema = self.case.inputs.get("schema")
        subject = Subject(
            self.case.inputs["eql"].content,
            schema_of(schema.content if schema else None),
            self.path.stem,
        )
        return produce(subject, self.block.tag, dict(self.block.options))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002  # pytest's signature
    ) -> str | object:
        if isinstance(excinfo.value, GoldenMismatchError):
            return f"{self.path}:{self.block.first}\n{excinfo.value}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.block.first - 1, self.name


def difference(expected: str, actual: str) -> str:
    """A unified diff, for a failure's text."""
    from difflib import unified_diff

    lines = unified_diff(expected.splitlines(), actual.splitlines(), "golden", "actual", n=2)
    return "\n".join(line.rstrip("\n") for line in lines)
