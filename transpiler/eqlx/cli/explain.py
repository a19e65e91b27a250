"""`eqlx explain`: what a diagnostic means."""

from __future__ import annotations

import click

from eqlx.cli import options
from eqlx.cli.console import Console


@click.command("explain")
@click.argument("slug", required=False)
@click.option("--list", "listing", is_flag=True, help="List all diagnostics.")
@options.diagnostics_options
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Print the page of a diagnostic: what is wrong, why it matters, what to write instead.

    \b
    Examples:
      eqlx explain unknown-target
      eqlx explain --list
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.diagnostics.catalogue import all_entries
    from eqlx.diagnostics.catalogue.usage import unknown_slug, usage
    from eqlx.diagnostics.nearest import nearest

    console = Console.of(context)
    entries = all_entries()
    if context.params["listing"]:
        for slug, entry in sorted(entries.items()):
            click.echo(f"{slug} ({entry.severity.value}): {entry.page.partition(chr(10))[0]}")
        return 0
    slug = context.params["slug"]
    if slug is None:
        raise console.stop(usage("no diagnostic named", "`eqlx explain --list` lists all of them"))
    # People paste what they see: `error[unknown-target]:`.
    _, bracket, inner = slug.partition("[")
    slug = inner.partition("]")[0] if bracket else slug
    if slug not in entries:
        raise console.stop(unknown_slug(slug, nearest(slug, entries)))
    entry = entries[slug]
    click.echo(f"{entry.severity.value}[{slug}]\n\n{entry.page}")
    return 0
