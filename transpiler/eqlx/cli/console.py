"""What goes to the person: diagnostics on stderr in the format that was asked for."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module

import click

from eqlx.cli.exits import Exit
from eqlx.diagnostics import Diagnostic, EqlxError, Severity
from eqlx.render.screen import safe

FORMATS = ("text", "concise", "jsonl", "github")


class Console:
    """Prints diagnostics in one format and counts them. `quiet` keeps notes and warnings back."""

    def __init__(self, form: str = "text", *, quiet: bool = False) -> None:
        self._render = import_module(f"eqlx.render.{form}").render
        self._form = form
        self._quiet = quiet
        self._color = _wants_color()
        self.counts: Counter[Severity] = Counter()

    @classmethod
    def of(cls, context: click.Context | None) -> Console:
        """The console of a command's options, as far as they were read."""
        parameters = {} if context is None else context.params
        return cls(
            parameters.get("diagnostics_format") or "text",
            quiet=bool(parameters.get("quiet")),
        )

    @property
    def is_for_people(self) -> bool:
        """Whether plain remarks (summaries, progress) may stand between the diagnostics."""
        return self._form != "jsonl"

    def say(self, diagnostic: Diagnostic) -> None:
        self.counts[diagnostic.severity] += 1
        if self._quiet and diagnostic.severity is not Severity.ERROR:
            return
        text = self._render(diagnostic, color=self._color)
        if self._form == "text" and sum(self.counts.values()) > 1:
            text = f"\n{text}"
        click.echo(text, err=True, color=True)

    def say_all(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.say(diagnostic)

    def remark(self, text: str) -> None:
        """A line for people that is no diagnostic."""
        if self.is_for_people:
            click.echo(safe(text), err=True)

    def stop(self, error: EqlxError | Diagnostic, code: Exit = Exit.USAGE) -> click.exceptions.Exit:
        """Say it and give the exception that ends the command: `raise console.stop(…)`."""
        self.say_all((error,) if isinstance(error, Diagnostic) else error.diagnostics)
        return click.exceptions.Exit(int(code))


def is_debugging() -> bool:
    """Whether tracebacks of internal errors are wanted (`EQLX_DEBUG`)."""
    return os.environ.get("EQLX_DEBUG", "") not in {"", "0"}


def _wants_color() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
