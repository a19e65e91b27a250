"""`eqlx run`: rules over events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import click

from eqlx.cli import engines, options
from eqlx.cli.console import Console, is_debugging
from eqlx.cli.convert import exit_of, losses_said
from eqlx.cli.exits import Exit, worst
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.cli.progress import searching
from eqlx.cli.results import Results

if TYPE_CHECKING:
    from eqlx.applicability import Applicability
    from eqlx.capability import Loss
    from eqlx.diagnostics import Diagnostic
    from eqlx.driver.run import RuleRun, Runner
    from eqlx.rulefile.loader import Loaded


@click.command(
    "run",
    epilog="Exit codes: 0 all rules ran (matches or not); 1 a rule was refused or failed; "
    "2 a rule is invalid; 3 usage, configuration or events.",
)
@options.rule_arguments
@click.option(
    "--events",
    multiple=True,
    required=True,
    metavar="FILE|DIR|-",
    help="JSON, CSV, TSV, Parquet, Arrow or EVTX, packed or not; a folder, a quoted pattern, or - for "
    "standard input. May be given several times.",
)
@options.skip_broken_option
@options.timestamp_format_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "ndjson", "json", "csv", "parquet"]),
    default="table",
    show_default=True,
    help="How matches are printed; `parquet` needs `-o`.",
)
@options.output_option("Write the matches to FILE.  [default: stdout]")
@click.option(
    "--matches",
    is_flag=True,
    help="In the table of many rules, show the events of each match, too.",
)
@click.option(
    "--fields",
    metavar="A,B,C",
    default="",
    help="Show these fields of the events.  [default: host, user, process, and what the rule reads; "
    "csv, parquet: all]",
)
@click.option(
    "--timeline",
    metavar="FILE",
    help="Write an HTML page with the matches of each host over time, too.",
)
@click.option("--wide", is_flag=True, help="On a terminal, cut no value.")
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    metavar="NAME",
    help="duckdb, clickhouse, reference, elasticsearch, or a plug-in.",
)
@engines.url_option
@click.option(
    "--pack",
    default="auto",
    show_default=True,
    metavar="auto|none|NAME|FILE",
    help="How raw logs become ECS events: by recognition, not at all, or by this pack.",
)
@click.option(
    "--require",
    type=click.Choice(["all", "can-match", "complete"]),
    default="all",
    show_default=True,
    help="Search the rules whose fields the data have: those that can match, or those with every field.",
)
@click.option(
    "--id-field", metavar="FIELD", help="The field that names an event.  [default: its row number]"
)
@click.option(
    "--one-by-one",
    is_flag=True,
    help="Search all events for each rule, in place of one pass for all rules.",
)
@options.role_options
@options.size_option
@options.schema_option
@options.allow_option
@options.bounds_options
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Run rules over events, and print the matches.

    Matches go to stdout, diagnostics to stderr.

    \b
    Examples:
      eqlx run rules --events events.ndjson
      eqlx run rules/credential_access --events day1.parquet --events day2.parquet --format ndjson
      eqlx run rules --events events.ndjson --matches --fields host.name,process.command_line
      eqlx run rules --events events.ndjson --format parquet -o matches.parquet
      eqlx run -q 'sequence by host.id [any where true] [any where true]' --events e.ndjson
      eqlx run rules --events e.ndjson --engine elasticsearch --url https://localhost:9200
    """  # noqa: D301 the mark of click for lines to keep
    return _Run(context).run()


