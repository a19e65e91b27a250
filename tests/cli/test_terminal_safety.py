"""No command writes a character to a terminal that steers it, whatever stands in rules and events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eqlx.printable import UNSAFE

pty = pytest.importorskip("pty", reason="terminals are tested where there are pseudo-terminals")

COMMAND = [sys.executable, "-c", "from eqlx.cli.main import main; main()"]
HOSTILE = "\x1b[31mE\x9b2J\u202ex\x07\u2028\x85\u2066\x7f\x08\ufeff"
COMMANDS = (
    *("check F", "check F --diagnostics-format concise", "check F --diagnostics-format jsonl"),
    *(
        "dump F --stage ast",
        "dump F",
        "report F",
        "convert F --to sql",
        "convert F --to elasticsearch",
    ),
    *("convert F --to sigma --allow widens", "convert F --to eql", "verify F", "synth F"),
    *("run F --events E --id-field id", "run F --events E --id-field id --format csv"),
    *("run F --events E --id-field id --format json", "run F --events E --engine reference"),
    *(
        "explain F --events E",
        "fields infer E",
        "test F --allow-untested",
        "check HX",
        "explain HX",
    ),
    *("convert F --to HX", "convert F --to sql -O HX=1", "check F --schema E", "check F --like E"),
)


def on_terminal(arguments: list[str], folder: Path) -> str:
    """What a command writes, with both outputs on one terminal without colours."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        cwd=folder,
        env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
    )
    os.close(side)
    written = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    os.close(main)
    assert process.wait(60) in (0, 1, 2, 3)
    return written.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    query = f'process where process.name : "{HOSTILE}*" and `own{HOSTILE}` == "x"'
    (tmp_path / "rule.eql").write_text(query, encoding="utf-8")
    named = {"type": "eql", "query": 'process where process.name : "a*"', "rule_id": HOSTILE}
    named |= {"name": HOSTILE, "description": HOSTILE, "tags": [HOSTILE], "author": [HOSTILE]}
    (tmp_path / "rule.json").write_text(json.dumps(named), encoding="utf-8")
    event = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}, "id": HOSTILE}
    event |= {"process": {"name": f"a{HOSTILE}"}, f"own{HOSTILE}": "x"}
    (tmp_path / "events.ndjson").write_text(json.dumps(event), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("rule", ["rule.eql", "rule.json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_gets_nothing_that_steers_it(command: str, rule: str, folder: Path) -> None:
    words = {"F": rule, "E": "events.ndjson", "HX": HOSTILE, "HX=1": f"{HOSTILE}=1"}
    written = on_terminal([words.get(word, word) for word in command.split()], folder)
    assert written or "jsonl" in command  # which says nothing of a rule without findings
    raw = {found[0] for found in UNSAFE.finditer(written)} - set("\r\n\t")
    assert raw == set()
