"""Commands as golden cases: small files and a `$ eqlx …` line, and what it says on stderr.

A `console` block begins with its command; below stand the diagnostics as a person reads them, and the
exit code; more commands may follow. They run in this process, in a folder that holds the case's `file` blocks and
nothing else; a folder `site` among them is on the import path (plug-ins).
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx_harness.casebook import Block, CasebookError

PROMPT = "$ "
EXIT = "exit "


def console(files: list[Block], content: str) -> str:
    """The block as it must be: each command, its diagnostics, its exit code.

    Raises:
        CasebookError: no command, or one that is not `eqlx`.
    """
    commands = [line for line in content.split("\n") if line.startswith(PROMPT)]
    if not commands or not content.startswith(PROMPT):
        message = f"a `console` block begins with `{PROMPT}eqlx …`, found `{content[:40]}`"
        raise CasebookError(message)
    with tempfile.TemporaryDirectory(prefix="eqlx-golden-") as parent:
        # One name in every run, since messages may hold the folder's.
        folder = Path(parent, "case")
        folder.mkdir()
        for block in files:
            _write(folder, block)
        with _inside(folder):
            return "\n".join(map(_run, commands))


def _run(line: str) -> str:
    words = shlex.split(line.removeprefix(PROMPT))
    if not words or words[0] != "eqlx":
        message = f"a command of a `console` block is `eqlx …`, found `{line}`"
        raise CasebookError(message)
    arguments, stdin = _redirected(words[1:])
    given = None if stdin is None else Path(stdin).read_bytes()
    result = CliRunner().invoke(program, arguments, input=given, env=_ENVIRONMENT)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    said = result.stderr.rstrip("\n")
    return "\n".join(filter(None, (line, said, f"{EXIT}{result.exit_code}")))


_ENVIRONMENT = {
    "EQLX_DEBUG": None,
    "EQLX_ELASTICSEARCH_URL": None,
    "EQLX_ELASTICSEARCH_API_KEY": None,
    "EQLX_ELASTICSEARCH_USER": None,
    "EQLX_ELASTICSEARCH_PASSWORD": None,
}
"""What a person's own settings must not change."""


def _redirected(words: list[str]) -> tuple[list[str], str | None]:
    """Arguments, and the file that is standard input: `eqlx check - < rule.eql`."""
    if "<" not in words:
        return words, None
    place = words.index("<")
    return words[:place], words[place + 1]


def _write(folder: Path, block: Block) -> None:
    """A `file` block: `name=` is its path, `encoding=` how its text is stored (UTF-8; or the bytes
    that it is the base64 of), `link=` what it
    is a symbolic link to. `times=N` makes N files and `lines=N` repeats the text N times, with the
    numbers from 1 for `{n}` in name and text.
    """
    options = block.options
    text = f"{block.content}\n" if block.content else ""
    if "lines" in options:
        text = "".join(text.replace("{n}", str(n + 1)) for n in range(int(options["lines"])))
    for number in range(1, int(options.get("times", "1")) + 1):
        path = folder / options["name"].replace("{n}", str(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        if link := options.get("link"):
            path.symlink_to(link)
        else:
            content = text.replace("{n}", str(number)) if "times" in options else text
            path.write_bytes(_encoded(content, options.get("encoding", "utf-8")))


def _encoded(text: str, encoding: str) -> bytes:
    return base64.b64decode(text) if encoding == "base64" else text.encode(encoding)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """The working folder, with its `site` on the import path; nothing of it stays imported."""
    before, modules, path = Path.cwd(), set(sys.modules), list(sys.path)
    os.chdir(folder)
    site = folder / "site"
    if site.exists():
        sys.path.insert(0, str(site))
        importlib.invalidate_caches()
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
        for name in {*sys.modules} - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(folder)):
                del sys.modules[name]
