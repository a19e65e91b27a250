"""The one way by which commands write their results: a terminal gets no character that steers it.

In a pipe or a file results stay as they are, since programs read them.
"""

from __future__ import annotations

import sys
from typing import TextIO

from eqlx.render.cells import shown

_LAYOUT = frozenset("\n\t")


class Screen:
    """A terminal: what is no layout is shown as a visible character."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write `text` as it is safe to show."""
        return self._out.write(safe(text))


def safe(text: str) -> str:
    """The lines of `text` as they are safe to print on a terminal."""
    return "".join(c if c in _LAYOUT else shown(c) for c in text)


def screen(out: TextIO) -> Screen | TextIO:
    """`out`, as a `Screen` where it is a terminal."""
    return Screen(out) if out.isatty() else out


def put(text: str) -> None:
    """Write a result to the standard output."""
    screen(sys.stdout).write(text)
