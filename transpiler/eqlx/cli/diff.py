"""`eqlx diff`: what changed rules newly match, and no longer match."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.driver.diff import DiffPlan, RuleDiff
    from eqlx.rulefile.loader import Loaded


@click.command(
    "diff",
    epilog="Exit codes: 0 no meaning changed; 1 a meaning changed; 2 a rule is invalid; 3 usage or "
    "configuration.",
)
@click.argument("old", metavar="OLD|REVISIONS")
@click.argument("paths", nargs=-1, metavar="NEW|[PATHS]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How the differences are printed; Markdown is for a pull request.",
)
@options.output_option("Write to a file.  [default: stdout]")
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="TARGET",
    help="Compare the fidelity for a target; may be given several times.  "
    "[default: sql, elasticsearch, sigma]",
)
@click.option("--all", "everything", is_flag=True, help="List the rules of the same meaning, too.")
@click.option("--allow-changed", is_flag=True, help="A changed meaning leaves the exit code at 0.")
@options.schema_option
@options.role_options
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Show what changed rules newly match, and no longer match.

    OLD and NEW are files or folders of rules. Or name git revisions, `OLD..NEW` or `OLD..` (the working
    tree), and the paths to compare. A rule is the same if both versions compile to one query; else events
    are made from both versions, and an event on which they differ is printed, confirmed by DuckDB.

    \b
    Examples:
      eqlx diff old-rules new-rules
      eqlx diff HEAD~1.. rules
      eqlx diff main..my-branch rules --format markdown
    """  # noqa: D301 the mark of click for lines to keep
    return _Diff(context).run()


class _Diff:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.given = context.params
        self.console = Console.of(context)

    def run(self) -> int:
        from eqlx.cli.progress import watched
        from eqlx.driver.diff import diff_rules

        with ExitStack() as stack:
            old, new = self._sides(stack)
            for loaded in (old, new):
                self.console.say_all(loaded.diagnostics)
            plan = self._plan()
            total = len({r.id or r.path for side in (old, new) for r in side.rules})
            found: list[tuple[str, RuleDiff]] = []
            with interruptible() as interruption:
                made = diff_rules(old.rules, new.rules, plan)
                for pair in watched(made, total, "comparing", self.console):
                    found.append(pair)  # noqa: PERF402 what was compared before Ctrl-C is kept
            self._print(found)
        if interruption.came:
            kept = "what is said of the rules that were compared is complete"
            return say_interrupted(self.console, len(found), total, "compared", kept)
        return self._code(old, new, found)

    def _code(self, old: Loaded, new: Loaded, found: Sequence[tuple[str, RuleDiff]]) -> int:
        from eqlx.driver.diff import Change

        changes = {each.change for _, each in found}
        if options.has_error(old) or options.has_error(new) or Change.INVALID in changes:
            return Exit.RULE_ERRORS
        if not all(each.is_confirmed for _, each in found):
            return Exit.FINDINGS
        changed = Change.CHANGED in changes and not self.given["allow_changed"]
        return Exit.FINDINGS if changed else Exit.CLEAN

    def _plan(self) -> DiffPlan:
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.diff import DiffPlan
        from eqlx.registry import load_executor, load_target

        names = self.given["targets"] or ("sql", "elasticsearch", "sigma")
        try:
            return DiffPlan(
                targets=[load_target(name) for name in names],
                engine=load_executor("duckdb"),
                engine_target=load_target("sql"),
                fields=options.read_schema(self.given["schema"], self.console),
                roles=options.roles(self.given),
            )
        except EqlxError as error:
            raise self.console.stop(error) from None

    def _print(self, found: Sequence[tuple[str, RuleDiff]]) -> None:
        from eqlx.render import differences
        from eqlx.render.jsonl import one_line

        match self.given["form"]:
            case "json":
                records = ",\n".join(f"  {one_line(differences.record(k, d))}" for k, d in found)
                text = f"[\n{records}\n]\n" if records else "[]\n"
            case "markdown":
                text = "".join(f"{line}\n" for line in differences.markdown(found))
            case _:
                lines = differences.text(found, everything=self.given["everything"])
                text = "".join(f"{line}\n" for line in lines)
        if self.given["output"] is None:
            put(text)
            return
        from eqlx.cli.artifacts import write_whole
        from eqlx.diagnostics.catalogue.usage import cannot_write

        try:
            write_whole(Path(self.given["output"]), text)
        except OSError as error:
            stop = cannot_write(self.given["output"], options.cause(error))
            raise self.console.stop(stop) from None

    # --- the two sides --------------------------------------------------------------------------

    def _sides(self, stack: ExitStack) -> tuple[Loaded, Loaded]:
        from eqlx.diagnostics.catalogue.usage import usage

        old, paths = self.given["old"], self.given["paths"]
        if ".." in old and not Path(old).exists():
            before, _, after = old.partition("..")
            first = self._at(before or "HEAD", paths, stack)
            second = self._at(after, paths, stack) if after else self._loaded(paths or (".",))
            return first, second
        if len(paths) != 1:
            tip = "`eqlx diff OLD NEW`, or `eqlx diff HEAD~1.. PATHS`"
            raise self.console.stop(usage("two versions are compared: name both", tip))
        return self._loaded((old,)), self._loaded(paths)

    def _loaded(self, paths: Sequence[str]) -> Loaded:
        """The rules of a side, which may have none."""
        from eqlx.diagnostics.catalogue.rulefile import rule_file_not_found
        from eqlx.inputs import is_there
        from eqlx.rulefile import loader

        for path in paths:
            if not path or not is_there(path):
                raise self.console.stop(rule_file_not_found(path, is_query=False))
        return loader.load(paths)

    def _at(self, revision: str, paths: Sequence[str], stack: ExitStack) -> Loaded:
        """The rules as they were at a revision, in a folder that goes with the stack."""
        from eqlx.diagnostics.catalogue.usage import usage

        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="eqlx-diff-"))
        # A revision never starts with a hyphen, so that git takes it for no option.
        if revision.startswith("-"):
            raise self.console.stop(
                usage(f"`{revision}` is no revision", "`HEAD~1`, a branch or a hash")
            )
        command = ["git", "archive", "--format=tar", revision, "--", *paths]
        try:
            done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
        except OSError as error:
            raise self.console.stop(usage(f"git cannot be run: {error}", "install git")) from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            why = said[0].removeprefix("fatal: ") if said else "git failed"
            tip = "name a revision that this repository has, and paths that it has there"
            raise self.console.stop(usage(f"no rules at `{revision}`: {why}", tip))
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return self._loaded((folder,))
