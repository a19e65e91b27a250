"""Makes the pages of the site that are not kept in the repository: the help of every command, asked from
click (docs/reference/commands.md), and the list of decisions (docs/decisions/index.md).
"""

from __future__ import annotations

from pathlib import Path

import click

from eqlx.cli.main import program

DOCS = Path(__file__).resolve().parent


def commands() -> str:
    """The page of all commands, in the order of `eqlx --help`."""
    parts = ["# Commands\n\nThis page is made from the program's own help.\n"]
    top = click.Context(program, info_name="eqlx")
    parts.append(_page("eqlx", program.get_help(top), 2))
    for name in program.list_commands(top):
        command = program.get_command(top, name)
        if command is None:
            continue
        context = click.Context(command, info_name=name, parent=top)
        parts.append(_page(f"eqlx {name}", command.get_help(context), 2))
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                found = command.get_command(context, below)
                if found is not None:
                    inner = click.Context(found, info_name=below, parent=context)
                    parts.append(_page(f"eqlx {name} {below}", found.get_help(inner), 3))
    return "\n".join(parts)


def _page(title: str, text: str, level: int) -> str:
    return f"{'#' * level} {title}\n\n```text\n{text}\n```\n"


def decisions() -> str:
    """The list of the decisions, by number, with their titles."""
    files = sorted((DOCS / "decisions").glob("0*.md"))
    rows = [f"- [{f.read_text('utf-8').splitlines()[0].lstrip('# ')}]({f.name})" for f in files]
    head = "# Decisions\n\nEach page records one decision on the design, with its reason.\n\n"
    return head + "\n".join(rows) + "\n"


def main() -> None:
    (DOCS / "reference" / "commands.md").write_text(commands(), encoding="utf-8")
    (DOCS / "decisions" / "index.md").write_text(decisions(), encoding="utf-8")


if __name__ == "__main__":
    main()
