"""The interpreter keeps to a run's seconds, and is as it was afterwards."""

from __future__ import annotations

import pytest

from eqlx.bounds import Deadline, bytes_of, within
from eqlx.diagnostics import Report
from eqlx.execution import Bounds, Dataset, ExecutionError, Job
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference.executor import EXECUTOR, inferred
from eqlx.source import Source
from eqlx.target import EventModel

# Hypothesis times the garbage collector by a callback: an exception that lands in it is lost, said on
# stderr, and raised again a moment later.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

EVENTS = tuple(
    {"@timestamp": n, "event": {"category": "a"}, "k": n % 3, "v": n} for n in range(20_000)
)
MODEL = EventModel()


def test_a_slow_query_is_stopped_and_the_session_stays_usable() -> None:
    context = Context(inferred(EVENTS), Report(), MODEL)
    stages = "[any where true]" * 40
    query = compile_source(Source("q", f"sequence by k {stages}"), context)
    assert query is not None
    with EXECUTOR.open(Dataset(events=EVENTS[:10]), MODEL, Bounds(60)) as session:
        assert len(session.run(Job(query))) == 0
    with (
        pytest.raises(ExecutionError, match=r"longer than 0[.]01 seconds"),
        EXECUTOR.open(Dataset(events=EVENTS), MODEL, Bounds(0.01)),
    ):
        pass


def endlessly() -> None:
    while True:
        pass


def test_endless_work_ends() -> None:
    with (
        pytest.raises(ExecutionError, match=r"the work took longer than 0[.]05 seconds"),
        within(Deadline("the work", 0.05)),
    ):
        endlessly()


def test_nothing_is_raised_after_the_work() -> None:
    for _ in range(200):
        try:
            with within(Deadline("the work", 0.0005)):
                sum(range(5000))
        except ExecutionError:
            pass
    assert sum(range(100_000)) == 4_999_950_000


def test_what_the_interpreter_holds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter(range(0, 10**15, 10**9))
    monkeypatch.setattr("eqlx.bounds.process_bytes", lambda: next(sizes))
    with (
        pytest.raises(ExecutionError, match=r"the work took more than 2,000 MB of memory"),
        within(Deadline("the work", 600), memory=bytes_of("2GB")),
    ):
        endlessly()


@pytest.mark.parametrize(
    "size", ["", "-1", "0", "0.0GB", "GB", "1XB", "1e9", "nan", "4 G B", "٤GB"]
)
def test_what_is_no_size(size: str) -> None:
    with pytest.raises(ValueError, match="no size of memory"):
        bytes_of(size)


def test_sizes() -> None:
    assert [bytes_of(size) for size in ("1", "1B", "2k", "2KiB", "1.5 mb", " 4gb ", "1TiB")] == [
        1, 1, 2000, 2048, 1_500_000, 4_000_000_000, 2**40,
    ]  # fmt: skip
