"""`kill -9` of a worker process: every command says which rule it had, and gives all results."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_harness import ROOT, RULES

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
COUNT = 48


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Many rules, each with a test file."""
    folder = tmp_path / "rules"
    folder.mkdir()
    text = next(iter(sorted(RULES.rglob("*.toml")))).read_text(encoding="utf-8")
    for number in range(COUNT):
        name = re.sub(r'(?m)^name = ".*"', f'name = "rule {number}"', text)
        (folder / f"r{number:02}.toml").write_text(
            re.sub(r'(?m)^rule_id = ".{8}', f'rule_id = "{number:08}', name), encoding="utf-8"
        )
        tests = 'tests: [{name: a, events: [{"process.name": a}], matches: 0}]'
        (folder / f"r{number:02}.test.yml").write_text(tests)
    return folder


def workers_of(process: int) -> list[int]:
    """The worker processes: children that are no resource tracker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = path.with_name("cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == process and b"spawn_main" in command:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("convert", "--to", "sql", "-d", "OUT"),
        ("verify",),
        ("test",),
        ("report", "-o", "OUT.html"),
    ],
    ids=lambda command: command[0],
)
def test_a_killed_worker(rules: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    given = [word.replace("OUT", str(tmp_path / "out")) for word in command[1:]]
    arguments = [command[0], str(rules), *given, "-j", "2"]
    with subprocess.Popen(
        [sys.executable, "-c", "from eqlx.cli.main import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    ) as process:
        killed = False
        # A worker is killed as soon as there is one: while it starts, or while it has a rule in hand.
        while process.poll() is None and not killed:
            for worker in workers_of(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
                killed = True
            time.sleep(0.01)
        out, said = process.communicate(timeout=300)
    assert killed
    assert process.returncode in (0, 1), said
    assert "Traceback" not in said
    assert "error[" not in said
    if command[0] == "convert":
        assert len(list((tmp_path / "out").glob("*.sql"))) == COUNT
        assert f"{COUNT} rules" in said
    if command[0] == "test":
        assert f"{COUNT * 2} passed, 0 failed, 0 broken" in out
    if command[0] == "verify":
        assert len(set(re.findall(r"r\d\d\.toml|rule \d+", out))) >= COUNT
