"""Calls of the command line, in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from eqlx.cli.main import program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
SEEDS = (
    RULES / "command_and_control" / "non_standard_port_http_https_connection.toml",
    RULES / "persistence" / "simple_http_web_server_connection.toml",
    RULES / "persistence" / "uncommon_destination_port_connection_by_web_server.toml",
)
EVENTS = ROOT / "golden" / "runs" / "seed-rules" / "events.ndjson"


def call(*arguments: str | Path, stdin: str | None = None) -> Result:
    """`eqlx …` in this process; `stdout` and `stderr` come apart."""
    result = CliRunner().invoke(program, [str(a) for a in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@dataclass(frozen=True)
class Process:
    code: int
    stdout: str
    stderr: str


def spawn(*arguments: str | Path, **environment: str) -> Process:
    """`eqlx …` as the console script runs it."""
    done = subprocess.run(
        [sys.executable, "-c", "from eqlx.cli.main import main; main()", *map(str, arguments)],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    return Process(done.returncode, done.stdout.decode(), done.stderr.decode())
