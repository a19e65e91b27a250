"""`eqlx convert`: rules to a target's query language."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console, is_debugging
from eqlx.cli.exits import Exit, worst
from eqlx.cli.interrupts import interruptible, say_interrupted

Write = Callable[[], tuple[str, ...]]
"""Writes files, and gives their paths; `tuple` writes none."""

if TYPE_CHECKING:
    from eqlx.capability import Loss
    from eqlx.cli.artifacts import Sink
    from eqlx.diagnostics import Diagnostic
    from eqlx.driver.batch import Plan
    from eqlx.driver.convert import Outcome
    from eqlx.fields.table import TableShape
    from eqlx.rule import Rule
    from eqlx.rulefile.loader import Loaded
    from eqlx.source import Span


@click.command(
    "convert",
    epilog="Exit codes: 0 all converted; 1 a rule was refused; 2 a rule is invalid; "
    "3 usage or configuration.",
)
@options.rule_arguments
@click.option("--to", "target", required=True, metavar="TARGET", help="See `eqlx targets`.")
@click.option("--dialect", metavar="NAME", help="A dialect of the target.  [default: its first]")
@click.option("-O", "assignments", multiple=True, metavar="NAME=VALUE", help="A target's option.")
@click.option(
    "--pack",
    metavar="PACK[/SHAPE]",
    help="For SQL: the table is raw, and this pack makes ECS events of it (`eqlx pack list`).",
)
@options.output_option("Write the one artifact to FILE.")
@click.option("-d", "--directory", metavar="DIR", help="Write one file for each rule into DIR.")
@click.option(
    "--prune",
    is_flag=True,
    help="Remove the files that earlier runs wrote into DIR and this one does not write.",
)
@click.option("--manifest", metavar="FILE", help="Write a JSON report on all rules to FILE.")
@options.allow_option
@options.schema_option
@options.like_option
@options.role_options
@options.size_option
@options.jobs_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Convert rules to a target's query language.

    Artifacts go to stdout, diagnostics to stderr. A rule whose meaning would change is refused,
    unless the direction of the change is allowed with --allow.

    \b
    Examples:
      eqlx convert rules/credential_access/lsass_dump_through_comsvcs.toml --to sql --dialect duckdb
      eqlx convert rules --to elasticsearch -d out --manifest out/report.json
      eqlx convert -q 'process where process.name : "cmd.exe"' --to sigma
      eqlx convert rules --to sql --pack sysmon -O table=raw.sysmon
    """  # noqa: D301 the mark of click for lines to keep
    return _Conversion(context).run()


