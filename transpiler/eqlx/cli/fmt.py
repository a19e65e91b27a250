"""`eqlx fmt`: rules in canonical form, in place."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.driver.formatting import FormattedFile


@click.command(
    "fmt",
    epilog="Exit codes: 0 clean, or all files written; 1 with `--check` or `--diff`, files would change; "
    "2 a rule is invalid; 3 usage or configuration.",
)
@options.rule_arguments
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change as a diff.")
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Write the queries of rules in canonical form: layout, quotes, brackets, with comments kept.

    The files are changed in place. In TOML and JSON files only the query changes. Before a file is
    written, each query is proved to mean the same: it gives the same syntax tree and the same IR. Standard
    input and `--query` are printed.

    \b
    Examples:
      eqlx fmt rules
      eqlx fmt --check rules
      eqlx fmt --diff rules/persistence
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.driver.formatting import by_file, format_file

    console, given = Console.of(context), context.params
    loaded = options.read_rules(given["rules"], given["query"], console)
    console.say_all(loaded.diagnostics)
    work = _Work(console, check=given["check"], diff=given["diff"])
    done = 0
    with interruptible() as interruption:
        for file, rules in by_file(loaded.rules).items():
            work.take(format_file(file, rules), rules[0].path)
            done += len(rules)
    work.summarise()
    if interruption.came:
        kept = "files that were formatted so far are whole, and the others are as they were"
        return say_interrupted(console, done, len(loaded.rules), "formatted", kept)
    if work.failed or options.has_error(loaded):
        return Exit.RULE_ERRORS
    return Exit.FINDINGS if work.changed and work.is_dry else Exit.CLEAN


class _Work:
    """Writes, prints or names formatted files, and counts them."""

    def __init__(self, console: Console, *, check: bool, diff: bool) -> None:
        self._console = console
        self._diff = diff
        self.is_dry = check or diff
        self.changed = 0
        self.failed = 0
        self._unchanged = 0

    def take(self, file: FormattedFile, path: str | None) -> None:
        console = self._console
        console.say_all(file.diagnostics)
        self.failed += bool(file.diagnostics)
        name = file.before.name
        if path is None or path == "<stdin>":
            self._count(file)
            if not self.is_dry:
                put(file.after if file.after.endswith("\n") else f"{file.after}\n")
        elif not file.is_changed:
            self._unchanged += not file.diagnostics
            return
        elif not self.is_dry:
            self._write(file, Path(path))
            return
        else:
            self._count(file)
        if self._diff and file.is_changed:
            put(_diff(file))
        elif self.is_dry and file.is_changed:
            console.remark(f"would format {name}")

    def summarise(self) -> None:
        from eqlx.render.summary import counted

        verb = "would be formatted" if self.is_dry else "formatted"
        parts = [f"{counted(self.changed, 'file')} {verb}", f"{self._unchanged} unchanged"]
        if self.failed:
            parts.append(f"{self.failed} with errors")
        self._console.remark(", ".join(parts))

    def _count(self, file: FormattedFile) -> None:
        self.changed += file.is_changed
        self._unchanged += not file.is_changed and not file.diagnostics

    def _write(self, file: FormattedFile, path: Path) -> None:
        from eqlx.diagnostics.catalogue.usage import cannot_write, not_formatted

        try:
            data = path.read_bytes()
            if data.decode("utf-8-sig") != file.before.text:
                self._console.say(not_formatted(f"`{path}` was changed while eqlx read it"))
                self.failed += 1
                return
            mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
            _replace(path, mark + file.after)
        except OSError as error:
            self._console.say(cannot_write(str(path), options.cause(error)))
            self.failed += 1
            return
        self.changed += 1
        self._console.remark(f"formatted {file.before.name}")


def _replace(path: Path, text: str) -> None:
    """A link stays a link, and the file keeps its permissions."""
    from eqlx.cli.artifacts import write_whole

    real = path.resolve()
    mode = real.stat().st_mode
    write_whole(real, text)
    real.chmod(mode & 0o7777)


def _diff(file: FormattedFile) -> str:
    name = file.before.name
    lines = difflib.unified_diff(
        _lines(file.before.text), _lines(file.after), name, name, lineterm="\n"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + (
        [] if text.endswith("\n") or not text else [text.rpartition("\n")[2]]
    )
