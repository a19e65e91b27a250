"""`eqlx lsp`: the language server."""

from __future__ import annotations

import click

from eqlx.cli.console import Console


@click.command(
    "lsp", epilog="Exit codes: 0 the editor ended it; 3 the extra `eqlx[lsp]` is not installed."
)
@click.option(
    "--stdio", is_flag=True, hidden=True, help="What some editors pass; there is no other way."
)
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Serve an editor: the Language Server Protocol on standard input and output.

    Diagnostics while you type, corrections, hover, completion, formatting, colours and the outline, in
    `.eql` files and in the queries of TOML rule files.

    \b
    Examples:
      eqlx lsp
    """  # noqa: D301 the mark of click for lines to keep
    try:
        from eqlx.lsp.server import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        from eqlx.diagnostics.catalogue.usage import usage

        message = f"the language server needs the package `{(error.name or '').partition('.')[0]}`"
        raise Console.of(context).stop(usage(message, "`pip install 'eqlx[lsp]'`")) from None
    main()
    return 0
