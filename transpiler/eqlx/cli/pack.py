"""`eqlx pack`: the mappings of raw logs to ECS events."""

from __future__ import annotations

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit


@click.group("pack")
def command() -> None:
    """Work with packs: how raw logs become ECS events (docs/packs.md).

    \b
    Examples:
      eqlx pack list
      eqlx pack check sysmon rules
      eqlx pack view sysmon --table raw.sysmon
    """  # noqa: D301 the mark of click for lines to keep


@command.command("list")
def list_packs() -> int:
    """List the packs that come with eqlx.

    \b
    Example:
      eqlx pack list
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.packs.reader import shipped_packs

    packs = shipped_packs()
    width = max(len(pack.name) for pack in packs)
    for pack in packs:
        shapes = ", ".join(shape.name for shape in pack.shapes)
        click.echo(
            f"{pack.name:{width}}  {pack.summary}; {len(pack.names)} fields; shapes: {shapes}"
        )
    return Exit.CLEAN


@command.command("show")
@click.argument("pack", metavar="PACK")
@click.pass_context
def show(context: click.Context, /, **_given: object) -> int:
    """Print a pack's file.

    \b
    Example:
      eqlx pack show sysmon > my-sysmon.yaml
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.diagnostics import EqlxError
    from eqlx.packs.reader import load_pack, pack_text, shipped

    console, name = Console.of(context), context.params["pack"]
    try:
        load_pack(name)
    except EqlxError as error:
        raise console.stop(error) from None
    if name in shipped():
        click.echo(pack_text(name), nl=False)
        return Exit.CLEAN
    click.echo(f"`{name}` is a pack", err=True)
    return Exit.CLEAN


@command.command("view")
@click.argument("pack", metavar="PACK[/SHAPE]")
@click.option("--table", default="raw", show_default=True, metavar="TABLE", help="The raw table.")
@click.option(
    "--columns",
    metavar="A,B,C",
    help="The columns of the raw table; other names are null.  [default: it has all that the pack reads]",
)
@click.option("--dialect", default="duckdb", show_default=True, metavar="NAME", help="For SQL.")
@click.pass_context
def view(context: click.Context, /, **_given: object) -> int:
    """Print a pack as a view over a raw table.

    \b
    Example:
      eqlx pack view sysmon/nxlog --table raw.sysmon
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.packs import unknown_shape
    from eqlx.driver.options import resolve_options
    from eqlx.packs.model import ProjectsPacks
    from eqlx.packs.reader import load_pack, pack_and_shape
    from eqlx.registry import load_target

    console, given = Console.of(context), context.params
    name, wanted = pack_and_shape(given["pack"])
    columns = given["columns"]
    known = None if columns is None else frozenset(c.strip().lower() for c in columns.split(","))
    try:
        pack = load_pack(name)
        shape = next((shape for shape in pack.shapes if wanted in ("", shape.name)), None)
        if shape is None:
            names = tuple(shape.name for shape in pack.shapes)
            raise console.stop(unknown_shape(pack.name, wanted, names))
        target = load_target("sql")
        dialect, _ = resolve_options(target, given["dialect"], {})
        if isinstance(target, ProjectsPacks):
            click.echo(target.pack_view(pack, shape, given["table"], known, dialect), nl=False)
    except EqlxError as error:
        raise console.stop(error) from None
    return Exit.CLEAN


@command.command("check")
@click.argument("pack", metavar="PACK")
@options.rule_arguments
@options.diagnostics_options
@click.pass_context
def check(context: click.Context, /, **_given: object) -> int:
    """Print what rules can mean on the events of a pack, and the fields that they miss.

    \b
    Example:
      eqlx pack check sysmon rules
    """  # noqa: D301 the mark of click for lines to keep
    from collections import Counter

    from eqlx.applicability import Applicability, applicability
    from eqlx.diagnostics import EqlxError
    from eqlx.driver.convert import compile_rule
    from eqlx.packs.reader import load_pack
    from eqlx.render.summary import counted

    console, given = Console.of(context), context.params
    try:
        names = frozenset(load_pack(given["pack"]).names)
    except EqlxError as error:
        raise console.stop(error) from None
    loaded = options.read_rules(given["rules"], given["query"], console)
    console.say_all(loaded.diagnostics)
    grades: Counter[Applicability] = Counter()
    missing: Counter[str] = Counter()
    for rule in loaded.rules:
        outcome = compile_rule(rule)
        if outcome.query is None:
            console.say_all(outcome.diagnostics)
            continue
        found = applicability(outcome.query, names)
        grades[found.grade] += 1
        missing.update(found.absent)
        click.echo(f"{found.grade.value}: {rule.label}{found.words}")
    click.echo()
    for name, count in missing.most_common():
        click.echo(
            f"{counted(count, 'rule')} misses {name}"
            if count == 1
            else f"{count} rules miss {name}"
        )
    sums = ", ".join(f"{grades[grade]} {grade.value}" for grade in Applicability)
    judged = sum(grades.values())
    console.remark(f"{counted(judged, 'rule')}: {sums}")
    return Exit.CLEAN if judged == len(loaded.rules) else Exit.RULE_ERRORS
