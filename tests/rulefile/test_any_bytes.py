"""Whatever a file holds, the loader answers with rules and diagnostics, never with an exception."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Severity
from eqlx.rulefile.loader import Loaded, load
from eqlx.source import Span
from eqlx_harness.data import LONG, need

SUFFIXES = (".toml", ".json", ".ndjson", ".eql", ".txt")
PIECES = (
    *("[rule]\n", "[[rule.threat]]\n", "query", " = ", "'''", '"""', "'", '"', "\\", "\n", "\r\n"),
    *("any where true", "{", "}", "[", "]", ":", ",", "rule_id", "type", "eql", "#", "\\u", "d83d"),
    *(
        "null",
        "true",
        "1",
        "-",
        ".",
        "é",
        "😀",
        "\x00",
        "\ufeff",
        "threat",
        "filters",
        "index",
        " ",
    ),
)


def judge(loaded: Loaded) -> None:
    """Everything that was loaded or said can be used."""
    for rule in loaded.rules:
        rule.query.text.encode()
        source, span = rule.query.outermost(Span(0, len(rule.query.text)))
        assert span.end <= len(source.text)
    for diagnostic in loaded.diagnostics:
        if diagnostic.source is not None and diagnostic.span is not None:
            assert diagnostic.span.end <= len(diagnostic.source.text), diagnostic.code
            diagnostic.source.position(diagnostic.span.start)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode)
)
def test_any_bytes(tmp_path: Path, suffix: str, data: bytes):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    loaded = load([path])
    assert loaded.rules or loaded.diagnostics
    judge(loaded)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_on_standard_input(text: str):
    loaded = load(["-"], io.StringIO(text))
    assert loaded.rules or loaded.diagnostics
    judge(loaded)


def mutated(text: str, chance: random.Random) -> str:
    """A text with a few pieces cut out, doubled, or put in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        end = min(len(text), at + chance.choice((1, 1, 2, 10, 200)))
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case _:
                text = text[:at] + chance.choice(PIECES) + text[at:]
    return text


def test_damaged_real_files(tmp_path: Path):
    files = sorted(need("corpus", "rules").rglob("*.toml"))
    chance = random.Random(2)
    broken = 0
    path = tmp_path / "x.toml"
    for _ in range(20_000 if LONG else 300):
        original = chance.choice(files).read_text(encoding="utf-8")
        path.write_text(mutated(original, chance), encoding="utf-8", newline="")
        loaded = load([path])
        assert loaded.rules or loaded.diagnostics
        judge(loaded)
        broken += any(d.severity is Severity.ERROR for d in loaded.diagnostics)
    assert broken > 50


def test_damaged_exports(tmp_path: Path):
    chance = random.Random(3)
    path = tmp_path / "x.ndjson"
    rules = [
        {"rule_id": str(n), "type": "eql", "query": 'any where x == "a\\\\b\n"', "tags": ["é"]}
        for n in range(5)
    ]
    text = "\n".join(json.dumps(rule) for rule in rules)
    loaded_rules = 0
    for _ in range(20_000 if LONG else 500):
        path.write_text(mutated(text, chance), encoding="utf-8", newline="")
        loaded = load([path])
        judge(loaded)
        loaded_rules += len(loaded.rules)
    assert loaded_rules > 1000
