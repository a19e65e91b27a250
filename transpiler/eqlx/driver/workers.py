"""Work spread over processes, its results in the order of the items.

Each process has a pipe of its own, so that a process that dies (memory, a bug in a native library)
is known together with the item that it had in hand. That item is done once more in a new process;
all others go on.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread, current_thread, main_thread
from time import monotonic
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar, cast

from eqlx.garbage import collect_seldom

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

T = TypeVar("T")
R = TypeVar("R")

_GRACE_SECONDS = 0.5
_STARTS = 3
"""So many processes in a row may die before they are ready; then the work is done here."""


@dataclass(frozen=True)
class Deaths(Generic[T, R]):
    """What becomes of an item whose process died, `cause` being how. `again`: it was done again, with
    success; what it does comes right before the item's result. `lost`: its result, if the second
    process died as well."""

    again: Callable[[T, str], object]
    lost: Callable[[T, str], R]


def spread(
    make: Callable[[], Callable[[T], R]],
    items: Sequence[T],
    jobs: int,
    deaths: Deaths[T, R],
    *,
    chunk: int = 4,
) -> Generator[R]:
    """The results of the function that `make` gives, one an item, in order, from up to `jobs`
    processes. Each makes the function once; few items, or one job, stay in this process.

    Raises:
        EqlxError: what `make` raises.
    """
    work = make()
    if jobs <= 1 or len(items) <= chunk:
        yield from map(work, items)
        return
    crew = _Crew(make, items, min(jobs, -(-len(items) // chunk)), chunk)
    try:
        for number, item in enumerate(items):
            if not crew.has(number):
                yield work(item)
            elif (cause := crew.lost.get(number)) is not None:
                yield deaths.lost(item, cause)
            else:
                if (cause := crew.died.get(number)) is not None:
                    deaths.again(item, cause)
                yield crew.results.pop(number)
    finally:
        # Also at Ctrl-C, or where nobody wants the rest: a chunk that still runs is not waited for.
        crew.end()


@dataclass(eq=False)
class _Worker:
    """A process, this end of its pipe, and the items that it has and has not given back."""

    process: SpawnProcess
    pipe: Connection
    hand: deque[int] = field(default_factory=deque)
    is_ready: bool = False

    def cause(self) -> str:
        """How it died."""
        self.process.join(_GRACE_SECONDS)
        code = self.process.exitcode
        if code is None or code >= 0:
            return f"exit code {code}"
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"


@dataclass
class _Crew(Generic[T, R]):
    """The processes, and the state of each item by its number. `died`, `lost`: the causes."""

    make: Callable[[], Callable[[T], R]]
    items: Sequence[T]
    jobs: int
    chunk: int
    results: dict[int, R] = field(default_factory=dict)
    died: dict[int, str] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    _workers: list[_Worker] = field(default_factory=list)
    _todo: deque[list[int]] = field(default_factory=deque)
    _false_starts: int = 0

    def __post_init__(self) -> None:
        numbers = range(len(self.items))
        self._todo.extend(list(numbers[at : at + self.chunk]) for at in numbers[:: self.chunk])

    def has(self, number: int) -> bool:
        """Wait for an item; whether it has a result or is lost. If not, no process can be started."""
        self._step(0)
        while number not in self.results and number not in self.lost:
            if self._false_starts >= _STARTS:
                return False
            self._step(None)
        return True

    def _step(self, seconds: float | None) -> None:
        """Give work to those that have none, and take what has come within the seconds (None: wait
        for something to come)."""
        while len(self._workers) < self.jobs and self._todo and self._false_starts < _STARTS:
            self._workers.append(_started(self.make))
        for worker in self._workers:
            # A process that is not waiting for work must be listened to, not talked to.
            if worker.is_ready and not worker.hand and self._todo:
                self._give(worker, self._todo.popleft())
        pipes = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(pipes), seconds) if pipes else ():
            self._hear(pipes[cast("Connection", pipe)])

    def _give(self, worker: _Worker, numbers: list[int]) -> None:
        worker.hand.extend(numbers)
        with suppress(OSError):  # it has died: what it had in hand is seen at its pipe's end
            worker.pipe.send([self.items[number] for number in numbers])

    def _hear(self, worker: _Worker) -> None:
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        match kind:
            case "ready":
                worker.is_ready, self._false_starts = True, 0
            case "result":
                self.results[worker.hand.popleft()] = value
            case _:
                raise value

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        cause = worker.cause()
        if not worker.is_ready:
            self._false_starts += 1
        if not worker.hand:
            return
        number = worker.hand.popleft()
        if worker.hand:
            self._todo.appendleft(list(worker.hand))
        if number in self.died:
            self.lost[number] = cause
        else:
            self.died[number] = cause
            self._todo.appendleft([number])

    def end(self) -> None:
        """End the processes: each is told, so that it removes its temporary files, and those that have
        not ended after a moment are killed."""
        for worker in self._workers:
            worker.process.terminate()
        until = monotonic() + _GRACE_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, until - monotonic()))
        for worker in self._workers:
            worker.process.kill()
            worker.pipe.close()
        self._workers.clear()


def _started(make: Callable[[], Callable[..., object]]) -> _Worker:
    # A fresh interpreter a worker: forking a process that may have threads is not safe.
    context = get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make), daemon=True)
    with sheltered():
        process.start()
    theirs.close()  # so that the process's end is the pipe's end
    return _Worker(process, pipe)


@contextmanager
def sheltered() -> Generator[None]:
    """Processes that are started inside never see Ctrl-C, not even while they start; here it comes
    at the end of the block."""
    if not hasattr(signal, "pthread_sigmask") or current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    # A process inherits what is blocked. Another thread of this one may still take the signal, for
    # which Python would then interrupt the start half-way: the process would find no one to talk to.
    handler = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if came and callable(handler):
        handler(signal.SIGINT, None)


# --- in a worker process --------------------------------------------------------------------------


def _serve(pipe: Connection, make: Callable[[], Callable[[object], object]]) -> None:
    """Answer each list of items by their results, one by one, until the pipe ends."""
    try:
        _begin()
        _answer(pipe, make)
    except (EOFError, OSError):
        return
    except KeyboardInterrupt:
        os._exit(1)  # all that was open is closed by now


def _answer(pipe: Connection, make: Callable[[], Callable[[object], object]]) -> None:
    try:
        work = make()
    except Exception as error:  # noqa: BLE001 it belongs to the parent
        _send(pipe, "error", error)
        return
    _send(pipe, "ready", None)
    while True:
        for item in pipe.recv():
            try:
                result = work(item)
            except Exception as error:  # noqa: BLE001 it belongs to the parent
                _send(pipe, "error", error)
            else:
                _send(pipe, "result", result)


def _send(pipe: Connection, kind: str, value: object) -> None:
    try:
        pipe.send((kind, value))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 whatever objects say when they cannot be sent
        pipe.send(("error", RuntimeError(f"{type(value).__name__}: {value} ({error})")))


def _begin() -> None:
    """What every worker process does first: Ctrl-C is for the parent, which then ends the workers;
    a parent that is killed ends them, too, since it can no longer tell them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _told_to_end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    # A worker ends without taking its modules apart: native ones may remark on stderr about that.
    atexit.register(os._exit, 0)


def _told_to_end(_number: int, _frame: object) -> NoReturn:
    """Leave what runs, through its clean-up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
