"""`eqlx fields`: field lists."""

from __future__ import annotations

from pathlib import Path

import click

from eqlx.cli import options
from eqlx.cli.console import Console
from eqlx.render.screen import put


@click.group("fields")
def command() -> None:
    """Work with field lists (schemas).

    \b
    Example:
      eqlx fields infer events.ndjson -o fields.txt
    """  # noqa: D301 the mark of click for lines to keep


@command.command("infer")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@options.output_option("Write the list to FILE.  [default: stdout]")
@options.diagnostics_options
@click.pass_context
def infer(context: click.Context, /, **_given: object) -> int:
    """Make a field list for --schema from events (JSON or Parquet; .gz and .zst as well).

    The types are those under which `eqlx run` searches the events: the built-in catalogue's for the
    fields that it knows, else what the values are.

    \b
    Example:
      eqlx fields infer events.ndjson day.parquet -o fields.txt
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.cli.artifacts import write_whole
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.usage import cannot_read, cannot_write
    from eqlx.driver.events import dataset_diagnostic, engine_diagnostic
    from eqlx.driver.fields import infer_files
    from eqlx.execution import DatasetError, ExecutionError
    from eqlx.fields.user import format_schema
    from eqlx.registry import load_executor
    from eqlx.render.summary import counted

    console, given = Console.of(context), context.params
    files = options.event_files(context, given["events"], console)
    try:
        found = infer_files(files, lambda: load_executor("duckdb"))
    except EqlxError as error:
        raise console.stop(error) from None
    except DatasetError as error:
        raise console.stop(dataset_diagnostic(error)) from None
    except ExecutionError as error:
        raise console.stop(engine_diagnostic("duckdb", error)) from None
    except (OSError, UnicodeDecodeError) as error:
        name = str(getattr(error, "filename", None) or files[0])
        raise console.stop(cannot_read(name, options.cause(error))) from None
    text = format_schema(found)
    if given["output"] is None:
        put(text)
        return 0
    try:
        write_whole(Path(given["output"]), text)
    except OSError as error:
        raise console.stop(cannot_write(given["output"], options.cause(error))) from None
    console.remark(f"{counted(len(found.fields), 'field')} in {given['output']}")
    return 0