class _Conversion:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.given = context.params
        self.console = Console.of(context)
        self.codes: list[Exit] = []
        self.is_collected = False
        self.written: list[str] = []
        self.outcomes: list[Outcome] = []
        self.entries: list[dict[str, object]] = []

    def run(self) -> int:
        from eqlx.diagnostics.catalogue.usage import one_artifact_file, usage

        given, console = self.given, self.console
        if given["output"] and given["directory"]:
            message = "`-o` and `-d` exclude each other"
            raise console.stop(usage(message, "`-o FILE` for one rule, `-d DIR` for many"))
        if given["prune"] and not given["directory"]:
            message = "`--prune` is for a folder of artifacts"
            raise console.stop(usage(message, "add `-d DIR`"))
        self._check_manifest()
        plan = self._plan()
        loaded = options.read_rules(given["rules"], given["query"], console)
        if given["output"] and len(loaded.rules) > 1 and not self.is_collected:
            raise console.stop(one_artifact_file(len(loaded.rules)))
        console.say_all(loaded.diagnostics)
        if options.has_error(loaded):
            self.codes.append(Exit.RULE_ERRORS)
        with interruptible() as interruption:
            self._convert(loaded.rules, plan)
        if given["directory"]:
            self._clear(Path(given["directory"]), complete=not interruption.came)
        self._report(loaded)
        if interruption.came:
            return self._interrupted(len(loaded.rules))
        return worst(self.codes)

    def _interrupted(self, total: int) -> int:
        kept = "the artifacts that were printed are complete"
        if self.given["directory"] or self.given["output"]:
            kept = f"the files that were written ({len(self.written)}) are complete, and are kept"
        return say_interrupted(self.console, len(self.outcomes), total, "converted", kept)

    def _check_manifest(self) -> None:
        """A place where no file can be is said before anything is printed."""
        from eqlx.diagnostics.catalogue.usage import cannot_write

        path = self.given["manifest"]
        if path is None:
            return
        if not path or Path(path).is_dir():
            raise self.console.stop(cannot_write(path, "it is a folder" if path else "no name"))

    def _plan(self) -> Plan:
        """The plan, with target, dialect and options checked before a rule is read."""
        from eqlx.capability import Drift
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.batch import Plan
        from eqlx.driver.collect import is_collected
        from eqlx.driver.options import resolve_options
        from eqlx.registry import load_target

        given, console = self.given, self.console
        assigned = options.read_assignments(given["assignments"], console)
        if given["pack"] is not None:
            assigned = {**assigned, "pack": given["pack"]}
        try:
            target = load_target(given["target"])
            _, resolved = resolve_options(target, given["dialect"], assigned)
        except EqlxError as error:
            raise console.stop(error) from None
        self.is_collected = is_collected(target, resolved)
        table = options.read_table(given["like"], console, target, given["dialect"])
        return Plan(
            target=given["target"],
            dialect=given["dialect"] or target.dialects[0],
            options=assigned,
            fields=options.read_schema(given["schema"], console),
            roles=options.roles(given),
            allow=frozenset(Drift(name) for name in given["allow"]),
            size=given["size"],
            table=table,
            present=self._present(table),
        )

    def _present(self, table: TableShape | None) -> frozenset[str] | None:
        """The fields of the table or of the pack, where one is named."""
        if table is not None:
            return frozenset(table.fields.names())
        if self.given["pack"] is None:
            return None
        from eqlx.diagnostics import EqlxError
        from eqlx.packs.reader import load_pack, pack_and_shape

        try:
            return frozenset(load_pack(pack_and_shape(self.given["pack"])[0]).names)
        except EqlxError:
            return None  # said for each rule by the target

    def _convert(self, rules: Sequence[Rule], plan: Plan) -> None:
        from eqlx.cli.artifacts import Sink
        from eqlx.driver import manifest

        folder, file = self.given["directory"], self.given["output"]
        sink = Sink(Path(folder) if folder else None, Path(file) if file else None)
        taken = self._together if self.is_collected else self._each
        done = taken(rules, plan, sink)
        with closing(done):
            for outcome, write in done:
                self.console.say_all(outcome.diagnostics)
                if len(rules) == 1:
                    self.console.say_all(losses_said(outcome))
                if outcome.traceback is not None and is_debugging():
                    click.echo(outcome.traceback, err=True)
                written = self._written(write)
                self.written += written
                self.codes.append(exit_of(outcome))
                entry = manifest.entry(outcome, plan.target, plan.dialect or "", written)
                self.entries.append(entry)
                self.outcomes.append(outcome)

    def _each(
        self, rules: Sequence[Rule], plan: Plan, sink: Sink
    ) -> Generator[tuple[Outcome, Write]]:
        """Each rule's outcome, and what writes its files."""
        from eqlx.driver.collect import Names
        from eqlx.driver.files import stems

        names = Names()
        outcomes = map(names.admit, self._outcomes(rules, plan))
        for outcome, stem in zip(outcomes, stems(rules), strict=True):
            artifact = outcome.artifact
            yield outcome, tuple if artifact is None else partial(sink.take, artifact, stem)

    def _together(
        self, rules: Sequence[Rule], plan: Plan, sink: Sink
    ) -> Generator[tuple[Outcome, Write]]:
        """Each rule's outcome, and what writes the one file of them all, once."""
        from eqlx.driver.collect import collect
        from eqlx.registry import load_target

        target = load_target(plan.target)
        file, outcomes = collect(target, tuple(self._outcomes(rules, plan)))

        @cache
        def write() -> tuple[str, ...]:
            return () if file is None else sink.write(file.text, (file,), target.suffix)

        for outcome in outcomes:
            yield outcome, tuple if outcome.artifact is None else write

    def _outcomes(self, rules: Sequence[Rule], plan: Plan) -> Iterator[Outcome]:
        from eqlx.cli.progress import watched
        from eqlx.driver.batch import convert_batch
        from eqlx.registry import load_target

        given = self.given
        jobs = options.jobs_for(given["jobs"], len(rules), worth=60)
        outcomes = convert_batch(rules, plan, load_target, jobs=jobs, say=self.console.say)
        prints = not given["directory"]
        return iter(watched(outcomes, len(rules), "converting", self.console, prints=prints))

    def _written(self, write: Write) -> tuple[str, ...]:
        from eqlx.diagnostics.catalogue.usage import cannot_write

        try:
            return write()
        except BrokenPipeError:
            raise
        except OSError as error:
            path = str(error.filename or "the artifact")
            raise self.console.stop(cannot_write(path, options.cause(error))) from None

    def _clear(self, folder: Path, *, complete: bool) -> None:
        """Name the files that earlier runs left in the folder, or remove them. Where not all rules
        were converted, nobody knows what is left over: all of them stay on record."""
        from eqlx.cli.folder_record import FolderRecord
        from eqlx.diagnostics.catalogue.usage import cannot_write, stale_files

        record = FolderRecord.of(folder)
        stale = record.stale(self.written)
        try:
            if self.given["prune"] and complete:
                for path in stale:
                    path.unlink()
            if self.written or stale:
                record.keep(self.written, () if self.given["prune"] and complete else stale)
        except OSError as error:
            failed = str(error.filename or folder)
            raise self.console.stop(cannot_write(failed, options.cause(error))) from None
        if stale and complete:
            names = [path.name for path in stale]
            self.console.say(stale_files(str(folder), names, removed=self.given["prune"]))

    def _report(self, loaded: Loaded) -> None:
        from eqlx.cli.artifacts import write_whole
        from eqlx.diagnostics.catalogue.usage import cannot_write
        from eqlx.driver import manifest
        from eqlx.printable import escaped_json

        if path := self.given["manifest"]:
            skipped = [(str(item.path), item.language) for item in loaded.skipped]
            unfinished = loaded.rules[len(self.outcomes) :]
            document = manifest.manifest(
                self.outcomes, self.entries, skipped, loaded.diagnostics, unfinished
            )
            written = json.dumps(document, indent=2, ensure_ascii=False, default=str)
            text = escaped_json(written)
            try:
                write_whole(Path(path), f"{text}\n")
            except OSError as error:
                raise self.console.stop(cannot_write(path, options.cause(error))) from None
        if len(self.outcomes) + len(loaded.skipped) > 1:
            from eqlx.render.summary import summary

            for line in summary(self.outcomes, len(loaded.skipped)):
                self.console.remark(line)


