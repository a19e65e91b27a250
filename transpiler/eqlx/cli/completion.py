"""`eqlx completion`: the completion script of a shell."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
@click.pass_context
def command(context: click.Context, /, shell: str) -> int:
    """Print the completion script of a shell.

    \b
    Examples:
      eqlx completion bash > ~/.local/share/bash-completion/completions/eqlx
      eqlx completion zsh > ~/.zfunc/_eqlx
      eqlx completion fish > ~/.config/fish/completions/eqlx.fish
    """  # noqa: D301 the mark of click for lines to keep
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 the three shells are click's own
    script = kind(context.find_root().command, {}, "eqlx", "_EQLX_COMPLETE")
    click.echo(script.source_template % script.source_vars())
    return 0
