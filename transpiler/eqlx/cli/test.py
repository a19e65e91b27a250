"""`eqlx test`: the test files of rules."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.changed import changed, changed_option, none_changed
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit, worst
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.driver.batch import Roles
    from eqlx.ruletest.discover import Found
    from eqlx.ruletest.model import Result
    from eqlx.ruletest.runner import Engine, Plan


@click.command(
    "test",
    epilog="Exit codes: 0 all tests passed; 1 a test failed, or a rule has none; 2 a rule or a test "
    "file is invalid; 3 usage or configuration.",
)
@click.argument("rules", nargs=-1, metavar="[RULE|DIR|TEST]...")
@changed_option
@click.option(
    "--engine",
    "engines",
    multiple=True,
    metavar="NAME",
    help="Run on this engine; may be given several times.  [default: what the test file says, else "
    "reference and duckdb]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "junit", "github", "json"]),
    default="text",
    show_default=True,
    help="How results are printed.",
)
@options.output_option("Write the results to a file.")
@click.option("--verbose", "-v", is_flag=True, help="Show the tests that passed, too.")
@click.option("--allow-untested", is_flag=True, help="Rules without a test file are no finding.")
@options.role_options
@options.schema_option
@options.allow_option
@options.jobs_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Run the test files of rules: events, and what the rule must find in them.

    The tests of `lsass.toml` are in `lsass.test.yml` beside it.

    \b
    Examples:
      eqlx test rules --jobs 4
      eqlx test rules/credential_access/lsass_dump_through_comsvcs.toml --engine reference --verbose
      eqlx test rules --format junit -o results.xml
    """  # noqa: D301 the mark of click for lines to keep
    return _Test(context).run()


class _Test:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.given = context.params
        self.console = Console.of(context)
        self.codes: list[Exit] = []
        self.results: list[Result] = []
        self.tested = 0

    def run(self) -> int:
        since = self.given["changed_since"]
        self.files: Sequence[str] = self.given["rules"]
        if since is not None:
            self.files = changed(since, self.files, self.console, tests=True)
            if not self.files:
                return none_changed(since, self.console)
        found = self._found()
        with interruptible() as interruption:
            self._collect(found)
        results = self.results
        if interruption.came:
            return self._interrupted(found)
        if results:
            self._print(results)
        elif not self.codes:
            from eqlx.render.summary import counted

            self.console.remark(f"no tests; {counted(found.untested, 'rule')} without a test file")
        return worst(self.codes)

    def _found(self) -> Found:
        from eqlx.diagnostics import Severity
        from eqlx.diagnostics.catalogue.ruletest import no_rule_tests
        from eqlx.ruletest.discover import below, is_test_file, pair, rule_paths

        paths = [Path(name) for name in self.files]
        tests = [path for path in paths if is_test_file(path) and path.is_file()]
        beside = {rule for test in tests for rule in rule_paths(test)}
        named = dict.fromkeys((*(p for p in paths if p not in tests), *sorted(beside)))
        folders = [path for path in paths if path.is_dir()]
        loaded = options.read_rules([str(path) for path in named], (), self.console)
        self.console.say_all(loaded.diagnostics)
        if options.has_error(loaded):
            self.codes.append(Exit.RULE_ERRORS)
        found = pair(loaded.rules, [*tests, *below(folders)], self._roles())
        kept = [d for d in found.diagnostics if not self._is_allowed(d.code)]
        self.console.say_all(kept)
        if any(diagnostic.severity is Severity.ERROR for diagnostic in kept):
            self.codes.append(Exit.RULE_ERRORS)
        elif not found.pairs and not self.given["allow_untested"]:
            raise self.console.stop(no_rule_tests(tuple(self.files)))
        if kept:
            self.codes.append(Exit.FINDINGS)
        return found

    def _is_allowed(self, code: str) -> bool:
        return bool(self.given["allow_untested"]) and code == "rule-without-test"

    def _interrupted(self, found: Found) -> int:
        """The results so far; a file would be taken for the whole."""
        kept = "the results of the rules that were tested are complete"
        if self.given["output"] is None:
            self._print(self.results)
        else:
            kept = f"`{self.given['output']}` was not written"
        return say_interrupted(self.console, self.tested, len(found.pairs), "tested", kept)

    def _collect(self, found: Found) -> None:
        from eqlx.cli.progress import watched
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.events import engine_diagnostic
        from eqlx.execution import ExecutionError
        from eqlx.ruletest.model import Verdict
        from eqlx.ruletest.runner import run_all

        plan, pairs = self._plan(), found.pairs
        jobs = options.jobs_for(self.given["jobs"], len(pairs), worth=20)
        ran = run_all(pairs, plan, jobs=jobs, say=self.console.say)
        try:
            with closing(ran):
                for some in watched(ran, len(pairs), "testing", self.console):
                    self.results.extend(some)
                    self.tested += 1
        except EqlxError as error:
            raise self.console.stop(error) from None
        except ExecutionError as error:
            names = ", ".join(plan.engines) or "the test files' engines"
            raise self.console.stop(engine_diagnostic(names, error)) from None
        if any(result.verdict is not Verdict.PASSED for result in self.results):
            self.codes.append(Exit.FINDINGS)

    def _plan(self) -> Plan:
        from eqlx.capability import Drift
        from eqlx.ruletest.runner import Plan

        return Plan(
            load=load_test_engine,
            engines=tuple(self.given["engines"]),
            fields=options.read_schema(self.given["schema"], self.console),
            roles=self._roles(),
            allow=frozenset(Drift(name) for name in self.given["allow"]),
        )

    def _roles(self) -> Roles:

        given = self.given
        return options.roles(given)

    def _print(self, results: list[Result]) -> None:
        from eqlx.cli.artifacts import write_whole
        from eqlx.diagnostics.catalogue.usage import cannot_write
        from eqlx.render import ruletests

        form, output = self.given["form"], self.given["output"]
        if form == "text":
            body = ruletests.text(results, verbose=self.given["verbose"])
        else:
            body = ruletests.RENDERERS[form](results)
        if output is None:
            put(body)
            return
        try:
            write_whole(Path(output), body)
        except OSError as error:
            raise self.console.stop(cannot_write(output, options.cause(error))) from None
        self.console.remark(ruletests.summary(results))


def load_test_engine(name: str) -> Engine:
    """An engine of a test by its name, with the settings of the environment."""
    from eqlx.cli.engines import load_engine
    from eqlx.registry import load_target
    from eqlx.ruletest.runner import Engine

    executor = load_engine(name)
    return Engine(executor, None if executor.target is None else load_target(executor.target))