def losses_said(
    outcome: Outcome, shows: Callable[[Loss], bool] = lambda _: True
) -> tuple[Diagnostic, ...]:
    """A note for each change of meaning of a rule that was converted, where it `shows`."""
    from eqlx.diagnostics import Report
    from eqlx.diagnostics.catalogue.target import changes_meaning
    from eqlx.source import NOWHERE

    if outcome.artifact is None:
        return ()
    report = Report(outcome.rule.query, outcome.rule.label)
    places: dict[tuple[str, str, str], list[Span]] = {}
    for loss in filter(shows, outcome.fidelity.losses):
        key = (loss.drift.value, loss.reason, loss.slug)
        places.setdefault(key, []).append(loss.span)
    for (drift, reason, slug), spans in places.items():
        span = None if spans[0] == NOWHERE else spans[0]
        report.add(changes_meaning(drift, reason, slug, span, len(spans)))
    return report.diagnostics


def exit_of(outcome: Outcome) -> Exit:
    """What one conversion contributes to the exit code."""
    from eqlx.driver.convert import Status

    match outcome.status:
        case Status.CONVERTED:
            return Exit.CLEAN
        case Status.REFUSED:
            return Exit.FINDINGS
        case Status.INVALID | Status.FAILED:
            return Exit.RULE_ERRORS
