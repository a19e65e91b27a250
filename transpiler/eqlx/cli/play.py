"""`eqlx play`: a local page for one query."""

from __future__ import annotations

import socket
from contextlib import suppress

import click

from eqlx.cli.console import Console
from eqlx.cli.exits import Exit

_EXTRA = "python3 -m pip install 'eqlx[play]'"


@click.command("play", epilog="Exit codes: 0 stopped by Ctrl-C; 3 usage or configuration.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen on. Any other than the default lets others use the page.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="The port; 0 takes a free one.",
)
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
@click.pass_context
def command(context: click.Context, /, **_given: object) -> int:
    """Serve a page that converts, explains and tries a query while you type.

    The page shows diagnostics, SQL, Query DSL, Sigma, EQL and the IR, the losses of each target, and
    what the query finds in events. It asks no other machine, and nothing is stored.

    \b
    Examples:
      eqlx play
      eqlx play --port 0 --open
    """  # noqa: D301 the mark of click for lines to keep
    from eqlx.diagnostics.catalogue.usage import usage

    console = Console.of(context)
    try:
        import uvicorn

        from eqlx.play.server import application
    except ImportError as error:
        raise console.stop(usage(f"the playground needs `{error.name}`", f"`{_EXTRA}`")) from None
    host, port = str(context.params["host"]), int(context.params["port"])
    try:
        bound = _bound(host, port)
    except OSError as error:
        tip = "choose another with `--port`, or `--port 0` for a free one"
        why = error.strerror or str(error)
        raise console.stop(usage(f"cannot listen on {host}:{port}: {why}", tip)) from None
    with bound:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{bound.getsockname()[1]}/"
        click.echo(f"eqlx play: {address} (Ctrl-C ends it)", err=True)
        if context.params["opened"]:
            click.launch(address)
        config = uvicorn.Config(application(host), log_level="warning", lifespan="on")
        # Ctrl-C is how a server is meant to end.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[bound])
    return Exit.CLEAN


def _bound(host: str, port: int) -> socket.socket:
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, proto)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen()
    except OSError:
        made.close()
        raise
    return made
