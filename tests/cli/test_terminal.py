"""What differs on a terminal: colour, progress; and that neither reaches the artifacts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="terminals are tested where there are pseudo-terminals")

COMMAND = [sys.executable, "-c", "from eqlx.cli.main import main; main()"]


def on_terminal(*arguments: str, **environment: str) -> tuple[int, bytes, bytes]:
    """Run with stderr on a terminal and stdout in a pipe: exit code, stdout, stderr."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=side,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(side)
    out, _ = process.communicate(timeout=120)
    error = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:
            break
        if not chunk:
            break
        error += chunk
    os.close(main)
    return process.returncode, out, error


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    for n in range(30):
        query = "process where" if n == 7 else f"process where process.pid == {n}"
        (folder / f"r{n:02}.eql").write_text(query)
    return folder


def test_colour_on_a_terminal_unless_it_is_unwanted():
    _, _, colored = on_terminal("convert", "-q", "process", "--to", "eql")
    assert b"\x1b[1;31merror[" in colored
    _, _, plain = on_terminal("convert", "-q", "process", "--to", "eql", NO_COLOR="1")
    assert b"\x1b" not in plain


def test_progress_and_diagnostics_leave_the_artifacts_alone(rules):
    code, out, error = on_terminal("convert", str(rules), "--to", "eql")
    assert code == 2
    assert out.decode().count("process where process.pid == ") == 29
    assert b"\x1b" not in out
    assert b"converting" in error
    assert b"error[" in error
    assert b"30 rules: 29 converted" in error


def test_no_progress_where_diagnostics_are_json(rules):
    _, _, error = on_terminal("convert", str(rules), "--to", "eql", "--diagnostics-format", "jsonl")
    assert b"converting" not in error


@pytest.fixture
def tested(tmp_path):
    folder = tmp_path / "tested"
    folder.mkdir()
    tests = "tests: [{name: one, events: [{process.pid: 1}], matches: none}]\n"
    for n in range(24):
        (folder / f"r{n:02}.eql").write_text("process where process.pid == 1")
        (folder / f"r{n:02}.test.yml").write_text(tests)
    return folder


def test_progress_of_rule_tests(tested):
    code, out, error = on_terminal("test", str(tested), "--engine", "reference")
    assert code == 0
    assert b"\x1b" not in out
    assert out.endswith(b"24 passed, 0 failed, 0 broken\n")
    assert b"testing" in error


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_rule_tests(tested, jobs):
    heavy = " or ".join(["a.b == 1"] * 3000)
    for file in tested.glob("*.eql"):
        file.write_text(f"process where {heavy}")
    (tested / "untested.eql").write_text("any where true")  # said before the first test runs
    process = subprocess.Popen(
        [*COMMAND, "test", str(tested), "-j", jobs],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert b"rule-without-test" in process.stderr.readline()
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 130
    assert "interrupted" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_with_130_and_leaves_whole_files(tmp_path, jobs):
    rules = tmp_path / "rules"
    rules.mkdir()
    for n in range(300):
        (rules / f"r{n}.eql").write_text("process where " + " or ".join(["a.b == 1"] * 300))
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*COMMAND, "convert", str(rules), "--to", "eql", "-d", str(out), "--quiet", "-j", jobs],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not out.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 130
    assert re.search(r"error\[interrupted\]: interrupted: \d+ of 300 rules converted", error)
    assert [file.name for file in out.glob(".*")] == [".eqlx-manifest.json"]
    for file in out.iterdir():
        assert file.read_text().endswith("\n")
