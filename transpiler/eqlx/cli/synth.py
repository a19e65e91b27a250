"""`eqlx synth`: a test file made from a rule."""

from __future__ import annotations

from pathlib import Path

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put


@click.command(
    "synth", epilog="Exit codes: 0 written; 2 the rule is invalid; 3 usage or configuration."
)
@options.rule_arguments
@options.output_option("Write to a file.  [default: stdout]")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--all", "everything", is_flag=True, help="All boundaries and missing fields, too.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the synthesis.")
@options.schema_option
@options.role_options
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Write a test file for a rule: events made from it, and what it finds in them.

    Each way to match, each clause on which the answer depends, and for sequences order, time, keys,
    `until` and missing events. The file is a beginning, to keep and to edit (`eqlx test` runs it).

    \b
    Examples:
      eqlx synth rules/credential_access/lsass_dump_through_comsvcs.toml -o lsass.test.yml
      eqlx synth -q 'process where process.name : "cmd.exe"' --all
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.cli.artifacts import write_whole
    from eqlx.diagnostics.catalogue.usage import cannot_write, usage
    from eqlx.driver.batch import schema_of
    from eqlx.driver.convert import compile_rule
    from eqlx.render.summary import counted
    from eqlx.ruletest.writer import file_text
    from eqlx.synthesis import Varies, synthesise

    console, given = Console.of(context), context.params
    loaded = options.read_rules(given["rules"], given["query"], console)
    console.say_all(loaded.diagnostics)
    if options.has_error(loaded):
        return Exit.RULE_ERRORS
    if len(loaded.rules) != 1:
        message = f"a test file is made of one rule, found {len(loaded.rules)}"
        raise console.stop(usage(message, "eqlx synth RULE -o FILE"))
    output = given["output"]
    if output is not None and Path(output).exists() and not given["force"]:
        raise console.stop(cannot_write(output, "it is there already (`--force` writes over it)"))
    (rule,) = loaded.rules
    roles = options.roles(given)
    model = roles.model(rule)
    schema = schema_of(options.read_schema(given["schema"], console))
    compiled = compile_rule(rule, schema=schema, model=model)
    console.say_all(compiled.diagnostics)
    if compiled.query is None:
        return Exit.RULE_ERRORS
    with interruptible() as interruption:
        synthesis = synthesise(compiled.query, model, seed=given["seed"])
        varies = frozenset(Varies) if given["everything"] else None
        text = file_text(synthesis, f"Tests of {rule.name or rule.label}.", varies)
    if interruption.came:
        return say_interrupted(console, 0, 1, "made into tests", "no test file was written")
    if output is None:
        put(text)
        return Exit.CLEAN
    try:
        write_whole(Path(output), text)
    except OSError as error:
        raise console.stop(cannot_write(output, options.cause(error))) from None
    console.remark(f"{counted(text.count(f'{chr(10)}  - name: '), 'test')} in {output}")
    return Exit.CLEAN
