"""`eqlx verify`: rules proved on engines by events made from them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from eqlx.cli import options
from eqlx.cli.changed import changed, changed_option, none_changed
from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.cli.interrupts import interruptible, say_interrupted
from eqlx.render.screen import put

if TYPE_CHECKING:
    from eqlx.driver.verdict import Verification
    from eqlx.driver.verify import VerifyPlan
    from eqlx.execution import Event
    from eqlx.rulefile.loader import Loaded


@click.command(
    "verify",
    epilog="Exit codes: 0 nothing differs undeclared; 1 an engine differs or failed, or a target "
    "refuses a rule; 2 a rule is invalid; 3 usage, configuration or events.",
)
@options.rule_arguments
@changed_option
@click.option(
    "--engines",
    default="duckdb",
    show_default=True,
    metavar="NAMES",
    help="Engines, with commas between them; DuckDB in each of its three layouts.",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="TARGET",
    help="Convert to this target as well, whether an engine here runs it or not.",
)
@click.option(
    "--events",
    multiple=True,
    metavar="FILE|DIR|-",
    help="Compare over these events (JSON) in place of synthesised ones.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How verdicts are printed.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the synthesis.")
@click.option(
    "-O", "assignments", multiple=True, metavar="NAME=VALUE", help="An option of the targets."
)
@options.allow_option
@click.option(
    "--accept-refused",
    is_flag=True,
    help="A rule that a target refuses is shown, and leaves the exit code at 0.",
)
@options.schema_option
@options.role_options
@options.jobs_option
@options.skip_broken_option
@options.timestamp_format_option
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Prove that rules mean the same on every engine.

    From each rule events are made: for each clause one on which it alone decides, values at
    boundaries and one character off, missing and repeated values, and streams for sequences. The
    reference interpreter says what the rule answers; every engine must answer that, or differ only
    as the conversion declares.

    \b
    Examples:
      eqlx verify rules
      eqlx verify rules/credential_access --engines duckdb,elasticsearch --to sigma
      eqlx verify rules --folding ascii
      eqlx verify rules --events events.ndjson --format json
    """  # noqa: D301 the mark of click for lines to keep
    return _Verify(context).run()


class _Verify:
    """One call of the command."""

    def __init__(self, context: click.Context) -> None:
        self.context = context
        self.given = context.params
        self.console = Console.of(context)

    def run(self) -> int:
        from eqlx.cli.progress import watched
        from eqlx.diagnostics import EqlxError
        from eqlx.driver.verify import Loaders, verify_rules
        from eqlx.registry import load_executor, load_target

        given, console = self.given, self.console
        plan = self._plan()
        files = given["rules"]
        if given["changed_since"] is not None:
            files = changed(given["changed_since"], files, console)
            if not files and not given["query"]:
                return none_changed(given["changed_since"], console)
        loaded = options.read_rules(files, given["query"], console)
        console.say_all(loaded.diagnostics)
        loaders = Loaders(load_executor, load_target)
        found: list[Verification] = []
        rules = loaded.rules
        jobs = options.jobs_for(given["jobs"], len(rules), worth=6)
        verified = verify_rules(rules, plan, loaders, jobs=jobs, say=console.say)
        try:
            with interruptible() as interruption, closing(verified):
                for verification in watched(verified, len(rules), "verifying", console):
                    console.say_all(verification.diagnostics)
                    found.append(verification)
        except EqlxError as error:
            raise console.stop(error) from None
        self._print(found)
        if interruption.came:
            kept = "the verdicts on the rules that were verified are complete"
            return say_interrupted(console, len(found), len(rules), "verified", kept)
        return self._code(loaded, found)

    def _plan(self) -> VerifyPlan:
        from eqlx.capability import Drift
        from eqlx.driver.verify import VerifyPlan

        given = self.given
        engines = tuple(name.strip() for name in given["engines"].split(",") if name.strip())
        if not engines:
            from eqlx.diagnostics.catalogue.usage import usage

            raise self.console.stop(usage("`--engines` names no engine", "`--engines duckdb`"))
        return VerifyPlan(
            engines=engines,
            targets=given["targets"],
            events=self._events(),
            fields=options.read_schema(given["schema"], self.console),
            roles=options.roles(given),
            allow=frozenset(Drift(name) for name in given["allow"]),
            options=options.read_assignments(given["assignments"], self.console),
            seed=given["seed"],
        )

    def _events(self) -> tuple[Event, ...] | None:
        """The events of the files, by the reference interpreter's own reader."""
        if not self.given["events"]:
            return None
        names, timestamp = self.given["events"], self.given["timestamp_field"]
        return tuple(options.read_events(self.context, names, self.console, timestamp))

    def _print(self, found: list[Verification]) -> None:
        from eqlx.render.verification import as_json, table

        if self.given["form"] == "json":
            put(f"{as_json(found)}\n")
            return
        for line in table(found):
            put(f"{line}\n")

    def _code(self, loaded: Loaded, found: list[Verification]) -> int:
        if options.has_error(loaded) or any(v.diagnostics for v in found):
            return Exit.RULE_ERRORS
        sound = all(v.is_sound or self._is_accepted(v) for v in found)
        return Exit.CLEAN if sound else Exit.FINDINGS

    def _is_accepted(self, verification: Verification) -> bool:
        """Whether the worst is a refusal, and the user accepts these."""
        from eqlx.driver.verdict import Verdict

        return verification.verdict is Verdict.REFUSED and bool(self.given["accept_refused"])
