"""Ctrl-C, SIGTERM and SIGHUP in the middle of each long command, with real processes: exit code 130, the
results so far, what is missing in numbers, and nothing left behind.

A plug-in stops at the sixth rule for good and says so, so that no test depends on the speed of the machine.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_harness import ROOT

from eqlx_harness.fake_cluster import FakeCluster, fake_cluster, silent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals")

COUNT = 12
HANGS = 5
"""The rule (from 0) that never ends."""

PLUGIN = """
import os, time
from dataclasses import dataclass
from pathlib import Path

from eqlx.reference.executor import EXECUTOR as REFERENCE
from eqlx.registry import load_target

HERE = Path(os.environ["SLEEPY"])


def maybe_sleep(text):
    if "sleep" in text:
        (HERE / "sleeps").touch()
        time.sleep(600)


class Session:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def run(self, job):
        maybe_sleep(repr(job.query))
        return self.inner.run(job)


class Opened:
    def __init__(self, inner):
        self.inner = inner

    def __enter__(self):
        return Session(self.inner.__enter__())

    def __exit__(self, *error):
        return self.inner.__exit__(*error)


class Executor:
    api_version, name, summary, target, dialect = 1, "sleepy", "sleeps", None, None

    def open(self, dataset, model, bounds):
        return Opened(REFERENCE.open(dataset, model, bounds))


class Target:
    def __init__(self):
        self.inner = load_target("eql")
        self.name = "sleepy"

    def __getattr__(self, name):
        return getattr(self.__dict__["inner"], name)

    def lower(self, request):
        maybe_sleep(request.eql())
        return self.inner.lower(request)


EXECUTOR = Executor()
TARGET = Target()
"""
ENTRIES = "[eqlx.executors]\nsleepy = sleepy_plugin:EXECUTOR\n[eqlx.targets]\nsleepy = sleepy_plugin:TARGET\n"
EVENT = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}, "n": 1}


@dataclass(frozen=True)
class Room:
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(self.folder / "site"),
            "SLEEPY": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "COLUMNS": "120",
        }

    def is_asleep(self) -> bool:
        return (self.folder / "sleeps").exists()

    def left_behind(self) -> list[str]:
        return [path.name for path in (self.folder / "tmp").iterdir()]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    info = tmp_path / "site" / "sleepy-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sleepy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    (tmp_path / "site" / "sleepy_plugin.py").write_text(PLUGIN)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "e.ndjson").write_text(json.dumps(EVENT) + "\n")
    rules = tmp_path / "rules"
    rules.mkdir()
    for number in range(COUNT):
        name = "sleep" if number == HANGS else "n"
        (rules / f"r{number:02}.eql").write_text(f"any where {name} == 1")
        tests = f'tests: [{{name: a, events: [{{"{name}": 1}}], matches: 1}}]'
        (rules / f"r{number:02}.test.yml").write_text(tests)
    return Room(tmp_path)


@pytest.fixture(autouse=True)
def _hears_signals() -> Iterator[None]:
    """Commands inherit what this process ignores: Ctrl-C, if a shell started it in the background."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hangup)


