"""`eqlx explain`: what a diagnostic means, or why a rule matches events or does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.render.cells import shown
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.execution import Event
    from eqlx.reference.explanation import Explanation
    from eqlx.rule import Rule
    from eqlx.ruletest.model import TestFile


@click.command(
    "explain",
    epilog="Exit codes: 0 explained; 2 a rule is invalid; 3 usage, configuration or events.",
)
@click.argument("arguments", nargs=-1, metavar="[SLUG | RULE EVENTS...]")
@click.option("--query", "-q", metavar="TEXT", help="An EQL query, in place of a rule file.")
@click.option("--list", "listing", is_flag=True, help="List all diagnostics.")
@click.option("--test", "test_name", metavar="NAME", help="Which test of a test file's events.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the explanation is printed.",
)
@click.option("--full", is_flag=True, help="Show all clauses, not those alone that decided.")
@click.option("--all-events", is_flag=True, help="Show all events, not the first 20 of a kind.")
@click.option(
    "--id-field", metavar="FIELD", help="The field that names an event.  [default: its row number]"
)
@options.role_options
@options.size_option
@options.schema_option
@options.skip_broken_option
@options.timestamp_format_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Say what a diagnostic means, or why a rule matches events or does not.

    One word is a diagnostic; a rule needs events beside it (files of events, or a test file). The
    answer is the reference interpreter's: the clauses that decided, with the values that they saw; for
    sequences the stage at which each key stopped, and why.

    \b
    Examples:
      eqlx explain unknown-target
      eqlx explain --list
      eqlx explain rules/credential_access/lsass_dump_through_comsvcs.toml events.ndjson
      eqlx explain rules/credential_access/lsass_dump_through_comsvcs.toml \\
          rules/credential_access/lsass_dump_through_comsvcs.test.yml --test 'the export by its ordinal'
      eqlx explain -q 'process where process.name : "cmd.exe"' events.ndjson --format json
    """  # noqa: D301 the mark of click for lines to keep
    console = Console.of(context)
    arguments = context.params["arguments"]
    if context.params["listing"]:
        return _list()
    needed = 1 if context.params["query"] is not None else 2
    if len(arguments) >= needed:
        return _Explain(context, console).run()
    return _page(arguments, console, has_query=needed == 1)


# --- diagnostics --------------------------------------------------------------------------------


def _list() -> int:
    from eqlx.diagnostics.catalogue import all_entries

    for slug, entry in sorted(all_entries().items()):
        click.echo(f"{slug} ({entry.severity.value}): {entry.page.partition(chr(10))[0]}")
    return 0


def _page(arguments: tuple[str, ...], console: Console, *, has_query: bool) -> int:
    from eqlx.diagnostics.catalogue import all_entries
    from eqlx.diagnostics.catalogue.usage import unknown_slug, usage
    from eqlx.diagnostics.nearest import nearest

    if has_query:
        tip = "`eqlx explain -q QUERY EVENTS`"
        raise console.stop(usage("a query is explained over events, and none are named", tip))
    if not arguments:
        tip = "`eqlx explain --list` lists all of them"
        raise console.stop(usage("no diagnostic named, and no rule with events", tip))
    # People paste what they see: `error[unknown-target]:`.
    _, bracket, inner = arguments[0].partition("[")
    slug = inner.partition("]")[0] if bracket else arguments[0]
    entries = all_entries()
    if slug not in entries:
        if "/" in slug or Path(slug).suffix or Path(slug).exists():
            tip = f"`eqlx explain {slug} EVENTS`"
            raise console.stop(usage("a rule is explained over events, and none are named", tip))
        raise console.stop(unknown_slug(slug, nearest(slug, entries)))
    entry = entries[slug]
    click.echo(f"{entry.severity.value}[{slug}]\n\n{entry.page}")
    return 0


# --- rules over events --------------------------------------------------------------------------


class _Explain:
    """One call with a rule and events."""

    def __init__(self, context: click.Context, console: Console) -> None:
        self.context = context
        self.given = context.params
        self.console = console

    def run(self) -> int:
        from eqlx.driver.batch import Roles
        from eqlx.driver.explain import explain_rule

        given, console = self.given, self.console
        paths = [] if given["query"] is not None else [given["arguments"][0]]
        queries = [] if given["query"] is None else [given["query"]]
        loaded = options.read_rules(paths, queries, console)
        console.say_all(loaded.diagnostics)
        roles = Roles(
            given["timestamp_field"],
            given["tiebreaker_field"],
            given["event_category_field"],
            given["id_field"],
        )
        fields = options.read_schema(given["schema"], console)
        events = self._events(given["arguments"][len(paths) :])
        code = Exit.RULE_ERRORS if options.has_error(loaded) else Exit.CLEAN
        records: list[dict[str, object]] = []
        for rule in loaded.rules:
            found = explain_rule(rule, events, roles.model(rule), fields=fields, size=given["size"])
            console.say_all(found.diagnostics)
            if found.explanation is None:
                code = Exit.RULE_ERRORS
                continue
            records.append(self._say(rule, found.explanation, several=len(loaded.rules) > 1))
        if given["form"] == "json":
            from eqlx.render.jsonl import one_line

            put(f"{one_line(records[0] if len(records) == 1 else records)}\n")
        return code

    def _say(self, rule: Rule, explanation: Explanation, *, several: bool) -> dict[str, object]:
        from eqlx.render import explanation as render

        if self.given["form"] == "json":
            return {"rule": rule.label, "name": rule.name, **render.record(explanation)}
        if several:
            put(f"== {shown(rule.name or rule.label)} ==\n")
        limit = None if self.given["all_events"] else 20
        put(render.text(explanation, full=self.given["full"], limit=limit))
        return {}

    def _events(self, names: tuple[str, ...]) -> list[Event]:
        from eqlx.diagnostics.catalogue.usage import usage
        from eqlx.ruletest.discover import is_test_file

        events: list[Event] = []
        timestamp = self.given.get("timestamp_field")
        if self.given["test_name"] and not any(is_test_file(Path(name)) for name in names):
            tip = "name the rule's test file in place of events: `eqlx explain RULE RULE.test.yml`"
            raise self.console.stop(usage("`--test` names a test, and there is no test file", tip))
        for name in names:
            if is_test_file(Path(name)):
                events.extend(self._test_events(Path(name)))
                continue
            events.extend(options.read_events(self.context, [name], self.console, timestamp))
        return events

    def _test_events(self, path: Path) -> tuple[Event, ...]:
        from eqlx.diagnostics import EqlxError
        from eqlx.diagnostics.catalogue.usage import cannot_read, usage
        from eqlx.diagnostics.nearest import nearest
        from eqlx.ruletest.reader import read_test_file

        try:
            file: TestFile = read_test_file(path)
        except EqlxError as error:
            raise self.console.stop(error) from None
        except (OSError, UnicodeDecodeError) as error:
            raise self.console.stop(cannot_read(str(path), options.cause(error))) from None
        wanted = self.given["test_name"]
        names = [test.name for test in file.tests]
        if wanted is None and len(names) == 1:
            return file.tests[0].events
        if wanted not in names:
            near = None if wanted is None else nearest(wanted, names)
            tip = f"did you mean `{near}`?" if near else f"its tests: {'; '.join(names)}"
            what = "no test named" if wanted is None else f"no test `{wanted}`"
            raise self.console.stop(usage(f"{what} in `{path}`", tip))
        return file.tests[names.index(wanted)].events
