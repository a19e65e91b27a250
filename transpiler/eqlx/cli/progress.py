"""A progress bar on stderr around an iteration, for a person who waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from eqlx.cli.console import Console

T = TypeVar("T")

_MANY = 20
"""So many items are waited for without a bar."""


def watched(
    items: Iterable[T], total: int, doing: str, console: Console, *, prints: bool = False
) -> Iterable[T]:
    """`items`, with a bar while they come where they are many, stderr is a terminal and diagnostics
    are for people. `prints`: each item is printed on stdout as it comes, which then must not be the
    same terminal."""
    if total <= _MANY or not sys.stderr.isatty() or not console.is_for_people:
        return items
    if prints and sys.stdout.isatty():
        return items
    return _tracked(items, total, doing)


@contextmanager
def searching(console: Console) -> Generator[Callable[[int, int], None] | None]:
    """What shows how many events of how many were searched, how many a second, and the time that is
    left; None where nobody watches stderr. Nothing is shown before it is first called."""
    if not sys.stderr.isatty() or not console.is_for_people:
        yield None
        return
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:,.0f} events/s")

    terminal = Terminal(stderr=True, highlight=False, emoji=False, markup=False, soft_wrap=True)
    columns = (TextColumn("searching"), BarColumn(), Rate(), TimeRemainingColumn())
    progress = Progress(*columns, console=terminal, transient=True, redirect_stdout=False)
    task = None

    def show(done: int, total: int) -> None:
        nonlocal task
        if task is None:
            progress.start()
            task = progress.add_task("searching", total=total)
        progress.update(task, completed=done)

    try:
        yield show
    finally:
        progress.stop()


def _tracked(items: Iterable[T], total: int, doing: str) -> Iterator[T]:
    """Show how many of `total` have come. What is written to stderr meanwhile goes above the bar;
    stdout is left alone, since artifacts go there."""
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Terminal(stderr=True, highlight=False, emoji=False, markup=False, soft_wrap=True)
    with Progress(*columns, console=terminal, transient=True, redirect_stdout=False) as progress:
        yield from progress.track(items, total=total)
