"""Bounds on work in Python itself, which has no engine to interrupt: a total time, and memory.

One watching thread for each piece of work looks at the clock and at the process's size. When a bound
is reached, it interrupts the engine (`ring`) and raises an exception in the working thread.
"""

from __future__ import annotations

import ctypes
import math
import re
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from eqlx.execution import ExecutionError, MemoryUpError, TimeUpError

LONGEST_SECONDS = 10_000_000.0
"""About four months; sockets and threads wait for no longer times on all systems."""

_AGAIN_SECONDS = 0.2
_LOOK_SECONDS = 0.1
_SLACK = 32_000_000
"""Bytes by which a process grows of itself: modules, the allocator's reserve."""

_PLAIN = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_UNITS = {
    **_PLAIN,
    **{f"{unit}b": size for unit, size in _PLAIN.items() if unit not in ("", "b")},
    **{f"{unit}ib": 2 ** (10 * power) for power, unit in enumerate("kmgt", 1)},
}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)[ \t]*([a-z]{0,3})", re.ASCII | re.IGNORECASE)


def bytes_of(size: str) -> int:
    """The bytes that a size stands for: a number above zero with a unit, `512MB`, `4 GiB`.

    >>> bytes_of("1.5kB"), bytes_of("4GiB")
    (1500, 4294967296)

    Raises:
        ValueError: it is no such size; the message is a clause.
    """
    found = _SIZE.fullmatch(size.strip())
    unit = None if found is None else _UNITS.get(found[2].lower())
    count = 0 if found is None or unit is None else int(float(found[1]) * unit)
    if count < 1:
        message = f"`{size}` is no size of memory, expected one as `512MB` or `4GB`"
        raise ValueError(message)
    return count


class Deadline:
    """A moment by which `what` (the subject of a sentence) must be done, `seconds` from now."""

    def __init__(self, what: str, seconds: float) -> None:
        self.what = what
        self.seconds = seconds
        self._end = monotonic() + min(seconds, LONGEST_SECONDS)

    def left(self) -> float:
        """The seconds that are left, more than 0.

        Raises:
            TimeUpError: none are.
        """
        left = self._end - monotonic()
        if left <= 0:
            raise self.error()
        return left

    def error(self) -> TimeUpError:
        """What is raised when the time is up."""
        return TimeUpError(self.what, self.seconds)


class _Stop(BaseException):
    """Raised in the working thread; no `except Exception` on the way takes it."""


@contextmanager
def within(
    deadline: Deadline, ring: Callable[[], object] | None = None, memory: int | None = None
) -> Generator[None]:
    """End what runs inside by the deadline, and when the process has grown by `memory` bytes (where
    the system tells its size), wherever it is.

    `ring` interrupts an engine; it is called from another thread, possibly several times, and not
    after the end. The work must hold nothing that needs to be put back.

    Raises:
        TimeUpError: the time is up.
        MemoryUpError: the memory is.
    """
    watch = _Watch(threading.get_ident(), deadline, ring, memory)
    timer = threading.Thread(target=watch.wait, daemon=True)
    try:
        try:
            timer.start()
            yield
        finally:
            _end(watch, timer)
    except _Stop:
        _end(watch, timer)
        raise (watch.reached or deadline.error()) from None
    except Exception as error:
        if watch.reached is not None:
            raise watch.reached from error  # an engine that was interrupted, in words of its own
        raise


def _end(watch: _Watch, timer: threading.Thread) -> None:
    """End the watch, whatever it raises meanwhile: on a busy machine it may ring again just then."""
    while True:
        try:
            watch.end()
            # A thread that outlives this call would keep an engine's connection.
            if timer.ident is not None:
                timer.join()
        except _Stop:
            continue
        return


class _Watch:
    def __init__(
        self,
        thread: int,
        deadline: Deadline,
        ring: Callable[[], object] | None,
        memory: int | None,
    ) -> None:
        self._thread = ctypes.c_ulong(thread)
        self._deadline = deadline
        self._ring = ring
        self._memory = memory
        self._before = 0 if memory is None else process_bytes()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.reached: ExecutionError | None = None

    def wait(self) -> None:
        """Look until a bound is reached. Then ring, again and again until the work has ended: where
        Python calls back into code of others (a garbage collector's callback), an exception is
        lost, and an engine between two statements hears nothing."""
        found = None
        while found is None:
            found, pause = self._look()
            if self._over.wait(pause):
                return
        while True:
            with self._lock:
                if self._over.is_set():
                    return
                self.reached = found
                raise_ = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_(self._thread, ctypes.py_object(_Stop))
                if self._ring is not None:
                    # An engine that is being closed may refuse; it is asked again.
                    with suppress(Exception):
                        self._ring()
            if self._over.wait(_AGAIN_SECONDS):
                return

    def _look(self) -> tuple[ExecutionError | None, float]:
        """The bound that is reached, and how long to wait before the next look."""
        try:
            left = self._deadline.left()
        except TimeUpError as error:
            return error, 0.0
        if self._memory is None:
            return None, left
        if process_bytes() - self._before > self._memory + _SLACK:
            return MemoryUpError(self._deadline.what, self._memory), 0.0
        return None, min(left, _LOOK_SECONDS)

    def end(self) -> None:
        """From here on nothing is raised, not even what is on its way."""
        with self._lock:
            self._over.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, None)


_STATM = Path("/proc/self/statm")


def process_bytes() -> int:
    """The memory that this process takes (elsewhere than on Linux: the most that it ever took); 0
    where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _page_bytes()
    except (OSError, IndexError, ValueError):
        return _peak_bytes()


def _page_bytes() -> int:
    import mmap

    return mmap.PAGESIZE


def _peak_bytes() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def is_duration(seconds: float) -> bool:
    """Whether a search can be bounded by so many seconds."""
    return math.isfinite(seconds) and 0 < seconds <= LONGEST_SECONDS
