"""Exit codes of every command: 0 clean, 1 findings, 2 rule errors, 3 usage or configuration."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from cli_harness import call

from eqlx.cli.main import _COMMANDS as COMMANDS

FILES = {
    "good.eql": 'process where process.name == "a"',
    "good.test.yml": "tests: [{name: one, events: [{event.category: process, process.name: a}], matches: 1}]",
    "wrong/wrong.eql": 'process where process.name == "b"',
    "wrong/wrong.test.yml": "tests: [{name: one, events: [{event.category: process, process.name: a}], matches: 1}]",
    "doubtful.eql": 'proces where process.name == "a"',
    "limited.eql": "process where length(process.name) > 3",
    "sum.eql": "process where process.pid + 1 > process.args_count * 2 - 4 and 1 == process.pid % 3",
    "broken.eql": "process where",
    "events.ndjson": '{"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}, "process": {"name": "z"}}',
    "other.ndjson": '{"@timestamp": "2026-01-01T00:00:00Z", "kind": "x"}',
}

CASES = [
    ("convert good.eql --to sql", 0),
    ("convert limited.eql --to sigma", 1),
    ("convert good.eql broken.eql limited.eql --to sigma", 2),
    ("convert good.eql --to nothing", 3),
    ("run good.eql --events events.ndjson", 0),
    ("run good.eql --events other.ndjson", 1),
    ("run broken.eql good.eql --events events.ndjson", 2),
    ("run good.eql --events missing.ndjson", 3),
    ("verify good.eql --engines reference", 0),
    ("verify limited.eql --engines reference --to sigma", 1),
    ("verify broken.eql --engines reference", 2),
    ("verify good.eql --engines nothing", 3),
    ("test good.eql --engine reference", 0),
    ("test doubtful.eql --allow-untested", 0),
    ("test wrong/wrong.eql --engine reference", 1),
    ("test good.eql doubtful.eql --engine reference", 1),
    ("test broken.eql good.eql --engine nothing", 3),
    ("synth good.eql", 0),
    ("synth broken.eql", 2),
    ("synth missing.eql", 3),
    ("report good.eql --to eql --format json", 0),
    ("report broken.eql --to eql --format json", 2),
    ("report good.eql --to nothing", 3),
    ("check good.eql", 0),
    ("check doubtful.eql", 1),
    ("check doubtful.eql --strict", 2),
    ("check good.eql --strict", 0),
    ("check doubtful.eql broken.eql", 2),
    ("check", 3),
    ("fmt good.eql", 0),
    ("fmt --check -q 'any where(a)'", 1),
    ("fmt -q 'any where(a)'", 0),
    ("fmt broken.eql good.eql", 2),
    ("fmt missing.eql", 3),
    ("explain unknown-field", 0),
    ("explain good.eql events.ndjson", 0),
    ("explain broken.eql events.ndjson", 2),
    ("explain nothing-of-that-name", 3),
    ("targets", 0),
    ("targets nothing", 3),
    ("dump good.eql", 0),
    ("dump limited.eql --stage target --to sigma", 1),
    ("dump broken.eql", 2),
    ("dump good.eql --stage nothing", 3),
    ("fields infer events.ndjson", 0),
    ("fields infer missing.ndjson", 3),
    ("pack list", 0),
    ("pack show sysmon", 0),
    ("pack show nothing", 3),
    ("pack view sysmon --table raw.sysmon", 0),
    ("pack view sysmon --table a..b", 3),
    ("pack check sysmon good.eql", 0),
    ("pack check sysmon broken.eql", 2),
    ("pack check nothing good.eql", 3),
    ("test " + "x" * 300, 3),
    ("diff good.eql good.eql", 0),
    ("diff good.eql doubtful.eql", 0),
    ("diff good.eql broken.eql", 0),
    ("diff good.eql", 3),
    ("play --port 70000", 3),
    ("new first.toml", 0),
    ("new first.toml --sequence", 0),
    ("new first.toml -q 'process where'", 2),
    ("new first.eql", 3),
    ("new first.toml --sequence -q 'any where true'", 3),
    ("lsp", 0),  # standard input ends at once
    ("lsp nothing", 3),
    ("completion bash", 0),
    ("completion nothing", 3),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("line", "code"), CASES)
def test_exit_code(line: str, code: int) -> None:
    result = call(*shlex.split(line))
    assert result.exit_code == code, result.stderr


def test_every_command_is_here() -> None:
    assert {line.split()[0] for line, _ in CASES} == set(COMMANDS)
    usage = {line.split()[0] for line, code in CASES if code == 3}
    assert usage == set(COMMANDS)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "line",
    [
        "convert good.eql --to sql --to sigma",
        "convert good.eql --to sql -O layout=flat -O layout=json",
        "check -q 'any where true' --schema a --schema b",
        "explain -q 'any where true' -q 'any where false' events.ndjson",
        "fields infer events.ndjson -o a -o b",
    ],
)
def test_one_value_is_given_once(line: str) -> None:
    result = call(*shlex.split(line))
    assert result.exit_code == 3
    assert "is given twice" in result.stderr


def test_several_queries_are_several_rules() -> None:
    result = call("convert", "-q", "any where true", "-q", "process where true", "--to", "eql")
    assert result.exit_code == 0
    assert result.stdout.index("any where") < result.stdout.index("process where")
