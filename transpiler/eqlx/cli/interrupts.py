"""Ctrl-C and signals in the middle of many rules: what is known by then is given, and what is missing is
said."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqlx.cli.exits import Exit

if TYPE_CHECKING:
    from eqlx.cli.console import Console


@dataclass
class Interruption:
    """`came`: Ctrl-C or a signal has ended the work."""

    came: bool = False


@contextmanager
def interruptible() -> Generator[Interruption]:
    """Ctrl-C ends the block, and the command goes on after it."""
    interruption = Interruption()
    try:
        yield interruption
    except KeyboardInterrupt:
        interruption.came = True


def say_interrupted(console: Console, done: int, total: int, verb: str, kept: str) -> Exit:
    """Say that so many of all rules are done (`verb`), and what became of their results (`kept`); the
    exit code."""
    from eqlx.diagnostics.catalogue.usage import interrupted

    console.say(interrupted(done, total, verb, kept))
    return Exit.INTERRUPTED
