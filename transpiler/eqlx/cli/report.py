"""`eqlx report`: the fidelity of rules on every target, as one file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eqlx.driver.batch import Roles
    from eqlx.report.build import Evidence, Subject
    from eqlx.report.model import FidelityReport
    from eqlx.rule import Rule
    from eqlx.ruletest.model import Result
    from eqlx.target import Target

T = TypeVar("T")

_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}
_DEFAULT_TARGETS = ("sql", "elasticsearch", "sigma")


@click.command(
    "report",
    epilog="Exit codes: 0 written; 2 a rule or a test file is invalid; 3 usage or configuration.",
)
@options.rule_arguments
@options.output_option("Write to a file.  [default: stdout]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "json", "navigator"]),
    help="The form; `navigator` is a layer for the ATT&CK Navigator.  "
    "[default: by the file's suffix (.html, .md, .json), else markdown]",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="TARGET",
    help="A target; may be given several times.  [default: sql, elasticsearch, sigma]",
)
@click.option("--no-verify", is_flag=True, help="Leave out the verification, which takes longest.")
@click.option("--no-tests", is_flag=True, help="Leave out the rules' test files.")
@options.allow_option
@options.schema_option
@options.role_options
@options.jobs_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Report how faithful the conversions of rules are.

    Per rule: EQL and each target's query side by side, grades with reasons, fields, the results of
    its test file and of its verification on DuckDB. In total: grades, refusals by reason, and the
    ATT&CK techniques that each target covers or loses. The HTML is one file that loads nothing.

    \b
    Examples:
      eqlx report rules -o report.html
      eqlx report rules --to sql --to sigma --no-verify -o report.md
      eqlx report rules --to sigma --format navigator -o layer.json
    """  # noqa: D301 the mark of click for lines to keep
    return _Report(context).run()


