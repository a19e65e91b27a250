"""`--changed-since REV`: the files of rules that differ from a revision of git, new ones included."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from eqlx.cli.console import Console
from eqlx.cli.exits import Exit
from eqlx.diagnostics.catalogue.usage import usage

F = TypeVar("F", bound=Callable[..., Any])


def changed_option(function: F) -> F:
    """`--changed-since REV`."""
    return click.option(
        "--changed-since",
        metavar="REV",
        help="Only the files that differ from this revision of git, and new ones: `main`, `HEAD~1`.",
    )(function)


def changed(
    revision: str, paths: Sequence[str], console: Console, *, tests: bool = False
) -> tuple[str, ...]:
    """The files of rules below `paths` that differ from `revision` or that git does not have, in order;
    with `tests` the files of their tests as well."""
    from eqlx.diagnostics.catalogue.rulefile import rule_file_not_found
    from eqlx.inputs import is_there
    from eqlx.rulefile.files import SUFFIXES
    from eqlx.ruletest.discover import is_test_file

    if revision.startswith("-"):
        raise console.stop(usage(f"`{revision}` is no revision", "`HEAD~1`, a branch or a hash"))
    found: dict[str, None] = {}
    for given in paths:
        if not is_there(given):
            raise console.stop(rule_file_not_found(given, is_query=False))
        path = Path(given)
        folder, below = (path, ".") if path.is_dir() else (path.parent, path.name)
        compared = ("diff", "--name-only", "-z", "--relative", "--diff-filter=d", revision, "--")
        fresh = ("ls-files", "--others", "--exclude-standard", "-z", "--")
        for command in (compared, fresh):
            found |= dict.fromkeys(
                str(folder / name) for name in _git(folder, (*command, below), revision, console)
            )
    return tuple(
        name
        for name in sorted(found)
        if name.lower().endswith(SUFFIXES) or (tests and is_test_file(Path(name)))
    )


def _git(folder: Path, command: Sequence[str], revision: str, console: Console) -> Sequence[str]:
    """The names that git prints, relative to the folder."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            ["git", "-C", str(folder), *command],  # noqa: S607 - the user's git
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise console.stop(usage(f"git cannot be run: {error}", "install git")) from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[0].removeprefix("fatal: ").removeprefix("error: ") if said else "git failed"
        tip = "the rules must be in a repository of git that has this revision"
        raise console.stop(usage(f"git cannot compare with `{revision}`: {why}", tip))
    names = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [name for name in names if name]


def none_changed(revision: str, console: Console) -> int:
    """Say that there is nothing to do; the exit code."""
    console.remark(f"no rule changed since `{revision}`")
    return Exit.CLEAN
