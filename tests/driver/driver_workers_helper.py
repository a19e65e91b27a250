"""Run as a script: items that never end, over two processes, each of which says its number."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from eqlx.driver.workers import spread


def make() -> Callable[[int], int]:
    def work(item: int) -> int:
        os.write(1, f"{os.getpid()}\n".encode())
        time.sleep(120)
        return item

    return work


if __name__ == "__main__":
    import driver_workers_helper

    list(spread(driver_workers_helper.make, range(4), 2, chunk=1))
