"""`eqlx new`: a first rule with its tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from eqlx.cli import options
from eqlx.cli.artifacts import write_whole
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit


@click.command(
    "new",
    epilog="Exit codes: 0 written; 2 the query is invalid; 3 usage, or a file is there already.",
)
@click.argument("path", metavar="RULE.toml")
@click.option("--name", metavar="TEXT", help="The rule's name.  [default: from the file's name]")
@click.option(
    "--sequence", is_flag=True, help="Begin with a sequence of events, not with one event."
)
@click.option(
    "--query", "-q", metavar="TEXT", help="Begin with this query; tests are made from it."
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Write a first rule and its test file, to edit.

    The rule is valid and its tests pass: `eqlx check`, `eqlx test` and `eqlx convert` take it as it is.

    \b
    Examples:
      eqlx new rules/download_by_certutil.toml
      eqlx new rules/download_and_connect.toml --sequence --name 'Download by a system program'
      eqlx new rules/cmd.toml -q 'process where process.name : "cmd.exe"'
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.diagnostics.catalogue.usage import cannot_write, usage
    from eqlx.ruletest.discover import test_path

    console, given = Console.of(context), context.params
    path = Path(given["path"])
    if path.suffix != ".toml" or not path.stem:
        message = f"`{given['path']}` is no name for a rule file"
        raise console.stop(
            usage(message, f"end it with `.toml`: `eqlx new {path.stem or 'rule'}.toml`")
        )
    if given["sequence"] and given["query"] is not None:
        raise console.stop(usage("`--sequence` and `--query` exclude each other", "leave one out"))
    tests = test_path(path)
    for file in (path, tests):
        if file.exists() and not given["force"]:
            why = "it is there already (`--force` writes over it)"
            raise console.stop(cannot_write(str(file), why))
    texts = _texts(console, path, given["name"], given["query"], sequence=given["sequence"])
    if texts is None:
        return Exit.RULE_ERRORS
    for file, text in zip((path, tests), texts, strict=True):
        try:
            write_whole(file, text)
        except OSError as error:
            raise console.stop(cannot_write(str(file), options.cause(error))) from None
    console.remark(f"wrote {path} and {tests}; `eqlx check {path}` and `eqlx test {path}` pass")
    return Exit.CLEAN


def _texts(
    console: Console, path: Path, name: str | None, query: str | None, *, sequence: bool
) -> tuple[str, str] | None:
    """The rule and its tests; None after an error in the query."""
    from eqlx.diagnostics.catalogue.usage import usage
    from eqlx.ruletest.first import first_rule, rule_text

    shown = name or path.stem.replace("_", " ").replace("-", " ").capitalize()
    today = datetime.now(UTC).date()
    if query is None:
        made = first_rule(shown, uuid4(), today, sequence=sequence)
        return made.rule, made.tests
    tests = _tests_of(console, query)
    if tests is None:
        return None
    try:
        return rule_text(shown, uuid4(), today, f"\n{query.strip()}\n"), tests
    except ValueError as error:
        raise console.stop(usage(str(error), "write the rule file by hand")) from None


def _tests_of(console: Console, query: str) -> str | None:
    from eqlx.driver.convert import compile_rule
    from eqlx.driver.plan import Roles
    from eqlx.rulefile.loader import from_query
    from eqlx.ruletest.first import TESTS
    from eqlx.ruletest.writer import file_text
    from eqlx.synthesis import synthesise

    rule = from_query(query)
    compiled = compile_rule(rule)
    console.say_all(compiled.diagnostics)
    if compiled.query is None:
        return None
    return file_text(synthesise(compiled.query, Roles().model(rule)), TESTS, None)
