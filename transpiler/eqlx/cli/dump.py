"""`eqlx dump`: what a rule looks like inside, at any stage between its text and an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit, worst
from eqlx.printable import one_line
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.driver.batch import Roles
    from eqlx.fields.schema import FieldList
    from eqlx.rule import Rule


@click.command("dump")
@options.rule_arguments
@click.option(
    "--stage",
    default="ir",
    show_default=True,
    metavar="STAGE",
    help="`surface`, `lowered`, the name of a pass, `ir`, `necessary` or `target`.",
)
@click.option(
    "--to",
    "target",
    metavar="TARGET",
    default="sql",
    show_default=True,
    help="The target of the stage `target`.",
)
@click.option("--dialect", metavar="NAME", help="A dialect of that target.")
@click.option("-O", "assignments", multiple=True, metavar="NAME=VALUE", help="A target's option.")
@options.allow_option
@options.schema_option
@options.role_options
@options.size_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Print a stage of a rule: surface tree, IR after any pass, or a target's tree.

    \b
    Examples:
      eqlx dump --stage ir rules/credential_access/lsass_dump_through_comsvcs.toml
      eqlx dump --stage target --to elasticsearch -q 'any where true'
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.driver import stages

    console = Console.of(context)
    given = context.params
    known = stages.names()
    stage = str(given["stage"])
    if stage not in known:
        from eqlx.diagnostics.catalogue.usage import unknown_stage
        from eqlx.diagnostics.nearest import nearest

        raise console.stop(unknown_stage(stage, known, nearest(stage, known)))
    fields = options.read_schema(given["schema"], console)
    loaded = options.read_rules(context.params["rules"], context.params["query"], console)
    console.say_all(loaded.diagnostics)
    codes = [Exit.RULE_ERRORS] if loaded.diagnostics and not loaded.rules else []
    dump = _Dump(context, console, fields)
    codes += [dump.print(rule, stage, titled=len(loaded.rules) > 1) for rule in loaded.rules]
    return worst(codes)


class _Dump:
    """Prints rules at a stage."""

    def __init__(self, context: click.Context, console: Console, fields: FieldList | None) -> None:
        self._given = context.params
        self._console = console
        self._fields = fields

    def print(self, rule: Rule, stage: str, *, titled: bool) -> Exit:
        from eqlx.driver import stages

        if titled:
            put(f"# {one_line(rule.label)}\n")
        if stage == stages.TARGET:
            return self._target(rule)
        return self._front(rule, stage)

    def _front(self, rule: Rule, stage: str) -> Exit:
        from eqlx.diagnostics import Report
        from eqlx.driver import stages
        from eqlx.driver.batch import schema_of
        from eqlx.ir.dump import dump
        from eqlx.passes.context import Context
        from eqlx.render.outline import outline

        report = Report(rule.query, rule.label)
        if stage == stages.SURFACE:
            statement = stages.surface(rule, report)
            text = None if statement is None else outline(statement)
        else:
            schema = schema_of(self._fields)
            context = Context(schema, report, self._roles().model(rule), self._given["size"])
            query = stages.query_at(rule, stage, context)
            text = None if query is None else dump(query)
        self._console.say_all(report)
        if text is None or report.has_errors:
            return Exit.RULE_ERRORS
        put(text if text.endswith("\n") else f"{text}\n")
        return Exit.CLEAN

    def _roles(self) -> Roles:

        given = self._given
        return options.roles(given)

    def _target(self, rule: Rule) -> Exit:
        from eqlx.capability import Drift
        from eqlx.cli.convert import exit_of
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.batch import Plan
        from eqlx.driver.options import resolve_options
        from eqlx.registry import load_target
        from eqlx.render.outline import outline

        given, console = self._given, self._console
        assigned = options.read_assignments(given["assignments"], console)
        try:
            target = load_target(given["target"])
            resolve_options(target, given["dialect"], assigned)
        except EqlxError as error:
            raise console.stop(error) from None
        plan = Plan(
            given["target"],
            given["dialect"],
            assigned,
            self._fields,
            self._roles(),
            frozenset(Drift(name) for name in given["allow"]),
            given["size"],
        )
        outcome = plan.convert(rule, target)
        console.say_all(outcome.diagnostics)
        if outcome.artifact is not None:
            put(outline(outcome.artifact.tree))
        return exit_of(outcome)