@pytest.fixture(autouse=True)
def hangups_are_heard() -> Iterator[None]:
    """A child inherits what is ignored, and the tests themselves may run under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@contextmanager
def started(room: Room, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, as a terminal has it."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from eqlx.cli.main import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=room.environment,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 120
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


def interrupted(
    room: Room, number: signal.Signals, *arguments: str, when: Callable[[], bool] | None = None
) -> tuple[str, str]:
    """What a command said that was told to end while it was at the rule that never ends."""
    with started(room, *arguments) as process:
        wait_for(when or room.is_asleep, process)
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "Exception" not in said
    assert said.count("error[") == 1
    assert room.left_behind() == []
    return out, said


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
JOBS = pytest.mark.parametrize("jobs", ["1", "2"])


def done(said: str, verb: str, jobs: str, total: int = COUNT) -> int:
    """How many rules the message says are done: those before the one that never ends, and no other
    (results come in order)."""
    found = re.search(rf"interrupted: (\d+) of {total} rules {verb}, (\d+) not", said)
    assert found is not None, said
    assert int(found[1]) + int(found[2]) == total
    assert int(found[1]) == HANGS or (jobs == "2" and int(found[1]) <= HANGS)
    return int(found[1])


@SIGNALS
@pytest.mark.parametrize("form", ["ndjson", "json", "csv", "table"])
def test_run(room: Room, number: signal.Signals, form: str) -> None:
    given = ["run", str(room.folder / "rules"), "--events", str(room.folder / "e.ndjson")]
    out, said = interrupted(room, number, *given, "--engine", "sleepy", "--format", form)
    assert done(said, "searched", "1") == HANGS
    assert f"{HANGS} rules: {HANGS} matches of {HANGS} rules" in said
    match form:
        case "ndjson":
            assert len([json.loads(line) for line in out.splitlines()]) == HANGS
        case "json":
            assert len(json.loads(out)) == HANGS
        case "csv":
            assert len(out.splitlines()) == HANGS + 1
        case _:
            rows = [line.split() for line in out.splitlines() if line.endswith(tuple("01234"))]
            assert [row[-1] for row in rows] == [f"r{number:02}" for number in range(HANGS)]


@SIGNALS
@JOBS
def test_verify(room: Room, number: signal.Signals, jobs: str) -> None:
    given = ["verify", str(room.folder / "rules"), "--engines", "sleepy", "-j", jobs]
    out, said = interrupted(room, number, *given, "--format", "json")
    assert len(json.loads(out)) == done(said, "verified", jobs)


@SIGNALS
@JOBS
def test_test(room: Room, number: signal.Signals, jobs: str) -> None:
    given = ["test", str(room.folder / "rules"), "--engine", "sleepy", "-j", jobs]
    out, said = interrupted(room, number, *given, "--format", "json")
    assert len(json.loads(out)["results"]) == done(said, "tested", jobs)


def test_a_file_of_results_is_not_written(room: Room) -> None:
    file = room.folder / "results.xml"
    given = ["test", str(room.folder / "rules"), "--engine", "sleepy", "--format", "junit"]
    out, said = interrupted(room, signal.SIGINT, *given, "-o", str(file))
    assert out == ""
    assert f"`{file}` was not written" in said
    assert not file.exists()


@SIGNALS
@JOBS
def test_convert(room: Room, number: signal.Signals, jobs: str) -> None:
    folder, manifest = room.folder / "out", room.folder / "manifest.json"
    folder.mkdir()
    given = ["convert", str(room.folder / "rules"), "--to", "sleepy", "-d", str(folder)]
    _, said = interrupted(room, number, *given, "--manifest", str(manifest), "-j", jobs)
    count = done(said, "converted", jobs)
    files = sorted(path.name for path in folder.iterdir() if path.name[0] != ".")
    # With workers the signal may come between the writing of a file and the counting of its rule.
    assert len(files) == count or (jobs == "2" and len(files) == count + 1)
    assert f"the files that were written ({len(files)}) are complete, and are kept" in said
    assert files == [f"r{n:02}.eql" for n in range(len(files))]
    assert all((folder / name).read_text().endswith("\n") for name in files)
    written = json.loads(manifest.read_text())
    assert written["complete"] is False
    assert len(written["rules"]) == count
    assert len(written["unfinished"]) == COUNT - count
    # The next run knows these files, and that all rules are its own.
    (room.folder / "rules" / f"r{HANGS:02}.eql").write_text("any where n == 1")
    given = [*given, "--manifest", str(manifest), "--prune"]
    with started(room, *given) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "stale-files" not in said
    assert json.loads(manifest.read_text())["complete"] is True
    assert json.loads(manifest.read_text())["unfinished"] == []


def test_an_interrupted_run_prunes_nothing(room: Room) -> None:
    folder = room.folder / "out"
    given = ["convert", str(room.folder / "rules"), "--to", "eql", "-d", str(folder)]
    with started(room, *given) as process:
        process.communicate(timeout=120)
    before = sorted(path.name for path in folder.glob("*.eql"))
    assert len(before) == COUNT
    given = [*given[:2], "--to", "sleepy", "-d", str(folder), "--prune"]
    _, said = interrupted(room, signal.SIGINT, *given)
    assert "stale-files" not in said
    assert sorted(path.name for path in folder.glob("*.eql")) == before
    record = json.loads((folder / ".eqlx-manifest.json").read_text())
    assert sorted(record["files"]) == before


@SIGNALS
@JOBS
def test_report(room: Room, number: signal.Signals, jobs: str) -> None:
    file = room.folder / "report.html"
    given = ["report", str(room.folder / "rules"), "--to", "sleepy", "--no-verify", "--no-tests"]
    out, said = interrupted(room, number, *given, "-o", str(file), "-j", jobs)
    assert re.search(rf"interrupted: \d+ of {COUNT} rules converted for the report, \d+ not", said)
    assert "no report was written" in said
    assert out == ""
    assert not file.exists()


SLOW = "any where " + " or ".join(f'a.b{n} : "*x?y*{n}"' for n in range(400))


@SIGNALS
def test_check(room: Room, number: signal.Signals) -> None:
    """The first rule has a warning, which is the sign that checking has begun."""
    rules = room.folder / "many"
    rules.mkdir()
    (rules / "a.eql").write_text('process where event.type == "strat"')
    for n in range(3000):
        (rules / f"b{n}.eql").write_text(SLOW)
    with started(room, "check", str(rules), "--diagnostics-format", "jsonl") as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    records = [json.loads(line) for line in (first + said).splitlines()]
    (last,) = [record for record in records if record["code"] == "interrupted"]
    assert re.fullmatch(r"interrupted: \d+ of 3001 rules checked, \d+ not", last["message"])
    assert room.left_behind() == []


@SIGNALS
def test_fmt(room: Room, number: signal.Signals) -> None:
    """Each file is whole: formatted, or as it was."""
    rules = room.folder / "many"
    rules.mkdir()
    for n in range(2000):
        (rules / f"a{n:04}.eql").write_text(f"any where(a == {n})\n")
    with started(room, "fmt", str(rules)) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert re.search(r"interrupted: \d+ of 2000 rules formatted, \d+ not", said)
    texts = [(rules / f"a{n:04}.eql").read_text() for n in range(2000)]
    assert all(
        text in {f"any where a == {n}\n", f"any where(a == {n})\n"} for n, text in enumerate(texts)
    )
    assert sorted(rules.iterdir()) == [rules / f"a{n:04}.eql" for n in range(2000)]
    assert room.left_behind() == []


@SIGNALS
def test_synth(room: Room, number: signal.Signals) -> None:
    """A rule of many clauses takes long; what is said of its fields is the sign that it was read."""
    file, rule = room.folder / "synth.yml", room.folder / "slow.eql"
    rule.write_text(SLOW)
    given = ["synth", str(rule), "-o", str(file), "--all", "--diagnostics-format", "concise"]
    with started(room, *given) as process:
        assert process.stderr is not None
        while "`a.b399`" not in process.stderr.readline():
            assert process.poll() is None
        time.sleep(0.5)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "interrupted: 0 of 1 rule made into tests, 1 not" in said
    assert not file.exists()


# --- a cluster ------------------------------------------------------------------------------------


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    pytest.importorskip("urllib3", reason="`pip install 'eqlx[elasticsearch]'`")
    with fake_cluster() as cluster:
        yield cluster


@SIGNALS
@pytest.mark.parametrize("step", ["index", "bulk", "refresh", "pit", "search"])
def test_the_index_is_removed(
    room: Room, cluster: FakeCluster, number: signal.Signals, step: str
) -> None:
    cluster.answers[step] = silent
    given = ["run", "-q", "any where true", "-q", "any where n > 0", "--engine", "elasticsearch"]
    events = ["--events", str(room.folder / "e.ndjson"), "--url", cluster.url]
    with started(room, *given, *events) as process:
        wait_for(lambda: step in cluster.asked, process)
        assert len(cluster.indices) == 1
        process.send_signal(number)
        out, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert cluster.indices == set()
    assert "interrupted: 0 of 2 rules searched, 2 not" in said
    assert out == ""
    assert room.left_behind() == []


def test_an_index_that_cannot_be_removed_is_named(room: Room, cluster: FakeCluster) -> None:
    cluster.answers["search"] = silent
    cluster.answers["remove"] = b""
    given = ["run", "-q", "any where true", "--engine", "elasticsearch"]
    events = ["--events", str(room.folder / "e.ndjson"), "--url", cluster.url]
    with started(room, *given, *events) as process:
        wait_for(lambda: "search" in cluster.asked, process)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    (index,) = re.findall(r"DELETE /(eqlx-[0-9a-f]+)`", said)
    assert f"the temporary index `{index}` may still be on the cluster" in said


def test_a_hangup_that_is_ignored_stays_ignored(room: Room, cluster: FakeCluster) -> None:
    """As under `nohup`."""
    cluster.answers["search"] = silent
    given = ["run", "-q", "any where true", "--engine", "elasticsearch", "--url", cluster.url]
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with started(room, *given, "--events", str(room.folder / "e.ndjson")) as process:
            wait_for(lambda: "search" in cluster.asked, process)
            process.send_signal(signal.SIGHUP)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(120) == 130
    finally:
        signal.signal(signal.SIGHUP, before)
