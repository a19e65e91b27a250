"""A progress bar on stderr around an iteration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def tracked(items: Iterable[T], total: int) -> Iterator[T]:
    """Yield `items`, and show how many of `total` have come."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, "converting", total=total, console=console, transient=True)