class _Report:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.given = context.params
        self.console = Console.of(context)
        self.progress = "tested", 0, 0
        """What is done, with how many rules, and of how many."""

    def _step(self) -> None:
        verb, done, total = self.progress
        self.progress = verb, done + 1, total

    def _counted(self, items: Iterable[T], verb: str, total: int) -> Iterator[T]:
        self.progress = verb, 0, total
        for item in items:
            yield item
            self._step()

    def run(self) -> int:
        from eqlx import __version__
        from eqlx.diagnostics import Severity
        from eqlx.render.summary import counted
        from eqlx.report.build import build

        form = self._form()
        loaded = options.read_rules(self.given["rules"], self.given["query"], self.console)
        self.console.say_all(loaded.diagnostics)
        subject = self._subject()
        with interruptible() as interruption:
            evidence = self._evidence(loaded.rules, form)
            self.progress = "converted for the report", 0, len(loaded.rules)
            report = build(
                loaded.rules, subject, evidence, version=__version__, skipped=len(loaded.skipped)
            )
            text = _rendered(report, form)
        if interruption.came:
            verb, done, total = self.progress
            return say_interrupted(self.console, done, total, verb, "no report was written")
        self._write(text)
        if self.given["output"] is not None:
            self.console.remark(f"{counted(len(report.rules), 'rule')} in {self.given['output']}")
        broken = self.console.counts[Severity.ERROR] > 0  # a rule file or a test file
        return Exit.RULE_ERRORS if broken or _invalid(report) else Exit.CLEAN

    def _form(self) -> str:
        from eqlx.diagnostics.catalogue.usage import usage

        given, output = self.given["form"], self.given["output"]
        if given is not None:
            return str(given)
        if output is None:
            return "markdown"
        form = _SUFFIXES.get(Path(output).suffix.lower())
        if form is None:
            message = f"`{output}` tells no form of a report"
            raise self.console.stop(usage(message, "name it .html, .md or .json, or use --format"))
        return form

    def _subject(self) -> Subject:
        from eqlx.capability import Drift
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.batch import schema_of
        from eqlx.driver.convert import Outcome, convert_rule
        from eqlx.registry import load_target
        from eqlx.report.build import Subject

        names = tuple(dict.fromkeys(self.given["targets"] or _DEFAULT_TARGETS))
        try:
            targets: dict[str, Target] = {name: load_target(name) for name in names}
        except EqlxError as error:
            raise self.console.stop(error) from None
        schema = schema_of(options.read_schema(self.given["schema"], self.console))
        roles = self._roles()
        allow = frozenset(Drift(name) for name in self.given["allow"])

        def convert(rule: Rule, target: str) -> Outcome:
            if target == names[-1]:
                self._step()
            model = roles.model(rule)
            return convert_rule(rule, targets[target], schema=schema, model=model, allow=allow)

        return Subject(names, convert, schema, roles.model)

    def _evidence(self, rules: Sequence[Rule], form: str) -> Evidence:
        from eqlx.report.build import Evidence

        if form == "navigator":  # a layer shows neither tests nor verdicts
            return Evidence()
        results = {} if self.given["no_tests"] else self._tests(rules)
        if self.given["no_verify"]:
            return Evidence(results=results)
        from eqlx.capability import Drift
        from eqlx.cli.progress import watched
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.verify import Loaders, VerifyPlan, verify_rules
        from eqlx.registry import load_executor, load_target

        plan = VerifyPlan(
            fields=options.read_schema(self.given["schema"], self.console),
            roles=self._roles(),
            allow=frozenset(Drift(name) for name in self.given["allow"]),
            minimise=False,
        )
        loaders = Loaders(load_executor, load_target)
        jobs = options.jobs_for(self.given["jobs"], len(rules), worth=6)
        verified = verify_rules(rules, plan, loaders, jobs=jobs, say=self.console.say)
        try:
            with closing(verified):
                found = watched(verified, len(rules), "verifying", self.console)
                counted = self._counted(found, "verified", len(rules))
                return Evidence(dict(enumerate(counted)), results)
        except EqlxError as error:
            raise self.console.stop(error) from None

    def _tests(self, rules: Sequence[Rule]) -> dict[int, list[Result]]:
        from eqlx.cli.progress import watched
        from eqlx.cli.test import load_test_engine
        from eqlx.diagnostics import EqlxError
        from eqlx.ruletest.discover import pair
        from eqlx.ruletest.runner import Plan, run_all

        found = pair(rules, (), self._roles())
        self.console.say_all(d for d in found.diagnostics if d.code != "rule-without-test")
        plan = Plan(load_test_engine, roles=self._roles())
        numbers = {id(rule): number for number, rule in enumerate(rules)}
        jobs = options.jobs_for(self.given["jobs"], len(found.pairs), worth=20)
        ran = run_all(found.pairs, plan, jobs=jobs, say=self.console.say)
        try:
            watching = watched(ran, len(found.pairs), "testing", self.console)
            seen = self._counted(watching, "tested", len(found.pairs))
            with closing(ran):
                pairs = zip(found.pairs, seen, strict=True)
                return {numbers[id(rule)]: results for (rule, _), results in pairs}
        except EqlxError as error:
            raise self.console.stop(error) from None

    def _roles(self) -> Roles:

        given = self.given
        return options.roles(given)

    def _write(self, text: str) -> None:
        from eqlx.cli.artifacts import write_whole
        from eqlx.diagnostics.catalogue.usage import cannot_write

        output = self.given["output"]
        if output is None:
            put(text)
            return
        try:
            write_whole(Path(output), text)
        except OSError as error:
            raise self.console.stop(cannot_write(output, options.cause(error))) from None


def _rendered(report: FidelityReport, form: str) -> str:
    match form:
        case "html":
            from eqlx.report.page import page

            return page(report)
        case "json":
            from eqlx.report.records import as_json

            return as_json(report)
        case "navigator":
            from eqlx.report.navigator import navigator

            return navigator(report)
        case _:
            from eqlx.report.markdown import markdown

            return markdown(report)


def _invalid(report: FidelityReport) -> bool:
    from eqlx.driver.convert import Status

    bad = {Status.INVALID, Status.FAILED}
    return any(one.status in bad for rule in report.rules for one in rule.conversions)
