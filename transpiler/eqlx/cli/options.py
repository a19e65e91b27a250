"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eqlx.cli.console import FORMATS, Console
from eqlx.inputs import UnsuitableFileError

if TYPE_CHECKING:
    from eqlx.driver.plan import Roles
    from eqlx.execution import Event
    from eqlx.fields.schema import FieldList
    from eqlx.fields.table import TableShape
    from eqlx.rulefile.loader import Loaded
    from eqlx.target import Target

F = TypeVar("F", bound=Callable[..., object])


def rule_arguments(function: F) -> F:
    """`[RULE|DIR|-]…` and `--query TEXT`."""
    with_query = click.option(
        "--query",
        "-q",
        "query",
        multiple=True,
        metavar="TEXT",
        help="An EQL query, in place of or beside rule files; may be given several times.",
    )(function)
    return click.argument("rules", nargs=-1, metavar="[RULE|DIR|-]...")(with_query)


def diagnostics_options(function: F) -> F:
    """`--diagnostics-format` and `--quiet`."""
    quiet = click.option("--quiet", is_flag=True, help="Show errors only, no warnings and notes.")(
        function
    )
    return click.option(
        "--diagnostics-format",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How diagnostics look on stderr.",
    )(quiet)


def schema_option(function: F) -> F:
    """`--schema FILE`."""
    return click.option(
        "--schema",
        metavar="FILE",
        help="A list of fields and their types, put before the built-in catalogue.",
    )(function)


def like_option(function: F) -> F:
    """`--like FILE`."""
    return click.option(
        "--like",
        metavar="FILE",
        help="Take fields, their types and columns from a file of events, or from a `CREATE TABLE` "
        "statement (FILE.sql).",
    )(function)


if TYPE_CHECKING:
    _Value = click.ParamType[Any]
else:
    _Value = click.ParamType


class _Seconds(_Value):
    """A time that is above zero and ends."""

    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        from eqlx.bounds import LONGEST_SECONDS, is_duration

        try:
            seconds = float(str(value))
        except ValueError:
            seconds = 0.0
        if not is_duration(seconds):
            message = (
                f"`{value}` is no time limit, expected seconds above 0 and up to "
                f"{LONGEST_SECONDS:,.0f}, as `300`"
            )
            self.fail(message, param, ctx)
        return seconds


