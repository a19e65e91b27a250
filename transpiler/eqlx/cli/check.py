"""`eqlx check`: rules without a target."""

from __future__ import annotations

from collections import Counter

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted


@click.command(
    "check",
    epilog="Exit codes: 0 clean, or notes only; 1 warnings; 2 a rule is invalid, or has warnings "
    "with `--strict`; 3 usage or configuration.",
)
@options.rule_arguments
@options.schema_option
@options.like_option
@click.option(
    "--fields",
    "fields_file",
    metavar="SCHEMA",
    help="Say what each rule can mean on data that have these fields and no others (a schema file).",
)
@options.role_options
@click.option("--strict", is_flag=True, help="Warnings are errors: a rule with one is invalid.")
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Check rules: syntax, types, fields, and what is likely a mistake.

    \b
    Examples:
      eqlx check rules
      eqlx check rules --schema fields.txt --diagnostics-format concise
      eqlx check rules --strict
      eqlx check rules --fields fields.txt
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.applicability import Applicability
    from eqlx.diagnostics import Report, Severity
    from eqlx.diagnostics.catalogue.lint import rule_on_these_fields
    from eqlx.driver.batch import schema_of
    from eqlx.driver.check import applied_to, check_rule, raise_warnings
    from eqlx.render.summary import counted

    console, given = Console.of(context), context.params
    table = options.read_table(given["like"], console)
    schema = schema_of(options.read_schema(given["schema"], console), table)
    data = options.read_schema(given["fields_file"], console)
    present = None if data is None else frozenset(data.names())
    if present is None and table is not None:
        present = frozenset(table.fields.names())
    grades: Counter[Applicability] = Counter()
    loaded = options.read_rules(given["rules"], given["query"], console)
    raised = raise_warnings if given["strict"] else tuple
    console.say_all(raised(loaded.diagnostics))
    roles = options.roles(given)
    clean: Counter[bool] = Counter()
    with interruptible() as interruption:
        for rule in loaded.rules:
            found = raised(check_rule(rule, schema, roles.model(rule)))
            console.say_all(found)
            if present is not None and (applied := applied_to(rule, schema, roles, present)):
                grades[applied.grade] += 1
                if applied.sentence:
                    report = Report(rule.query, rule.label)
                    report.add(rule_on_these_fields(applied.sentence))
                    console.say_all(report.diagnostics)
            clean[all(diagnostic.severity is Severity.NOTE for diagnostic in found)] += 1
    counts, checked = console.counts, clean.total()
    console.remark(
        f"{counted(checked, 'rule')} checked, {clean[True]} clean: "
        f"{', '.join(counted(counts[severity], severity.value) for severity in Severity)}; "
        f"{len(loaded.skipped)} skipped (not EQL)"
    )
    if grades:
        console.remark(
            f"  on these fields: {', '.join(f'{grades[g]} {g.value}' for g in Applicability)}"
        )
    if interruption.came:
        kept = "what is said of the rules that were checked is complete"
        return say_interrupted(console, checked, len(loaded.rules), "checked", kept)
    if counts[Severity.ERROR] or options.has_error(loaded):
        return Exit.RULE_ERRORS
    return Exit.FINDINGS if counts[Severity.WARNING] else Exit.CLEAN
