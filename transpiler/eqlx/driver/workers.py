"""Work spread over processes, its results in the order of the items."""

from __future__ import annotations

import atexit
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from time import monotonic
from typing import NoReturn, TypeVar, cast

from eqlx.diagnostics import EqlxError
from eqlx.garbage import collect_seldom

T = TypeVar("T")
R = TypeVar("R")


def spread(
    make: Callable[[], Callable[[T], R]], items: Sequence[T], jobs: int, *, chunk: int = 4
) -> Iterator[R]:
    """The results of the function that `make` gives, one an item, in order, from up to `jobs`
    processes. Each makes the function once; few items, or one job, stay in this process.

    Raises:
        EqlxError: what `make` raises here, or a process died (memory).
    """
    work = make()
    if jobs <= 1 or len(items) <= chunk:
        yield from map(work, items)
        return
    # A fresh interpreter a worker: forking a process that may have threads is not safe.
    pool = ProcessPoolExecutor(
        min(jobs, -(-len(items) // chunk)),
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(make,),
    )
    try:
        with sheltered():
            parts = deque(
                pool.submit(
                    cast("Callable[[Sequence[T]], list[R]]", _work_all), items[at : at + chunk]
                )
                for at in range(0, len(items), chunk)
            )
        while parts:
            yield from parts.popleft().result()
    except BrokenProcessPool:
        from eqlx.diagnostics.catalogue.usage import worker_died

        raise EqlxError((worker_died(),)) from None
    except BaseException:
        # Ctrl-C, or nobody wants the rest: a chunk that still runs is not waited for.
        _end_children()
        raise
    finally:
        # Not `cancel_futures`, nor `pool.map`, which cancels too: the pool's own thread fails, with a
        # traceback, at a cancelled future when workers have been ended.
        pool.shutdown(wait=True)


_GRACE_SECONDS = 0.5


def _end_children() -> None:
    """End the worker processes: each is told, so that it removes its temporary files, and those that
    have not ended after a moment are killed."""
    children = active_children()
    for child in children:
        child.terminate()
    until = monotonic() + _GRACE_SECONDS
    for child in children:
        child.join(max(0.0, until - monotonic()))
    for child in children:
        child.kill()


_WORK: list[Callable[..., object]] = []
"""In a worker process: its function, set once by `_start`."""


def _start(make: Callable[[], Callable[..., object]]) -> None:
    begin()
    _WORK[:] = [make()]


@contextmanager
def sheltered() -> Generator[None]:
    """Processes that are started inside never see Ctrl-C, not even while they start; here it comes
    at the end of the block."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin() -> None:
    """What every worker process does first: Ctrl-C is for the parent, which then ends the workers;
    a parent that is killed ends them, too, since it can no longer tell them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _told_to_end)
    Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    # A worker ends without taking its modules apart: native ones may remark on stderr about that.
    atexit.register(os._exit, 0)


_ENDING: list[bool] = []
"""In a worker process: filled when the parent has told it to end."""


def _told_to_end(_number: int, _frame: object) -> NoReturn:
    """Leave what runs, through its clean-up; `_work` takes nothing new."""
    _ENDING.append(True)
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work_all(items: Sequence[object]) -> list[object]:
    return [_work(item) for item in items]


def _work(item: object) -> object:
    try:
        return _WORK[0](item)
    except KeyboardInterrupt:
        if _ENDING:
            os._exit(
                1
            )  # all that was open is closed by now; the pool would go on with the next item
        raise
