"""Work spread over processes, its results in the order of the items."""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar, cast

from eqlx.diagnostics import EqlxError

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
            results = pool.map(cast("Callable[[T], R]", _work), items, chunksize=chunk)
        yield from results
    except BrokenProcessPool:
        from eqlx.diagnostics.catalogue.usage import worker_died

        raise EqlxError((worker_died(),)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
    Thread(target=_end_with_parent, daemon=True).start()
    # A worker ends without taking its modules apart: native ones may remark on stderr about that.
    atexit.register(os._exit, 0)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(item: object) -> object:
    return _WORK[0](item)
