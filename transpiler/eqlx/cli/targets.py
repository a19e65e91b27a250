"""`eqlx targets`: what is installed to convert to and to run with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit, worst

if TYPE_CHECKING:
    from eqlx.target import Target


@click.command("targets")
@click.argument("names", nargs=-1, metavar="[TARGET]...")
@click.option("--matrix", is_flag=True, help="A Markdown table: every feature by every target.")
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """List targets with dialects and options, and the engines of `eqlx run`.

    \b
    Examples:
      eqlx targets
      eqlx targets sql
      eqlx targets --matrix
    """  # noqa: D301 the mark of click for lines to keep
    console = Console.of(context)
    codes: list[Exit] = []
    names = context.params["names"]
    found = list(_targets(names, console, codes))
    if context.params["matrix"]:
        _print_matrix(found)
    else:
        for target in found:
            _print_target(target)
        if not names:
            _print_engines(console, codes)
    return worst(codes)


def _targets(names: tuple[str, ...], console: Console, codes: list[Exit]) -> Iterator[Target]:
    from eqlx import registry
    from eqlx.diagnostics import EqlxError

    for name in names or registry.targets():
        try:
            yield registry.load_target(name)
        except EqlxError as error:
            console.say_all(error.diagnostics)
            codes.append(Exit.USAGE)


def _print_target(target: Target) -> None:
    click.echo(f"{target.name}: {target.summary}")
    click.echo(f"  dialects: {', '.join(target.dialects)}")
    for option in target.options:
        choices = f" ({', '.join(option.choices)})" if option.choices else ""
        default = f"  [default: {option.default}]" if option.default else ""
        click.echo(f"  -O {option.name}: {option.help}{choices}{default}")


def _print_engines(console: Console, codes: list[Exit]) -> None:
    from eqlx import registry
    from eqlx.diagnostics import EqlxError

    for name in registry.executors():
        try:
            engine = registry.load_executor(name)
        except EqlxError as error:
            console.say_all(error.diagnostics)
            codes.append(Exit.USAGE)
        else:
            click.echo(f"engine {engine.name}: {engine.summary}")


def _print_matrix(found: list[Target]) -> None:
    from eqlx.registry import engines_of
    from eqlx.render.matrix import matrix

    columns = [
        (
            target.name if len(target.dialects) == 1 else f"{target.name}/{dialect}",
            target.capabilities(dialect, {o.name: o.default for o in target.options}),
            engines_of(target.name, dialect),
        )
        for target in found
        for dialect in target.dialects
    ]
    click.echo(matrix(columns), nl=False)
