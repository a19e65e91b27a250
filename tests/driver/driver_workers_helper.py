"""Run as a script: items that never end, over two processes, each of which says its number."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import parent_process
from pathlib import Path

from eqlx.driver.workers import Deaths, spread


def make() -> Callable[[int], int]:
    def work(item: int) -> int:
        os.write(1, f"{os.getpid()}\n".encode())
        time.sleep(120)
        return item

    return work


def make_mortal(folder: Path) -> Callable[[int], int]:
    """Ends its process by SIGKILL at 7, once, and at 11, always."""

    def work(item: int) -> int:
        if item == 7 and not (folder / "done").exists():
            (folder / "done").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if item == 11:
            os._exit(9)
        return 2 * item

    return work


def make_failing() -> Callable[[int], int]:
    """Raises what cannot be sent to another process."""

    class OfNoModule(Exception):  # noqa: N818 a name to be seen
        pass

    def work(item: int) -> int:
        if item == 5:
            message = "five"
            raise OfNoModule(message)
        return item

    return work


def make_unborn() -> Callable[[int], int]:
    """Ends each worker process before it is ready."""
    if parent_process() is not None:
        os._exit(3)
    return lambda item: item


if __name__ == "__main__":
    import driver_workers_helper

    nothing: Deaths[int, int] = Deaths(lambda item, _: item, lambda item, _: item)
    list(spread(driver_workers_helper.make, range(4), 2, nothing, chunk=1))