class _Memory(_Value):
    """A size of memory above zero; stays text."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        from eqlx.bounds import bytes_of

        try:
            bytes_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def bounds_options(function: F) -> F:
    """`--timeout SECONDS` and `--memory SIZE`."""
    memory = click.option(
        "--memory",
        type=_Memory(),
        default="4GB",
        show_default=True,
        metavar="SIZE",
        help="What the engine may use.",
    )(function)
    return click.option(
        "--timeout",
        type=_Seconds(),
        default=300.0,
        show_default=True,
        metavar="SECONDS",
        help="For loading the events, and for each rule's whole search.",
    )(memory)


def allow_option(function: F) -> F:
    """`--allow widens|narrows`."""
    return click.option(
        "--allow",
        type=click.Choice(["widens", "narrows"]),
        multiple=True,
        help="Accept changes of meaning in this direction (more alerts, missed detections).",
    )(function)


def role_options(function: F) -> F:
    """The options that say which fields play the roles that EQL needs, and how letters compare."""
    function = click.option(
        "--folding",
        type=click.Choice(["unicode", "ascii"]),
        default="unicode",
        show_default=True,
        help="Letters that are one but for case: as Elasticsearch has them today (Unicode's simple "
        "folding), or as up to 9.4 and in OpenSearch (ASCII).",
    )(function)
    category = click.option(
        "--event-category-field",
        metavar="FIELD",
        help="The field of an event's category.  [default: the rule's, else event.category]",
    )(function)
    tiebreaker = click.option(
        "--tiebreaker-field",
        metavar="FIELD",
        help="The field that orders events of one timestamp.  [default: the rule's, else none]",
    )(category)
    return click.option(
        "--timestamp-field",
        metavar="FIELD",
        help="The field of an event's time.  [default: the rule's, else @timestamp]",
    )(tiebreaker)


def roles(given: Mapping[str, Any]) -> Roles:
    """What `role_options` says, with `--id-field` where the command has it."""
    from eqlx.driver.plan import Roles
    from eqlx.patterns.folding import Folding

    return Roles(
        given["timestamp_field"],
        given["tiebreaker_field"],
        given["event_category_field"],
        given.get("id_field"),
        Folding(given["folding"]),
    )


def size_option(function: F) -> F:
    """`--size N`."""
    return click.option(
        "--size", type=click.IntRange(min=0), help="Limit the results of each rule to the last N."
    )(function)


def output_option(help: str) -> Callable[[F], F]:  # noqa: A002 click's word
    """`-o FILE`, as None where it is not given or is `-`: the standard output."""
    return click.option("--output", "-o", metavar="FILE", help=help, callback=_file_or_stdout)


def _file_or_stdout(
    _context: click.Context, _option: click.Parameter, given: str | None
) -> str | None:
    return None if given == "-" else given


def jobs_option(function: F) -> F:
    """`--jobs N`."""
    return click.option(
        "--jobs",
        "-j",
        type=click.IntRange(min=1),
        help="Worker processes.  [default: one a core, for so many rules that it pays]",
    )(function)


def jobs_for(given: int | None, rules: int, *, worth: int) -> int:
    """How many processes to use: as `given`, else one a core, each for at least `worth` rules, since a
    process takes a while to start."""
    if given is not None:
        return given
    return max(1, min(cores(), rules // worth))


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def timestamp_format_option(function: F) -> F:
    """`--timestamp-format FORMAT`, checked."""

    def checked(
        _context: click.Context, _parameter: click.Parameter, given: str | None
    ) -> str | None:
        from eqlx.events.forms import strptime_form

        if given is not None:
            try:
                strptime_form(given)
            except ValueError as error:
                raise click.BadParameter(str(error)) from None
        return given

    return click.option(
        "--timestamp-format",
        metavar="FORMAT",
        callback=checked,
        help="The form of the events' times where it is neither ISO 8601 nor a number, such as "
        "'%d/%b/%Y:%H:%M:%S %z'.",
    )(function)


def skip_broken_option(function: F) -> F:
    """`--skip-broken`."""
    return click.option(
        "--skip-broken",
        is_flag=True,
        help="Leave out events that cannot be read, and say how many.  [default: stop at the first]",
    )(function)


def event_files(context: click.Context, names: Sequence[str], console: Console) -> tuple[Path, ...]:
    """The files that names of events stand for; a diagnostic and exit code 3 where there are none.

    Copies (of standard input, of an archive's members) are made in a folder that lives as long as the
    command.
    """
    from eqlx.diagnostics.catalogue.usage import usage
    from eqlx.driver.events import dataset_diagnostic
    from eqlx.events import expand
    from eqlx.execution import DatasetError

    stdin = None
    folders: list[Path] = []

    def scratch() -> Path:
        if not folders:
            made = tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True)
            folders.append(Path(context.with_resource(made)))
        return folders[0]

    if "-" in names:
        if "-" in context.params.get("rules", ()):
            tip = "standard input can be read but once"
            raise console.stop(usage("`-` is given for rules and for events", tip))
        stdin = sys.stdin.buffer
    try:
        return expand(names, stdin, scratch)
    except DatasetError as error:
        raise console.stop(dataset_diagnostic(error)) from None


def read_events(
    context: click.Context, names: Sequence[str], console: Console, timestamp: str | None
) -> list[Event]:
    """The events of files in memory, as the reference interpreter reads them, with times as dates;
    what there is to say of them is said."""
    from eqlx.driver.events import dataset_diagnostic, load_events
    from eqlx.execution import Dataset, DatasetError

    files = event_files(context, names, console)
    skip, form = bool(context.params.get("skip_broken")), context.params.get("timestamp_format")
    dataset = Dataset(files, skip_broken=skip, timestamp_format=form)
    try:
        events, notes = load_events(dataset, timestamp or "@timestamp")
    except DatasetError as error:
        raise console.stop(dataset_diagnostic(error)) from None
    console.say_all(notes)
    return events


def read_schema(path: str | None, console: Console) -> FieldList | None:
    """The user's field list; a diagnostic and exit code 3 if it cannot be read."""
    if path is None:
        return None
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.usage import cannot_read
    from eqlx.fields.user import load_schema

    try:
        return load_schema(Path(path))
    except EqlxError as error:
        raise console.stop(error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise console.stop(cannot_read(path, cause(error))) from None


def read_table(
    path: str | None, console: Console, target: Target | None = None, dialect: str | None = None
) -> TableShape | None:
    """The table of `--like`; a diagnostic and exit code 3 if it cannot be read."""
    if path is None:
        return None
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.usage import cannot_read
    from eqlx.driver.events import dataset_diagnostic, engine_diagnostic
    from eqlx.driver.like import described, shape_of_definition
    from eqlx.execution import DatasetError, ExecutionError
    from eqlx.registry import load_executor, load_target

    try:
        if path.lower().endswith(".sql"):
            return shape_of_definition(Path(path), target, dialect, lambda: load_target("sql"))
        return described(Path(path), load_executor("duckdb"))
    except EqlxError as error:
        raise console.stop(error) from None
    except DatasetError as error:
        raise console.stop(dataset_diagnostic(error)) from None
    except ExecutionError as error:
        raise console.stop(engine_diagnostic("duckdb", error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise console.stop(cannot_read(path, cause(error))) from None


def read_rules(paths: Sequence[str], queries: Sequence[str], console: Console) -> Loaded:
    """The rules of the files and of each `--query`; a diagnostic and exit code 3 if none was named or a
    file is missing. Diagnostics of the loader are not said yet."""
    from eqlx.diagnostics.catalogue.rulefile import rule_file_not_found
    from eqlx.diagnostics.catalogue.usage import no_rules
    from eqlx.inputs import is_there
    from eqlx.rulefile import loader

    if not paths and not queries:
        raise console.stop(no_rules(()))
    for path in paths:
        if not path or (path != "-" and not is_there(path)):
            raise console.stop(rule_file_not_found(path, is_query=_QUERY.search(path) is not None))
    stdin = sys.stdin if "-" in paths else None
    loaded = loader.load(paths, stdin)
    if queries:
        names = [f"query-{n}" for n in range(1, len(queries) + 1)] if queries[1:] else ["query"]
        given = map(loader.from_query, queries, names)
        loaded = loader.Loaded((*given, *loaded.rules), loaded.diagnostics, loaded.skipped)
    if not loaded.rules and not has_error(loaded):
        console.say_all(loaded.diagnostics)
        raise console.stop(no_rules(tuple(paths)))
    return loaded


_QUERY = re.compile(r"\bwhere\b|^\s*(sequence|sample)\b|==")
"""What a query has in it, and hardly a path."""


def has_error(loaded: Loaded) -> bool:
    """Whether a file of rules could not be read."""
    from eqlx.diagnostics import Severity

    return any(diagnostic.severity is Severity.ERROR for diagnostic in loaded.diagnostics)


def read_assignments(pairs: Sequence[str], console: Console) -> dict[str, str]:
    """`-O name=value`; a name that is given two values is an error."""
    from eqlx.diagnostics.catalogue.usage import usage

    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise console.stop(
                usage(f"`-O {pair}` is not `name=value`", f"write `-O {name or 'name'}=VALUE`")
            )
        if values.setdefault(name, value) != value:
            message = f"`-O {name}` is given twice, as `{values[name]}` and `{value}`"
            raise console.stop(usage(message, "an option of a target has one value"))
    return values


def cause(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read or written, in a few words."""
    if isinstance(error, UnsuitableFileError):
        return str(error.strerror)
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return str(error)
