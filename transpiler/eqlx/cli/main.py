"""The program `eqlx`: its commands, loaded when they are called, and what an exception becomes.

Nothing heavy is imported here, so that `eqlx --version` and shell completion stay quick.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

import click

from eqlx.cli.exits import Exit
from eqlx.garbage import collect_seldom

_COMMANDS = {
    "convert": "Convert rules to a target's query language.",
    "run": "Run rules over events.",
    "verify": "Prove that rules mean the same on every engine.",
    "diff": "Show what changed rules newly match, and no longer match.",
    "new": "Write a first rule with its test file.",
    "test": "Run the test files of rules.",
    "synth": "Write a test file for a rule, made from it.",
    "report": "Report how faithful the conversions of rules are.",
    "check": "Check rules: syntax, types, fields and lints.",
    "fmt": "Write rules in canonical form, in place.",
    "explain": "Explain a diagnostic, or why a rule matches events or does not.",
    "targets": "List targets, their dialects and options, and engines.",
    "dump": "Print what a rule looks like inside, stage by stage.",
    "pack": "Work with packs: how raw logs become ECS events.",
    "fields": "Work with field lists (schemas).",
    "play": "Serve a local page that converts and tries a query while you type.",
    "lsp": "Serve an editor: the language server.",
    "completion": "Print the completion script of a shell.",
}


class Program(click.Group):
    """A group whose commands live in `eqlx.cli.<name>`, as an object `command` each."""

    _called = "eqlx"
    """The command that was called, for those of click's errors that do not know."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"eqlx.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            from eqlx.diagnostics.nearest import nearest

            near = nearest(name, _COMMANDS)
            tip = f" (did you mean `{near}`?)" if near else ""
            ctx.fail(f"no such command `{name}`{tip}")
        found = super().resolve_command(ctx, args)
        self._called = f"eqlx {found[0]}"
        if found[1] is not None and not ctx.resilient_parsing:
            _refuse_repeated(found[1], found[2], ctx)
        return found

    def main(self, args: Sequence[str] | None = None, *_more: object, **_extra: object) -> NoReturn:
        """Run and exit; every way to fail is one diagnostic and a documented code."""
        self._main_shell_completion({}, "eqlx", "_EQLX_COMPLETE")
        _end_cleanly()
        try:
            with self.make_context("eqlx", list(sys.argv[1:] if args is None else args)) as context:
                code = self.invoke(context)
                sys.stdout.flush()
        except click.exceptions.Exit as leave:
            _leave(leave.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted before there was any result", err=True)
            _leave(Exit.INTERRUPTED)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            _leave(Exit.USAGE)
        except click.ClickException as error:
            _usage(error, self._called)
            _leave(Exit.USAGE)
        except BrokenPipeError:
            # The reader has gone (`| head`).
            _abandon_stdout()
            _leave(Exit.CLEAN)
        except OSError as error:
            if error.errno in _NO_NAMES and error.filename is not None:
                _unreadable(error)
                _leave(Exit.USAGE)
            if error.filename is not None or error.errno not in _FULL:
                _bug(error)
                _leave(Exit.RULE_ERRORS)
            _abandon_stdout()
            _unwritable(error)
            _leave(Exit.USAGE)
        except Exception as error:  # noqa: BLE001 people get a diagnostic, never a traceback
            _bug(error)
            _leave(Exit.RULE_ERRORS)
        _leave(code if isinstance(code, int) else Exit.CLEAN)


def _refuse_repeated(command: click.Command, args: list[str], parent: click.Context) -> None:
    """An option that takes one value and is given twice is an error: the last one would replace the
    others without a word."""
    context = click.Context(command, info_name=command.name, parent=parent)
    try:
        _, rest, order = command.make_parser(context).parse_args(args=list(args))
    except click.UsageError:
        # The command's own reading says it.
        return
    seen: set[str | None] = set()
    for parameter in order:
        if not isinstance(parameter, click.Option) or parameter.multiple or parameter.is_flag:
            continue
        if parameter.name in seen:
            option = max(parameter.opts, key=len)
            message = f"`{option}` is given twice, and takes one value"
            raise click.UsageError(message, context)
        seen.add(parameter.name)
    if isinstance(command, click.Group) and rest:
        inner = command.get_command(context, rest[0])
        if inner is not None:
            _refuse_repeated(inner, rest[1:], context)


def _end_cleanly() -> None:
    """SIGTERM and SIGHUP end as Ctrl-C does: through the clean-up of temporary folders and indices. A
    program that is started to outlive its terminal (`nohup`) goes on ignoring SIGHUP."""
    import signal

    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        hangup = getattr(signal, "SIGHUP", None)  # not on Windows
        if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
            signal.signal(hangup, signal.default_int_handler)


def _leave(code: int) -> NoReturn:
    sys.exit(int(code))


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Why output cannot be written, the reader's going aside."""


_NO_NAMES = frozenset({errno.ENAMETOOLONG, errno.ELOOP})
"""Why a name that a person gave can name no file, wherever it is looked at first."""


def _unreadable(error: OSError) -> None:
    from eqlx.cli.console import Console
    from eqlx.cli.options import cause
    from eqlx.diagnostics.catalogue.usage import cannot_read

    Console().say(cannot_read(str(error.filename), cause(error)))


def _abandon_stdout() -> None:
    """Keep the interpreter from flushing, at its end, what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritable(error: OSError) -> None:
    from eqlx.cli.console import Console
    from eqlx.cli.options import cause
    from eqlx.diagnostics.catalogue.usage import cannot_write

    Console().say(cannot_write("<stdout>", cause(error)))


def _usage(error: click.ClickException, called: str) -> None:
    from eqlx.cli.console import Console
    from eqlx.diagnostics.catalogue.usage import usage

    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, click.Context) else called
    # Click's sentences in the voice of diagnostics: on one line, code in backticks.
    message = " ".join(error.format_message().split()).rstrip(".")
    message = re.sub(r"'([^']+)'", r"`\1`", message[:1].lower() + message[1:])
    for pattern, words in _WORDS:
        message = re.sub(pattern, words, message)
    tip = f"`{path} --help` shows the options and an example"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        tip = _MISSING.get(error.param.name or "", tip)
    Console.of(context).say(usage(message, tip))


_WORDS = (
    (r"is not a valid integer( range)?\b", "is no whole number"),
    (r"is not a valid float( range)?\b", "is no number"),
    (r"is not in the range x>=(\S+)", r"is less than \1"),
    (r"is not in the range x>(\S+)", r"is not greater than \1"),
    (r"got unexpected extra arguments? \((.*)\)", r"found `\1` after the last argument"),
)
"""What click says of values, in the words of a message."""

_MISSING = {
    "target": "name a target: `--to elasticsearch`, `--to sigma`, `--to sql`; `eqlx targets` lists them",
    "events": "name files of events: `eqlx run RULE --events events.ndjson`",
}
"""What to give for a parameter that is missing, by its name."""


def _bug(error: Exception) -> None:
    import traceback

    from eqlx.cli.console import Console, is_debugging
    from eqlx.diagnostics.catalogue.usage import crash

    if is_debugging():
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    Console().say(crash(f"{type(error).__name__}: {error}", f"{frame.name}, line {frame.lineno}"))


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 click's signature
    if not value or ctx.resilient_parsing:
        return
    from eqlx import __version__

    click.echo(f"eqlx {__version__}")
    ctx.exit()


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean; 1 findings (a refused or failing rule); 2 rule errors; "
    "3 usage or configuration.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Compile Elastic EQL detection rules to SQL, Elasticsearch Query DSL and Sigma.

    Every change of meaning is proved absent, reported with its direction, or refused.

    \b
    Examples:
      eqlx convert rules --to sql -d out
      eqlx run rules --events events.ndjson
    """  # noqa: D301 the mark of click for lines to keep


def main() -> NoReturn:
    """The console script."""
    collect_seldom()
    for stream in (sys.stdout, sys.stderr):
        # The same bytes on every system; what UTF-8 cannot hold is escaped, not a crash.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
    try:
        program.main()
    except SystemExit as leave:
        _end(leave.code if isinstance(leave.code, int) else 0)


def _end(code: int) -> NoReturn:
    """End at once: while the interpreter takes its modules apart, native ones (DuckDB's) may remark on
    stderr that objects of theirs are left."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