class _Run:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.context = context
        self.given = context.params
        self.console = Console.of(context)
        self.codes: list[Exit] = []
        self.absent: set[str] = set()
        self.tally = Tally(self.given["id_field"])

    def run(self) -> int:
        from eqlx.driver.events import dataset_diagnostic, engine_diagnostic
        from eqlx.execution import DatasetError, ExecutionError

        given, console = self.given, self.console
        runner = self._runner()
        loaded = options.read_rules(given["rules"], given["query"], console)
        console.say_all(loaded.diagnostics)
        if options.has_error(loaded):
            self.codes.append(Exit.RULE_ERRORS)
        results = Results(given, console, len(loaded.rules))
        try:
            with interruptible() as interruption, self._opened(runner):
                self._run(runner, loaded, results)
        except DatasetError as error:
            raise console.stop(dataset_diagnostic(error)) from None
        except ExecutionError as error:
            raise console.stop(engine_diagnostic(given["engine"], error)) from None
        self._report(loaded, runner, interrupted=interruption.came)
        if interruption.came:
            kept = "the matches of the rules that were searched are complete"
            return say_interrupted(console, self.tally.rules, len(loaded.rules), "searched", kept)
        return worst(self.codes)

    @contextmanager
    def _opened(self, runner: Runner) -> Generator[None]:
        """The runner, and at the end what it has left behind."""
        said = 0
        try:
            with runner:
                try:
                    yield
                finally:
                    said = len(runner.notes)
        finally:
            self.console.say_all(runner.notes[said:])

    def _runner(self) -> Runner:
        from eqlx.applicability import Requirement
        from eqlx.capability import Drift
        from eqlx.diagnostics import EqlxError
        from eqlx.diagnostics.catalogue.execution import events_unreadable
        from eqlx.driver.run import Runner
        from eqlx.events.files import reason_of
        from eqlx.execution import Bounds, Dataset
        from eqlx.inputs import check_regular
        from eqlx.registry import load_target

        given, console = self.given, self.console
        files = options.event_files(self.context, given["events"], console)
        for file in files:
            try:
                check_regular(file)
            except (OSError, ValueError) as error:
                raise console.stop(events_unreadable(reason_of(error), str(file))) from None
        fields = options.read_schema(given["schema"], console)
        try:
            executor = engines.load_engine(given["engine"], given["url"])
            target = None if executor.target is None else load_target(executor.target)
            executor = engines.with_packs(executor, given["pack"])
        except EqlxError as error:
            raise console.stop(error) from None
        roles = options.roles(given)
        return Runner(
            executor=executor,
            target=target,
            dataset=Dataset(
                files,
                skip_broken=given["skip_broken"],
                timestamp_format=given["timestamp_format"],
            ),
            bounds=Bounds(given["timeout"], given["memory"]),
            fields=fields,
            roles=roles,
            allow=frozenset(Drift(name) for name in given["allow"]),
            size=given["size"],
            require=Requirement(given["require"]),
            together=not given["one_by_one"],
        )

    def _run(self, runner: Runner, loaded: Loaded, results: Results) -> None:
        """Search and print as matches come; none is kept."""
        said = 0
        try:
            with searching(self.console) as runner.progress:
                runs = runner.run_all(loaded.rules)
                first = next(runs, None)
            for run in () if first is None else chain((first,), runs):
                self.console.say_all(runner.notes[said:])
                said = len(runner.notes)
                self._say(run.diagnostics, alone=len(loaded.rules) == 1)
                self.console.say_all(losses_said(run.outcome, partial(can_show, run)))
                if run.outcome.traceback is not None and is_debugging():
                    click.echo(run.outcome.traceback, err=True)
                self.codes.append(Exit.FINDINGS if run.failed else exit_of(run.outcome))
                results.take(run)
                self.tally.take(run)
        finally:
            results.close()

    def _say(self, diagnostics: Iterable[Diagnostic], *, alone: bool) -> None:
        """What a rule gave; fields that the events lack are gathered where rules are many: data of
        one kind lacks most fields of rules for others."""
        for diagnostic in diagnostics:
            if diagnostic.code == "column-missing" and not alone and self.console.is_for_people:
                self.absent.add(diagnostic.message)
            else:
                self.console.say(diagnostic)

    def _says_that_nothing_can(self, tally: Tally, runner: Runner) -> bool:
        """Where no rule can match whatever the events hold, "no matches" would say nothing."""
        from eqlx.applicability import Applicability
        from eqlx.diagnostics.catalogue.execution import nothing_can_match

        judged = sum(tally.grades.values())
        hopeless = judged > 0 and tally.grades[Applicability.CANNOT_MATCH] == judged
        names = tuple(name for name, _ in tally.wanted.most_common(3))
        if not hopeless or tally.matches or runner.is_empty or not names:
            return False
        self.console.say(nothing_can_match(judged, names))
        self.codes.append(Exit.FINDINGS)
        return True

    def _report(self, loaded: Loaded, runner: Runner, *, interrupted: bool) -> None:
        from eqlx.diagnostics.catalogue.execution import id_field_missing, no_matches
        from eqlx.render.summary import counted

        tally = self.tally
        if interrupted or self._says_that_nothing_can(tally, runner):
            pass
        elif tally.ran and not tally.matches:
            self.console.say(no_matches(tally.ran))
        if tally.id_field is not None and tally.matches and not tally.has_id_field:
            self.console.say(id_field_missing(tally.id_field))
        if self.absent and not self.given["quiet"]:
            self.console.remark(
                f"{counted(len(self.absent), 'field')} of the rules in no event, read as null "
                "(a rule that runs alone names its own)"
            )
        if tally.rules + len(loaded.skipped) > 1:
            self.console.remark(
                f"{counted(tally.rules, 'rule')}: {counted(tally.matches, 'match')} of "
                f"{counted(tally.hit, 'rule')}, {tally.ran - tally.hit} without a match, "
                f"{tally.rules - tally.ran} not run, {len(loaded.skipped)} skipped (not EQL)"
            )
            self.console.remark(f"  on these data: {tally.applicability}")
            if tally.matches and self.given["form"] == "table" and not self.given["matches"]:
                self.console.remark("  `--matches` shows the events of the matches")


@dataclass
class Tally:
    """What a run comes to: rules, those that ran, those with a match, and their matches."""

    id_field: str | None
    rules: int = 0
    ran: int = 0
    hit: int = 0
    matches: int = 0
    left_out: int = 0
    has_id_field: bool = False
    grades: Counter[Applicability] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)

    @property
    def applicability(self) -> str:
        """How many rules the data can feed, in words."""
        from eqlx.applicability import Applicability

        found = ", ".join(f"{self.grades[grade]} {grade.value}" for grade in Applicability)
        return f"{found}; {self.left_out} left out by `--require`" if self.left_out else found

    def take(self, run: RuleRun) -> None:
        """Count a rule."""
        self.rules += 1
        if run.outcome.query is None or run.failed:
            return
        if run.applied is not None:
            self.grades[run.applied.grade] += 1
            self.wanted.update(run.applied.absent)
        if run.left_out:
            self.left_out += 1
            return
        self.ran += 1
        self.hit += bool(run.matches)
        self.matches += len(run.matches)
        if self.id_field is not None and not self.has_id_field:
            self.has_id_field = has_field(self.id_field, run)


def has_field(name: str, run: RuleRun) -> bool:
    """Whether an event that the rule matched has a value in the field."""
    from eqlx.fields.documents import flatten

    return any(name in flatten(e.fields) for m in run.matches for e in m.events if not e.missing)


def can_show(run: RuleRun, loss: Loss) -> bool:
    """Whether a match that is printed may be there because of the loss. One that takes matches away
    shows in none; one on texts beyond ASCII needs such a text, in the rule or in a matched event."""
    from eqlx.capability import Drift

    if not run.matches or loss.drift is Drift.NARROWS:
        return False
    if not loss.beyond_ascii or not run.rule.query.text.isascii():
        return True
    return any(not repr(event.fields).isascii() for m in run.matches for event in m.events)
