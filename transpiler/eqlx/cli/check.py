"""`eqlx check`: rules without a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.artifacts import write_whole
from eqlx.cli.changed import changed, changed_option, none_changed
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.diagnostics.catalogue.usage import cannot_read, cannot_write, stale_baseline, usage

if TYPE_CHECKING:
    from eqlx.rule import Rule


@click.command(
    "check",
    epilog="Exit codes: 0 clean, or notes only; 1 warnings; 2 a rule is invalid, or has warnings "
    "with `--strict`; 3 usage or configuration.",
)
@options.rule_arguments
@changed_option
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
@click.option(
    "--baseline",
    metavar="FILE",
    help="Leave out the errors and warnings that this file lists, as `--write-baseline` wrote it.",
)
@click.option(
    "--write-baseline",
    metavar="FILE",
    help="Write the errors and warnings of today to this file, and end with 0.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["sarif", "gitlab", "junit"]),
    help="Write the findings as a document for another program, too (`-o`, else stdout).",
)
@options.output_option("The file of `--format`.  [default: stdout]")
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
      eqlx check rules --write-baseline baseline.json
      eqlx check rules --baseline baseline.json --diagnostics-format github
      eqlx check rules --format sarif -o eqlx.sarif
      eqlx check rules --changed-since origin/main
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.applicability import Applicability
    from eqlx.diagnostics import Report, Severity
    from eqlx.diagnostics.catalogue.lint import rule_on_these_fields
    from eqlx.driver.batch import schema_of
    from eqlx.driver.check import applied_to, check_rule, raise_warnings
    from eqlx.render.summary import counted

    console, given = Console.of(context), dict(context.params)
    if given["changed_since"] is not None:
        given["rules"] = changed(given["changed_since"], given["rules"], console)
        if not given["rules"] and not given["query"]:
            _Document(console, given["form"], given["output"]).finish()
            return none_changed(given["changed_since"], console)
    known = _Known(console, given["baseline"], given["write_baseline"])
    document = _Document(console, given["form"], given["output"])
    table = options.read_table(given["like"], console)
    schema = schema_of(
        options.read_schema(given["schema"], console), None if table is None else table.fields
    )
    data = options.read_schema(given["fields_file"], console)
    present = None if data is None else frozenset(data.names())
    if present is None and table is not None:
        present = frozenset(table.fields.names())
    grades: Counter[Applicability] = Counter()
    loaded = options.read_rules(given["rules"], given["query"], console)
    raised = raise_warnings if given["strict"] else tuple
    document.say(known.new(raised(loaded.diagnostics)))
    roles = options.roles(given)
    clean: Counter[bool] = Counter()
    with interruptible() as interruption:
        for rule in loaded.rules:
            found = known.new(raised(check_rule(rule, schema, roles.model(rule))))
            document.say(found, rule)
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
    known.finish(complete=not interruption.came)
    document.finish()
    if interruption.came:
        kept = "what is said of the rules that were checked is complete"
        return say_interrupted(console, checked, len(loaded.rules), "checked", kept)
    if counts[Severity.ERROR]:
        return Exit.RULE_ERRORS
    return Exit.FINDINGS if counts[Severity.WARNING] else Exit.CLEAN


class _Document:
    """Says findings, and keeps them for the document of `--format`."""

    def __init__(self, console: Console, form: str | None, output: str | None) -> None:
        from eqlx import __version__
        from eqlx.render.findings import Findings

        self._console = console
        self._form = form
        self._output = output
        self._findings = Findings(__version__)
        if form is None and output is not None:
            tip = "`--format sarif`, `gitlab` or `junit` says what to write there"
            raise console.stop(usage("`-o` needs `--format`", tip))

    def say(self, found: Iterable[Diagnostic], rule: Rule | None = None) -> None:
        """Say findings, of a rule that was checked."""
        kept = tuple(found)
        self._console.say_all(kept)
        if self._form is not None:
            self._findings.diagnostics += kept
            self._findings.rules += () if rule is None else (rule,)

    def finish(self) -> None:
        """Write the document."""
        from eqlx.render.findings import FORMS
        from eqlx.render.screen import put

        if self._form is None:
            return
        text = FORMS[self._form](self._findings)
        if self._output is None:
            put(text)
            return
        try:
            write_whole(Path(self._output), text)
        except OSError as error:
            stop = cannot_write(self._output, options.cause(error))
            raise self._console.stop(stop) from None


class _Known:
    """The findings of `--baseline` are left out, and those of `--write-baseline` are written."""

    def __init__(self, console: Console, read: str | None, written: str | None) -> None:
        from eqlx.driver.baseline import Baseline

        self._console = console
        self._written = None if written is None else Path(written)
        self._found: list[Diagnostic] = []
        self._baseline = Baseline()
        if read is not None and written is not None:
            tip = "`--write-baseline` alone writes a new one"
            raise console.stop(usage("`--baseline` and `--write-baseline` exclude each other", tip))
        if read is not None:
            try:
                self._baseline = Baseline.read(Path(read))
            except EqlxError as error:
                raise console.stop(error) from None
            except OSError as error:
                raise console.stop(cannot_read(read, options.cause(error))) from None

    def new(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Those that are not known."""
        if self._written is None:
            return tuple(filter(self._baseline.admit, diagnostics))
        from eqlx.driver.baseline import Baseline

        found = tuple(diagnostics)
        self._found += found
        return tuple(d for d in found if not Baseline.of([d]).findings)

    def finish(self, *, complete: bool) -> None:
        """Write the baseline, or say what became of the known findings."""
        from eqlx.driver.baseline import Baseline
        from eqlx.render.summary import counted

        console = self._console
        if not complete:
            return
        if self._written is not None:
            made = Baseline.of(self._found)
            try:
                write_whole(self._written, made.text())
            except OSError as error:
                raise console.stop(cannot_write(str(self._written), options.cause(error))) from None
            total = counted(made.findings.total(), "finding")
            console.remark(f"  {total} written to {self._written}")
            return
        if self._baseline.known:
            console.remark(f"  {counted(self._baseline.known, 'known finding')} left out")
        if self._baseline.gone:
            console.say(stale_baseline(self._baseline.gone))
