"""Answers in a process of their own, so that one that takes too long can be ended."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from eqlx.play.answers import BadRequestError, answer

__all__ = ["BadRequestError", "TooSlowError", "Worker"]


class TooSlowError(Exception):
    """No answer within the time limit, or the process ended without one."""


class Worker:
    """One process that answers, started when it is needed and again after it was ended.

    `seconds`: the time limit of one answer.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._pool: ProcessPoolExecutor | None = None

    async def ask(self, name: str, body: str) -> str:
        """The answer of `eqlx.play.answers.answer`.

        Raises:
            BadRequestError: what was asked is not a question.
            TooSlowError: no answer came; the process is ended.
        """
        pool = self._running()
        asked = asyncio.get_running_loop().run_in_executor(pool, answer, name, body)
        try:
            return await asyncio.wait_for(asked, self.seconds)
        except (TimeoutError, BrokenProcessPool) as error:
            if self._pool is pool:
                self.close()
            raise TooSlowError from error

    def close(self) -> None:
        """End the process, whatever it does."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # There is no public way to end a worker that is busy.
        processes = list((pool._processes or {}).values())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_start)
        return self._pool


def _start() -> None:
    from eqlx.garbage import collect_seldom

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    collect_seldom()
