"""Worker processes: they end with the process that made them, and one that dies costs one item at most."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from types import ModuleType

import pytest

from eqlx.diagnostics import Diagnostic
from eqlx.driver.deaths import deaths
from eqlx.driver.workers import Deaths, sheltered, spread
from eqlx.rule import Rule
from eqlx.source import Source

HERE = Path(__file__).parent


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # Worker processes get the search path of this one.
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("driver_workers_helper")


def noting(said: list[str]) -> Deaths[int, int]:
    def lost(item: int, cause: str) -> int:
        said.append(f"{item} lost: {cause}")
        return -1

    return Deaths(lambda item, cause: said.append(f"{item} again: {cause}"), lost)


@pytest.mark.parametrize("chunk", [1, 3])
@pytest.mark.parametrize("jobs", [2, 3])
def test_a_worker_that_dies_costs_one_item_at_most(
    helper: ModuleType, tmp_path: Path, jobs: int, chunk: int
) -> None:
    said: list[str] = []
    make = partial(helper.make_mortal, tmp_path)
    found = list(spread(make, range(20), jobs, noting(said), chunk=chunk))
    assert found == [-1 if item == 11 else 2 * item for item in range(20)]
    assert said == ["7 again: killed by SIGKILL", "11 lost: exit code 9"]


def test_what_is_said_of_rules_whose_worker_died() -> None:
    said: list[Diagnostic] = []
    rule = Rule(Source("r", "any where true"), id="r-1")
    told = deaths(lambda one: one, lambda _, report: report.diagnostics, said.append)
    told.again(rule, "killed by SIGKILL")
    said += told.lost(rule, "exit code 1")
    assert [one.code for one in said] == ["worker-died", "rule-ends-worker"]
    assert all("`r-1`" in one.message for one in said)
    assert "(killed by SIGKILL)" in said[0].message


def test_an_exception_in_a_worker_is_raised_here(helper: ModuleType) -> None:
    found = spread(helper.make_failing, range(8), 2, noting([]), chunk=2)
    with pytest.raises(RuntimeError, match="OfNoModule: five"):
        list(found)


def test_without_workers_the_work_is_done_here(helper: ModuleType) -> None:
    assert list(spread(helper.make_unborn, range(8), 2, noting([]), chunk=2)) == list(range(8))


def test_workers_end_with_an_abandoned_iteration(helper: ModuleType, tmp_path: Path) -> None:
    found = spread(partial(helper.make_mortal, tmp_path), range(6), 2, noting([]), chunk=1)
    assert next(iter(found)) == 0
    assert active_children()
    found.close()  # type: ignore[attr-defined]
    assert not active_children()


def _runs(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_end_with_a_killed_parent() -> None:
    paths = os.pathsep.join((*sys.path, str(HERE)))
    with subprocess.Popen(
        [sys.executable, str(HERE / "driver_workers_helper.py")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        assert len(workers) == 2
        assert all(map(_runs, workers))
        parent.kill()
    until = time.monotonic() + 60
    while any(map(_runs, workers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(_runs, workers))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signal masks")
def test_ctrl_c_waits_until_a_process_has_started() -> None:
    """Also where another thread of the process takes the signal."""
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    reached = False
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), sheltered():  # noqa: PT012 the end raises
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            reached = True
        assert reached
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with sheltered():
            pass
    finally:
        signal.signal(signal.SIGINT, handler)
        over.set()
        other.join()
