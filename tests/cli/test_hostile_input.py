"""Hostile files and options: every command answers with diagnostics and a documented exit code, never
with a traceback or an internal error. A sample by default, 20,000 commands with EQLX_LONG=1."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from cli_harness import RULES, SEEDS
from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx_harness.data import LONG

COUNT = 20_000 if LONG else 160
SHARDS = 4
BUG = re.compile(r"(?:error|warning|note)\[(?:crash|internal-error|worker-died)\]|Traceback")
CODES = {0, 1, 2, 3}

QUERIES = (
    'process where process.name : ("a*", "b?") and not event.type == "end"',
    "sequence by host.id with maxspan=5m [process where true] ![file where x == 1] [any where true]",
    'sample by user.id [process where process.pid > 5 / 2] [file where file.path regex "a.+"]',
    'any where concat(a, "x", 1) != null and cidrMatch(source.ip, "10.0.0.0/8") | tail 3',
    'network where my-field == `a b`.c or ?process.args like~ """\\x*""" and 0.5 < -y % 3',
)
EVENT = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event": {"category": ["process"], "type": "start"},
    "process": {"name": "a", "pid": 4, "args": ["x", None, 5]},
    "source.ip": "10.0.0.1",
}
EVENTS = "\n".join(json.dumps({**EVENT, "host": {"id": n}}) for n in range(3)) + "\n"
EXPORT = "\n".join(
    json.dumps({"rule_id": str(n), "name": "é", "type": "eql", "language": "eql", "query": query})
    for n, query in enumerate(QUERIES)
)
TEST = "tests:\n  - name: one\n    events: [{process.name: a, _id: x}]\n    matches: [x]\n"
FIELDS = "process.name keyword\nprocess.args keyword[]\n# a\nprocess.pid\tlong\n"
RULE_TEXTS = [
    path.read_text(encoding="utf-8") for path in (*SEEDS, *sorted(RULES.glob("d*/*.toml")))
]
PIECES = (
    *("'''", '"""', '"', "'", "\\", "\n", "\r\n", "\r", "\x00", "\x1b[31m", "\ufeff", "é", "😀"),
    *("{", "}", "[", "]", "(", ")", ":", ",", "=", "==", "#", "`", "?", "*", "~", "|", "!", "$"),
    *("null", "true", "1e999", "-0", "99999999999999999999", "\\ud800", "\\u0000", ".", "..", "-"),
    *(" and ", " or ", " not ", " where ", " by ", " with ", "sequence ", "runs=5", "maxspan=0s"),
    *("\u202e", "\u2028", "\x85", "&a", "*a", "<<: ", "!!x ", "[[rule]]", "[rule]", "\t"),
)
WORDS = (
    *("", "-", ".", "..", "/", "x" * 300, "nope", "0", "-1", "1e9", "nan", "é", "a=b"),
    *("layout=flat", "layout=json", "table=a.b", "table='", "=", "sql", "sigma", "eql", "kql"),
    *("elasticsearch", "duckdb", "reference", "1KB", "widens", "ir", "target", "json", "text"),
)
OPTIONS = {
    "convert": (
        "--to",
        "--dialect",
        "-O",
        "-o",
        "-d",
        "--manifest",
        "--allow",
        "--schema",
        "--size",
    ),
    "check": ("--schema", "--strict", "--event-category-field", "--diagnostics-format"),
    "run": ("--engine", "--format", "--memory", "--timeout", "--id-field", "--size", "--schema"),
    "dump": ("--stage", "--to", "-O", "--dialect", "--schema"),
    "explain": ("--format", "--test", "--full", "--list", "--id-field", "--schema"),
    "fields": ("-o", "--quiet"),
    "targets": ("--matrix", "--format"),
    "test": ("--engine", "--format", "-o", "--allow-untested", "--schema"),
    "synth": ("-o", "--force"),
}


def mutated(text: str, chance: random.Random) -> bytes:
    """A text with pieces cut out, doubled or put in, or bytes of it replaced; now and then as it is."""
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 1, 2, 10, 200)))
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case _:
                text = text[:at] + chance.choice(PIECES) + text[at:]
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data and chance.random() < 0.15:
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def make_files(folder: Path, chance: random.Random) -> list[str]:
    """Files of every form, most of them damaged; their names."""
    texts = {
        "a.toml": chance.choice(RULE_TEXTS),
        "b.eql": chance.choice(QUERIES),
        "c.ndjson": EXPORT,
        "d.json": f"[{EXPORT.splitlines()[0]}]",
        "b.test.yml": TEST,
        "e.ndjson": EVENTS,
        "fields.txt": FIELDS,
    }
    for name, text in texts.items():
        (folder / name).write_bytes(mutated(text, chance))
    return [*texts, "."]


def arguments(names: list[str], chance: random.Random) -> list[str]:
    """A command line of a person who is in a hurry, or means harm."""
    command = chance.choice(sorted(OPTIONS))
    words = [command]
    if command == "fields":
        words.append(chance.choice(("infer", "infer", "infr")))
    rules = ["a.toml", "b.eql", "c.ndjson", "d.json"]
    words += chance.choices([*rules * 4, *names], k=chance.choice((0, 1, 1, 1, 2)))
    if command in {"fields", "explain"} and chance.random() < 0.9:
        words.append("e.ndjson")
    if command == "run" and chance.random() < 0.95:
        words += ["--events", "e.ndjson" if chance.random() < 0.9 else chance.choice(names)]
    if command == "convert" and chance.random() < 0.95:
        words += ["--to", chance.choice(("sql", "sigma", "elasticsearch", "eql"))]
    if command not in {"fields", "targets", "test"} and chance.random() < 0.3:
        words += ["-q", mutated(chance.choice(QUERIES), chance).decode("utf-8", "replace")]
    for _ in range(chance.choice((0, 0, 1, 2))):
        words.append(chance.choice(OPTIONS[command]))
        if chance.random() < 0.85:
            words.append(chance.choice((*WORDS, *names)))
    return words


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_command_fails_without_a_word(
    shard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EQLX_ELASTICSEARCH_URL", raising=False)
    chance = random.Random(1000 + shard)
    runner, codes = CliRunner(), Counter[int]()
    for number in range(COUNT // SHARDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        words = arguments(make_files(folder, chance), chance)
        result = runner.invoke(program, words, input=mutated(chance.choice(QUERIES), chance))
        told = f"shard {shard}, number {number}: eqlx {words}\n{result.stderr[-2000:]}"
        assert isinstance(result.exception, SystemExit | None), told
        assert result.exit_code in CODES, told
        assert not BUG.search(result.stderr), told
        assert "\x1b" not in result.stderr, told
        codes[result.exit_code] += 1
    # Each shard meets more than refusals of the command line.
    assert {0, 2, 3} <= set(codes), codes
