"""A total time for work in Python itself, which has no engine to interrupt."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Generator
from contextlib import contextmanager

from eqlx.execution import ExecutionError

_AGAIN_SECONDS = 0.2


class _TimeUp(BaseException):
    """Raised in the working thread; no `except Exception` on the way takes it."""


@contextmanager
def within(seconds: float, what: str) -> Generator[None]:
    """End what runs inside after `seconds`, wherever it is.

    The work must hold nothing that needs to be put back: the interpreter's functions are pure.

    Raises:
        ExecutionError: the time is up.
    """
    watch = _Watch(threading.get_ident())
    timer = threading.Thread(target=watch.wait, args=(seconds,), daemon=True)
    try:
        try:
            timer.start()
            yield
        finally:
            watch.end()
    except _TimeUp:
        watch.end()
        message = f"{what} took longer than {seconds:g} seconds and was stopped"
        raise ExecutionError(message) from None


class _Watch:
    def __init__(self, thread: int) -> None:
        self._thread = ctypes.c_ulong(thread)
        self._lock = threading.Lock()
        self._over = threading.Event()

    def wait(self, seconds: float) -> None:
        """Ring after the seconds, and again until the work has ended: where Python calls back into
        code of others (a garbage collector's callback), an exception is lost."""
        while not self._over.wait(seconds):
            seconds = _AGAIN_SECONDS
            with self._lock:
                if not self._over.is_set():
                    raise_ = ctypes.pythonapi.PyThreadState_SetAsyncExc
                    raise_(self._thread, ctypes.py_object(_TimeUp))

    def end(self) -> None:
        """From here on nothing is raised, not even what is on its way."""
        with self._lock:
            self._over.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, None)
